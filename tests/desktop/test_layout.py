"""The screens fit a small laptop, and still work zoomed to 200 %."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.desktop.palettes import DARK
from fsbus.desktop.screenshots import take_all
from fsbus.desktop.widgets.pages import Following
from tests.builders import draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle
from tests.desktop.test_sync_panel import ENROLMENT

SMALL_LAPTOP = (1366, 700)
ZOOMED = (683, 350)


def is_seen(widget: QWidget, area: Following) -> bool:
    """Whether the whole widget is inside the part of the page that is shown."""
    top = widget.mapTo(area.viewport(), QPoint(0, 0)).y()
    return top >= 0 and top + widget.height() <= area.viewport().height()


def area_of(widget: QWidget) -> Following:
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, Following):
        parent = parent.parentWidget()
    assert isinstance(parent, Following)
    return parent


def test_a_visit_with_two_procedures_fits_a_small_laptop_without_scrolling(opened: Opened) -> None:
    opened.desktop.window.resize(*SMALL_LAPTOP)
    opened.screens.new_visit()
    form = opened.screens.visit
    form.add_requested.emit()
    form.cards[1].outcome.set_code("referred")
    settle()
    area = area_of(form.add)
    assert area.verticalScrollBar().maximum() == 0
    assert is_seen(form.add, area)
    assert is_seen(form.person.note, area)
    assert is_seen(form.cards[1].referral_day, area)


@pytest.mark.parametrize("size", [SMALL_LAPTOP, ZOOMED])
def test_no_problem_is_cut_off(opened: Opened, size: tuple[int, int]) -> None:
    opened.desktop.window.resize(*size)
    opened.screens.new_visit()
    form = opened.screens.visit
    form.cards[0].outcome.set_code("referred")
    form.cards[0].mode.set_code("on_behalf")
    form.person.time.setText("25h")
    form.save_requested.emit()
    settle()
    shown = [
        found
        for found in form.findChildren(QLabel)
        if found.property("role") == "error" and found.isVisible() and found.text()
    ]
    assert len(shown) >= 7
    assert [found.text() for found in shown if found.height() < found.heightForWidth(found.width())] == []


@pytest.mark.parametrize("under_way", [{"visit"}, {"correction"}, {"visit", "correction"}])
def test_no_line_of_the_sidebar_is_cut_at_200_percent(opened: Opened, under_way: set[str]) -> None:
    window = opened.desktop.window
    window.resize(*ZOOMED)
    if "correction" in under_way:
        opened.screens.correct_visit(record_visit(opened.session, draft()).id)
    if "visit" in under_way:
        opened.screens.new_visit()
    window.show_count("to_check", 3)
    settle()
    assert not window.sidebar.isVisible()
    QTest.keyClick(focused(), Qt.Key.Key_F6)
    settle()
    hidden = {"visit", "correction"} - under_way
    lines: list[QPushButton] = [line for name, line in window.sidebar.buttons.items() if name not in hidden]
    assert not any(window.sidebar.buttons[name].isVisible() for name in hidden)
    lines += [window.menu, window.agent, window.look, window.lock]
    assert all(line.isVisible() for line in lines)
    assert [line.text() for line in lines if line.width() < line.sizeHint().width()] == []
    bar = window.sidebar.verticalScrollBar()
    assert window.sidebar.viewport().width() >= window.sidebar.buttons["today"].geometry().right()
    assert bar.maximum() == 0 or bar.isVisible()


@pytest.mark.parametrize("size", [(1180, 690), ZOOMED])
@pytest.mark.parametrize("field", ["", "code"])
def test_why_an_enrolment_failed_is_seen_wherever_the_page_was(
    opened: Opened, size: tuple[int, int], field: str
) -> None:
    opened.desktop.window.resize(*size)
    opened.screens.show_page("sync")
    view = opened.screens.sync
    view.code.setFocus()
    settle()
    view.verticalScrollBar().setValue(0)
    view.show_problems({field: "Le centre ne répond pas."})
    settle()
    told = [found for found in view.findChildren(QLabel) if found.text() == "Le centre ne répond pas."]
    assert [is_seen(found, view) for found in told if found.isVisible()] == [True]


@pytest.mark.parametrize("page", ["today", "sync", "visit", "details", "correction", "to_check", "paper"])
def test_nothing_needs_scrolling_sideways_at_200_percent(opened: Opened, page: str) -> None:
    opened.desktop.window.resize(*ZOOMED)
    if page == "visit":
        opened.screens.new_visit()
        opened.screens.visit.cards[0].details.click()
    elif page == "details":
        opened.screens.read_visit(record_visit(opened.session, draft()).id)
    elif page == "correction":
        opened.screens.correct_visit(record_visit(opened.session, draft()).id)
    elif page == "paper":
        opened.screens.paper.open(record_visit(opened.session, draft()).id)
    else:
        opened.screens.show_page(page)
    settle()
    assert opened.desktop.window.size().width() == ZOOMED[0]
    shown = opened.desktop.window.pages[page]
    areas = [shown] if isinstance(shown, Following) else shown.findChildren(Following)
    assert areas
    assert [area.horizontalScrollBar().maximum() for area in areas] == [0] * len(areas)


def test_the_page_follows_the_keyboard_at_200_percent(opened: Opened) -> None:
    opened.desktop.window.resize(*ZOOMED)
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    form = opened.screens.visit
    form.person.day.setFocus()
    for _ in range(20):
        settle()
        if focused() in (form.add, form.save, form.cancel):
            break
        assert is_seen(focused(), area_of(form.person)), focused().accessibleName()
        keys.tab()
    else:
        pytest.fail("the end of the form was not reached")


@pytest.mark.parametrize("is_enrolled", [False, True])
def test_the_exchange_opens_on_its_advice_at_200_percent(opened: Opened, is_enrolled: bool) -> None:
    opened.desktop.window.resize(*ZOOMED)
    if is_enrolled:
        opened.session.store.set_enrolment(ENROLMENT)
    panel = opened.screens.sync
    for _ in range(2):
        opened.screens.show_page("sync")
        settle()
        assert panel.verticalScrollBar().value() == 0
        assert is_seen(panel.advice, panel)
        now = focused()
        assert now is (panel.sync if is_enrolled else panel.advice)
        assert is_seen(now, panel)
        assert panel.sync.accessibleDescription().startswith(panel.advice.text())
        # Left at its end, it opens at its beginning again.
        panel.verticalScrollBar().setValue(panel.verticalScrollBar().maximum())
        opened.screens.show_page("today")
        settle()


def test_the_list_of_propositions_stays_in_the_window(opened: Opened) -> None:
    opened.desktop.window.resize(*ZOOMED)
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    keys.alt(Qt.Key.Key_D)
    keys.write("carte")
    field = opened.screens.visit.cards[0].procedure
    assert field.is_open()
    box = field.list_geometry()
    assert opened.desktop.window.rect().contains(box)
    assert not box.contains(field.mapTo(opened.desktop.window, field.rect().center()))


def test_every_screen_is_pictured_and_none_is_blank(
    dressed: QApplication, device: Session, tmp_path: Path
) -> None:
    record_visit(device, draft())
    paths = take_all(device, tmp_path / "écrans", theme=DARK)
    assert len(paths) == 16
    for path in paths:
        image = QImage(str(path))
        seen = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 5)}
        assert len(seen) > 8, path.name


@pytest.mark.parametrize(
    ("room", "fills"), [((1366, 728), False), ((1366, 690), True), ((1024, 700), True), ((683, 384), True)]
)
def test_the_window_never_begins_larger_than_the_screen(
    opened: Opened, room: tuple[int, int], fills: bool
) -> None:
    window = opened.desktop.window
    window.hide()
    window.show_fitting(QSize(*room))
    settle()
    assert window.isMaximized() is fills
    if not fills:
        assert (window.width(), window.height()) == (1320, 720)


def test_a_narrow_list_of_visits_leaves_out_what_the_reading_shows(opened: Opened) -> None:
    table, window = opened.screens.today.visits, opened.desktop.window
    record_visit(opened.session, draft())
    opened.screens.show_page("today")
    for width, hidden in ((1366, []), (683, [3, 4]), (1366, [])):
        window.resize(width, 700)
        settle()
        assert [number for number in range(5) if table.isColumnHidden(number)] == hidden
    window.resize(683, 700)
    settle()
    assert table.columnWidth(1) > 220
