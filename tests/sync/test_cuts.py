"""Cut at any byte, either way, or repeated in any order: the next attempt makes all equal."""

import itertools
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fsbus.core.errors import Offline
from fsbus.server import admin
from fsbus.server.direct import DirectApi
from fsbus.server.serving import EmbeddedCentre
from fsbus.sync import http_api
from fsbus.wire.signing import new_private_key
from tests.fakes import HeldTime
from tests.sync.cutting import DOWN, UP, CuttingProxy
from tests.sync.equal import States, central_states, differences, replica_states, states_hash
from tests.sync.hostile import HostileServer, forward
from tests.sync.road import FEED, RoadLaptop

STRIDE = 151
"""The ordinary run cuts at every so manieth byte; it begins elsewhere each way."""
NEW_EVERY = 10
"""A new visit each so many times: all records are compared each time."""


class Cut:
    """A centre, a laptop behind a proxy that cuts, and another laptop that changes things meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.clock = HeldTime().clock()
        self.served = EmbeddedCentre(f"sqlite:///{folder / 'centre.db'}", clock=self.clock).__enter__()
        self.proxy = CuttingProxy(self.served.url).__enter__()
        self.laptop = RoadLaptop(folder, "un", self.clock)
        self.other = RoadLaptop(folder, "deux", self.clock)
        self.laptop.enrol(self.served.centre, self.proxy.url)
        self.other.enrol(self.served.centre, self.served.url)
        self.shared = self.laptop.record("partagée")
        self.laptop.sync()
        self.other.sync()
        self.numbers, self.mine = itertools.count(), self.shared

    def close(self) -> None:
        self.laptop.close()
        self.other.close()
        self.proxy.__exit__()
        self.served.__exit__(None, None, None)

    def central(self) -> States:
        enrolment = self.other.store.link().enrolment
        assert enrolment is not None
        return central_states(DirectApi(self.served.centre, enrolment.device, self.clock))

    def work(self) -> None:
        """Something to send, something to fetch, and a first contact to make again."""
        number = next(self.numbers)
        self.other.amend(self.shared, note=f"de l’autre {number}")
        self.other.sync()
        if number % NEW_EVERY == 0:
            self.mine = self.laptop.record(f"visite {number}", procedures=0)
        else:
            self.laptop.amend(self.mine, note=f"visite {number}")
        self.laptop.amend(self.shared, minutes=1 + number % 900)
        self.laptop.store.maintain(lambda db: db.conn.execute("UPDATE link SET epoch = ''"))

    def exchange(self) -> int:
        """Attempts until one ends well: the engine itself tries again after most cuts."""
        for attempt in (1, 2):
            try:
                assert self.laptop.sync(by=100).finished
            except Offline:
                continue
            return attempt
        raise AssertionError("the next attempt did not recover")

    def assert_equal(self) -> None:
        assert differences(replica_states(self.laptop.store.db), self.central()) == {}
        assert self.laptop.store.pending_count() == 0


@pytest.fixture(autouse=True)
def calm_library() -> Iterator[None]:
    """The library warns of each header that was cut in two: here that is the point."""
    heard = logging.getLogger("urllib3.connection")
    before = heard.level
    heard.setLevel(logging.ERROR)
    yield
    heard.setLevel(before)


@pytest.fixture
def cut(fast_folder: Path) -> Iterator[Cut]:
    one = Cut(fast_folder)
    yield one
    one.close()


def lengths_of_an_exchange(cut: Cut) -> dict[str, int]:
    """Bytes of hello, push and pull, each way."""
    cut.work()
    cut.proxy.be_good()
    cut.exchange()
    return dict(cut.proxy.passed)


def cut_at_offsets(cut: Cut, stride: int) -> int:
    """Every so manieth offset of both ways; how many cuts there were."""
    lengths = lengths_of_an_exchange(cut)
    assert min(lengths.values()) > 1_000
    for begin, way in enumerate((UP, DOWN)):
        # A compressed body is some bytes longer or shorter each time: a little beyond is cut in the next attempt or never.
        for offset in range(begin * (stride // 2), lengths[way], stride):
            cut.work()
            cut.proxy.cut_after(way, offset, reset=offset % 2 == 0)
            cut.exchange()
            cut.assert_equal()
    cut.other.sync()
    assert states_hash(replica_states(cut.other.store.db)) == states_hash(replica_states(cut.laptop.store.db))
    return cut.proxy.cuts


def cut_enrolments(cut: Cut, stride: int) -> int:
    """The same for an enrolment; a code is never lost with its answer."""

    def enrol() -> None:
        code = admin.enroll_code(cut.served.centre, FEED, clock=cut.clock).code
        key = new_private_key()
        made = http_api.enroll(cut.proxy.url, code, "Poste", key, clock=cut.clock)
        assert made.server_key == cut.served.centre.public_key

    before = cut.proxy.cuts
    cut.proxy.be_good()
    enrol()
    lengths = dict(cut.proxy.passed)
    for way in (UP, DOWN):
        for offset in range(0, lengths[way], stride):
            cut.proxy.cut_after(way, offset, reset=offset % 2 == 0)
            enrol()
    return cut.proxy.cuts - before


def test_cut_at_any_byte_the_next_attempt_makes_all_equal(cut: Cut) -> None:
    assert cut_at_offsets(cut, STRIDE) > 25


def test_an_enrolment_cut_at_any_byte_uses_its_code_once(cut: Cut) -> None:
    assert cut_enrolments(cut, STRIDE) > 5


@pytest.mark.torture
def test_cut_at_every_byte(cut: Cut, figures: Callable[[str], None]) -> None:
    cuts, enrolled = cut_at_offsets(cut, 1), cut_enrolments(cut, 1)
    figures(f"{cuts} cuts of hello, push and pull, {enrolled} of an enrolment: all recovered, equal by hash")


def test_what_the_network_repeats_in_any_order_changes_nothing(cut: Cut) -> None:
    with HostileServer(cut.served.url) as recording:
        cut.laptop.aim(recording.url)
        for _ in range(3):
            cut.work()
            cut.exchange()
        requests = list(recording.recorded)
    assert len(requests) >= 6
    before, log = cut.central(), log_of(cut)
    for raw in (*requests, *reversed(requests), *(raw for raw in requests for _ in range(2))):
        head, _ = forward(cut.served.url, raw)
        assert head.split(b" ", 2)[1] in (b"200", b"409"), head
    assert cut.central() == before
    assert log_of(cut) == log
    cut.laptop.aim(cut.served.url)
    cut.laptop.record("après")
    assert cut.exchange() == 1
    cut.assert_equal()


def test_an_older_request_that_comes_late_goes_before_nothing(cut: Cut) -> None:
    # The network held a chunk back, and the laptop had sent it again, and more, since.
    with HostileServer(cut.served.url) as recording:
        cut.laptop.aim(recording.url)
        cut.work()
        recording.mode = "reset in the answer"
        with pytest.raises(Offline):
            cut.laptop.sync(by=100)
        recording.mode = "good"
        cut.exchange()
        late = recording.recorded[-1]
        cut.work()
        cut.exchange()
        before = cut.central()
        assert forward(cut.served.url, late)[0].split(b" ", 2)[1] == b"200"
    assert cut.central() == before
    cut.laptop.aim(cut.served.url)
    assert cut.exchange() == 1
    cut.assert_equal()


def log_of(cut: Cut) -> list[tuple[str, int]]:
    """(replica, number) of each operation of the laptops that the centre holds."""
    from fsbus.server.database import select
    from fsbus.server.tables import log

    with cut.served.centre.database.read() as connection:
        return sorted((row.replica, row.seq) for row in connection.execute(select(log.c.replica, log.c.seq)))
