"""The sidebar: by keyboard, by its marks, folded in a narrow window."""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest

from fsbus.actions.visits import record_visit
from fsbus.desktop.registry import DOORS
from fsbus.desktop.sidebar import SAME_KEY, Sidebar
from tests.builders import draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle

NARROW = (683, 350)


def sidebar_of(opened: Opened) -> Sidebar:
    return opened.desktop.window.sidebar


def test_each_page_has_its_line_its_digit_and_no_other_the_same() -> None:
    entries = [door.entry for door in DOORS]
    assert len({entry.name for entry in entries}) == len(entries)
    digits = [entry.digit for entry in entries if entry.digit]
    assert len(set(digits)) == len(digits)
    unreached = [entry.name for entry in entries if not (entry.digit or entry.also)]
    # Shown only while something is under way there.
    assert unreached == ["visit", "correction"]


def test_the_pages_are_reached_by_arrows_and_enter_and_the_field_found_again(opened: Opened) -> None:
    window, keys = opened.desktop.window, Typist()
    opened.screens.new_visit()
    field = opened.screens.visit.cards[0].procedure
    field.setFocus()
    keys.press(Qt.Key.Key_F6)
    assert focused() is sidebar_of(opened).buttons["visit"]
    keys.press(Qt.Key.Key_F6)
    assert focused() is field
    keys.press(Qt.Key.Key_F6)
    keys.press(Qt.Key.Key_Up)
    assert window.page() == "visit"
    keys.press(Qt.Key.Key_Right)
    assert focused() is field
    keys.press(Qt.Key.Key_F6)
    keys.press(Qt.Key.Key_Down)
    # The line of the correction is not there: nothing is under way.
    shown = [one for one in sidebar_of(opened).buttons.values() if one.isVisible()]
    assert focused() is shown[shown.index(sidebar_of(opened).buttons["visit"]) + 1]
    assert sidebar_of(opened).buttons["correction"] not in shown
    keys.press(Qt.Key.Key_End)
    assert focused() is sidebar_of(opened).buttons["to_check"]
    keys.press(Qt.Key.Key_Down)
    assert focused() is sidebar_of(opened).buttons["today"]
    keys.press(Qt.Key.Key_Return)
    assert window.page() == "today"
    assert window.pages["today"].isAncestorOf(focused())
    assert sidebar_of(opened).buttons["today"].isChecked()
    assert not sidebar_of(opened).buttons["visit"].isChecked()


def test_tab_stops_once_in_the_sidebar(opened: Opened) -> None:
    opened.screens.show_page("sync")
    stops = [
        name
        for name, line in sidebar_of(opened).buttons.items()
        if line.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert stops == ["sync"]


@pytest.mark.parametrize("digit", ["9", "0"])
def test_alt_and_a_digit_open_a_page_with_shift_or_without_as_a_french_keyboard_sends_it(
    opened: Opened, digit: str
) -> None:
    window = opened.desktop.window
    wanted = {door.entry.digit: door.entry.name for door in DOORS}[digit]
    for text in (digit, SAME_KEY[digit]):
        opened.screens.show_page("today")
        for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            event = QKeyEvent(kind, ord(text), Qt.KeyboardModifier.AltModifier, text.lower())
            QCoreApplication.sendEvent(window.windowHandle(), event)
        settle()
        assert window.page() == wanted, text


def test_a_second_press_on_the_page_shown_leaves_it_marked(opened: Opened) -> None:
    line = sidebar_of(opened).buttons["sync"]
    for _ in range(2):
        line.click()
        assert line.isChecked()
        assert opened.desktop.window.page() == "sync"


def test_what_waits_is_told_beside_the_words_and_to_the_screen_reader(opened: Opened) -> None:
    window = opened.desktop.window
    line = sidebar_of(opened).buttons["to_check"]
    assert not line.badge.isVisible()
    window.show_count("to_check", 12)
    assert (line.badge.isVisible(), line.badge.text()) == (True, "12")
    assert line.accessibleName() == "À vérifier (12)"
    assert line.badge.geometry().right() < line.width()


def test_a_narrow_window_keeps_the_sidebar_behind_a_button(opened: Opened) -> None:
    window, keys = opened.desktop.window, Typist()
    window.resize(*NARROW)
    window.show_count("to_check", 2)
    settle()
    assert not sidebar_of(opened).isVisible()
    assert (window.menu.text(), window.menu.accessibleName()) == ("Aujourd’hui (2) ▾", "Pages (2)")
    opened.screens.today.search.setFocus()
    keys.press(Qt.Key.Key_F6)
    assert sidebar_of(opened).isVisible()
    keys.press(Qt.Key.Key_Escape)
    assert not sidebar_of(opened).isVisible()
    assert focused() is opened.screens.today.search
    QTest.mouseClick(window.menu, Qt.MouseButton.LeftButton)
    QTest.mouseClick(sidebar_of(opened).buttons["sync"], Qt.MouseButton.LeftButton)
    settle()
    assert window.page() == "sync"
    assert not sidebar_of(opened).isVisible()
    # Its keys need no open sidebar: at 200 % they are what everybody has.
    for key, page in ((Qt.Key.Key_3, "queue"), (Qt.Key.Key_1, "today")):
        keys.alt(key)
        assert window.page() == page
    keys.control(Qt.Key.Key_F)
    assert window.page() == "visits"
    window.resize(1366, 700)
    settle()
    assert sidebar_of(opened).isVisible()
    assert not window.menu.isVisible()


def test_a_low_window_scrolls_to_the_line_of_the_page(opened: Opened) -> None:
    window, sidebar = opened.desktop.window, sidebar_of(opened)
    window.resize(1100, 320)
    opened.screens.correct_visit(record_visit(opened.session, draft()).id)
    opened.screens.new_visit()
    opened.screens.show_page("to_check")
    settle()
    line = sidebar.buttons["to_check"]
    assert sidebar.verticalScrollBar().maximum() > 0
    top = line.mapTo(sidebar.viewport(), line.rect().topLeft()).y()
    assert top >= 0
    assert top + line.height() <= sidebar.viewport().height()
    assert line.width() >= line.sizeHint().width()
    assert line.geometry().right() <= sidebar.viewport().width()
