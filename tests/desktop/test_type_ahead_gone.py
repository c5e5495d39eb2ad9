"""A field with proposals that was taken away leaves nothing behind that the page still calls."""

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QScrollArea

from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, settle


def test_scrolling_after_a_procedure_was_taken_away_calls_nothing_of_it(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    keys.control(Qt.Key.Key_D)
    form = opened.screens.visit
    field = form.cards[1].procedure
    field.setFocus()
    keys.write("retraite")
    assert field.is_open()
    [area] = {one for one in form.findChildren(QScrollArea) if one.isAncestorOf(field)}
    form.remove_card(1)
    del field
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    settle()
    # pytest-qt fails a test in which a slot raises.
    area.verticalScrollBar().valueChanged.emit(3)
    settle()
    assert opened.bugs == []
