"""A visit is read, printed and left by keyboard: nothing of the preview is missed afterwards."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from fsbus.actions.visits import record_visit
from tests.builders import draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist


def test_the_preview_is_whole_after_the_page_was_left(opened: Opened) -> None:
    record_visit(opened.session, draft(started_at="2026-11-24T08:00:00+01:00"))
    opened.screens.show_page("today")
    opened.screens.today.visits.selectRow(0)
    opened.screens.today.visits.setFocus()
    keys, window = Typist(), opened.desktop.window
    for step in ("details", "paper", "details", "today"):
        if step == "paper":
            keys.control(Qt.Key.Key_P)
        else:
            keys.press(Qt.Key.Key_Return if window.page() == "today" else Qt.Key.Key_Escape)
        QTest.qWait(150)
        assert window.page() == step
    assert opened.screens.paper.page is not None
    view = opened.screens.paper.page.view
    # It follows every move of the keyboard, wherever that is; hiding, at a lock, empties the preview.
    view.follow()
    view.preview.show_sheet(None)
    assert view.preview.count() == 0
