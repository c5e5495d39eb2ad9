"""Walks every screen as a screen reader does: what takes the keyboard has a name, once."""

import re
from collections import Counter

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from fsbus.actions.visits import record_visit
from fsbus.desktop.unlock.first_run_view import FirstRunView
from fsbus.desktop.unlock.view import UnlockView
from tests.builders import draft
from tests.desktop.audit import that_take_the_keyboard, unnamed
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import settle


def alt_keys(root: QWidget) -> Counter[str]:
    """The Alt keys of what is shown; cards of procedures share theirs on purpose."""
    texts = [widget.text() for widget in root.findChildren(QAbstractButton) if widget.isVisible()]
    texts += [
        widget.text()
        for widget in root.findChildren(QLabel)
        if widget.isVisible() and widget.buddy() is not None and "marche" not in widget.text()
    ]
    return Counter(found[1].lower() for text in texts if (found := re.search(r"&(\w)", text)))


def test_every_field_of_the_open_application_is_named(opened: Opened) -> None:
    opened.screens.new_visit()
    opened.screens.visit.add_requested.emit()
    opened.screens.visit.cards[0].details.click()
    visit = record_visit(opened.session, draft())
    opened.screens.correct_visit(visit.id)
    opened.screens.read_visit(visit.id)
    opened.screens.paper.print_here()
    settle()
    assert unnamed(opened.desktop.window) == []
    assert len(list(that_take_the_keyboard(opened.desktop.window))) > 60


def test_the_two_first_screens_are_named(dressed: QApplication) -> None:
    for view in (UnlockView(), FirstRunView()):
        assert unnamed(view) == []


def test_the_walk_finds_a_field_without_a_name(dressed: QApplication) -> None:
    view = UnlockView()
    view.passphrase.setAccessibleName("")
    view.row.findChildren(QLabel)[0].setBuddy(view.open)
    assert unnamed(view) == ["Passphrase ''"]


@pytest.mark.parametrize(
    "page", ["today", "visit", "details", "sync", "to_check", "answers", "correction", "paper", "circuit"]
)
def test_no_two_things_on_a_screen_share_an_alt_key(opened: Opened, page: str) -> None:
    if page == "visit":
        opened.screens.new_visit()
    elif page == "details":
        opened.screens.read_visit(record_visit(opened.session, draft()).id)
    elif page == "correction":
        opened.screens.correct_visit(record_visit(opened.session, draft()).id)
    elif page == "paper":
        opened.screens.paper.open(record_visit(opened.session, draft()).id)
        shown = opened.screens.paper.page
        assert shown is not None
        shown.view.named.click()
    else:
        record_visit(opened.session, draft())
        opened.screens.show_page(page)
    opened.desktop.window.show_entry("correction", True)
    opened.desktop.window.show_entry("visit", True)
    if page == "answers":
        answers = opened.screens.answers
        answers.presenter.read("fiche:F1341")
        assert answers.searching.wait(10)
        settle()
        answers.view.reader.allow_reuse(True)
        answers.view.reader.text.selectAll()
    settle()
    shared = {key for key, count in alt_keys(opened.desktop.window).items() if count > 1}
    assert shared == set()


def test_two_cards_never_have_two_fields_of_the_same_name(opened: Opened) -> None:
    opened.screens.new_visit()
    form = opened.screens.visit
    form.add_requested.emit()
    form.add_requested.emit()
    form.remove_requested.emit(0)
    names = Counter(widget.accessibleName() for card in form.cards for widget in card.widgets())
    assert [name for name, count in names.items() if count > 1] == []
    assert "Nature, démarche 2" in names


def test_the_chart_is_told_in_words_and_has_its_table(opened: Opened) -> None:
    outcomes = opened.screens.today.outcomes
    outcomes.set_bars([("Traité sur place", 3), ("À suivre", 1)])
    spoken = QAccessible.queryAccessibleInterface(outcomes.chart)
    assert spoken.text(QAccessible.Text.Description) == "Traité sur place : 3, À suivre : 1"
    outcomes.switch.click()
    model = outcomes.table.model()
    assert [model.index(row, 1).data() for row in range(2)] == ["3", "1"]
    assert outcomes.table.isVisible()
