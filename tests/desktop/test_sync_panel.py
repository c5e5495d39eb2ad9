"""The exchange as the agent sees it: calm when there is no network, plain when something must be done."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import pytest

from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.core.entities import VISIT
from fsbus.core.errors import ClockDoubted, DeviceRevoked, Interrupted, InvalidInput, Offline
from fsbus.desktop.running import Tell
from fsbus.desktop.sync_panel.automatic import Ended
from fsbus.desktop.sync_panel.presenter import SyncPresenter
from fsbus.desktop.sync_panel.state import Reach, SyncState
from fsbus.store.database import Database
from fsbus.store.store import Enrolment
from fsbus.sync.engine import SyncReport
from tests.builders import draft
from tests.desktop.conftest import Opened

T = TypeVar("T")
ENROLMENT = Enrolment(
    server_url="https://centre.exemple.fr",
    device="device",
    audience="centre",
    server_key=bytes(32),
    signing_key=bytes(32),
    feeds=("bus",),
    writes="bus",
)


@dataclass
class HeldRunner:
    """Keeps jobs until the test runs them."""

    jobs: list[Callable[[], None]] = field(default_factory=list)

    def run(
        self,
        job: Callable[[Tell], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        progress: Tell | None = None,
    ) -> None:
        def work() -> None:
            try:
                result = job(progress or (lambda _value: None))
            except Exception as error:  # noqa: BLE001 -- as the real one does
                failed(error)
            else:
                done(result)

        self.jobs.append(work)

    def work(self) -> None:
        """Run the oldest job."""
        self.jobs.pop(0)()


@dataclass
class Centre:
    """What the exchange does next."""

    report: SyncReport = field(default_factory=SyncReport)
    error: Exception | None = None
    enrolled: list[tuple[str, str]] = field(default_factory=list)
    on_enroll: Callable[[], None] = lambda: None
    moves: Callable[[], object] = lambda: None

    def sync(self, progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> SyncReport:
        progress(1, 3)
        self.moves()
        if self.error is not None:
            raise self.error
        return SyncReport(finished=False) if cancelled() else self.report

    def reachable(self) -> bool:
        return True

    def enroll(self, url: str, code: str) -> None:
        if self.error is not None:
            raise self.error
        self.enrolled.append((url, code))
        self.on_enroll()


@dataclass
class Panel:
    """The sync panel as the presenter sees it."""

    state: SyncState = field(default_factory=SyncState)
    said: str = ""
    typed: tuple[str, str] = ("", "")
    problems: dict[str, str] = field(default_factory=dict)
    progress: list[tuple[int, int]] = field(default_factory=list)

    def show_state(self, state: SyncState) -> None:
        self.state = state

    def show_progress(self, done: int, total: int, text: str) -> None:
        self.progress.append((done, total))

    def say(self, text: str) -> None:
        self.said = text

    def enrolment(self) -> tuple[str, str]:
        return self.typed

    def show_problems(self, problems: dict[str, str]) -> None:
        self.problems = problems


@dataclass
class Desk:
    presenter: SyncPresenter
    panel: Panel
    centre: Centre
    runner: HeldRunner
    lines: list[str]
    changed: list[frozenset[str]]
    bugs: list[Exception]


@pytest.fixture
def desk(device: Session) -> Desk:
    panel, centre, runner = Panel(), Centre(), HeldRunner()
    lines, changed, bugs = list[str](), list[frozenset[str]](), list[Exception]()
    presenter = SyncPresenter(
        panel,
        device,
        runner=runner,
        exchange=centre,
        on_state=lambda state: lines.append(state.line()),
        on_changed=changed.append,
        on_bug=bugs.append,
    )
    record_visit(device, draft())
    presenter.refresh()
    return Desk(presenter, panel, centre, runner, lines, changed, bugs)


@pytest.fixture
def enrolled(desk: Desk, device: Session) -> Desk:
    device.store.set_enrolment(ENROLMENT)
    desk.presenter.refresh()
    return desk


def test_a_laptop_without_a_centre_says_so_and_does_not_call(desk: Desk) -> None:
    assert desk.lines[-1].startswith("Poste non rattaché à un centre — 4 saisies en attente")
    desk.presenter.sync()
    assert desk.runner.jobs == []


def test_without_network_everything_is_said_to_be_safe(enrolled: Desk) -> None:
    enrolled.centre.error = Offline("injoignable")
    enrolled.presenter.sync()
    assert enrolled.lines[-1].startswith("Échange en cours")
    enrolled.runner.work()
    assert enrolled.lines[-1] == "Hors ligne — 4 saisies en attente — tout est enregistré sur ce poste"
    assert "Tout est enregistré" in enrolled.panel.said
    assert not enrolled.panel.state.busy
    assert enrolled.bugs == []


def test_an_exchange_tells_what_went_and_which_screens_to_refresh(enrolled: Desk) -> None:
    enrolled.centre.report = SyncReport(pushed=4, pulled=1, kinds=frozenset({VISIT}))
    enrolled.presenter.sync()
    enrolled.presenter.sync()
    assert len(enrolled.runner.jobs) == 1
    enrolled.runner.work()
    assert enrolled.panel.said == "Échange terminé : 4 saisies envoyées, 1 reçue."
    assert (1, 3) in enrolled.panel.progress
    assert enrolled.changed == [frozenset({VISIT})]
    assert enrolled.panel.state.reach is Reach.ONLINE


def test_an_exchange_of_nothing_is_told_in_the_singular(enrolled: Desk) -> None:
    enrolled.presenter.sync()
    enrolled.runner.work()
    assert enrolled.panel.said == "Échange terminé : 0 saisie envoyée, 0 reçue."


def test_an_exchange_by_itself_says_nothing_over_the_agents_work(enrolled: Desk) -> None:
    enrolled.centre.error = Offline("injoignable")
    enrolled.presenter.sync_quietly()
    enrolled.runner.work()
    assert enrolled.panel.said == ""
    assert enrolled.panel.state.reach is Reach.OFFLINE


def test_stopping_an_exchange_loses_nothing(enrolled: Desk) -> None:
    enrolled.presenter.sync()
    enrolled.presenter.cancel()
    enrolled.runner.work()
    assert enrolled.panel.said.startswith("Échange arrêté, rien n’est perdu")
    enrolled.presenter.sync()
    enrolled.runner.work()
    assert enrolled.panel.said.startswith("Échange terminé")


def test_a_revoked_laptop_says_what_to_do(enrolled: Desk) -> None:
    enrolled.centre.error = DeviceRevoked("Ce poste n’est plus accepté : appelez le coordinateur.")
    enrolled.presenter.sync()
    enrolled.runner.work()
    assert enrolled.panel.state.advice() == "Ce poste n’est plus accepté : appelez le coordinateur."
    assert enrolled.lines[-1].startswith("À vérifier")


def test_a_clock_that_a_certificate_contradicts_is_told_with_what_to_do(enrolled: Desk) -> None:
    enrolled.centre.error = ClockDoubted("Si l’horloge est fausse, réglez la date et l’heure.")
    enrolled.presenter.sync_quietly()
    enrolled.runner.work()
    assert enrolled.panel.state.advice() == "Si l’horloge est fausse, réglez la date et l’heure."
    assert enrolled.panel.state.reach is Reach.OFFLINE
    enrolled.centre.error = None
    enrolled.presenter.sync_quietly()
    enrolled.runner.work()
    assert enrolled.panel.state.advice().startswith("Rien à faire")


@pytest.mark.parametrize(
    ("skew", "told"),
    [
        (0.0, None),
        (-599.0, None),
        (3_600.0, "avance de 1\u00a0h\u00a000\u00a0: réglez la date et l’heure"),
        (-86_400.0 * 400, "retarde de 400 jours\u00a0: réglez la date et l’heure"),
    ],
)
def test_a_clock_that_is_wrong_is_told_by_how_much(enrolled: Desk, skew: float, told: str | None) -> None:
    enrolled.centre.report = SyncReport(skew=skew)
    enrolled.presenter.sync()
    enrolled.runner.work()
    assert dict(enrolled.panel.state.facts()).get("Horloge de ce poste") == told


def test_why_the_centre_was_not_reached_is_told_until_it_is(enrolled: Desk) -> None:
    enrolled.centre.error = Offline("Une réponse est venue, mais pas du centre.")
    enrolled.presenter.sync_quietly()
    enrolled.runner.work()
    assert enrolled.panel.state.advice() == (
        "Une réponse est venue, mais pas du centre. fsbus essaie de nouveau de lui-même."
    )


def test_what_is_to_be_checked_names_its_desk_and_does_not_hide_that_the_centre_is_out_of_reach() -> None:
    state = SyncState(enrolled=True, conflicts=1, reach=Reach.OFFLINE, why="Le réseau manque.")
    assert state.advice() == (
        "Le réseau manque. fsbus essaie de nouveau de lui-même. "
        "Des saisies sont à vérifier\u00a0: ouvrez «\u00a0À vérifier\u00a0». Rien n’est perdu."
    )
    assert replace(state, reach=Reach.ONLINE).advice().startswith("Des saisies sont à vérifier")


def test_how_an_exchange_ended_is_told_to_whoever_plans_the_next(device: Session) -> None:
    device.store.set_enrolment(ENROLMENT)
    ends, centre, runner = list[Ended](), Centre(), HeldRunner()
    presenter = SyncPresenter(
        Panel(),
        device,
        runner=runner,
        exchange=centre,
        on_state=lambda _state: None,
        on_changed=lambda _kinds: None,
        on_bug=lambda _error: None,
        on_ended=ends.append,
    )
    presenter.refresh()
    for error in (None, Offline("x"), DeviceRevoked("x"), ZeroDivisionError()):
        centre.error = error
        presenter.sync_quietly()
        runner.work()
    centre.error, centre.moves = Interrupted("x"), lambda: device.store.maintain(heard)
    presenter.sync_quietly()
    runner.work()
    assert ends == [Ended.HEARD, Ended.UNHEARD, Ended.REFUSED, Ended.REFUSED, Ended.CUT]


def heard(db: Database) -> None:
    db.conn.execute("UPDATE link SET acked = acked + 1")


def test_a_bug_is_reported_and_not_shown_as_an_absent_network(enrolled: Desk) -> None:
    enrolled.centre.error = ZeroDivisionError()
    enrolled.presenter.sync_quietly()
    enrolled.runner.work()
    assert enrolled.bugs == [enrolled.centre.error]
    assert enrolled.panel.state.reach is Reach.REFUSED


def test_enrolling_needs_an_address_and_a_code(desk: Desk) -> None:
    desk.presenter.enroll()
    assert set(desk.panel.problems) == {"server", "code"}
    assert desk.runner.jobs == []


def test_enrolling_attaches_then_exchanges(desk: Desk, device: Session) -> None:
    desk.centre.on_enroll = lambda: device.store.set_enrolment(ENROLMENT)
    desk.panel.typed = (" https://centre.exemple.fr ", "CODE ")
    desk.presenter.enroll()
    desk.runner.work()
    assert desk.centre.enrolled == [("https://centre.exemple.fr", "CODE")]
    assert desk.panel.state.server == "https://centre.exemple.fr"
    assert len(desk.runner.jobs) == 1  # the first exchange
    assert desk.panel.said == "Ce poste est rattaché au centre."


def test_a_code_refused_is_told_beside_its_field(desk: Desk) -> None:
    desk.centre.error = InvalidInput({"code": "Ce code n’est pas ou plus valable."})
    desk.panel.typed = ("https://centre.exemple.fr", "OLD")
    desk.presenter.enroll()
    desk.runner.work()
    assert desk.panel.problems == {"code": "Ce code n’est pas ou plus valable."}
    assert not desk.panel.state.busy


def test_the_screen_offers_only_what_is_of_use(opened: Opened) -> None:
    view = opened.screens.sync
    opened.screens.show_page("sync")
    assert view.code.isVisible()
    assert not view.sync.isVisible()
    view.show_state(
        SyncState(enrolled=True, server="https://centre.exemple.fr", waiting=14, reach=Reach.OFFLINE)
    )
    assert not view.code.isVisible()
    assert view.sync.isVisible()
    assert not view.cancel.isVisible()
    view.show_state(SyncState(enrolled=True, busy=True))
    assert view.cancel.isVisible()
    assert not view.sync.isEnabled()


def test_once_attached_the_keyboard_goes_on_to_the_exchange(opened: Opened) -> None:
    view = opened.screens.sync
    opened.screens.show_page("sync")
    view.code.setFocus()
    view.show_state(SyncState(busy=True))
    assert view.code.hasFocus()
    view.show_state(SyncState(enrolled=True, server="https://centre.exemple.fr"))
    assert view.sync.hasFocus()


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (
            SyncState(enrolled=True, reach=Reach.OFFLINE, waiting=1),
            "Hors ligne — 1 saisie en attente — tout est enregistré sur ce poste",
        ),
        (
            SyncState(enrolled=True, reach=Reach.ONLINE, last_contact="aujourd’hui à 09:20"),
            "À jour avec le centre (aujourd’hui à 09:20)",
        ),
        (
            SyncState(enrolled=True, reach=Reach.ONLINE, last_contact="aujourd’hui à 09:20", quarantined=1),
            "À jour avec le centre (aujourd’hui à 09:20) — 1 saisie à vérifier",
        ),
        (
            SyncState(enrolled=True, reach=Reach.OFFLINE, waiting=1, conflicts=2, quarantined=1),
            "Hors ligne — 1 saisie en attente — tout est enregistré sur ce poste — 3 saisies à vérifier",
        ),
        (SyncState(enrolled=True, waiting=3), "3 saisies en attente — tout est enregistré sur ce poste"),
        (SyncState(enrolled=True, busy=True), "Échange en cours avec le centre — aucune saisie en attente"),
    ],
)
def test_the_state_is_one_calm_line(state: SyncState, line: str) -> None:
    assert state.line() == line
