"""Doors to the centre that lose, repeat and break exchanges, around a real one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from fsbus.core.errors import Interrupted
from fsbus.wire.api import (
    Answer,
    HelloAnswer,
    Request,
    SnapshotAnswer,
    State,
    StatesHeader,
    SumsAnswer,
    SyncApi,
)  # fmt: skip

_T = TypeVar("_T")

GOOD, LOST_REQUEST, LOST_ANSWER, TWICE, MEANWHILE = (
    "good",
    "lost request",
    "lost answer",
    "twice",
    "meanwhile",
)
FATES = (GOOD, LOST_REQUEST, LOST_ANSWER, TWICE)


@dataclass
class UncertainDoor:
    """What becomes of each exchange, in turn; good ones follow when the fates are spent."""

    door: SyncApi
    fates: Iterable[str] = ()
    meanwhile: Callable[[], None] = lambda: None
    """What happens between two instructions of an exchange, when that is its fate."""
    _left: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self._left = iter(self.fates)

    def hello(self, replica: str) -> HelloAnswer:
        return self._once(lambda: self.door.hello(replica))

    def exchange(self, request: Request) -> Answer:
        return self._once(lambda: self.door.exchange(request))

    def snapshot(self, feed: str) -> SnapshotAnswer:
        return self._once(lambda: self.door.snapshot(feed))

    def snapshot_part(self, feed: str, snapshot: str, start: int, length: int) -> bytes:
        return self._once(lambda: self.door.snapshot_part(feed, snapshot, start, length))

    def sums(self, feed: str) -> SumsAnswer:
        return self._once(lambda: self.door.sums(feed))

    def bucket(self, feed: str, number: int) -> SumsAnswer:
        return self._once(lambda: self.door.bucket(feed, number))

    def states(self, feed: str, ids: Sequence[str]) -> tuple[StatesHeader, list[State]]:
        return self._once(lambda: self.door.states(feed, ids))

    def _once(self, ask: Callable[[], _T]) -> _T:
        fate = next(self._left, GOOD)
        if fate == LOST_REQUEST:
            raise Interrupted("lost")
        if fate == MEANWHILE:
            self.meanwhile()
        if fate == TWICE:
            ask()
        answer = ask()
        if fate == LOST_ANSWER:
            raise Interrupted("lost")
        return answer
