"""The days of a stop: its rule (RFC 5545), its first and last day, its exceptions, public holidays.

A rule is read strictly, for it may come from another laptop or from a file: only what is listed here is a rule, and
whatever it says, its days are found in a time that depends on the days asked for alone.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from fsbus.core.public_holidays import holiday
from fsbus.core.redaction import redacted

if TYPE_CHECKING:
    from fsbus.core.circuit import Stop

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKLY, MONTHLY, YEARLY, DAILY = "WEEKLY", "MONTHLY", "YEARLY", "DAILY"
LONGEST_INTERVAL = 12
ODD_WEEKS = tuple(range(1, 54, 2))
EVEN_WEEKS = tuple(range(2, 53, 2))
_MOST_WEEKDAYS = 7 * 11
UNREADABLE = "Cette règle de répétition n’est pas connue\u00a0: choisissez-en une dans la liste."
_NEVER = "Cette règle ne tombe jamais\u00a0: choisissez un autre jour."
_ENDS = "Le dernier jour se dit à part, et non dans la règle\u00a0: ôtez COUNT ou UNTIL."
_END = date(9990, 12, 31)
"""The library's arithmetic fails at the end of the calendar."""
_NUMBER = re.compile(r"-?[0-9]{1,2}")
_WEEKDAY = re.compile(rf"([+-]?[1-5])?({'|'.join(DAYS)})")
_ALLOWED = {
    DAILY: {"INTERVAL"},
    WEEKLY: {"INTERVAL", "BYDAY", "BYMONTH"},
    MONTHLY: {"INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH"},
    YEARLY: {"BYDAY", "BYWEEKNO"},
}


@redacted("interval", "weekdays", "month_days", "months", "weeks")
@dataclass(frozen=True)
class Rule:
    """One rule, read: ``weekdays`` are (which one of the month or 0 for each, weekday from 0 for Monday)."""

    frequency: str
    interval: int = 1
    weekdays: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()


def read(text: str) -> Rule:
    """The rule that this text says. Raises ValueError, with the French sentence for whoever wrote it."""
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in parts:
            raise ValueError(UNREADABLE)
        parts[name] = value
    if "COUNT" in parts or "UNTIL" in parts:
        raise ValueError(_ENDS)
    frequency = parts.pop("FREQ", "")
    if frequency not in _ALLOWED or parts.pop("WKST", "MO") != "MO":
        raise ValueError(UNREADABLE)
    if not parts.keys() <= _ALLOWED[frequency]:
        raise ValueError(UNREADABLE)
    rule = Rule(
        frequency,
        interval=_numbers(parts.get("INTERVAL", "1"), 1, LONGEST_INTERVAL, most=1)[0],
        weekdays=_weekdays(parts.get("BYDAY", "")),
        month_days=_numbers(parts.get("BYMONTHDAY", ""), -31, 31),
        months=_numbers(parts.get("BYMONTH", ""), 1, 12),
        weeks=_numbers(parts.get("BYWEEKNO", ""), 1, 53),
    )
    counted = [which for which, _ in rule.weekdays if which]
    if (
        (counted and (frequency != MONTHLY or len(counted) != len(rule.weekdays)))
        or (frequency == MONTHLY and bool(rule.weekdays) and bool(rule.month_days))
        or (frequency == YEARLY and not (rule.weekdays and rule.weeks))
    ):
        raise ValueError(UNREADABLE)
    return rule


def problem(text: str, starts_on: str | None) -> str | None:
    """What is wrong with the rule of a stop whose first day is this one, in French; None for a good one."""
    if not text:
        return None
    try:
        rule = read(text)
    except ValueError as error:
        return str(error)
    if starts_on is not None and not _may_happen(rule, date.fromisoformat(starts_on)):
        return _NEVER
    return None


def days(stop: "Stop", first: date, last: date) -> list[date]:
    """The days of a stop between two days, both included, in their order.

    A rule that cannot be read (a newer fsbus may have made it) has no days: never an error.
    """
    closed = set(stop.except_on)
    return [
        day
        for day in ruled_days(stop, first, last)
        if day.isoformat() not in closed and (stop.on_holidays or not holiday(stop.commune, day))
    ]


def ruled_days(stop: "Stop", first: date, last: date) -> list[date]:
    """The days that the rule alone says, exceptions and public holidays included."""
    starts_on = date.fromisoformat(stop.starts_on)
    last = min(last, date.fromisoformat(stop.ends_on)) if stop.ends_on else last
    first = max(first, starts_on)
    if first > last:
        return []
    if not stop.recurrence:
        return [starts_on] if first == starts_on else []
    return list(_ruled(stop.recurrence, starts_on, first, last))


def text_of(rule: Rule) -> str:
    """The rule as it is kept."""
    said: list[tuple[str, str]] = [("FREQ", rule.frequency)]
    if rule.interval > 1:
        said.append(("INTERVAL", str(rule.interval)))
    if rule.weekdays:
        said.append(("BYDAY", ",".join(f"{which or ''}{DAYS[weekday]}" for which, weekday in rule.weekdays)))
    for name, numbers in (
        ("BYMONTHDAY", rule.month_days),
        ("BYMONTH", rule.months),
        ("BYWEEKNO", rule.weeks),
    ):
        if numbers:
            said.append((name, ",".join(map(str, numbers))))
    return ";".join(f"{name}={value}" for name, value in said)


def _ruled(text: str, starts_on: date, first: date, last: date) -> Iterator[date]:
    from dateutil import rrule as library

    rule = _known(text)
    if rule is None or not _may_happen(rule, starts_on):
        return
    weekdays, month_days = rule.weekdays, rule.month_days
    if rule.frequency == WEEKLY and not weekdays:
        weekdays = ((0, starts_on.weekday()),)
    elif rule.frequency == MONTHLY and not weekdays and not month_days:
        month_days = (starts_on.day,)
    for moment in library.rrule(
        {DAILY: library.DAILY, WEEKLY: library.WEEKLY, MONTHLY: library.MONTHLY, YEARLY: library.YEARLY}[
            rule.frequency
        ],
        dtstart=_midnight(_near(rule, starts_on, first)),
        interval=rule.interval,
        until=_midnight(min(last, _END)),
        wkst=0,
        byweekday=[library.weekday(weekday, which or None) for which, weekday in weekdays] or None,
        bymonthday=month_days or None,
        bymonth=rule.months or None,
        byweekno=rule.weeks or None,
    ):
        if moment.date() >= first:
            yield moment.date()


def _near(rule: Rule, starts_on: date, first: date) -> date:
    """A day from which the rule counts as from its first one, close before the days asked for."""
    if rule.frequency == MONTHLY:
        months = (first.year - starts_on.year) * 12 + first.month - starts_on.month
        index = starts_on.year * 12 + starts_on.month - 1 + months // rule.interval * rule.interval
        return date(index // 12, index % 12 + 1, 1)
    if rule.frequency == YEARLY:
        return date(first.year, 1, 1)
    if rule.frequency == WEEKLY:
        starts_on -= timedelta(days=starts_on.weekday())
    step = rule.interval * (7 if rule.frequency == WEEKLY else 1)
    return starts_on + timedelta(days=(first - starts_on).days // step * step)


@lru_cache(maxsize=512)
def _may_happen(rule: Rule, starts_on: date) -> bool:
    """Whether a rule has any day at all: the library would look for the first one until the year 9999."""
    if rule.frequency != MONTHLY:
        return True
    month_days = rule.month_days or (() if rule.weekdays else (starts_on.day,))
    start = starts_on.year % 400 * 12 + starts_on.month - 1
    # Weekdays and lengths of months come back every 400 years.
    for index in range(start, start + 4_800 * rule.interval, rule.interval):
        year, month = index // 12 % 400 + 2_000, index % 12 + 1
        if rule.months and month not in rule.months:
            continue
        weekday, length = monthrange(year, month)
        if any(abs(day) <= length for day in month_days) or any(
            abs(which) < 5 or (wanted - weekday) % 7 + 29 <= length for which, wanted in rule.weekdays
        ):
            return True
    return False


@lru_cache(maxsize=512)
def _known(text: str) -> Rule | None:
    try:
        return read(text)
    except ValueError:
        return None


def _weekdays(text: str) -> tuple[tuple[int, int], ...]:
    found = [_WEEKDAY.fullmatch(one) for one in text.split(",")] if text else []
    if len(found) > _MOST_WEEKDAYS:
        raise ValueError(UNREADABLE)
    read_ones = []
    for one in found:
        if one is None:
            raise ValueError(UNREADABLE)
        read_ones.append((int(one[1] or 0), DAYS.index(one[2])))
    return tuple(dict.fromkeys(read_ones))


def _numbers(text: str, lowest: int, highest: int, *, most: int = 62) -> tuple[int, ...]:
    found = text.split(",") if text else []
    if len(found) > most or not all(_NUMBER.fullmatch(one) for one in found):
        raise ValueError(UNREADABLE)
    numbers = tuple(dict.fromkeys(map(int, found)))
    if not all(lowest <= one <= highest and one for one in numbers):
        raise ValueError(UNREADABLE)
    return numbers


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())
