"""Takes in one answer of the centre in transactions so short that nobody who saves waits for them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from fsbus.core.redaction import redacted
from fsbus.store import applying
from fsbus.store.database import Database
from fsbus.store.leasing import lengthen_lease, renew_lease
from fsbus.store.slices import Slices
from fsbus.store.taking import take_states
from fsbus.wire.api import Answer, RequestHeader, State

Step = Callable[[Database], set[str]]


@redacted()
@dataclass(frozen=True)
class Intake:
    """One proved answer; ``at`` is now as UTC text, ``wall`` in seconds since 1970.

    ``asked`` is what it answers, perhaps long ago if a stick ``carried`` it: what came by another way meanwhile
    stays. Without it, it is taken for an answer to all that ``replica`` could ask now. The lease is renewed as
    from now, or as from when a carried one was written.
    """

    answer: Answer
    replica: str
    at: str
    wall: int
    asked: RequestHeader | None = None
    carried: bool = False

    def steps(self, slices: Slices) -> Iterator[Step]:
        """What to do, each in one transaction that gives the kinds of record it changed.

        What was acknowledged comes first, because own operations still on their way are laid over the records;
        the positions come last: cut anywhere between, the next exchange brings the same records again.
        """
        header = self.answer.header
        yield self._as_asked(lambda db: applying.take_acknowledged(db, header, self.asked))
        for states in slices.of(self.answer.states):
            yield self._as_asked(partial(_states_of, states))
        yield self._as_asked(self._end)

    def _as_asked(self, step: Step) -> Step:
        """Nothing when the store goes by another name by now: what was acknowledged has other numbers."""

        asked_as = self.replica if self.asked is None else self.asked.replica

        def checked(db: Database) -> set[str]:
            (replica,) = db.conn.execute("SELECT replica FROM link").fetchone()
            if replica != asked_as:
                return set()
            applying.require_epoch(db, self.answer.header.epoch)
            return step(db)

        return checked

    def _end(self, db: Database) -> set[str]:
        applying.take_positions(db, self.answer.header, self.at, self.asked)
        (lengthen_lease if self.carried else renew_lease)(db, self.answer.header.t, self.wall)
        return set()


def _states_of(states: Sequence[State], db: Database) -> set[str]:
    return take_states(db, states)
