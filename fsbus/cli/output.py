"""What commands print: data on standard output, words for people on standard error."""

import sys
from collections.abc import Iterable, Mapping

import msgspec


def put(value: Mapping[str, object]) -> None:
    """One JSON object on one line, flushed: whoever reads a pipe sees it at once."""
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()


def put_all(values: Iterable[Mapping[str, object]]) -> None:
    """NDJSON, streamed."""
    for value in values:
        sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()


def say(words: str) -> None:
    """One line for people."""
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


class Bar:
    """A progress bar on a terminal's standard error; silent elsewhere."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._shown = sys.stderr.isatty()
        self._last = -1

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is; drawn once per per cent."""
        percent = 100 * done // total if total else 100
        if not self._shown or percent == self._last:
            return
        self._last = percent
        filled = percent // 4
        bar = "█" * filled + "·" * (25 - filled)
        sys.stderr.write(f"\r{self._label} {bar} {percent:3d} %")
        sys.stderr.flush()

    def close(self) -> None:
        """Leave the cursor on a fresh line."""
        if self._shown and self._last >= 0:
            say("")
