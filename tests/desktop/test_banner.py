"""What lasts is told under the bar as long as it lasts, and never hides the work."""

from PySide6.QtCore import Qt

from fsbus.actions.notices import SHORT_OF_ROOM
from fsbus.actions.visits import record_visit
from fsbus.store.ballast import Ballast
from tests.builders import draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import settle


def test_the_banner_says_that_room_is_to_be_made_until_there_is_room(opened: Opened) -> None:
    desktop, banner = opened.desktop, opened.desktop.window.banner
    Ballast(opened.session.home).keep()
    desktop.show_standing()
    assert (banner.text(), banner.isHidden()) == ("", True)
    Ballast(opened.session.home).free()
    desktop.show_standing()
    settle()
    assert (banner.text(), banner.accessibleName()) == (SHORT_OF_ROOM, SHORT_OF_ROOM)
    assert banner.isVisible()
    assert banner.focusPolicy() & Qt.FocusPolicy.TabFocus
    record_visit(opened.session, draft())
    Ballast(opened.session.home).keep()
    desktop.back_up_when_due()
    assert banner.isHidden()


def test_a_laptop_opened_for_reading_says_why_and_keeps_what_was_typed(opened: Opened) -> None:
    opened.session.read_only = "Lecture seule : le disque de ce poste est plein."
    opened.desktop.show_standing()
    settle()
    assert "Lecture seule" in opened.desktop.window.banner.text()
    assert opened.desktop.window.banner.height() < opened.desktop.window.height() // 4
