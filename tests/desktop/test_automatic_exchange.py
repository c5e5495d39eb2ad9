"""Exchanges by themselves: a returning link is noticed within 30 s, and nobody comes in a crowd."""

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from fsbus.desktop.running import Tell
from fsbus.desktop.sync_panel.automatic import AutomaticExchange, Ended
from fsbus.sync.rhythm import EVERY, JITTER, LONGEST, SOONEST, SPREAD, Rhythm

T = TypeVar("T")
RETURN = 30.0
"""Seconds within which a returning link is noticed."""


@dataclass
class Later:
    """Time that jumps from one event to the next."""

    now: float = 0.0
    _events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _number: "itertools.count[int]" = field(default_factory=itertools.count)

    def at(self, moment: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._number), what))

    def run(self, until: float) -> None:
        while self._events and self._events[0][0] <= until:
            self.now, _, what = heapq.heappop(self._events)
            what()
        self.now = until


@dataclass
class FakeTimer:
    """Rings in that time; started again, it forgets."""

    later: Later
    rang: Callable[[], None] = lambda: None
    asked: int = 0

    def start(self, seconds: float) -> None:
        self.asked += 1
        mine = self.asked
        self.later.at(self.later.now + seconds, lambda: self.rang() if self.asked == mine else None)

    def stop(self) -> None:
        self.asked += 1


@dataclass
class Bus:
    """A laptop with its rhythm, under a link that others decide."""

    later: Later
    seed: int
    is_up: bool = True
    """The centre answers."""
    is_open: bool | None = None
    """Connections are possible; as the link is, unless given (a portal lets them through)."""
    attempts: list[float] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    takes: float = 2.0
    busy: bool = False

    def __post_init__(self) -> None:
        self.next_one, self.looks = FakeTimer(self.later), FakeTimer(self.later)
        self.automatic = AutomaticExchange(
            runner=self,
            exchange=self.exchange,
            reach=lambda: self.is_up if self.is_open is None else self.is_open,
            next_one=self.next_one,
            look=self.looks,
            rhythm=Rhythm(random.Random(self.seed).random),
        )
        self.next_one.rang, self.looks.rang = self.automatic.ring, self.automatic.look

    def run(
        self,
        job: Callable[[Tell], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        progress: Tell | None = None,
    ) -> None:
        """As the runner of the window: later, and never at once."""
        self.later.at(self.later.now + 0.1, lambda: done(job(lambda _value: None)))

    def exchange(self) -> None:
        if self.busy:
            return
        self.busy = True
        self.attempts.append(self.later.now)
        self.later.at(self.later.now + self.takes, self.end)

    def end(self) -> None:
        self.busy = False
        if self.is_up:
            self.heard.append(self.later.now)
        self.automatic.ended(Ended.HEARD if self.is_up else Ended.UNHEARD)


def test_a_returning_link_is_noticed_soon_by_all_and_by_few_at_once() -> None:
    later = Later()
    buses = [Bus(later, seed) for seed in range(50)]
    for bus in buses:
        later.at(random.Random(bus.seed).uniform(0, 60), bus.automatic.start)
    later.run(3_600)
    for bus in buses:
        bus.is_up = False
    later.run(3 * 3_600)
    back = later.now
    for bus in buses:
        bus.is_up = True
        bus.attempts.clear()
    later.run(back + 120)
    first = [bus.attempts[0] - back for bus in buses]
    assert max(first) <= RETURN
    crowd = Counter(int(moment) for moment in first)
    assert max(crowd.values()) <= 50 // 5, crowd
    assert all(len(bus.attempts) == 1 for bus in buses)


def test_all_is_well_every_five_minutes_or_so() -> None:
    later = Later()
    bus = Bus(later, 1)
    bus.automatic.start()
    later.run(24 * 3_600)
    gaps = [after - before for before, after in itertools.pairwise(bus.attempts)]
    assert min(gaps) >= EVERY - JITTER
    assert max(gaps) <= EVERY + JITTER + bus.takes
    assert len({round(gap) for gap in gaps}) > 20


def test_a_portal_that_takes_connections_is_not_called_again_and_again() -> None:
    later = Later()
    bus = Bus(later, 2, is_up=False, is_open=True)
    bus.automatic.start()
    later.run(3_600)
    # The doubling waits up to ten minutes, and one attempt for the door that was found open.
    assert len(bus.attempts) < 20
    gaps = [after - before for before, after in itertools.pairwise(bus.attempts)]
    assert gaps[-1] > LONGEST / 2


def test_without_any_network_the_waits_grow_and_a_hint_is_worth_one_attempt() -> None:
    later = Later()
    bus = Bus(later, 3, is_up=False)
    bus.automatic.start()
    later.run(3_600)
    before = len(bus.attempts)
    assert before < 20
    bus.automatic.network_changed()
    later.run(later.now + SPREAD + 1)
    assert len(bus.attempts) == before + 1


def test_a_hint_while_the_centre_is_heard_changes_nothing() -> None:
    later = Later()
    bus = Bus(later, 4)
    bus.automatic.start()
    later.run(60)
    bus.automatic.network_changed()
    later.run(200)
    assert len(bus.attempts) == 1


def test_one_exchange_at_a_time_and_none_after_the_end() -> None:
    later = Later()
    bus = Bus(later, 5, takes=500.0, is_up=False)
    bus.automatic.start()
    later.run(10)
    bus.automatic.network_changed()
    later.run(400)
    assert len(bus.attempts) == 1
    bus.automatic.stop()
    later.run(20_000)
    assert len(bus.attempts) == 1


@pytest.mark.parametrize("drawn", [0.0, 0.5, 1.0])
def test_the_waits_after_failures_double_and_begin_anew_when_the_centre_was_heard(drawn: float) -> None:
    rhythm = Rhythm(lambda: drawn)
    waits = [rhythm.after_failure(heard=False) for _ in range(12)]
    assert waits[0] == pytest.approx(SOONEST * (0.5 + drawn / 2))
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(LONGEST * (0.5 + drawn / 2))
    assert rhythm.after_failure(heard=True) == waits[0]
    assert rhythm.after_answer() <= EVERY + JITTER
    assert rhythm.after_failure(heard=False) == waits[0]
