"""The « À vérifier » desk: both values side by side, one key to choose, the next one follows."""

from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt

from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.core.entities import CONFLICT, VISIT
from fsbus.desktop.to_check.desk import AGAIN, GIVE_UP, KEEP, PUT_BACK, TAKE, DeskShown
from fsbus.desktop.to_check.presenter import NOTHING, ToCheckPresenter
from fsbus.store import queries
from fsbus.wire.api import OpResult, State
from tests.builders import draft, new_id
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, never, settle
from tests.store.test_applying import answer, hello


@dataclass
class Desk:
    """The desk as the presenter sees it."""

    shown: list[DeskShown] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answer: bool = True

    def show_desk(self, shown: DeskShown) -> None:
        self.shown.append(shown)

    def say(self, text: str) -> None:
        self.told.append(text)

    def confirm(self, question: str, words: str, yes: str) -> bool:
        self.asked.append(question)
        return self.answer


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def counted() -> list[int]:
    return []


def never_corrected(*_: object) -> None:
    pytest.fail("nothing was to be corrected")


@pytest.fixture
def presenter(desk: Desk, device: Session, counted: list[int]) -> ToCheckPresenter:
    device.store.take_hello(hello())
    return ToCheckPresenter(
        desk,
        device,
        on_count=counted.append,
        on_changed=lambda: None,
        read_visit=never,
        correct=never_corrected,
    )


def conflict(session: Session, visit: str, local: str, hlc: str, field_name: str = "note") -> str:
    one = new_id()
    body = {
        "record_id": visit, "record_kind": VISIT, "field": field_name, "local": local, "central": "en place",
        "actor": session.agent.id, "hlc": hlc, "status": "open",
    }  # fmt: skip
    session.store.apply(answer(State(one, CONFLICT, 1, body)))
    return one


def status(session: Session, conflict_id: str) -> str:
    found = queries.conflict(session.store.db, conflict_id)
    assert found is not None
    return found.status


def test_an_empty_desk_says_so(desk: Desk, presenter: ToCheckPresenter, counted: list[int]) -> None:
    presenter.refresh()
    assert (desk.shown[-1], counted) == (DeskShown(NOTHING, None, (), ()), [0])
    presenter.choose(KEEP)
    presenter.read()
    assert desk.told == []


def test_one_choice_follows_the_other(
    desk: Desk, presenter: ToCheckPresenter, device: Session, counted: list[int]
) -> None:
    visit = record_visit(device, draft(note="en place"))
    first = conflict(device, visit.id, "un", "1795459800000.0000")
    second = conflict(device, visit.id, "deux", "1795459900000.0000")
    presenter.refresh()
    shown = desk.shown[-1].choice
    assert shown is not None
    assert (shown.place, shown.field, shown.kept.value, shown.other.value) == (
        "1 sur 2",
        "Note",
        "en place",
        "un",
    )
    assert device.agent.name in shown.other.told_by
    # One that comes meanwhile, older by its stamp, does not slip under the fingers.
    earlier = conflict(device, visit.id, "zéro", "1795459700000.0000")
    presenter.refresh()
    presenter.choose(TAKE)
    assert [status(device, one) for one in (first, second, earlier)] == ["local", "open", "open"]
    found = queries.visit(device.store.db, visit.id)
    assert found is not None
    assert found.note == "un"
    presenter.choose(KEEP)
    assert status(device, earlier) == "central"
    assert counted[-1] == 1
    assert desk.told[0].startswith("Pris\u00a0: Note")


def test_a_value_that_no_longer_fits_is_refused_in_words(
    desk: Desk, presenter: ToCheckPresenter, device: Session
) -> None:
    visit = record_visit(device, draft())
    one = conflict(device, visit.id, "par pigeon", "1795459800000.0000", "channel")
    presenter.refresh()
    presenter.choose(TAKE)
    assert status(device, one) == "open"
    assert "gardez l’autre" in desk.told[-1]


def test_what_was_put_aside_is_sent_again_or_given_up_after_a_yes(
    desk: Desk, presenter: ToCheckPresenter, device: Session, counted: list[int]
) -> None:
    visit = record_visit(device, draft())
    device.store.apply(answer(acked=device.store.last_seq, results=[OpResult(1, "quarantined", "too large")]))
    presenter.refresh()
    (row,) = desk.shown[-1].aside
    aside = queries.quarantined(device.store.db)[0].record_id
    assert (row.id, row.can, counted[-1]) == (aside, (AGAIN, GIVE_UP), 1)
    desk.answer = False
    presenter.settle(GIVE_UP, aside)
    assert len(desk.asked) == len(queries.quarantined(device.store.db)) == 1
    presenter.settle(AGAIN, aside)
    assert queries.quarantined(device.store.db) == []
    assert queries.visit(device.store.db, visit.id) is not None


def test_what_was_removed_is_put_back(desk: Desk, presenter: ToCheckPresenter, device: Session) -> None:
    from fsbus.actions.removing import remove

    visit = record_visit(device, draft())
    remove(device, VISIT, visit.id)
    presenter.refresh()
    (row,) = desk.shown[-1].removed
    presenter.settle(PUT_BACK, row.id)
    assert queries.visit(device.store.db, visit.id) == visit
    assert desk.shown[-1].removed == ()


def test_the_desk_is_worked_by_keyboard_alone(opened: Opened) -> None:
    session, window, typist = opened.session, opened.desktop.window, Typist()
    session.store.take_hello(hello())
    visit = record_visit(session, draft(note="en place"))
    ids = [conflict(session, visit.id, f"valeur {n}", f"179545980000{n}.0000") for n in range(3)]
    opened.screens.show_page("to_check")
    settle()
    assert window.sidebar.buttons["to_check"].accessibleName() == "À vérifier (3)"
    view = opened.screens.to_check
    assert focused() is view.keep
    typist.press(Qt.Key.Key_G)
    typist.press(Qt.Key.Key_P)
    assert [status(session, one) for one in ids] == ["central", "local", "open"]
    assert view.said().startswith("Pris")
    typist.tab()
    assert focused() is view.take
    assert "valeur 2" in view.take.accessibleDescription()
    typist.press(Qt.Key.Key_Space)
    assert view.summary() == NOTHING
    assert window.sidebar.buttons["to_check"].accessibleName() == "À vérifier"
