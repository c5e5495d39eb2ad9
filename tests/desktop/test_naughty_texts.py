"""Naughty strings in every field, list and paper: shown as typed, read as no markup, never wider."""

import html
import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTableView,
    QTextEdit,
    QWidget,
)

from fsbus.core.changes import CREATE
from fsbus.core.entities import AGENT, PROCEDURE_RECORD, VISIT
from fsbus.core.papers import A5, ROLL_80
from fsbus.core.sheets import Part, Sheet, Step
from fsbus.desktop.sheet_pdf import as_pdf
from fsbus.desktop.widgets.pages import Following
from fsbus.store.store import Edit
from tests.builders import new_id
from tests.desktop import tour
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import settle
from tests.naughty.texts import KINDS, LIST, OURS, TEXTS, full_of

EVERY = 16
"""One text of so many in each field, another one in each; all of them by torture."""
MARKUP = re.compile(r"<[a-zA-Z/!]")
LINES = re.compile(r"[\n\r\u2028\u2029\x85\x0b\x0c\t]")


def fill(opened: Opened, texts: tuple[str, ...]) -> list[str]:
    """A record of every kind full of each text; the ids of the visits."""
    visits, edits = list[str](), list[Edit]()
    for text in texts:
        visit = new_id()
        visits.append(visit)
        for kind in KINDS:
            if kind == AGENT:
                continue
            made = full_of(kind, text)
            if kind == PROCEDURE_RECORD:
                made["visit_id"] = visit
            edits.append(Edit(kind, visit if kind == VISIT else new_id(), CREATE, made))
    opened.session.store.save(edits, actor=opened.session.agent.id)
    return visits


def read_as_markup(root: QWidget) -> list[str]:
    """Texts that Qt would read as markup, or might guess to be some."""
    found = [
        f"{one.objectName()} {one.text()[:60]!r}"
        for one in root.findChildren(QLabel)
        if one.textFormat() is not Qt.TextFormat.PlainText
        and not (one.objectName().startswith("qt_") or one.text() == "")
    ]
    for one in root.findChildren(QWidget):
        if MARKUP.search(one.toolTip()):
            found.append(f"tooltip {one.toolTip()[:60]!r}")
    for view in root.findChildren(QAbstractItemView):
        found += [
            f"tooltip of a cell {text[:60]!r}" for text in _cells(view, True) if _loses(*text.split("\0"))
        ]
    return found


def _loses(shown: str, tip: str) -> bool:
    """Whether a tooltip tells another text than its cell."""
    if not MARKUP.search(tip):
        return False
    document = QTextDocument()
    document.setHtml(tip)
    # Marks of byte order show nothing, and Qt drops some.
    return re.sub(r"[\s\ufeff]+", "", document.toPlainText()) != re.sub(r"[\s\ufeff]+", "", shown)


def _cells(view: QAbstractItemView, tips: bool = False) -> list[str]:
    model = view.model()
    columns = model.columnCount() if isinstance(view, QTableView) else 1
    found = []
    for row in range(model.rowCount()):
        for column in range(columns):
            index = model.index(row, column)
            shown = str(index.data() or "")
            tip = str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
            found.append(f"{shown}\0{tip}" if tips else shown)
    return found


def shown(root: QWidget) -> list[str]:
    """All that is written on a page, hidden parts left out."""
    texts = list[str]()
    for one in root.findChildren(QWidget):
        if one.isVisibleTo(root):
            if isinstance(one, QLabel | QLineEdit):
                texts.append(one.text())
            elif isinstance(one, QPlainTextEdit | QTextEdit):
                texts.append(one.toPlainText())
            elif isinstance(one, QAbstractItemView):
                texts += _cells(one)
    return texts


def test_every_page_shows_them_as_they_are_and_becomes_no_wider(opened: Opened) -> None:
    window = opened.desktop.window
    calm = tour.fill(opened.session)
    widths = {name: window.pages[name].minimumSizeHint().width() for name, _ in tour.screens(opened, calm)}
    least = window.minimumSizeHint().width()
    opened.screens.corrections.stop()
    texts = (*(one for one in OURS if one.strip()), *LIST[::40])
    visits = fill(opened, texts)
    opened.screens.changed(frozenset(KINDS))
    found: dict[str, list[str]] = {}
    for size in ((1366, 740), (683, 384)):
        window.resize(*size)
        for name, _window in tour.screens(opened, calm):
            page = window.pages[name]
            areas = [page] if isinstance(page, Following) else page.findChildren(Following)
            wide = [area.horizontalScrollBar().maximum() for area in areas if area.isVisible()]
            found[f"{name} {size[0]}"] = [
                *read_as_markup(page),
                *(f"{more} pixels sideways" for more in wide if more),
                *(
                    [f"{page.minimumSizeHint().width()} wide"]
                    if page.minimumSizeHint().width() > widths[name]
                    else []
                ),
            ]
    assert {name: ones for name, ones in found.items() if ones} == {}
    assert window.minimumSizeHint().width() <= least
    for visit, text in zip(visits, texts, strict=True):
        opened.screens.read_visit(visit)
        settle()
        assert full_of(VISIT, text)["note"] in shown(window.pages["details"])
        answer = full_of(PROCEDURE_RECORD, text)["precise_answer"]
        assert any(answer in one for one in shown(window.pages["details"]))


def editors(root: QWidget) -> list[QLineEdit | QPlainTextEdit]:
    """Where a text may be typed now."""
    found: list[QLineEdit | QPlainTextEdit] = [*root.findChildren(QLineEdit)]
    found += root.findChildren(QPlainTextEdit)
    return [one for one in found if one.isVisible() and one.isEnabled() and not one.isReadOnly()]


def type_into(editor: QLineEdit | QPlainTextEdit, text: str) -> str:
    """Put the text in as by a paste; what stands there then."""
    editor.clear()
    if isinstance(editor, QLineEdit):
        editor.insert(text)
        return editor.text()
    editor.insertPlainText(text)
    return editor.toPlainText()


def within(text: str, longest: int) -> str:
    """What a line has room for: it counts in units of UTF-16, and keeps no half of a letter."""
    return text.encode("utf-16-le")[: 2 * longest].decode("utf-16-le", "ignore")


def type_everywhere(opened: Opened, monkeypatch: pytest.MonkeyPatch, every: int) -> int:
    """Each text, or one of so many, in each field of each page and panel; how many fields."""
    tour.no_dialog(monkeypatch)
    window, tried = opened.desktop.window, set[int]()
    visit = tour.fill(opened.session)
    for name, _window in tour.behind_buttons(opened, visit):
        for editor in editors(window):
            if id(editor) in tried:
                continue
            tried.add(id(editor))
            least = window.minimumSizeHint().width()
            before = editor.text() if isinstance(editor, QLineEdit) else editor.toPlainText()
            for text in TEXTS[len(tried) % every :: every]:
                stands = type_into(editor, text)
                wanted = text if isinstance(editor, QPlainTextEdit) else within(text, editor.maxLength())
                # Of a mark of byte order at the beginning, which shows nothing, PySide makes nothing.
                same = LINES.sub(" ", stands) == LINES.sub(" ", wanted).removeprefix("\ufeff")
                assert same, (name, editor.accessibleName(), text, stands)
            settle()
            assert window.minimumSizeHint().width() <= least, (name, editor.accessibleName())
            type_into(editor, before)
    return len(tried)


def test_every_field_keeps_what_is_typed(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    assert type_everywhere(opened, monkeypatch, EVERY) > 25


@pytest.mark.torture
def test_every_field_keeps_every_text(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    assert type_everywhere(opened, monkeypatch, 1) > 25


@pytest.mark.parametrize("paper", [A5, ROLL_80], ids=["A5", "80 mm"])
def test_they_are_drawn_on_paper(dressed: object, paper: object) -> None:
    assert paper in (A5, ROLL_80)
    texts = (*OURS, *LIST[:: 8 if paper is A5 else 4])
    parts = tuple(Part(text, facts=((text, text),), steps=(Step(text),)) for text in texts)
    made = as_pdf(Sheet("Votre reçu", "à lire", parts, "pied", A5 if paper is A5 else ROLL_80))
    assert made.startswith(b"%PDF-")
    assert len(made) > 20_000
    assert html.escape("<b>").encode() not in made
