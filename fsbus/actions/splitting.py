"""Cuts a stream of bytes into JSON documents: one per line, over several lines, or in an array.

A document that is broken is one piece, and what follows is read on. One document at most is held.
"""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from fsbus.core.redaction import redacted

LONGEST = 1024 * 1024
"""Bytes of one document, at most."""
_LOOK_AHEAD = 64 * 1024
_BOM = b"\xef\xbb\xbf"
_OUTSIDE = re.compile(rb'["{}\[\],]')
_INSIDE = re.compile(rb'["\\]')
_BLANK = b" \t\r\n"

TOO_LONG = "Saisie trop longue : 1 Mio au plus."
CUT = "Le fichier est coupé avant la fin de cette saisie : rien n’en a été gardé."
AFTER_END = "Texte après la fin de la liste : il n’a pas été lu."


@redacted("number")
@dataclass(frozen=True)
class Piece:
    """One document. ``number`` is its line, from 1; in an array, its place there."""

    number: int
    content: bytes = b""
    problem: str = ""


Pieces = Iterator[Piece | None]


def documents(chunks: Iterator[bytes]) -> Pieces:
    """Every document, and None each time that more must be waited for."""
    source = _Source(chunks)
    while (shape := _shape_of(source)) is None:
        yield None
        source.read_on()
    if shape == "array":
        yield from _array(source)
        return
    line = 0
    if shape == "objects":
        line = yield from _objects(source)
    yield from _lines(source, line)


@redacted()
@dataclass
class _Source:
    chunks: Iterator[bytes]
    data: bytes = b""
    ended: bool = False

    def read_on(self) -> bool:
        """Append what comes next; False at the end."""
        chunk = next(self.chunks, None)
        self.ended = chunk is None
        self.data += chunk or b""
        return not self.ended


@redacted()
@dataclass
class _Scanner:
    """Follows strings and brackets from one part of a document to the next."""

    depth: int = 0
    _inside: bool = False
    _escaped: bool = field(default=False)

    def tokens(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Each bracket and comma outside of strings with its place; ``depth`` is then the one after it."""
        at = 0
        while at < len(data):
            if self._escaped:
                self._escaped, at = False, at + 1
                continue
            found = (_INSIDE if self._inside else _OUTSIDE).search(data, at)
            if found is None:
                return
            at, token = found.end(), found.group()
            if token == b"\\":
                self._escaped = True
            elif token == b'"':
                self._inside = not self._inside
            else:
                self.depth += (token in b"{[") - (token in b"}]")
                yield found.start(), token


def _shape_of(source: _Source) -> str | None:
    """``lines``, ``objects`` or ``array``, from the first line that is not blank; None to see more of it."""
    source.data = source.data.removeprefix(_BOM)
    first = source.data.lstrip(_BLANK)
    line, end, following = first.partition(b"\n")
    seen_enough = source.ended or len(source.data) > _LOOK_AHEAD
    if not end and not seen_enough:
        return None
    if not first.startswith(b"["):
        # An object whose first line stays open goes on over the next ones.
        is_open = first.startswith(b"{") and line.rstrip(_BLANK).endswith((b"{", b"[", b",", b":"))
        return "objects" if is_open else "lines"
    scanner = _Scanner()
    is_closed = any(scanner.depth == 0 for _ in scanner.tokens(line))
    if is_closed and following.strip(_BLANK):
        # One document per line, and the first is no draft.
        return "lines"
    return None if is_closed and not seen_enough else "array"


def _lines(source: _Source, line: int) -> Pieces:
    too_long = False
    while True:
        *whole, rest = source.data.split(b"\n")
        if source.ended:
            whole.append(rest)
        for content in whole:
            line += 1
            if too_long or len(content) > LONGEST:
                yield Piece(line, problem=TOO_LONG)
            elif content.strip(_BLANK):
                yield Piece(line, content)
            too_long = False
        if source.ended:
            return
        if len(rest) > LONGEST:
            too_long, rest = True, b""
        source.data = rest
        yield None
        source.read_on()


def _objects(source: _Source) -> Generator[Piece | None, None, int]:
    """Objects over several lines; after one that never ends, the caller reads on by lines.

    Gives back the number of lines that were used up.
    """
    line = 0
    while True:
        blank = len(source.data) - len(source.data.lstrip(_BLANK))
        line += source.data.count(b"\n", 0, blank)
        source.data = source.data[blank:]
        end = _end_of_object(source.data)
        if end is not None:
            content = source.data[:end]
            yield Piece(line + 1, content)
            line += content.count(b"\n")
            source.data = source.data[end:]
        elif source.ended or len(source.data) > LONGEST or (source.data and source.data[:1] != b"{"):
            return line
        else:
            yield None
            source.read_on()


def _end_of_object(data: bytes) -> int | None:
    scanner = _Scanner()
    if data.startswith(b"{"):
        for at, _ in scanner.tokens(data):
            if scanner.depth == 0:
                return at + 1
    return None


def _array(source: _Source) -> Pieces:
    source.data = source.data[source.data.index(b"[") + 1 :]
    scanner, kept, items, too_long = _Scanner(), b"", 0, False
    while True:
        done = 0
        for at, token in scanner.tokens(source.data):
            if scanner.depth > 0 or (scanner.depth == 0 and token != b","):
                continue
            content = kept + source.data[done:at]
            kept, done = b"", at + 1
            is_end = scanner.depth < 0
            if too_long or len(content) > LONGEST:
                items, too_long = items + 1, False
                yield Piece(items, problem=TOO_LONG)
            elif content.strip(_BLANK) or not is_end or items:
                items += 1
                yield Piece(items, content)
            if is_end:
                if source.data[done:].strip(_BLANK) or any(chunk.strip(_BLANK) for chunk in source.chunks):
                    yield Piece(items + 1, problem=AFTER_END)
                return
        kept += source.data[done:]
        if len(kept) > LONGEST:
            too_long, kept = True, b""
        if source.ended:
            yield Piece(items + 1, problem=CUT)
            return
        source.data = b""
        yield None
        source.read_on()
