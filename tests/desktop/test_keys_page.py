"""F1 tells every key of the window, and leads back to where one was."""

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QShortcut
from PySide6.QtTest import QTest

from fsbus.actions.visits import record_visit
from fsbus.desktop.keys.listed import keys_told
from fsbus.desktop.registry import DOORS
from fsbus.desktop.sidebar import SAME_KEY
from tests.builders import draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle

UNTOLD_TWINS = {"Ctrl+Enter"} | {f"Alt+{key}" for key in SAME_KEY.values()}
"""Enter of the number pad, told as « Entrée », and the digits of a French keyboard without Shift."""
NOT_A_SHORTCUT = {
    "F12",
    "Ctrl+Shift+L",
    "Tab",
    "Shift+Tab",
    "Return",
    "Space",
    "Ctrl+Down",
    "Ctrl+Up",
    "Down",
    "Up",
}
"""Keys that a list, a field or the lock takes by itself; their own tests press them."""


def told() -> set[str]:
    """The keys of the page, as Qt writes them."""
    cards = keys_told(door.entry for door in DOORS)
    words = " ou ".join(keys for card in cards for keys, _ in card.facts if not keys.startswith("Alt +"))
    found = re.split(r" ou | et |, ", words)
    for french, name in (("Échap", "Esc"), ("Maj", "Shift"), ("Entrée", "Return"), ("Espace", "Space")):
        found = [key.replace(french, name) for key in found]
    return {key.replace("↓", "Down").replace("↑", "Up") for key in found}


def test_every_key_of_the_window_is_told_and_no_other(opened: Opened) -> None:
    screens = opened.screens
    record_visit(opened.session, draft())
    screens.show_page("today")
    screens.today.visits.selectRow(0)
    visit_id = screens.today.visits.chosen()
    screens.paper.open(visit_id)
    screens.correct_visit(visit_id)
    screens.new_visit()
    settle()
    found = {one.key().toString() for one in opened.desktop.window.findChildren(QShortcut)} - UNTOLD_TWINS
    assert found == told() - NOT_A_SHORTCUT


def test_the_page_opens_from_a_field_and_leads_back_to_it(opened: Opened) -> None:
    opened.screens.new_visit()
    form = opened.screens.visit
    form.cards[0].procedure.setFocus()
    Typist().write("passeport")
    QTest.keyClick(focused(), Qt.Key.Key_F1)
    settle()
    assert opened.desktop.window.page() == "keys"
    heading = QAccessible.queryAccessibleInterface(focused()).text(QAccessible.Text.Name)
    assert heading == "Partout"
    QTest.keyClick(focused(), Qt.Key.Key_Escape)
    settle()
    assert opened.desktop.window.page() == "visit"
    assert form.cards[0].isAncestorOf(focused())
    assert form.cards[0].procedure.text() == "passeport"
    for _ in range(2):
        QTest.keyClick(focused(), Qt.Key.Key_F1)
        settle()
    assert opened.desktop.window.page() == "visit"


def test_the_menu_of_the_window_leads_there_too(opened: Opened) -> None:
    menu = opened.desktop.window.look.menu()
    menu.aboutToShow.emit()
    (keys,) = [action for action in menu.actions() if "F1" in action.text()]
    assert keys.isVisible()
    keys.trigger()
    assert opened.desktop.window.page() == "keys"
    opened.desktop.window.drop_page("keys")
    menu.aboutToShow.emit()
    assert not keys.isVisible()
