"""The lease: no clock stretches it, honest use has all of it, and a code lengthens it once."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core import lease
from fsbus.core.lease import DAY, LASTS, Lease, begun, forfeited, passed, renewed, tried

CONTACT = 1_800_000_000
HOUR = 3_600


def fresh(wall: int = CONTACT) -> Lease:
    """A lease that a contact just renewed, on a laptop whose clock shows ``wall``."""
    return renewed(begun(0, "00000000"), CONTACT, wall, "12345678")


@dataclass
class Laptop:
    """A laptop whose clock anybody may set, beside the time that really passes."""

    lease: Lease = field(default_factory=fresh)
    wall: int = CONTACT
    """What the clock shows."""
    used: int = 0
    """Seconds really spent with the store open while the lease allowed it, as far as it had been counted."""
    set_back: int = 0
    """Openings that found the clock more than an hour behind what it had shown."""
    opened: bool = False

    def wait(self, seconds: int) -> None:
        """Closed: real time passes, and the clock with it."""
        self.close()
        self.wall += seconds

    def open(self) -> None:
        """As `LeaseWatch` does; a laptop whose lease has ended stays closed."""
        if self.opened:
            return
        found_back = self.lease.wall - self.wall > lease.TOLERATED
        self.lease = passed(forfeited(self.lease), self.wall, 0, lease.AHEAD)
        self.opened = not self.lease.expired
        self.set_back += found_back and self.opened

    def use(self, seconds: int) -> None:
        """Open for so long, ticking as the desktop does, until the lease ends."""
        self.open()
        while self.opened and seconds > 0:
            step = min(seconds, lease.AHEAD)
            seconds -= step
            self.wall += step
            self.used += step
            self.lease = passed(self.lease, self.wall, step, lease.AHEAD)
            self.opened = not self.lease.expired

    def close(self) -> None:
        """The orderly way."""
        if self.opened:
            self.lease = passed(self.lease, self.wall, 0, 0)
        self.opened = False

    def kill(self, after: int) -> None:
        """Use it for less than a tick, then kill it: nothing of that was written."""
        self.open()
        if self.opened:
            self.wall += after
            self.used += after
        self.opened = False


SECONDS = st.integers(0, 3 * DAY)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), SECONDS),
        st.tuples(st.just("use"), st.integers(0, 30 * HOUR)),
        st.tuples(st.just("kill"), st.integers(0, lease.AHEAD - 1)),
        st.tuples(st.just("set"), st.integers(0, 2**33)),
        st.tuples(st.just("shift"), st.integers(-3 * DAY, 3 * DAY)),
        # The cleverest one: the clock shows each morning exactly what it showed when the store was closed.
        st.tuples(st.just("as it was"), st.just(0)),
    ),
    min_size=1,
    max_size=120,
)


def do(laptop: Laptop, deed: str, amount: int) -> None:
    match deed:
        case "wait":
            laptop.wait(amount)
        case "use":
            laptop.use(amount)
        case "kill":
            laptop.close()
            laptop.kill(amount)
        case "set":
            laptop.wall = amount
        case "shift":
            laptop.wall += amount
        case "as it was":
            laptop.wall = laptop.lease.wall


@given(DEEDS)
def test_no_sequence_of_clocks_openings_and_use_goes_beyond_the_lease(deeds: list[tuple[str, int]]) -> None:
    laptop = Laptop()
    before = laptop.lease.now
    for deed, amount in deeds:
        do(laptop, deed, amount)
        given_back = lease.USE_WEIGHT * lease.AHEAD
        assert laptop.lease.now >= before - given_back
        before = max(before, laptop.lease.now)
        # A day of use is twelve hours of it: never more of them than the lease has days.
        assert laptop.used <= LASTS // lease.USE_WEIGHT + lease.AHEAD
        assert laptop.set_back <= LASTS // DAY


@given(DEEDS, st.integers(0, 2**33), st.integers(0, DAY))
def test_nothing_that_the_clock_shows_takes_the_reckoned_moment_back(
    deeds: list[tuple[str, int]], wall: int, elapsed: int
) -> None:
    laptop = Laptop()
    for deed, amount in deeds:
        do(laptop, deed, amount)
    known = laptop.lease
    after = passed(known, wall, elapsed, known.paid)
    assert after.now >= known.now
    assert after.flow >= known.flow + elapsed
    assert after.until == known.until


def test_with_the_cleverest_clock_the_laptop_serves_fourteen_days_of_twelve_hours() -> None:
    laptop = Laptop()
    for _ in range(60):
        laptop.use(8 * HOUR)
        laptop.wait(16 * HOUR)
        laptop.wall = laptop.lease.wall
    assert 166 * HOUR <= laptop.used <= 168 * HOUR + lease.AHEAD


def test_a_clock_put_back_each_morning_gives_not_one_day_more() -> None:
    for back in (HOUR + 1, 16 * HOUR + 1, DAY, 30 * DAY):
        laptop, days = Laptop(), 0
        for _ in range(60):
            laptop.use(8 * HOUR)
            days += laptop.opened
            laptop.wait(16 * HOUR)
            laptop.wall = laptop.lease.wall - back
        assert days <= 14, back


def test_an_hour_set_back_in_small_steps_costs_as_much_as_at_once() -> None:
    known = fresh()
    for _ in range(10):
        known = passed(known, known.wall - 400)
    assert known.flow == CONTACT + DAY


@given(st.integers(-40 * 365 * DAY, 40 * 365 * DAY), st.lists(st.integers(0, 12 * HOUR), max_size=30))
def test_honest_use_has_all_fourteen_days_however_wrong_the_clock(offset: int, days: list[int]) -> None:
    laptop = Laptop(fresh(CONTACT + offset), CONTACT + offset)
    for hours in days[:13]:
        laptop.use(hours)
        assert laptop.opened
        laptop.wait(DAY - hours)
    laptop.open()
    assert laptop.opened
    laptop.close()
    laptop.wall = CONTACT + offset + LASTS
    laptop.open()
    assert not laptop.opened


@pytest.mark.parametrize(
    "wall", [0, CONTACT - DAY, CONTACT - HOUR, CONTACT + HOUR, 2**31, CONTACT + 3653 * DAY]
)
def test_every_wrong_clock_is_reckoned_with_and_healed_by_a_contact(wall: int) -> None:
    laptop = Laptop()
    laptop.use(HOUR)
    laptop.wall = wall  # in the middle of the session
    laptop.lease = passed(laptop.lease, wall, 60, lease.AHEAD)
    assert laptop.lease.now >= CONTACT + HOUR
    healed = renewed(laptop.lease, CONTACT + 2 * HOUR, wall, "x")
    assert (healed.now, healed.left, healed.number) == (CONTACT + 2 * HOUR, LASTS, 2)
    after = passed(healed, wall + DAY)
    assert after.left == LASTS - DAY


@given(st.integers(0, 13 * DAY), st.integers(0, 40 * DAY))
def test_a_clock_set_back_while_nobody_opens_does_not_stretch_the_calendar(back: int, closed: int) -> None:
    laptop = Laptop()
    laptop.wall -= back
    laptop.use(60)
    laptop.wait(closed)
    laptop.open()
    assert laptop.lease.now >= CONTACT + 60 + closed


def test_it_warns_from_the_seventh_day() -> None:
    assert not passed(fresh(), CONTACT + 7 * DAY - 1).warns
    assert passed(fresh(), CONTACT + 7 * DAY).warns


def test_three_codes_lengthen_it_and_the_fourth_is_not_tried() -> None:
    known = passed(fresh(), CONTACT + 20 * DAY)
    assert known.expired
    for count in range(3):
        known, result = tried(known, 7, f"{count}")
        assert result == lease.CODE_TAKEN
        assert known.challenge == f"{count}"
    assert known.left == 21 * DAY
    assert tried(known, 7, "x") == (known, lease.NOT_TRIED)
    assert renewed(known, CONTACT + 21 * DAY, known.wall, "y").codes_left == 3


def test_a_challenge_is_of_its_day() -> None:
    known = fresh()
    assert lease.asking(passed(known, CONTACT + DAY - 1), "x").challenge == known.challenge
    changed = lease.asking(passed(known, CONTACT + DAY), "x")
    assert (changed.challenge, changed.asked) == ("x", CONTACT + DAY)
    assert lease.asking(passed(changed, CONTACT + 2 * DAY - 1), "y").challenge == "x"


def test_a_code_opens_a_laptop_whose_clock_is_in_2036() -> None:
    known = passed(fresh(), CONTACT + 3653 * DAY)
    known, _ = tried(known, 2, "x")
    assert known.left == 2 * DAY
    assert passed(known, known.wall + 2 * DAY).expired


def test_wrong_codes_change_the_challenge_and_make_wait_longer_each_time() -> None:
    known, waits = fresh(), list[int]()
    for number in range(40):
        if known.wait:
            waits.append(known.wait)
            assert tried(known, 7, "never") == (known, lease.NOT_TRIED)
            known = passed(known, known.wall + known.wait)
        before = known.challenge
        known, result = tried(known, None, f"{number}")
        assert result == lease.CODE_REFUSED
        assert (known.challenge != before) == (known.wrong % 5 == 0)
    assert waits == [600, 1200, 1800, 2400, 3000, 3600, 3600]
