"""Taking in a long answer makes nobody wait who saves, and a kill between its parts loses nothing."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fsbus.core.changes import CREATE
from fsbus.core.clock import Clock
from fsbus.core.entities import VISIT
from fsbus.core.ids import Ids
from fsbus.store.database import Database
from fsbus.store.slices import AIM, FIRST, LEAST, Slices
from fsbus.store.store import Edit, Store
from fsbus.store.turns import Turns
from fsbus.wire.api import Answer, AnswerHeader, FeedPosition, HelloAnswer, State
from tests.fakes import HeldTime
from tests.sync.equal import replica_hash
from tests.sync.world import visit_body
from tests.waiting import until

AGENT = "0190b6f0-0000-7000-8000-000000000001"
LONGEST_WAIT = 0.25
"""Seconds that a save may take while an answer is taken in, on a machine that does other things too."""


class Killed(Exception):
    """The process ended there."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    clock = HeldTime().clock()
    one = Store.create(tmp_path / "fsbus.db", secrets.token_bytes(32), clock=clock)
    one.take_hello(HelloAnswer(epoch="life", t=0, device="d", feeds={"bus-3": 0}, writes="bus-3"))
    yield one
    one.close()


def states(count: int, first: int = 0) -> list[State]:
    return [
        State(
            f"0190b6f0-0000-7000-9000-{number:012x}",
            VISIT,
            1,
            visit_body(AGENT, f"note {number} d’un collègue"),
        )
        for number in range(first, first + count)
    ]


def answer(told: list[State], to: int, acked: int = 0) -> Answer:
    return Answer(AnswerHeader("life", 0, acked, pull={"bus-3": FeedPosition(to)}), told)


def waits_while_pulling(store: Store, records: int, in_answer: int, rest: float) -> tuple[list[float], float]:
    """Seconds of each save made meanwhile on another thread, and seconds of the whole."""
    waits: list[float] = []
    ended = threading.Event()

    def save() -> None:
        ids = Ids(Clock().now)
        with_its_own = store.reopen()
        try:
            while not ended.is_set():
                began = time.perf_counter()
                with_its_own.save(
                    [Edit(VISIT, ids.new(), CREATE, visit_body(AGENT, "la mienne"))], actor=AGENT
                )
                waits.append(time.perf_counter() - began)
                ended.wait(rest)
        finally:
            with_its_own.close()

    saver = threading.Thread(target=save)
    began = time.perf_counter()
    saver.start()
    try:
        for first in range(0, records, in_answer):
            store.apply(answer(states(in_answer, first), first + in_answer))
    finally:
        took = time.perf_counter() - began
        ended.set()
        saver.join()
    return waits, took


def test_a_save_waits_for_a_small_part_of_an_answer_only(store: Store) -> None:
    waits, _ = waits_while_pulling(store, 8_000, 8_000, 0.02)
    assert len(waits) > 3
    assert sorted(waits)[len(waits) // 2] < LONGEST_WAIT, max(waits)


@pytest.mark.torture
def test_no_save_waits_while_100_000_records_come(store: Store, figures: Callable[[str], None]) -> None:
    waits, took = waits_while_pulling(store, 100_000, 2_500, 0.05)
    waits.sort()
    figures(
        f"100,000 records in {took:.1f} s; {len(waits)} saves meanwhile: median {waits[len(waits) // 2] * 1e3:.0f} ms,"
        f" p99 {waits[int(len(waits) * 0.99)] * 1e3:.0f} ms, longest {waits[-1] * 1e3:.0f} ms"
    )
    assert waits[int(len(waits) * 0.99)] < LONGEST_WAIT


@pytest.mark.parametrize("step", range(5))
def test_killed_between_two_parts_the_next_exchange_brings_all_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    mine = "0190b6f0-0000-7000-9000-000000000003"
    store.save([Edit(VISIT, mine, CREATE, visit_body(AGENT, "la mienne"))], actor=AGENT)
    whole = answer(states(1_000), 1_000, acked=1)
    done = 0
    once = Store._once

    def dying(self: Store, work: Callable[[Database], set[str]]) -> set[str]:
        nonlocal done
        done += 1
        if done > step:
            raise Killed
        return once(self, work)

    monkeypatch.setattr(Store, "_once", dying)
    with pytest.raises(Killed):
        store.apply(whole)
    monkeypatch.undo()
    assert store.link().positions == {"bus-3": 0}
    assert store.link().last_sync_at is None
    store.apply(whole)
    cut = replica_hash(store.db)
    store.apply(whole)
    assert replica_hash(store.db) == cut
    assert store.link().positions == {"bus-3": 1_000}
    (count,) = store.db.conn.execute("SELECT count(*) FROM visits").fetchone()
    assert count == 1_000


def test_parts_grow_and_shrink_with_the_time_they_take() -> None:
    now = [0.0]
    slices = Slices(lambda: now[0])
    many, sizes = states(5_000), list[int]()
    for part in slices.of(many):
        with slices.measured():
            now[0] += len(part) * (0.0001 if len(sizes) < 3 else 0.01)
        sizes.append(len(part))
    assert sizes[0] == FIRST
    assert sizes[2] == pytest.approx(AIM / 0.0001, rel=0.01)
    assert sizes[-2] == LEAST
    assert sum(sizes) == len(many)


def test_who_waits_goes_first() -> None:
    turns = Turns(sleep=time.sleep)
    order: list[str] = []
    started = threading.Event()

    def other() -> None:
        started.set()
        with turns.taken():
            order.append("save")

    waiting = threading.Thread(target=other)
    with turns.taken():
        waiting.start()
        started.wait()
        assert until(lambda: bool(turns._waiting))
        order.append("first part")
    turns.give_way()
    with turns.taken():
        order.append("second part")
    waiting.join()
    assert order == ["first part", "save", "second part"]
