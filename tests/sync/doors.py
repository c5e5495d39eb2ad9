"""Doors to the centre that lose, repeat and break exchanges, around a real one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from fsbus.core.errors import Interrupted
from fsbus.wire.api import Answer, HelloAnswer, Request, SyncApi

GOOD, LOST_REQUEST, LOST_ANSWER, TWICE = "good", "lost request", "lost answer", "twice"
FATES = (GOOD, LOST_REQUEST, LOST_ANSWER, TWICE)


@dataclass
class UncertainDoor:
    """What becomes of each exchange, in turn; good ones follow when the fates are spent."""

    door: SyncApi
    fates: Iterable[str] = ()
    _left: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self._left = iter(self.fates)

    def hello(self, replica: str) -> HelloAnswer:
        fate = next(self._left, GOOD)
        if fate == LOST_REQUEST:
            raise Interrupted("lost")
        answer = self.door.hello(replica)
        if fate == LOST_ANSWER:
            raise Interrupted("lost")
        return answer

    def exchange(self, request: Request) -> Answer:
        fate = next(self._left, GOOD)
        if fate == LOST_REQUEST:
            raise Interrupted("lost")
        if fate == TWICE:
            self.door.exchange(request)
        answer = self.door.exchange(request)
        if fate == LOST_ANSWER:
            raise Interrupted("lost")
        return answer
