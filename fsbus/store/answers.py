"""Takes in one answer of the centre in transactions so short that nobody who saves waits for them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from fsbus.core.redaction import redacted
from fsbus.store import applying
from fsbus.store.database import Database
from fsbus.store.leasing import renew_lease
from fsbus.store.slices import Slices
from fsbus.store.taking import take_states
from fsbus.wire.api import Answer, State

Step = Callable[[Database], set[str]]


@redacted()
@dataclass(frozen=True)
class Intake:
    """One proved answer to what ``asked_as`` had asked; ``at`` is now as UTC text, ``wall`` in seconds since 1970."""

    answer: Answer
    asked_as: str
    at: str
    wall: int

    def steps(self, slices: Slices) -> Iterator[Step]:
        """What to do, each in one transaction that gives the kinds of record it changed.

        What was acknowledged comes first, because own operations still on their way are laid over the records;
        the positions come last: cut anywhere between, the next exchange brings the same records again.
        """
        header = self.answer.header
        yield self._as_asked(lambda db: applying.take_acknowledged(db, header))
        for states in slices.of(self.answer.states):
            yield self._as_asked(partial(_states_of, states))
        yield self._as_asked(self._end)

    def _as_asked(self, step: Step) -> Step:
        """Nothing when the store goes by another name by now: what was acknowledged has other numbers."""

        def checked(db: Database) -> set[str]:
            (replica,) = db.conn.execute("SELECT replica FROM link").fetchone()
            if replica != self.asked_as:
                return set()
            applying.require_epoch(db, self.answer.header.epoch)
            return step(db)

        return checked

    def _end(self, db: Database) -> set[str]:
        applying.take_positions(db, self.answer.header, self.at)
        renew_lease(db, self.answer.header.t, self.wall)
        return set()


def _states_of(states: Sequence[State], db: Database) -> set[str]:
    return take_states(db, states)
