"""Passages as an iCalendar file (RFC 5545), for the calendars of the town halls."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from fsbus.core.planning import Planned

_OCTETS = 75


def as_icalendar(
    passages: Sequence[Planned], communes: Mapping[str, str], bus: str, made_at: datetime
) -> bytes:
    """One event for each passage; hours are those of the place, so they bear no time zone.

    ``communes`` gives the name of each code. A passage that was called off is in it as cancelled, so that a calendar
    which has it already takes it out.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//fsbus//circuit//FR", "CALSCALE:GREGORIAN"]
    stamp = f"{made_at:%Y%m%dT%H%M%SZ}"
    for one in passages:
        lines += _event(one, communes.get(one.commune, one.commune), bus, stamp)
    lines.append("END:VCALENDAR")
    return "".join(part for line in lines for part in _folded(line)).encode()


def _event(one: Planned, commune: str, bus: str, stamp: str) -> Iterator[str]:
    day = one.day.replace("-", "")
    yield "BEGIN:VEVENT"
    yield f"UID:{one.passage_id}@fsbus"
    yield f"DTSTAMP:{stamp}"
    if one.opens_at and one.closes_at:
        yield f"DTSTART:{day}T{one.opens_at.replace(':', '')}00"
        yield f"DTEND:{day}T{one.closes_at.replace(':', '')}00"
    else:
        yield f"DTSTART;VALUE=DATE:{day}"
    yield f"SUMMARY:{_text(bus)}"
    yield f"LOCATION:{_text(', '.join(filter(None, (one.place, commune))))}"
    yield f"STATUS:{'CONFIRMED' if one.is_held else 'CANCELLED'}"
    yield "END:VEVENT"


def _text(words: str) -> str:
    for sign in ("\\", ";", ","):
        words = words.replace(sign, f"\\{sign}")
    return "\\n".join(words.splitlines())


def _folded(line: str) -> Iterator[str]:
    """A line in pieces of 75 octets at most, never inside a letter."""
    piece, room = "", _OCTETS
    for letter in line:
        size = len(letter.encode())
        if size > room:
            yield f"{piece}\r\n"
            piece, room = " ", _OCTETS - 1
        piece, room = piece + letter, room - size
    yield f"{piece}\r\n"
