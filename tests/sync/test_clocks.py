"""Whatever the laptops' clocks show, the same is merged in the same order, and no lease grows."""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from fsbus.core.changes import CREATE, SET
from fsbus.core.clock import Clock
from fsbus.core.entities import AGENT, CONFLICT, VISIT
from fsbus.core.lease import LASTS, passed
from fsbus.server import admin
from fsbus.server.centre import open_centre
from fsbus.server.direct import DirectApi
from fsbus.server.enrolling import enroll
from fsbus.store.store import Edit, Enrolment, Store
from fsbus.sync.engine import Engine
from fsbus.wire.enrolment import build_enroll_request
from fsbus.wire.signing import new_private_key
from tests.sync.equal import central_states, replica_states
from tests.sync.world import visit_body

RIGHT = datetime(2026, 11, 24, 12, tzinfo=UTC)
Shows = Callable[[int], datetime]
"""What a clock shows at its so manieth reading."""


def shifted(by: timedelta) -> Shows:
    return lambda reading: RIGHT + by + timedelta(seconds=reading)


def since(moment: datetime) -> Shows:
    return lambda reading: moment + timedelta(seconds=reading)


CLOCKS: dict[str, Shows] = {
    "an hour ahead": shifted(timedelta(hours=1)),
    "an hour behind": shifted(timedelta(hours=-1)),
    "a day ahead": shifted(timedelta(days=1)),
    "a day behind": shifted(timedelta(days=-1)),
    "1970": since(datetime(1970, 1, 1, tzinfo=UTC)),
    "2038": since(datetime(2038, 1, 19, 3, 14, tzinfo=UTC)),
    "ten years ahead": shifted(timedelta(days=3_653)),
    "backwards": lambda reading: RIGHT - timedelta(minutes=7 * reading),
    "to and fro": lambda reading: RIGHT + timedelta(hours=1 if reading % 3 else -1, seconds=reading),
    "set back to 1970 in the middle": lambda reading: (
        (RIGHT if reading < 12 else datetime(1970, 1, 1, tzinfo=UTC)) + timedelta(seconds=reading)
    ),
}


def clock_of(shows: Shows) -> Clock:
    readings = count()
    return Clock(lambda: shows(next(readings)))


class Laptop:
    """A store under its own clock; all ids are given, so that two runs may be compared."""

    def __init__(self, folder: Path, name: str, number: int, shows: Shows, centre_clock: Clock) -> None:
        self.clock = clock_of(shows)
        self.store = Store.create(folder / f"{name}.db", secrets.token_bytes(32), clock=self.clock)
        self.agent = given(number)
        self.store.save([Edit(AGENT, self.agent, CREATE, {"name": name})], actor=self.agent)
        self._centre_clock = centre_clock

    def enrol(self, scene: "Scene") -> None:
        code = admin.enroll_code(scene.centre, "bus-3", clock=scene.clock).code
        key = new_private_key()
        request, _ = build_enroll_request(code, "poste", key)
        self.door = DirectApi(
            scene.centre, enroll(scene.centre, request, scene.clock.now()).device, scene.clock
        )
        self.store.set_enrolment(
            Enrolment(
                server_url="https://centre.exemple.fr",
                device=self.door.device,
                audience=scene.centre.audience,
                server_key=scene.centre.public_key,
                signing_key=key,
                feeds=("bus-3",),
                writes="bus-3",
            )
        )

    def create(self, visit: str, note: str) -> None:
        self.store.save([Edit(VISIT, visit, CREATE, visit_body(given(1), note))], actor=self.agent)

    def amend(self, visit: str, **fields: object) -> None:
        self.store.save([Edit(VISIT, visit, SET, fields)], actor=self.agent)

    def erase(self, visit: str) -> None:
        self.store.erase({visit: VISIT}, actor=self.agent)

    def sync(self) -> None:
        Engine(self.store, self.door, self.clock, sleep=lambda _: None).run()


class Scene:
    """A centre whose clock is right, and two laptops."""

    def __init__(self, folder: Path, first: Shows, second: Shows) -> None:
        self.clock = clock_of(shifted(timedelta()))
        self.centre = open_centre(f"sqlite:///{folder / 'centre.db'}")
        self.laptops = [
            Laptop(folder, name, number, shows, self.clock)
            for name, number, shows in (("un", 1, first), ("deux", 2, second))
        ]
        for one in self.laptops:
            one.enrol(self)

    def close(self) -> None:
        for one in self.laptops:
            one.store.close()
        self.centre.close()

    def play(self) -> list[str]:
        """The same day each time, with every way to meet; what it left, without what only tells the time."""
        one, two = self.laptops
        shared, gone, late = given(10), given(11), given(12)
        one.create(shared, "au départ")
        one.create(gone, "à effacer")
        for laptop in (one, two, one):
            laptop.sync()
        two.amend(shared, note="du second")
        one.amend(shared, note="du premier", minutes=33)
        one.amend(shared, satisfaction=1)
        two.sync()
        one.sync()
        one.erase(gone)
        two.amend(gone, note="encore là")
        two.create(late, "tardive")
        for laptop in (one, two, one, two):
            laptop.sync()
        central = central_states(one.door)
        for laptop in self.laptops:
            assert replica_states(laptop.store.db) == central
        return sorted(str(timeless(record, state)) for record, state in central.items())


def given(number: int) -> str:
    return f"0190b6f0-0000-7000-8000-{number:012x}"


def timeless(record: str, state: object) -> object:
    """A conflict is named by its operation's replica, drawn anew each time, and tells when it was typed."""
    if isinstance(state, list) and state[0] == CONFLICT:
        return [name for name in sorted(state[2].items()) if name[0] not in ("hlc", "central_hlc")]
    return [record, state]


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What right clocks leave."""
    scene = Scene(tmp_path_factory.mktemp("right"), shifted(timedelta()), shifted(timedelta(seconds=40)))
    try:
        return scene.play()
    finally:
        scene.close()


@pytest.fixture
def scene(fast_folder: Path) -> Iterator[Callable[[Shows, Shows], Scene]]:
    made: list[Scene] = []

    def make(first: Shows, second: Shows) -> Scene:
        made.append(Scene(fast_folder, first, second))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("name", CLOCKS)
def test_wrong_clocks_merge_as_right_ones(
    scene: Callable[[Shows, Shows], Scene], right: list[str], name: str
) -> None:
    assert scene(CLOCKS[name], CLOCKS[name]).play() == right


@pytest.mark.parametrize("name", ["1970", "2038", "backwards"])
@pytest.mark.parametrize("is_first", [True, False])
def test_one_wrong_clock_beside_a_right_one_wins_and_loses_nothing(
    scene: Callable[[Shows, Shows], Scene], right: list[str], name: str, is_first: bool
) -> None:
    ok, wrong = shifted(timedelta()), CLOCKS[name]
    assert scene(wrong if is_first else ok, ok if is_first else wrong).play() == right


def test_the_day_that_is_compared_has_a_conflict_and_an_erasure(right: list[str]) -> None:
    assert any("'central'" in line and "du second" in line for line in right)
    assert any("erased" in line for line in right)


@pytest.mark.parametrize("name", CLOCKS)
def test_a_contact_under_a_wrong_clock_gives_the_lease_of_the_centres_time(
    scene: Callable[[Shows, Shows], Scene], name: str
) -> None:
    played = scene(CLOCKS[name], CLOCKS[name])
    laptop = played.laptops[0]
    laptop.sync()
    lease = laptop.store.lease()
    assert lease is not None
    told = lease.until - LASTS
    assert abs(told - int(played.clock.now().timestamp())) < 60
    # However the clock goes on, what is left only goes down until the next contact.
    left = lease.left
    assert left <= LASTS
    for shows in CLOCKS.values():
        for reading in range(3):
            lease = passed(lease, int(shows(reading).timestamp()), 1)
            assert lease.left <= left
            left = lease.left
