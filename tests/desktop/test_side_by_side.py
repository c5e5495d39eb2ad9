"""One picture of several laptops: their real windows from left to right, nothing left open."""

from pathlib import Path

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from fsbus.actions.session import Session
from fsbus.desktop.screens import Screens
from fsbus.desktop.screenshots import GAP, SIDE, take_side_by_side


def test_two_laptops_stand_side_by_side_on_the_page_asked_for(
    dressed: QApplication, device: Session, tmp_path: Path
) -> None:
    shown: list[Screens] = []
    before = len(dressed.topLevelWidgets())

    def show(screens: Screens) -> None:
        screens.show_page("sync")
        shown.append(screens)

    path = take_side_by_side([device, device], show, tmp_path / "new" / "both.png", size=SIDE)

    picture = QImage(str(path))
    assert (picture.width(), picture.height()) == (2 * SIDE[0] + GAP, SIDE[1])
    right = SIDE[0] + GAP
    assert picture.copy(0, 0, *SIDE) == picture.copy(right, 0, *SIDE)
    assert len(shown) == 2
    dressed.processEvents()
    assert len([one for one in dressed.topLevelWidgets() if one.isVisible()]) <= before
