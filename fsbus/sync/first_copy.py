"""Fills a large feed of a laptop that has nothing of it yet, from a snapshot that the centre prepared."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from msgspec.structs import replace

from fsbus.core.errors import Interrupted, SyncError
from fsbus.core.redaction import redacted
from fsbus.store import incoming
from fsbus.store.incoming import Incoming
from fsbus.store.store import Store
from fsbus.wire.api import Refused, State, SyncApi
from fsbus.wire.codec import Malformed

FIRST_PART = 256 * 1024
LARGEST_PART = 1024 * 1024
SMALLEST_PART = 1024
SLICE = 2_000
"""Records taken in one transaction: whoever saves meanwhile waits for one of them at most."""
MOST_TRIES = 5
"""Snapshots begun anew in one synchronisation; a centre whose snapshots never fit is a fault to tell."""


@redacted()
@dataclass
class FirstCopy:
    """Takes one step of a first copy at a time, so that it may be cut, cancelled and gone on with anywhere."""

    store: Store
    api: SyncApi
    part: int = FIRST_PART
    tries: int = 0

    def step(self, wanted: Incoming, cancelled: Callable[[], bool]) -> tuple[int, frozenset[str]]:
        """One request, or the taking in of all that came: (records, kinds) that were taken in.

        Raises what the door raises, and SyncError when the centre's snapshots do not fit.
        """
        try:
            if wanted.is_whole:
                return self._take_in(wanted, cancelled)
            if wanted.id:
                self._fetch(wanted)
            else:
                self._choose(wanted.feed)
        except Interrupted:
            self.part = max(SMALLEST_PART, self.part // 2)
            raise
        except Refused as refused:
            if refused.problem.problem not in ("gone", "range"):
                raise
            self._begin_again(wanted.feed)
        except Malformed:
            self._begin_again(wanted.feed)
        return 0, frozenset()

    def _choose(self, feed: str) -> None:
        chosen = self.api.snapshot(feed)
        if chosen.epoch != self.store.link().epoch:
            raise SyncError("Le centre a changé pendant l’échange : synchronisez à nouveau.")
        self.store.maintain(lambda db: incoming.choose_snapshot(db, feed, chosen))

    def _fetch(self, wanted: Incoming) -> None:
        length = min(self.part, wanted.size - wanted.received)
        part = self.api.snapshot_part(wanted.feed, wanted.id, wanted.received, length)
        if len(part) != length:
            raise Malformed("not the part that was asked for")
        self.store.maintain(lambda db: incoming.keep_part(db, wanted, part))
        self.part = min(LARGEST_PART, self.part * 2)

    def _take_in(self, wanted: Incoming, cancelled: Callable[[], bool]) -> tuple[int, frozenset[str]]:
        """All records, a slice a transaction; a kill between two begins the taking in again."""
        if not incoming.is_sound(self.store.db, wanted):
            self._begin_again(wanted.feed)
            return 0, frozenset()
        enrolled = self.store.link().enrolment
        # The file is the same for all laptops: it names no feed, and this one may be another than our own.
        at_home = enrolled is None or wanted.feed == enrolled.writes
        count, kinds = 0, set[str]()
        for states in _slices(incoming.incoming_states(self.store.db, wanted.feed)):
            if cancelled():
                return count, frozenset(kinds)
            kinds |= self.store.take(
                states if at_home else [replace(one, feed=wanted.feed) for one in states]
            )
            count += len(states)
        self.store.maintain(lambda db: incoming.arrive(db, wanted))
        return count, frozenset(kinds)

    def _begin_again(self, feed: str) -> None:
        self.tries += 1
        if self.tries > MOST_TRIES:
            raise SyncError("La copie préparée par le centre est illisible. Tout est gardé sur ce poste.")
        self.store.maintain(lambda db: incoming.give_up_snapshot(db, feed))


def _slices(states: Iterator[State]) -> Iterator[list[State]]:
    while taken := list(islice(states, SLICE)):
        yield taken
