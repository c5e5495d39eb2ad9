"""Decides when to exchange without being asked; what the system says of the network is only a hint."""

from collections.abc import Callable
from enum import Enum
from typing import Protocol

from fsbus.desktop.running import Runner
from fsbus.sync.rhythm import FIRST, LOOK_EVERY, Rhythm


class Ended(Enum):
    """How an exchange ended, as far as the next one is concerned."""

    HEARD = "heard"
    CUT = "cut"
    """The centre was heard, then the link broke."""
    UNHEARD = "unheard"
    REFUSED = "refused"


class Alarm(Protocol):
    """Rings once, some seconds later; started again, it forgets the time before."""

    def start(self, seconds: float) -> None: ...
    def stop(self) -> None: ...


class AutomaticExchange:
    """Asks for one exchange after the other; ``next_one`` and ``look`` are rung by their owner's clock.

    ``exchange`` begins one unless one is under way; ``reach`` looks, on the worker, whether a connection to the
    centre's address is possible at all: behind a portal it is, so it proves nothing and is only worth one attempt.
    """

    def __init__(
        self,
        *,
        runner: Runner,
        exchange: Callable[[], None],
        reach: Callable[[], bool],
        next_one: Alarm,
        look: Alarm,
        rhythm: Rhythm | None = None,
    ) -> None:
        self._runner = runner
        self._exchange = exchange
        self._reach = reach
        self._next_one, self._look = next_one, look
        self._rhythm = rhythm or Rhythm()
        self._reachable: bool | None = None
        self._looking = False
        self._is_heard = False
        self._stopped = True

    def start(self) -> None:
        """Begin soon after the opening."""
        self._stopped = False
        self._next_one.start(FIRST)

    def stop(self) -> None:
        """Nothing more by itself."""
        self._stopped = True
        self._next_one.stop()
        self._look.stop()

    def ring(self) -> None:
        """It is time: exchange. Rings again later even if none could begin (one is under way, or no centre)."""
        if not self._stopped:
            self._next_one.start(self._rhythm.after_refusal())
            self._exchange()

    def ended(self, how: Ended) -> None:
        """An exchange ended, by itself or by hand."""
        if self._stopped:
            return
        self._is_heard = how is Ended.HEARD
        match how:
            case Ended.HEARD:
                self._reachable = True
                wait = self._rhythm.after_answer()
            case Ended.REFUSED:
                wait = self._rhythm.after_refusal()
            case Ended.CUT | Ended.UNHEARD:
                wait = self._rhythm.after_failure(heard=how is Ended.CUT)
        self._next_one.start(wait)
        if how in (Ended.CUT, Ended.UNHEARD):
            self._look.start(LOOK_EVERY)
        else:
            self._look.stop()

    def network_changed(self) -> None:
        """The system says that something changed: worth an attempt, unless the centre is being heard."""
        if not self._stopped and not self._is_heard:
            self._next_one.start(self._rhythm.after_hint())

    def look(self) -> None:
        """See, without waiting, whether the centre's door can be reached again."""
        if self._stopped or self._is_heard or self._looking:
            return
        self._looking = True
        self._runner.run(lambda _tell: self._reach(), self._seen, lambda _error: self._seen(False))

    def _seen(self, reachable: bool) -> None:
        self._looking = False
        if self._stopped or self._is_heard:
            return
        is_back, self._reachable = reachable and self._reachable is not True, reachable
        if is_back:
            self._next_one.start(self._rhythm.after_hint())
        self._look.start(LOOK_EVERY)
