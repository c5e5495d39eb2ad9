"""Every screen of the window is walked as a screen reader, a keyboard, a finger and weak eyes do."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox

from fsbus.actions.session import Session
from fsbus.assets import resources
from fsbus.desktop.crash_dialog import CrashDialog
from fsbus.desktop.lease_page.view import LeaseView
from fsbus.desktop.main import Desktop
from fsbus.desktop.palettes import DARK, HIGH_CONTRAST, THEMES
from fsbus.desktop.single import SILENT, tell_open_already
from fsbus.desktop.style import dress
from fsbus.desktop.widgets.confirming import confirm
from fsbus.desktop.widgets.tables import Column
from tests.desktop import audit, pixels, tour
from tests.desktop.conftest import Opened
from tests.desktop.hearing import Heard
from tests.desktop.keyboard import settle

pytestmark = pytest.mark.usefixtures("heard")


def shown(found: dict[str, list[str]]) -> str:
    return "\n".join(f"{screen}: {one}" for screen, ones in found.items() for one in ones)


def test_every_page_may_be_heard_reached_and_read(opened: Opened, dressed: QApplication) -> None:
    """In light; then as they stand, drawn in the other colours."""
    visit = tour.fill(opened.session)
    window, known = opened.desktop.window, set[tuple[str, str]]()
    found: dict[str, list[str]] = {}
    for name, _window in tour.screens(opened, visit):
        order = audit.tab_order(window)
        found[name] = [
            *audit.audited(window),
            *(f"out of Tab: {one}" for one in audit.out_of_tab(window, order)),
            *(f"against the eye: {one}" for one in audit.against_the_eye(order, window.pages[name])),
            *pixels.pale_texts(window),
            *pixels.unseen_focus(window, known),
        ]
    names = list(found)
    for theme in (DARK, HIGH_CONTRAST):
        dress(dressed, theme, resources())
        known.clear()
        for name in names:
            window.show_page(name)
            found[f"{name}, {theme.name}"] = [*pixels.pale_texts(window), *pixels.unseen_focus(window, known)]
    assert not shown(found)


def test_what_each_button_opens_in_its_page(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Panels, further fields, lists: whatever a press shows, of any page there will be."""
    tour.no_dialog(monkeypatch)
    visit = tour.fill(opened.session)
    found, known = dict[str, list[str]](), set[tuple[str, str]]()
    seen = set[frozenset[str]]()
    for name, window in tour.behind_buttons(opened, visit):
        there = frozenset(map(audit.told, audit.used(window)))
        if there in seen:
            continue
        seen.add(there)
        found[name] = [
            *audit.audited(window),
            *pixels.pale_texts(window),
            *pixels.unseen_focus(window, known),
        ]
    assert len(found) > 20
    assert not shown(found)


def test_what_is_wrong_belongs_to_its_field(opened: Opened, heard: Heard) -> None:
    opened.screens.new_visit()
    form = opened.screens.visit
    form.cards[0].outcome.set_code("referred")
    form.cards[0].mode.set_code("on_behalf")
    form.person.time.setText("25h")
    form.save_requested.emit()
    settle()
    window = opened.desktop.window
    assert len([one for one in audit.used(window) if one.property("problem")]) >= 7
    assert audit.untied_problems(window, heard.texts()) == []
    assert audit.colour_alone(window) == []
    assert pixels.pale_texts(window) == []
    last = [row for row in form.cards[0].rows.values() if row.problem][-1]
    last.editor.setAccessibleDescription("")
    assert audit.untied_problems(window, heard.texts()) == [last.problem]
    assert audit.colour_alone(window) != []


@pytest.mark.parametrize("screen", ["unlock", "invitation", "first_run", "lease"])
def test_the_screens_before_the_day(dressed: QApplication, device: Session, screen: str) -> None:
    desktop = Desktop(device.home, clock=device.clock, ids=device.ids)
    window = desktop.window
    window.resize(1366, 740)
    ways: dict[str, Callable[[], None]] = {
        "unlock": desktop.show_unlock,
        "first_run": desktop.show_first_run,
        "invitation": desktop.show_invitation,
        "lease": lambda: window.show_alone("lease", LeaseView()),
    }
    ways[screen]()
    window.show()
    window.activateWindow()
    settle()
    try:
        order = audit.tab_order(window)
        assert audit.unnamed(window.pages[screen]) == audit.audited(window) == []
        assert audit.out_of_tab(window, order) == []
        assert audit.against_the_eye(order, window.pages[screen]) == []
        assert pixels.unseen_focus(window, set()) == []
        for theme in THEMES.values():
            dress(dressed, theme, resources())
            assert pixels.pale_texts(window) == [], theme.name
    finally:
        desktop.stop_timers()
        desktop.background.close(desktop.device.close)
        window.close()
        window.deleteLater()


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_every_dialog(opened: Opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each is shown and looked at in the place of being waited for."""
    window, form = opened.desktop.window, opened.screens.visit
    looked: list[tuple[str, list[str]]] = []

    def look(dialog: QDialog) -> int:
        dialog.show()
        settle()
        words = dialog.text() if isinstance(dialog, QMessageBox) else dialog.windowTitle()
        looked.append(
            (words, [*audit.audited(dialog), *audit.out_of_tab(dialog), *pixels.pale_texts(dialog)])
        )
        assert words
        dialog.hide()
        return 0

    monkeypatch.setattr(QDialog, "exec", look)
    monkeypatch.setattr(QMessageBox, "exec", look)
    window.tell("Un message à fermer.")
    confirm(window, "Retirer", "Retirer cette visite\u00a0?", "Elle ne sera plus comptée.", yes="Re&tirer")
    form.confirm_abandon()
    form.confirm_leave(True)
    form.confirm_leave(False)
    tell_open_already(SILENT)
    look(CrashDialog("compte rendu", tmp_path, window, "Ce qui est enregistré l’est."))
    assert [found for found in looked if found[1]] == []
    assert len(looked) == 7


def test_no_dialog_is_made_elsewhere() -> None:
    """Whoever makes another one adds it to the test above."""
    desktop = Path(__file__).parents[2] / "fsbus" / "desktop"
    made = {
        path.relative_to(desktop).as_posix()
        for path in desktop.rglob("*.py")
        if "QMessageBox(" in (text := path.read_text()) or "(QDialog)" in text
    }
    assert made == {
        "window.py",
        "single.py",
        "crash_dialog.py",
        "visit_form/view.py",
        "widgets/confirming.py",
    }


def test_the_walk_finds_what_is_wrong(opened: Opened, dressed: QApplication) -> None:
    """Each check is shown the fault that it is for."""
    window, today = opened.desktop.window, opened.screens.today
    assert audit.audited(window) == []
    today.new_visit.setFixedSize(20, 20)
    today.correct.setAccessibleName(today.new_visit.accessibleName())
    today.correct.show()
    today.visits.show()
    today.visits.rows._columns = (*today.visits.rows._columns[:-1], Column(""))
    settle()
    checks = {finding.partition(":")[0] for finding in audit.audited(window)}
    assert checks == {"twice named", "untold cells", "too small"}
    window.status.setStyleSheet("QLabel { color: #f0f0f0; }")
    assert pixels.pale_texts(window) != []
    window.setStyleSheet("QLineEdit:focus { border: 1px solid #7b8794; padding: 4px 8px; }")
    assert any("Line" in one for one in pixels.unseen_focus(window, set()))
    today.stop.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    order = audit.tab_order(window)
    today.stop.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    assert len(audit.out_of_tab(window, order)) == 1
    assert audit.against_the_eye([today.search, today.stop], today) != []
