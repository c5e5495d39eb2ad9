"""Exchanges with the centre until nothing is left, healing what can be healed without asking."""

import contextlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import msgspec

from fsbus.core.clock import Clock
from fsbus.core.errors import DiskRefuses, Interrupted, Offline, UpgradeRequired
from fsbus.core.events import Log, Synced, SyncFailed, unheard
from fsbus.core.redaction import redacted
from fsbus.store.former import Former, former_to_ask
from fsbus.store.incoming import Incoming, read_incoming, wanted_feeds
from fsbus.store.link import READ_FIRST, Link, forget_setting
from fsbus.store.store import Store
from fsbus.store.sums import COMPARE
from fsbus.sync.agreeing import agreed_in
from fsbus.sync.backoff import Backoff
from fsbus.sync.first_copy import FirstCopy
from fsbus.sync.former import bring_back, let_go
from fsbus.sync.refusals import of_what_was_sent, refused_for
from fsbus.sync.repair import Repair
from fsbus.sync.signed import request_header
from fsbus.wire.api import Answer, Problem, Refused, Request, RequestHeader, SyncApi

FIRST_CHUNK = 320_000
LARGEST_CHUNK = 1_280_000
"""Bytes of operation lines before compression; about a fifth of it travels (64 to 256 kB)."""
SMALLEST_CHUNK = 1
FIRST_TAKE, LARGEST_TAKE, SMALLEST_TAKE = 262_144, 1_048_576, 16_384
"""Bytes of record states, before compression, that one answer may hold."""
SLICE = 0.2
"""Seconds of one wait when somebody may ask to stop."""
MOST_HEALINGS = 5
"""Refusals mended in a row before giving up: a centre that contradicts itself is a fault to tell."""
MOST_FAILURES = 8
"""Interruptions in a row, without one acknowledgement between, before giving up for this time."""
TOO_OLD = "Cette version de fsbus est trop ancienne. Installez la nouvelle."
CUT_LINK = Backoff(first=0.1, longest=5.0, fraction=lambda: secrets.randbelow(1000) / 1000)

Progress = Callable[[int, int], None]
"""Called with (done, in all) after each exchange: operations acknowledged, and changes of the centre taken in
when it is known how many there are."""


@redacted("pushed", "pulled", "requests", "conflicts", "quarantined", "finished")
@dataclass(frozen=True)
class SyncReport:
    """What one synchronisation did. Bytes are those of the HTTP messages, headers included."""

    pushed: int = 0
    pulled: int = 0
    requests: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    conflicts: int = 0
    quarantined: int = 0
    seconds: float = 0.0
    kinds: frozenset[str] = frozenset()
    """Kinds of record that changed on this laptop."""
    finished: bool = True
    """False when it was cancelled."""
    skew: float = 0.0
    """Seconds by which this laptop's clock is ahead of the centre's, as the last answer showed; decides nothing."""
    kept: bool = True
    """False when the disk kept nothing of what the centre said: it will say it again."""


@redacted()
@dataclass
class Engine:
    """One synchronisation of one store through one door.

    ``sleep`` and ``backoff`` decide the pauses after an interruption.
    """

    store: Store
    api: SyncApi
    clock: Clock
    progress: Progress | None = None
    cancelled: Callable[[], bool] | None = None
    sleep: Callable[[float], None] = time.sleep
    backoff: Backoff = CUT_LINK
    log: Log = unheard
    chunk: int = FIRST_CHUNK
    take: int = FIRST_TAKE
    healings: int = 0
    greeted: bool = False
    newest: dict[str, int] = field(default_factory=dict)
    """Feed to its newest number, when the centre said it in this run."""
    held: int = 0
    """The highest operation of the present name that the centre said it holds, in this run."""
    only_pushes: bool = False
    """Since the centre said that this fsbus is too old to be told anything."""
    sent: int = 0
    """How many operations the request under way carries."""
    report: SyncReport = field(default_factory=SyncReport)
    first_copy: FirstCopy = field(init=False)

    def __post_init__(self) -> None:
        self.first_copy = FirstCopy(self.store, self.api)

    def run(self) -> SyncReport:
        """Exchange until nothing waits and nothing more comes.

        Raises Offline, DeviceRevoked, UpgradeRequired or another SyncError; what was confirmed
        before that stays confirmed.
        """
        started = time.perf_counter()
        try:
            self._run()
        except BaseException as error:
            self._timed(started)
            self.log(
                SyncFailed(
                    error=type(error),
                    pushed=self.report.pushed,
                    pulled=self.report.pulled,
                    seconds=self.report.seconds,
                )
            )
            raise
        report = self._timed(started)
        self.log(
            Synced(
                pushed=report.pushed,
                pulled=report.pulled,
                requests=report.requests,
                conflicts=report.conflicts,
                quarantined=report.quarantined,
                seconds=report.seconds,
                finished=report.finished,
            )
        )
        return report

    def _timed(self, started: float) -> SyncReport:
        self.report = replace(self.report, seconds=round(time.perf_counter() - started, 3))
        return self.report

    def _run(self) -> None:
        failures = 0
        waiting = self.store.pending_count()
        begun = self.store.link().positions
        while not self._is_cancelled():
            try:
                done = self._mended_step()
            except Offline as error:
                if self._is_cancelled():
                    break
                failures += 1
                self.chunk = max(SMALLEST_CHUNK, self.chunk // 2)
                self.take = max(SMALLEST_TAKE, self.take // 2)
                if failures >= MOST_FAILURES or not isinstance(error, Interrupted):
                    raise
                self._pause(self.backoff.wait(failures))
                continue
            failures = 0
            self.chunk = min(LARGEST_CHUNK, self.chunk * 2)
            self.take = min(LARGEST_TAKE, self.take * 2)
            if self.progress is not None:
                self.progress(*self._progress(waiting, begun))
            if done:
                let_go(self.store, self.clock.now().date(), self._is_cancelled)
                return
        self.report = replace(self.report, finished=False)

    def _progress(self, waiting: int, begun: Mapping[str, int]) -> tuple[int, int]:
        """(done, in all) of this run so far."""
        now = self.store.link().positions
        to_take = {feed: newest - begun.get(feed, 0) for feed, newest in self.newest.items()}
        taken = sum(
            min(all_, max(0, now.get(feed, 0) - begun.get(feed, 0))) for feed, all_ in to_take.items()
        )
        pushed = self.report.pushed
        return pushed + taken, max(waiting, pushed) + sum(max(0, all_) for all_ in to_take.values())

    def _pause(self, seconds: float) -> None:
        if self.cancelled is None:
            self.sleep(seconds)
            return
        while seconds > 0 and not self.cancelled():
            self.sleep(min(SLICE, seconds))
            seconds -= SLICE

    def _mended_step(self) -> bool:
        """A step, and what mends whatever the centre refused in it."""
        self.sent = 0
        try:
            return self._step()
        except Refused as refused:
            return self._heal(refused, self.sent)

    def _step(self) -> bool:
        """One request and what follows from its answer; True when nothing is left."""
        link = self.store.link()
        unsealed = link.enrolment is not None and not link.enrolment.seal
        if not link.epoch or ((unsealed or self._reads_first()) and not self.greeted):
            # Enrolled before there were sticks: what they are sealed to is told by hello only. What the centre
            # holds of ours, when a reading was cut, is too.
            self._hello()
            link = self.store.link()
        former = former_to_ask(self.store.db, self._day())
        if former is not None:
            # What stands under older names was said before what waits.
            return self._bring_back(former, link)
        newest, reads_first = self.store.last_seq, self._reads_first()
        pending = self.store.pending(after=link.acked, max_bytes=self.chunk)
        if reads_first:
            # But for what the centre holds without our knowing: laid over its records, it would hide them.
            pending = [one for one in pending if one[0] <= self.held]
        wanted = None if self.only_pushes else read_incoming(self.store.db)
        if wanted is not None and not pending:
            self._fill(wanted)
            return False
        header = self._header(link, first=pending[0][0] if pending else link.acked + 1, n=len(pending))
        self._count(requests=1)
        self.sent = len(pending)
        try:
            answer = self.api.exchange(Request(header, [line for _, line in pending]))
        except UpgradeRequired:
            return self._only_push()
        self.held = answer.header.acked
        if self.held > newest:
            # What an agent wrote meanwhile is not what the centre holds under these numbers: a copy sent that.
            raise Refused(Problem("forked"))
        answer = of_what_was_sent(answer, header)
        kinds = self.store.apply(answer, asked=header)
        if self.store.replica != header.replica:
            # A restored copy, here or in another window: nothing was taken; all is asked again under the new name.
            self._begin_healing("forked")
            self.held = 0
            return False
        self.healings = 0
        acked = self.store.link().acked
        self._tally(answer, acked - link.acked, kinds)
        if answer.header.feeds and set(answer.header.feeds) != link.positions.keys():
            # A feed was granted, or taken away: hello tells from where each is to be read.
            self._begin_healing("feeds")
            self._hello()
            return False
        more = any(position.more for position in answer.header.pull.values())
        if reads_first and not more and wanted is None and answer.header.acked == self.held:
            self.store.maintain(lambda db: forget_setting(db, READ_FIRST))
        left = more or wanted is not None or self.store.pending(after=acked, max_bytes=1)
        if self.only_pushes and not left:
            raise UpgradeRequired(TOO_OLD)
        return not left and self._compare()

    def _only_push(self) -> bool:
        """Too old to hear anything: all that waits is sent all the same, then the agent is told; never True."""
        if self.only_pushes:
            raise UpgradeRequired(TOO_OLD)
        self.only_pushes = True
        return False

    def _reads_first(self) -> bool:
        return not self.only_pushes and self.store.setting(READ_FIRST) is not None

    def _compare(self) -> bool:
        """After a loss at the centre, see whether both sides hold the same; False when something is to travel."""
        if not self.store.lasts or self.store.setting(COMPARE) is None:
            # What a copy in memory would give back is better given back by the store itself.
            return True
        to_send = to_compare = False
        for feed in self.store.link().positions:
            put_right = Repair(self.store, self.api, feed, lambda: self._count(requests=1)).run()
            self.report = replace(self.report, kinds=self.report.kinds | put_right.kinds)
            to_send |= put_right.given_back + put_right.erased_again > 0
            to_compare |= put_right.passed_over > 0
        if not to_compare:
            self.store.maintain(lambda db: forget_setting(db, COMPARE))
        return not (to_send or to_compare)

    def _fill(self, wanted: Incoming) -> None:
        self._count(requests=not wanted.is_whole)
        count, kinds = self.first_copy.step(wanted, self._is_cancelled)
        self.report = replace(self.report, pulled=self.report.pulled + count, kinds=self.report.kinds | kinds)

    def _header(self, link: Link, *, first: int, n: int) -> RequestHeader:
        wanted = wanted_feeds(self.store.db)
        pull = {feed: position for feed, position in link.positions.items() if feed not in wanted}
        pull = {} if self.only_pushes else pull
        return request_header(self.store.replica, link.epoch, first, n, pull, self.clock, most=self.take)

    def _bring_back(self, former: Former, link: Link) -> bool:
        self._count(requests=1)
        self.sent = 2
        header = self._header(link, first=1, n=0)
        bring_back(self.store, self.api, former, header, self.chunk, self._day())
        return False

    def _day(self) -> str:
        return self.clock.now().date().isoformat()

    def _hello(self) -> None:
        self._count(requests=1)
        self.greeted = True
        try:
            said = self.api.hello(self.store.replica)
            common = agreed_in(self.store, self.api, self._header(self.store.link(), first=1, n=0), said)
        except Refused as refused:
            self._heal(refused, 0)
            return
        self.newest = dict(said.feeds)
        if common is None or common == said.last_seq:
            asked_as = self.store.replica
            self.store.take_hello(said)
            # Before a snapshot too: told again after it, they would be counted twice.
            self.held = said.last_seq if self.store.replica == asked_as else 0
            return
        # Another copy of this disk went on under our name: what it said is not ours to leave out.
        self.store.take_hello(msgspec.structs.replace(said, last_seq=common))
        self.store.rotate_replica()
        self.held = 0

    def _heal(self, refused: Refused, sent: int) -> bool:
        """Mend what the centre refused, so that the next request is taken; never True."""
        if refused.problem.problem == "busy":
            raise Interrupted(
                "Le centre est occupé : réessayez dans un instant. Tout est gardé sur ce poste."
            )
        self._begin_healing(refused.problem.problem)
        match refused.problem.problem:
            case "epoch" | "expect" | "not_granted":
                # Restored, or ahead or behind what we believe, or a feed left: its own word is the truth.
                self._hello()
            case "forked":
                self.held = 0
                self.store.rotate_replica()
                self._hello()
            case "upgrade":
                self._only_push()
            case "too_large" if sent > 1:
                self.chunk = max(SMALLEST_CHUNK, self.chunk // 4)
            case other:
                raise refused_for(other)
        return False

    def _begin_healing(self, problem: str) -> None:
        self.healings += 1
        if self.healings > MOST_HEALINGS:
            raise refused_for(problem, "Le centre se contredit")

    def _tally(self, answer: Answer, pushed: int, kinds: frozenset[str]) -> None:
        results = [result.r for result in answer.header.results]
        self.report = replace(
            self.report,
            pushed=self.report.pushed + max(0, pushed),
            pulled=self.report.pulled + len(answer.states),
            conflicts=self.report.conflicts + results.count("conflict"),
            quarantined=self.report.quarantined + results.count("quarantined"),
            kinds=self.report.kinds | kinds,
            skew=round(self.clock.now().timestamp() - answer.header.t / 1000, 1),
        )

    def _count(self, *, requests: int) -> None:
        self.report = replace(self.report, requests=self.report.requests + requests)

    def _is_cancelled(self) -> bool:
        return self.cancelled is not None and self.cancelled()


def sync_until_done(
    store: Store,
    api: SyncApi,
    *,
    clock: Clock,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    log: Log = unheard,
    spare: Callable[[], Store] | None = None,
    pauses: Backoff = CUT_LINK,
    told: Callable[[SyncReport], None] = lambda _report: None,
) -> SyncReport:
    """Synchronise this store through this door; see `Engine.run` for what it raises.

    ``told`` gets what was done, however it ended.

    When the disk takes nothing more, the exchange begins again on the ``spare`` store, a copy in memory:
    what waits leaves, and the report says that what came was not kept.
    """

    def exchanged(one: Store) -> SyncReport:
        engine = Engine(one, api, clock, progress, cancelled, backoff=pauses, log=log)
        try:
            return engine.run()
        finally:
            told(engine.report)

    try:
        return exchanged(store)
    except DiskRefuses:
        if spare is None:
            raise
    with contextlib.closing(spare()) as copy:
        return replace(exchanged(copy), kept=False)
