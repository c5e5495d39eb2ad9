"""The panel shows the laptop’s name, and what to do when the centre makes it wait or turned it away."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from fsbus.actions.session import Session
from fsbus.core.errors import DevicePending, DeviceRevoked
from fsbus.desktop.sync_panel.state import SyncState
from fsbus.desktop.sync_panel.view import SyncPanelView
from fsbus.store.standing import PENDING, REVOKED, UNKNOWN, note_accepted, note_refused
from fsbus.wire.signing import five_by_five
from tests.desktop.test_sync_panel import ENROLMENT, Desk, desk, enrolled

__all__ = ["desk", "enrolled"]
NAME = five_by_five("abcdefghijklmnopqrstuvwxy")


def refuse(device: Session, problem: str, ago: timedelta = timedelta()) -> None:
    note_refused(device.store, problem, device.clock.now() - ago)


def test_a_laptop_that_waits_shows_its_name_and_tries_by_itself(enrolled: Desk, device: Session) -> None:
    enrolled.centre.error = DevicePending("attend")
    refuse(device, PENDING)
    enrolled.presenter.sync_quietly()
    enrolled.runner.work()
    state = enrolled.panel.state
    assert "lisez-lui ce nom" in state.advice()
    assert state.name == five_by_five(ENROLMENT.device)
    assert enrolled.lines[-1].startswith(
        "En attente de l’accord du coordinateur — 4 saisies en attente — tout est"
    )
    enrolled.presenter.sync_quietly()
    assert len(enrolled.runner.jobs) == 1

    note_accepted(device.store)
    enrolled.centre.error = None
    enrolled.runner.work()
    assert enrolled.panel.state.refused == ""
    assert enrolled.bugs == []


@pytest.mark.parametrize(("problem", "tried"), [(REVOKED, 0), (UNKNOWN, 1)])
def test_one_that_was_turned_away_says_whom_to_call_and_tries_rarely(
    enrolled: Desk, device: Session, problem: str, tried: int
) -> None:
    enrolled.centre.error = DeviceRevoked("refusé")
    refuse(device, problem)
    enrolled.presenter.sync_quietly()
    assert len(enrolled.runner.jobs) == tried
    for _ in range(tried):
        enrolled.runner.work()
    enrolled.presenter.refresh()
    assert "Appelez le coordinateur" in enrolled.panel.state.advice()
    assert "Rien n’est perdu" in enrolled.panel.state.advice()
    assert "appelez le coordinateur" in enrolled.lines[-1]


def test_it_tries_again_after_some_hours_and_whenever_it_is_asked_to(enrolled: Desk, device: Session) -> None:
    refuse(device, REVOKED, ago=timedelta(hours=6))
    enrolled.presenter.sync_quietly()
    assert len(enrolled.runner.jobs) == 1
    enrolled.runner.work()
    refuse(device, REVOKED)
    enrolled.presenter.sync()
    assert len(enrolled.runner.jobs) == 1


Shown = Callable[[SyncState], SyncPanelView]


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    def show(state: SyncState) -> SyncPanelView:
        view = SyncPanelView()
        qtbot.addWidget(view)
        view.show_state(state)
        view.show()
        return view

    return show


def visible_texts(view: SyncPanelView) -> list[str]:
    from PySide6.QtWidgets import QLabel

    return [label.text() for label in view.findChildren(QLabel) if label.isVisible()]


def test_the_name_stands_beside_the_code_before_the_enrolment(shown: Shown) -> None:
    texts = visible_texts(shown(SyncState(name=NAME)))
    assert texts.count(NAME) == 2, "among the facts, and large beside the code"
    assert any("comparer de vive voix" in text for text in texts)


def test_the_name_is_large_while_the_laptop_waits(shown: Shown) -> None:
    view = shown(SyncState(enrolled=True, name=NAME, refused=PENDING, refusal="Ce poste attend."))
    assert visible_texts(view).count(NAME) == 2
    assert not view.code.isVisible()


def test_a_laptop_that_was_turned_away_takes_a_new_code_and_leaves_the_keyboard_alone(shown: Shown) -> None:
    state = SyncState(enrolled=True, name=NAME, refused=REVOKED, refusal="Refusé.")
    view = shown(state)
    assert view.code.isVisible()
    assert visible_texts(view).count(NAME) == 1, "it will have another name"
    view.code.setFocus()
    view.show_state(state)
    assert view.focusWidget() is view.code
