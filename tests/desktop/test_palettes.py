"""Every text stays readable in every theme: contrasts computed, not judged by eye."""

import pytest
from PySide6.QtGui import QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QLabel

from fsbus.assets import resources
from fsbus.desktop import appearance
from fsbus.desktop.palettes import DARK, HIGH_CONTRAST, LIGHT, THEMES, Theme, contrast
from fsbus.desktop.style import FAMILY, dress, sheet
from fsbus.desktop.widgets.labels import label
from tests.desktop.conftest import Opened

TEXTS = [
    ("text", "window"), ("text", "surface"), ("muted", "window"), ("muted", "surface"), ("accent", "surface"),
    ("accent", "window"), ("on_accent", "accent"), ("on_accent", "accent_strong"), ("on_chosen", "chosen"),
    ("error", "surface"), ("error", "window"), ("success", "surface"), ("success", "window"),
]  # fmt: skip
EDGES = [
    ("edge", "surface"),
    ("edge", "window"),
    ("focus", "surface"),
    ("focus", "window"),
    ("error", "surface"),
]
themes = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


@themes
@pytest.mark.parametrize(("ink", "ground"), TEXTS)
def test_text_has_a_contrast_of_4_5_at_least(theme: Theme, ink: str, ground: str) -> None:
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= (7 if theme is HIGH_CONTRAST else 4.5)


@themes
@pytest.mark.parametrize(("line", "ground"), EDGES)
def test_edges_and_focus_rings_have_a_contrast_of_3_at_least(theme: Theme, line: str, ground: str) -> None:
    assert contrast(getattr(theme, line), getattr(theme, ground)) >= 3


@themes
def test_the_sheet_is_filled_in_and_its_pictures_are_there(theme: Theme) -> None:
    text = sheet(theme, resources())
    assert "$" not in text
    for picture in ("chevron", "check"):
        assert (resources() / "icons" / f"{picture}-{theme.icons}.svg").is_file()
        assert f"{picture}-{theme.icons}.svg" in text


@themes
def test_dressing_changes_what_is_drawn(qapp: QApplication, theme: Theme) -> None:
    dress(qapp, theme, resources())
    assert qapp.palette().color(QPalette.ColorRole.WindowText).name() == theme.text
    made = label("Bonjour", "error")
    made.ensurePolished()
    assert made.palette().color(QPalette.ColorRole.WindowText).name() == theme.error
    assert FAMILY in QFontDatabase.families()


def test_the_focus_is_seen_on_every_kind_of_control(qapp: QApplication) -> None:
    """The style sheet takes Qt's own ring away, so each control must say its own."""
    text = sheet(LIGHT, resources())
    for control in (
        "QLineEdit",
        "QPlainTextEdit",
        "QComboBox",
        "QListWidget#checks",
        "QCheckBox",
        "QPushButton",
        "QTableView",
    ):
        assert f"{control}:focus" in text


def test_a_label_never_reads_its_text_as_html(qapp: QApplication) -> None:
    made = label("<b>gras</b> <a href='file:///'>lien</a>", "body")
    assert isinstance(made, QLabel)
    plain = label("x" * len(made.text()), "body")
    assert made.text() == "<b>gras</b> <a href='file:///'>lien</a>"
    assert made.textFormat() == plain.textFormat() == made.textFormat().PlainText


def test_the_colours_chosen_are_kept_and_nonsense_is_forgotten(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("poste") / "neuf"
    assert appearance.kept_theme(home) == appearance.SYSTEM
    appearance.keep_theme(home, DARK.name)
    assert appearance.kept_theme(home) == DARK.name
    (home / appearance.FILE).write_bytes(b"\xff\xfe")
    assert appearance.kept_theme(home) == appearance.SYSTEM


def test_the_colours_are_changed_from_the_window_and_kept(opened: Opened) -> None:
    menu = opened.desktop.window.look.menu()
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["Comme le système"]
    [contrasted] = [action for action in menu.actions() if action.text() == "Contraste élevé"]
    contrasted.trigger()
    assert opened.desktop.window.palette().color(QPalette.ColorRole.Window).name() == HIGH_CONTRAST.window
    assert appearance.kept_theme(opened.session.home) == HIGH_CONTRAST.name
    assert [each.text() for each in opened.desktop.window.look.menu().actions() if each.isChecked()] == [
        "Contraste élevé"
    ]
