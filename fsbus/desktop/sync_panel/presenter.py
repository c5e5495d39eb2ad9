"""Decides when to exchange with the centre, and says how it went."""

import time
from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import Protocol

from fsbus.actions.lease import lease_state
from fsbus.actions.session import Session
from fsbus.actions.standing import standing_in_words, standing_of
from fsbus.core.clock import local_day
from fsbus.core.errors import ClockDoubted, FsbusError, InvalidInput, Offline
from fsbus.desktop.running import Runner
from fsbus.desktop.sync_panel.automatic import Ended
from fsbus.desktop.sync_panel.estimate import Estimate
from fsbus.desktop.sync_panel.history import history_rows, moment_in_words
from fsbus.desktop.sync_panel.state import Reach, SyncState
from fsbus.store import queries
from fsbus.store.exchanges import past_exchanges
from fsbus.wire.signing import five_by_five

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
    @property
    def skew(self) -> float: ...


class Exchange(Protocol):
    """The jobs with the network; they run in the background, on their own store connection."""

    def sync(self, progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> Report: ...
    def reachable(self) -> bool: ...
    def enroll(self, url: str, code: str) -> None: ...


class SyncScreen(Protocol):
    """What the presenter needs of the screen."""

    def show_state(self, state: SyncState) -> None: ...
    def show_progress(self, done: int, total: int, text: str) -> None: ...
    def say(self, text: str) -> None: ...
    def enrolment(self) -> tuple[str, str]: ...
    def show_problems(self, problems: dict[str, str]) -> None: ...


class SyncPresenter:
    """The exchange as the agent sees it.

    ``on_state`` gets each new state, for the status bar; ``on_changed`` the kinds of record that an
    exchange changed here; ``on_bug`` an error that nobody foresaw; ``on_ended`` how each exchange ended.
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
        on_ended: Callable[[Ended], None] = lambda _how: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._view = view
        self._session = session
        self._runner = runner
        self._exchange = exchange
        self._on_state = on_state
        self._on_changed = on_changed
        self._on_bug = on_bug
        self._on_ended = on_ended
        self._stop = Event()
        self._state = SyncState()
        self._estimate = Estimate(monotonic)
        self._began_at = session.store.link()

    def refresh(self) -> None:
        """Read the facts again and show them."""
        lease = lease_state(self._session)
        store, today = self._session.store, local_day(self._session.clock.now())
        facts, link = queries.status_facts(store.db), store.link()
        enrolment = link.enrolment
        standing = standing_of(self._session)
        name = self._session.device if enrolment is None else enrolment.device
        self._show(
            replace(
                self._state,
                enrolled=enrolment is not None,
                server=enrolment.server_url if enrolment else "",
                waiting=facts.pending,
                conflicts=facts.open_conflicts,
                quarantined=facts.quarantined,
                last_contact="" if link.last_sync_at is None else moment_in_words(link.last_sync_at, today),
                sent=link.acked,
                history=history_rows(past_exchanges(store), today),
                lease="" if lease is None else lease.left_in_words(),
                warning="" if lease is None else lease.notice(),
                name=five_by_five(name),
                refused="" if standing is None else standing.problem,
                refusal="" if standing is None else standing_in_words(standing, name),
            )
        )

    def sync(self) -> None:
        """Exchange now, because the agent asks; nothing happens while an exchange is under way."""
        self._start(by_hand=True)

    def sync_quietly(self) -> None:
        """Exchange now, because it is time; failures only show in the state. A laptop that was turned away
        tries rarely."""
        standing = standing_of(self._session)
        if standing is None or standing.is_due(self._session.clock.now()):
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
        self._view.show_progress(0, 0, "")
        self._show(replace(self._state, busy=True))
        self._runner.run(lambda _tell: self._exchange.enroll(url, code), self._enrolled, self._not_enrolled)

    def _start(self, *, by_hand: bool) -> None:
        if self._state.busy or not self._state.enrolled:
            return
        self._stop.clear()
        self._began_at = self._session.store.link()
        self._estimate.begin()
        self._view.show_progress(0, 0, "")
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
            done, total = int(value[0]), int(value[1])
            self._view.show_progress(done, total, self._estimate.in_words(done, total))
            store = self._session.store
            self._show(replace(self._state, waiting=store.pending_count(), sent=store.link().acked))

    def _done(self, report: Report, by_hand: bool) -> None:
        self._state = replace(
            self._state, busy=False, reach=Reach.ONLINE, trouble="", why="", skew=report.skew
        )
        self.refresh()
        self._on_ended(Ended.HEARD if report.finished else self._unless_heard())
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
        must_act = not is_offline or isinstance(error, ClockDoubted)
        self._state = replace(
            self._state,
            busy=False,
            reach=reach,
            trouble=trouble if must_act else "",
            why=trouble if is_offline else "",
        )
        self.refresh()
        self._on_ended(self._unless_heard() if is_offline else Ended.REFUSED)
        if by_hand:
            self._view.say(
                trouble
                if must_act
                else "Le centre est hors d’atteinte pour l’instant. Tout est enregistré sur ce poste."
            )
        if not known:
            self._on_bug(error)

    def _unless_heard(self) -> Ended:
        """What a cut exchange moved, a signed answer had moved."""
        return Ended.UNHEARD if self._session.store.link() == self._began_at else Ended.CUT

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
