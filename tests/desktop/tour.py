"""Opens every screen of the window one after another; a page that is added is visited by itself."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QAbstractButton, QDialog, QFileDialog, QWidget

from fsbus.actions import plain_records
from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.core.entities import AGENT, CONFLICT, ENTITIES, PROCEDURE_RECORD, VISIT
from tests.builders import draft, plain_draft, procedure_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import settle

PLAIN_KINDS = tuple(kind for kind in ENTITIES if kind not in {AGENT, CONFLICT, PROCEDURE_RECORD, VISIT})
"""The kinds that hang on nothing: `plain_draft` has a draft of each."""
Screen = tuple[str, QWidget]
"""Its name, and what of the window is shown with it."""
OUT_OF_REACH = ("lock", "undo")
"""Buttons of the window, and not of a page, that would end the tour."""


def fill(session: Session) -> str:
    """Something on every page: visits, one to be followed up, and each other kind. The id of a visit."""
    later = procedure_draft(
        outcome="follow_up",
        precise_answer="Dossier incomplet\u00a0: il manque l’avis d’imposition.",
        follow_up={"on": "2026-12-03", "note": "Rappeler la CAF."},
    )
    record_visit(session, draft(procedures=[later]))
    for kind in PLAIN_KINDS:
        plain_records.create(session, kind, plain_draft(kind))
    return record_visit(session, draft()).id


def screens(opened: Opened, visit: str) -> Iterator[Screen]:
    """Every page, as its line of the sidebar, a key or a button opens it; then those that nothing here opens."""
    window, doors = opened.desktop.window, opened.screens
    ways: dict[str, Callable[[], object]] = {
        "visit": doors.new_visit,
        "details": lambda: doors.read_visit(visit),
        "correction": lambda: doors.correct_visit(visit),
        "paper": lambda: doors.paper.open(visit),
        "security": doors.show_security,
        "keys": window.keys_requested.emit,
    }
    for name in [name for name in window.sidebar.buttons if name not in ways]:
        ways[name] = lambda name=name: doors.show_page(name)  # type: ignore[misc]  # bound at once
    for name, way in ways.items():
        way()
        settle()
        assert window.page() == name, f"{name}: {window.page()} is shown instead"
        yield name, window
    for name in [name for name in window.pages if name not in ways]:
        window.show_page(name)
        settle()
        yield name, window


def no_dialog(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every dialog is left at once, as by Escape: a button may be pressed whatever it asks."""
    for name in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_words, **_more: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_words, **_more: "")
    monkeypatch.setattr(QDialog, "exec", lambda _dialog: QDialog.DialogCode.Rejected.value)


def behind_buttons(opened: Opened, visit: str) -> Iterator[Screen]:
    """What each button of each page opens in it: panels, further rows, lists; each from the page as it is entered."""
    window = opened.desktop.window
    for name, _window in screens(opened, visit):
        page = window.pages[name]
        for label in [name_of(one) for one in buttons(page)]:
            if window.page() != name:
                opened.screens.show_page(name) if name in window.sidebar.buttons else window.show_page(name)
                settle()
            found = [one for one in buttons(page) if name_of(one) == label]
            if found:
                found[0].click()
                settle()
                yield f"{name} › {label}", window


def buttons(page: QWidget) -> list[QAbstractButton]:
    """What may be pressed on a page."""
    return [one for one in page.findChildren(QAbstractButton) if one.isVisible() and one.isEnabled()]


def name_of(button: QAbstractButton) -> str:
    """Its words."""
    return button.accessibleName() or button.text()
