"""Measures the exchange at five sizes of work, beside a client and a centre that only carry bytes.

W1 a week (2,000 visits, 4,000 procedure records); W2 100 new records and 20 changes on 100,000; W3 a new laptop
of 100,000; W4 nothing new; W5 50 laptops of 200 records at once. On each database; what travels is counted.
"""

import base64
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from secrets import token_hex
from statistics import median

from backports import zstd

from fsbus.actions.session import STORE
from fsbus.bench import databases, places
from fsbus.bench.bare_laptop import BareLaptop
from fsbus.bench.crowd import at_once
from fsbus.bench.databases import Databases
from fsbus.bench.history import FEED, Week, send_all
from fsbus.bench.limits import BareCentre, bare_centre
from fsbus.bench.measure import Figure, middle, pairs_in_turn, seconds
from fsbus.core.changes import CREATE, SET
from fsbus.core.clock import Clock
from fsbus.core.entities import VISIT
from fsbus.server import admin
from fsbus.server.centre import KEY_VARIABLE, open_centre
from fsbus.server.ledger import LEDGER_VARIABLE
from fsbus.store.store import Edit, Store
from fsbus.sync import http_api
from fsbus.training import processes
from fsbus.wire.codec import LEVEL, decode_op
from fsbus.wire.signing import new_private_key

RUNS = 5
VISITS, RECORDS = 2_000, 4_000
HISTORY = 100_000
NEW, CHANGED = 100, 20
LAPTOPS, EACH = 50, 200
COUNTED = ("requests", "up", "down")

Pair = tuple[Callable[[int], float], Callable[[int], float]]
"""Ours and the limit, each for the number of a run."""


def bench(runs: int | None) -> Iterator[Figure]:
    """Five works on each database at hand: seconds, requests, bytes up and bytes down of each."""
    with places.folder() as folder, databases.every(folder) as kinds:
        with places.laptop(folder / "home") as session:
            places.record_all(session, VISITS, RECORDS)
            week, key = Week.of(session.store), session.keys.subkey("db")
        for kind in kinds:
            for name, work in WORKS.items():
                with ExitStack() as stack:
                    road = Road(folder, kind, week, key, stack)
                    ours, limit = work(road)
                    pairs = pairs_in_turn(ours, limit, runs or RUNS)
                yield middle(f"{name}_{kind.name}", pairs)
                for what in COUNTED:
                    yield road.figure(f"{name}_{kind.name}_{what}", what)


@dataclass
class Road:
    """One work on one database: what it is made of, and what was counted."""

    folder: Path
    kind: Databases
    week: Week
    key: bytes
    stack: ExitStack
    """What lives as long as the work."""
    mine: list[Mapping[str, int]] = field(default_factory=list)
    theirs: list[Mapping[str, int]] = field(default_factory=list)

    def figure(self, name: str, what: str) -> Figure:
        """The medians of what was counted; the first pair warmed up."""
        mine, theirs = ([run[what] for run in side[1:]] for side in (self.mine, self.theirs))
        ratios = [a / max(b, 1) for a, b in zip(mine, theirs, strict=True)]
        return Figure(name, median(mine), median(theirs), median(ratios), len(mine))

    def store(self) -> Store:
        """A copy of the laptop that recorded the week: it has never met a centre."""
        home = self.folder / f"home-{token_hex(4)}"
        shutil.copytree(self.folder / "home", home)
        return Store.open(home / STORE, self.key, clock=Clock())

    def empty_store(self) -> Store:
        """A new laptop."""
        return Store.create(self.folder / f"{token_hex(4)}.db", self.key, clock=Clock())

    def centre(self, stack: ExitStack, lines: list[bytes] | None = None) -> "Served":
        """A new centre in a process of its own, and the counting road to it; with these operations in it."""
        url, name = self.kind.new(), token_hex(4)
        environment = {
            KEY_VARIABLE: base64.b64encode(new_private_key()).decode(),
            LEDGER_VARIABLE: str(self.folder / f"{name}.erased"),
        }
        if lines:
            with closing(open_centre(url, environment=environment)) as centre:
                send_all(centre, lines, Clock())
        address = stack.enter_context(
            processes.centre(url, log=self.folder / f"{name}.log", environment=environment)
        )
        counter = stack.enter_context(processes.counting(address))
        return Served(url, environment, counter)

    def bare(self, stack: ExitStack) -> BareCentre:
        """The centre that only keeps."""
        return stack.enter_context(bare_centre(self.kind.new()))

    def ours(self, counter: processes.Counter, work: Callable[[], object]) -> float:
        """Seconds of one run of ours; what travels meanwhile is kept."""
        return _timed(self.mine, counter, work)

    def limit(self, counter: processes.Counter, work: Callable[[], object]) -> float:
        """The same for the limit."""
        return _timed(self.theirs, counter, work)


def _timed(kept: list[Mapping[str, int]], counter: processes.Counter, work: Callable[[], object]) -> float:
    counter.take()
    took = seconds(work)
    kept.append(counter.take())
    return took


@dataclass(frozen=True)
class Served:
    """A centre that runs, behind the counting road."""

    url: str
    environment: Mapping[str, str]
    counter: processes.Counter

    def attach(self, *stores: Store) -> None:
        """Enrol these laptops, each on a bus of its own."""
        with closing(open_centre(self.url, environment=self.environment)) as centre:
            buses = [FEED, *(f"{FEED}-{number}" for number in range(1, len(stores)))]
            codes = [admin.enroll_code(centre, bus, clock=Clock()).code for bus in buses]
        for store, code in zip(stores, codes, strict=True):
            store.set_enrolment(
                http_api.enroll(f"http://127.0.0.1:{self.counter.port}", code, "mesure", new_private_key())
            )


def sync(store: Store) -> Callable[[], object]:
    """One whole synchronisation."""
    return lambda: http_api.sync_by_http(store, clock=Clock())


def week(road: Road) -> Pair:
    """W1: the first push of a week, to a durable acknowledgement of all."""

    def ours(_: int) -> float:
        with ExitStack() as run, closing(road.store()) as store:
            served = road.centre(run)
            served.attach(store)
            return road.ours(served.counter, sync(store))

    def limit(_: int) -> float:
        with ExitStack() as run, closing(road.store()) as store:
            bare = road.bare(run)
            return road.limit(bare.counter, lambda: push_bare(bare, store))

    return ours, limit


def increment(road: Road) -> Pair:
    """W2: what a bus brings home at noon, on what is there already."""
    served, bare = road.centre(road.stack, list(road.week.repeated(HISTORY))), road.bare(road.stack)
    bare.push(packed(list(road.week.repeated(HISTORY))), HISTORY)
    store = road.stack.enter_context(closing(road.empty_store()))
    served.attach(store)
    sync(store)()
    sent: list[bytes] = []
    known = [str(row[0]) for row in store.db.conn.execute("SELECT id FROM visits LIMIT 10000").fetchall()]

    def ours(number: int) -> float:
        before = store.link().acked
        edits = [Edit(op.kind, op.record, CREATE, op.set) for op in map(decode_op, road.week.repeated(NEW))]
        chosen = known[number * CHANGED : (number + 1) * CHANGED]
        edits += [Edit(VISIT, one, SET, {"minutes": 241 + number, "satisfaction": 2}) for one in chosen]
        store.save(edits, actor="")
        sent[:] = [line for _, line in store.pending(after=before, max_bytes=2**30)]
        return road.ours(served.counter, sync(store))

    def limit(_: int) -> float:
        lines = sent or list(road.week.repeated(NEW + CHANGED))
        body = packed(lines)
        return road.limit(bare.counter, lambda: bare.push(body, len(lines)))

    return ours, limit


def newcomer(road: Road) -> Pair:
    """W3: a new laptop of a bus that has worked for years."""
    lines = list(road.week.repeated(HISTORY))
    served, bare = road.centre(road.stack, lines), road.bare(road.stack)
    bare.keep(packed(lines))

    def ours(_: int) -> float:
        with closing(road.empty_store()) as store:
            served.attach(store)
            took = road.ours(served.counter, sync(store))
            if store.db.conn.execute("SELECT count(*) FROM visits").fetchone()[0] < HISTORY // 4:
                raise RuntimeError("the new laptop did not get everything")
            return took

    def limit(_: int) -> float:
        with closing(BareLaptop(road.folder / f"{token_hex(4)}.bare", road.key)) as laptop:
            return road.limit(bare.counter, lambda: laptop.take(bare.fetch()))

    return ours, limit


def idle(road: Road) -> Pair:
    """W4: nothing new on either side."""
    served, bare = road.centre(road.stack, list(road.week.lines)), road.bare(road.stack)
    bare.keep(b"")
    store = road.stack.enter_context(closing(road.empty_store()))
    served.attach(store)
    sync(store)()
    return (
        lambda _: road.ours(served.counter, sync(store)),
        lambda _: road.limit(bare.counter, bare.fetch),
    )


def fleet(road: Road) -> Pair:
    """W5: fifty laptops, of fifty buses, come home at once."""

    def laptops(run: ExitStack) -> list[Store]:
        stores = [run.enter_context(closing(road.empty_store())) for _ in range(LAPTOPS)]
        for store in stores:
            lines = map(decode_op, road.week.repeated(EACH))
            store.save([Edit(op.kind, op.record, CREATE, op.set) for op in lines], actor="")
        return stores

    def ours(_: int) -> float:
        with ExitStack() as run:
            served, stores = road.centre(run), laptops(run)
            served.attach(*stores)
            return road.ours(served.counter, lambda: _all_at_once(stores, lambda one: sync(one)()))

    def limit(_: int) -> float:
        with ExitStack() as run:
            bare, stores = road.bare(run), laptops(run)
            return road.limit(bare.counter, lambda: _all_at_once(stores, partial(push_bare, bare)))

    return ours, limit


def _all_at_once(stores: list[Store], work: Callable[[Store], object]) -> None:
    """Each on a connection of its own thread."""

    def again(store: Store) -> None:
        with closing(store.reopen()) as mine:
            work(mine)

    at_once(stores, again)


def push_bare(bare: BareCentre, store: Store) -> None:
    """What the limit sends is read where ours is: from the encrypted database of the laptop."""
    lines = [bytes(row[0]) for row in store.db.conn.execute("SELECT line FROM operations ORDER BY seq")]
    bare.push(packed(lines), len(lines))


def packed(lines: Sequence[bytes]) -> bytes:
    """As a message travels, but for its header."""
    return zstd.compress(b"\n".join([b"{}", *lines]), LEVEL)


WORKS: Mapping[str, Callable[[Road], Pair]] = {
    "w1_week": week,
    "w2_increment": increment,
    "w3_newcomer": newcomer,
    "w4_idle": idle,
    "w5_fleet": fleet,
}
