"""Days and times as people write them, read into ISO and shown back in French."""

import re
from datetime import date, datetime, timedelta

_DAY = re.compile(r"(\d{1,2})\s*[/.\- ]\s*(\d{1,2})(?:\s*[/.\- ]\s*(\d{4}|\d{2}))?")
_SHORT_DAY = re.compile(r"(\d{2})(\d{2})(\d{4}|\d{2})?")
_MINUTES = re.compile(r"(?P<hours>\d{1,2})\s*h\s*(?P<left>[0-5]?\d)?|(?P<minutes>\d{1,4})\s*(?:min|mn)?")
_LATER = re.compile(r"\+\s*(\d{1,3})\s*j?")


def read_day(text: str, today: date, *, ahead: bool) -> date | None:
    """The day written as ``3/12``, ``03122026``, ``+14`` or ``2026-12-03``; None when it cannot be read.

    Without a year it is the nearest such day: to come when ``ahead``, past or today otherwise.
    """
    text = text.strip()
    if later := _LATER.fullmatch(text):
        return today + timedelta(days=int(later[1]))
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    found = _DAY.fullmatch(text) or _SHORT_DAY.fullmatch(text)
    if found is None:
        return None
    day, month, year = int(found[1]), int(found[2]), found[3]
    try:
        if year is not None:
            return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
        made = date(today.year, month, day)
        if ahead and made < today:
            return made.replace(year=today.year + 1)
        if not ahead and made > today:
            return made.replace(year=today.year - 1)
        return made
    except ValueError:
        return None


def read_time(text: str) -> tuple[int, int] | None:
    """Hours and minutes written as ``9h20``, ``09:20``, ``0920`` or ``9``; None when it cannot be read."""
    text = text.strip().lower()
    if re.fullmatch(r"\d{3,4}", text):
        hours, minutes = int(text[:-2]), int(text[-2:])
    elif found := re.fullmatch(r"(\d{1,2})\s*(?:[h:.]\s*(\d{2})?)?", text):
        hours, minutes = int(found[1]), int(found[2] or 0)
    else:
        return None
    return (hours, minutes) if hours < 24 and minutes < 60 else None


def read_minutes(text: str) -> int | None:
    """Minutes written as ``25``, ``25 min``, ``1h10`` or ``1h``; None when they cannot be read."""
    found = _MINUTES.fullmatch(text.strip().lower())
    if found is None:
        return None
    hours, left = found["hours"], found["left"] or found["minutes"]
    return int(hours or 0) * 60 + int(left or 0)


def short_day(day: date) -> str:
    """``03/12/2026``."""
    return f"{day:%d/%m/%Y}"


def short_time(moment: datetime) -> str:
    """``09:20`` on this computer's clock."""
    return f"{moment.astimezone():%H:%M}"
