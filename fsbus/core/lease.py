"""How long a laptop may work without its centre, whatever its clock says: the rules, pure.

All moments and lengths are whole seconds; moments count from 1970. ``wall`` is what the laptop's clock
shows: only its differences are used, and only against the one who sets it. See ARCHITECTURE.md « The lease ».
"""

from dataclasses import dataclass, field, replace

DAY = 86_400
LASTS = 14 * DAY
"""From one proved contact on."""
WARNS = 7 * DAY
TOLERATED = 3_600
"""How far in all the clock may be set back between two contacts before it costs anything."""
USE_WEIGHT = 2
"""A second with the store open counts as two: twelve hours of use are a day, whatever the clock shows."""
AHEAD = 300
"""Use is paid for so long in advance, and what was not used is given back: a kill gains nothing."""
MOST_CODES, LONGEST_CODE = 3, 7
"""Codes of a coordinator between two contacts, and days of each."""
TRIES = 5
"""Wrong codes before the challenge changes and the laptop makes wait."""
FIRST_WAIT, LONGEST_WAIT = 600, 3_600
NOT_TRIED, CODE_REFUSED, CODE_TAKEN = "not_tried", "wrong", "taken"
"""What came of a code that was tried."""


@dataclass(frozen=True)
class Lease:
    """What an enrolled laptop keeps of its lease.

    ``flow`` is the moment as reckoned from the last contact by what the clock and the running time showed;
    it only goes up. ``base`` and ``run`` are the floor below it: where use began to be counted, and how
    much there was (``paid`` of it in advance). ``back`` is how far the clock was set back since it last cost.
    ``challenge`` was drawn at ``asked``.
    """

    number: int
    contact: int
    until: int
    flow: int
    wall: int
    base: int
    challenge: str = field(repr=False)
    asked: int
    run: int = 0
    paid: int = 0
    back: int = 0
    codes: int = 0
    wrong: int = 0
    retry: int = 0

    @property
    def now(self) -> int:
        """The moment that counts: never earlier than it was, but by a contact."""
        return max(self.flow, self.base + USE_WEIGHT * self.run)

    @property
    def left(self) -> int:
        """Seconds of work left, 0 when there are none."""
        return max(0, self.until - self.now)

    @property
    def without_contact(self) -> int:
        """Seconds since the last proved contact, as reckoned."""
        return max(0, self.now - self.contact)

    @property
    def warns(self) -> bool:
        """Whether the agent should look for the network."""
        return self.without_contact >= WARNS

    @property
    def expired(self) -> bool:
        """Whether the laptop opens only after a contact or a coordinator's code."""
        return self.left == 0

    @property
    def codes_left(self) -> int:
        """How many codes may still be used before the next contact."""
        return max(0, MOST_CODES - self.codes)

    @property
    def asks_in_vain(self) -> bool:
        """Whether the challenge is to be drawn anew: a code is for the day on which it was asked for.

        Otherwise the same code would lengthen, each week, a copy of the files made before it was used.
        """
        return self.now - self.asked >= DAY

    @property
    def wait(self) -> int:
        """Seconds before the next code is tried, after wrong ones."""
        return min(LONGEST_WAIT, max(0, self.retry - self.now))


def begun(wall: int, challenge: str, number: int = 0) -> Lease:
    """The lease of a laptop that was just enrolled and has not heard the centre's time yet."""
    return Lease(
        number=number,
        contact=wall,
        until=wall + LASTS,
        flow=wall,
        wall=wall,
        base=wall,
        challenge=challenge,
        asked=wall,
    )


def renewed(lease: Lease, told: int, wall: int, challenge: str) -> Lease:
    """After an answer that the centre signed for a request made just now, at ``told`` by its own clock.

    The only thing that may take the reckoned moment back: a clock that had been in 2036 is healed.
    """
    return replace(begun(told, challenge, lease.number + 1), wall=wall)


def lengthened(lease: Lease, told: int, challenge: str) -> Lease:
    """After an answer that the centre signed for this laptop at ``told``, some time ago: a stick carried it.

    It counts from when it was written, and what was reckoned since stays: held back for a month, it brings nothing.
    """
    if told <= lease.contact:
        return lease
    return replace(
        lease,
        number=lease.number + 1,
        contact=told,
        until=max(lease.until, told + LASTS),
        challenge=challenge,
        asked=lease.now,
        codes=0,
        wrong=0,
        retry=0,
    )


def passed(lease: Lease, wall: int, elapsed: int = 0, ahead: int = 0) -> Lease:
    """The lease once the clock shows ``wall``, after ``elapsed`` seconds with the store open since the last time.

    ``ahead``: seconds of use to pay in advance, what was paid before and not used being given back.
    """
    elapsed = max(0, elapsed)
    gain = wall - lease.wall
    back = lease.back
    if gain >= 0:
        # A clock that is put right looks like time that passed: it counts as such until the next contact.
        step = max(elapsed, gain)
    else:
        back -= gain
        step = elapsed
        if back > TOLERATED:
            back, step = 0, max(DAY, elapsed)
    return replace(
        lease,
        flow=lease.flow + step,
        wall=wall,
        run=lease.run + elapsed - lease.paid + ahead,
        paid=ahead,
        back=back,
    )


def asking(lease: Lease, challenge: str) -> Lease:
    """The lease with this challenge instead of one that is too old."""
    return replace(lease, challenge=challenge, asked=lease.now) if lease.asks_in_vain else lease


def forfeited(lease: Lease) -> Lease:
    """At an opening: what was paid in advance and never given back (a kill, a power cut) counts as used."""
    return replace(lease, paid=0)


def tried(lease: Lease, days: int | None, challenge: str) -> tuple[Lease, str]:
    """What a code does that was read as good for ``days`` (None: it is wrong), and how the lease then stands.

    A code works once, because the challenge changes with it, and on the day it was asked for. Wrong ones are counted; after `TRIES`, the
    challenge changes and the laptop makes wait. Without codes left nothing is tried.
    """
    if lease.wait or not lease.codes_left:
        return lease, NOT_TRIED
    if days is not None and 1 <= days <= LONGEST_CODE:
        moment = lease.now
        extended = replace(
            lease,
            until=max(lease.until, moment) + days * DAY,
            flow=moment,
            base=moment,
            run=0,
            paid=0,
            challenge=challenge,
            asked=moment,
            codes=lease.codes + 1,
            wrong=0,
            retry=0,
        )
        return extended, CODE_TAKEN
    wrong = lease.wrong + 1
    if wrong % TRIES:
        return replace(lease, wrong=wrong), CODE_REFUSED
    pause = min(LONGEST_WAIT, FIRST_WAIT * (wrong // TRIES))
    return replace(
        lease, wrong=wrong, retry=lease.now + pause, challenge=challenge, asked=lease.now
    ), CODE_REFUSED
