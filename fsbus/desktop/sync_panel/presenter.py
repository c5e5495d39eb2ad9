"""Decides when to exchange with the centre, and says how it went."""

from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import Protocol

from fsbus.actions.lease import lease_state
from fsbus.actions.session import Session
from fsbus.core.clock import local_day, parse_utc_text
from fsbus.core.errors import FsbusError, InvalidInput, Offline
from fsbus.desktop.running import Runner
from fsbus.desktop.sync_panel.state import Reach, SyncState
from fsbus.desktop.written_days import short_day, short_time
from fsbus.store import queries

_NOT_KEPT = " Le centre a ce qui attendait\u202f; ce poste, lui, n’a pas pu le noter."


class Report(Protocol):
    """What the presenter reads of a sync report."""

    @property
    def pushed(self) -> int: ...
    @property
    def pulled(self) -> int: ...
    @property
    def kinds(self) -> frozenset[str]: ...
    @property
    def finished(self) -> bool: ...
    @property
    def kept(self) -> bool: ...


class Exchange(Protocol):
    """The two jobs with the network; they run in the background, on their own store connection."""

    def sync(self, progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> Report: ...
    def enroll(self, url: str, code: str) -> None: ...


class SyncScreen(Protocol):
    """What the presenter needs of the screen."""

    def show_state(self, state: SyncState) -> None: ...
    def show_progress(self, done: int, total: int) -> None: ...
    def say(self, text: str) -> None: ...
    def enrolment(self) -> tuple[str, str]: ...
    def show_problems(self, problems: dict[str, str]) -> None: ...


class SyncPresenter:
    """The exchange as the agent sees it.

    ``on_state`` gets each new state, for the status bar; ``on_changed`` the kinds of record that an
    exchange changed here; ``on_bug`` an error that nobody foresaw.
    """

    def __init__(
        self,
        view: SyncScreen,
        session: Session,
        *,
        runner: Runner,
        exchange: Exchange,
        on_state: Callable[[SyncState], None],
        on_changed: Callable[[frozenset[str]], None],
        on_bug: Callable[[Exception], None],
    ) -> None:
        self._view = view
        self._session = session
        self._runner = runner
        self._exchange = exchange
        self._on_state = on_state
        self._on_changed = on_changed
        self._on_bug = on_bug
        self._stop = Event()
        self._state = SyncState()

    def refresh(self) -> None:
        """Read the facts again and show them."""
        lease = lease_state(self._session)
        facts = queries.status_facts(self._session.store.db)
        enrolment = self._session.store.link().enrolment if facts.enrolled else None
        self._show(
            replace(
                self._state,
                enrolled=enrolment is not None,
                server=enrolment.server_url if enrolment else "",
                waiting=facts.pending,
                conflicts=facts.open_conflicts,
                quarantined=facts.quarantined,
                last_contact=self._said_moment(facts.last_sync_at),
                lease="" if lease is None else lease.left_in_words(),
                warning="" if lease is None else lease.notice(),
            )
        )

    def sync(self) -> None:
        """Exchange now, because the agent asks; nothing happens while an exchange is under way."""
        self._start(by_hand=True)

    def sync_quietly(self) -> None:
        """Exchange now, because it is time; failures only show in the state."""
        self._start(by_hand=False)

    def cancel(self) -> None:
        """Stop after the request under way; what was confirmed stays so."""
        self._stop.set()

    def enroll(self) -> None:
        """Attach this laptop with the address and the code typed."""
        if self._state.busy:
            return
        url, code = (text.strip() for text in self._view.enrolment())
        problems: dict[str, str] = {}
        if not url:
            problems["server"] = "Adresse du centre à remplir."
        if not code:
            problems["code"] = "Code à remplir : le coordinateur le donne, il ne sert qu’une fois."
        self._view.show_problems(problems)
        if problems:
            return
        self._view.show_progress(0, 0)
        self._show(replace(self._state, busy=True))
        self._runner.run(lambda _tell: self._exchange.enroll(url, code), self._enrolled, self._not_enrolled)

    def _start(self, *, by_hand: bool) -> None:
        if self._state.busy or not self._state.enrolled:
            return
        self._stop.clear()
        self._view.show_progress(0, 0)
        self._view.say("")
        self._show(replace(self._state, busy=True, trouble=""))

        def job(tell: Callable[[object], None]) -> Report:
            return self._exchange.sync(lambda done, total: tell((done, total)), self._stop.is_set)

        self._runner.run(
            job,
            lambda report: self._done(report, by_hand),
            lambda error: self._failed(error, by_hand),
            self._progressed,
        )

    def _progressed(self, value: object) -> None:
        if isinstance(value, tuple):
            self._view.show_progress(int(value[0]), int(value[1]))

    def _done(self, report: Report, by_hand: bool) -> None:
        self._state = replace(self._state, busy=False, reach=Reach.ONLINE, trouble="")
        self.refresh()
        if by_hand:
            sent = (
                f"{report.pushed} saisies envoyées"
                if report.pushed > 1
                else f"{report.pushed} saisie envoyée"
            )
            got = f"{report.pulled} reçues" if report.pulled > 1 else f"{report.pulled} reçue"
            ended = "Échange terminé" if report.finished else "Échange arrêté, rien n’est perdu"
            self._view.say(f"{ended} : {sent}, {got}.{'' if self._keeps(report) else _NOT_KEPT}")
        if report.kinds:
            self._on_changed(report.kinds)

    def _keeps(self, report: Report) -> bool:
        return report.kept and self._session.read_only is None

    def _failed(self, error: Exception, by_hand: bool) -> None:
        is_offline = isinstance(error, Offline)
        known = isinstance(error, FsbusError)
        trouble = (
            str(error) if known else "L’échange s’est arrêté. Un rapport a été écrit ; rien n’est perdu."
        )
        reach = Reach.OFFLINE if is_offline else Reach.REFUSED
        self._state = replace(self._state, busy=False, reach=reach, trouble="" if is_offline else trouble)
        self.refresh()
        if by_hand:
            self._view.say(
                "Le centre est hors d’atteinte pour l’instant. Tout est enregistré sur ce poste."
                if is_offline
                else trouble
            )
        if not known:
            self._on_bug(error)

    def _enrolled(self, _nothing: None) -> None:
        self._state = replace(self._state, busy=False)
        self.refresh()
        # After the exchange has begun: it takes back whatever was said before.
        self.sync_quietly()
        self._view.say("Ce poste est rattaché au centre.")

    def _not_enrolled(self, error: Exception) -> None:
        self._show(replace(self._state, busy=False))
        if isinstance(error, InvalidInput):
            self._view.show_problems(error.problems)
        elif isinstance(error, FsbusError):
            self._view.show_problems({"": str(error)})
        else:
            self._view.show_problems({"": "Le rattachement a échoué. Un rapport a été écrit."})
            self._on_bug(error)

    def _show(self, state: SyncState) -> None:
        self._state = state
        self._view.show_state(state)
        self._on_state(state)

    def _said_moment(self, at: str | None) -> str:
        if at is None:
            return ""
        moment = parse_utc_text(at)
        day, today = local_day(moment), local_day(self._session.clock.now())
        when = "aujourd’hui" if day == today else f"le {short_day(day)}"
        return f"{when} à {short_time(moment)}"
