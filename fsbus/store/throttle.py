"""Slows down who guesses passphrases at this laptop: failures are counted before the key is derived.

`throttle.json` holds nothing personal. Nothing is ever erased by failures. Against someone who copied the
files, may change them, or may set the clock forward, this does nothing: Argon2id and the passphrase do.
"""

import contextlib
import math
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from fsbus.core import french
from fsbus.core.clock import as_utc_text, parse_utc_text
from fsbus.core.errors import FsbusError, StoreUnavailable, TooSoon, WrongPassphrase
from fsbus.core.redaction import redacted
from fsbus.store.whole_files import file_errors, fsync_folder, read_whole, write_whole

DELAYS = (0, 0, 0, 5, 15, 30, 60, 300, 900)
"""Seconds to wait after the n-th failure in a row."""
LONGEST = 3600
"""After the tenth, and each one more."""


@redacted("fails", "left")
class _State(msgspec.Struct, forbid_unknown_fields=True):
    v: int
    fails: int
    left: int
    seen: str


_NONE = _State(v=1, fails=0, left=0, seen="1970-01-01T00:00:00Z")


class Throttle:
    """The count of one laptop; one process at a time uses it (`fsbus.store.home_lock`)."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._path, self._now = path, now

    def wait(self) -> int:
        """Seconds to wait before the next try, 0 when it may be made.

        What passed since the failure counts; a clock that was set back counts for nothing, and the whole
        wait begins anew.
        """
        state = self._read()
        passed = (self._now() - parse_utc_text(state.seen)).total_seconds()
        if passed < 0 and state.left:
            self._write(msgspec.structs.replace(state, seen=as_utc_text(self._now())))
        return max(0, math.ceil(state.left - max(0.0, passed)))

    def failures(self) -> int:
        """How many tries in a row have failed."""
        return self._read().fails

    @contextlib.contextmanager
    def attempt(self) -> Iterator[None]:
        """One try: counted and durable before the block begins, forgotten with all others when it succeeds.

        Raises TooSoon, with the block not run. A WrongPassphrase that leaves the block learns how long to
        wait. Another known error takes the count back: it was no guess.
        """
        seconds = self.wait()
        if seconds:
            raise TooSoon(f"Trop d’essais : attendez {french.wait(seconds)}, puis réessayez.", seconds)
        before = self._read()
        fails = before.fails + 1
        left = DELAYS[fails - 1] if fails <= len(DELAYS) else LONGEST
        self._write(_State(v=1, fails=fails, left=left, seen=as_utc_text(self._now())))
        try:
            yield
        except WrongPassphrase as wrong:
            wrong.wait = left
            if left:
                wrong.args = (f"{wrong} Prochain essai dans {french.wait(left)}.",)
            raise
        except FsbusError:
            self._write(before)
            raise
        self._clear()

    def _read(self) -> _State:
        with contextlib.suppress(StoreUnavailable, msgspec.DecodeError, ValueError):
            state = msgspec.json.decode(read_whole(self._path, 1000) or b"", type=_State)
            parse_utc_text(state.seen)
            if state.v == 1 and state.fails >= 0 and 0 <= state.left <= LONGEST:
                return state
        return _NONE

    def _write(self, state: _State) -> None:
        # A full or failing disk must not shut the agents out: their visits may exist nowhere else.
        with contextlib.suppress(StoreUnavailable):
            write_whole(self._path, msgspec.json.encode(state))

    def _clear(self) -> None:
        with contextlib.suppress(StoreUnavailable), file_errors(self._path):
            # With what a process that was killed while it counted left behind.
            for path in (self._path, *self._path.parent.glob(f".{self._path.name}.*")):
                path.unlink(missing_ok=True)
            fsync_folder(self._path.parent)
