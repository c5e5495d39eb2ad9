"""One answer to be read, as values: title, dates, parts in order; no Qt, so presenters may make it."""

from dataclasses import dataclass

from fsbus.core.redaction import redacted

HEADING, TEXT, LIST, NOTE, TABLE, ADDRESS = "heading", "text", "list", "note", "table", "address"


@redacted()
@dataclass(frozen=True)
class Part:
    """One piece of a page; all of it plain text.

    ``kind``: ``heading`` (``level`` 1 to 6), ``text``, ``list`` (``lines``), ``note`` (``text`` begins it, ``lines``
    follow), ``table`` (``rows``, ``text`` is its title), ``address`` (``text``, then ``lines``).
    """

    kind: str
    text: str = ""
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    level: int = 1


@redacted()
@dataclass(frozen=True)
class Door:
    """Another page that this one leads to, by the code that opens it."""

    code: str
    title: str


@redacted()
@dataclass(frozen=True)
class AnswerPage:
    """One answer. ``dated`` says of which day it is; ``address`` is where it stands on line, to be copied."""

    title: str
    dated: str
    parts: tuple[Part, ...]
    doors: tuple[Door, ...] = ()
    address: str = ""
