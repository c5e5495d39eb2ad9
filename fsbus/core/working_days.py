"""Counts working days: Monday to Friday, but for the public holidays that it is told."""

from collections.abc import Callable
from datetime import date, timedelta

IsHoliday = Callable[[date], bool]
_DAY = timedelta(days=1)
_SATURDAY = 5


def is_worked(day: date, is_holiday: IsHoliday) -> bool:
    """Whether it is a working day."""
    return day.weekday() < _SATURDAY and not is_holiday(day)


def latest(day: date, is_holiday: IsHoliday) -> date:
    """The last working day that is not after this one."""
    while not is_worked(day, is_holiday):
        day -= _DAY
    return day


def after(day: date, count: int, is_holiday: IsHoliday) -> date:
    """The day that is this many working days later: 1 is the next one."""
    return _gone(day, count, _DAY, is_holiday)


def before(day: date, count: int, is_holiday: IsHoliday) -> date:
    """The day that is this many working days earlier."""
    return _gone(day, count, -_DAY, is_holiday)


def between(first: date, last: date, is_holiday: IsHoliday) -> int:
    """How many working days came after the first day, the last one included; 0 when it is not later."""
    days = (first + _DAY * step for step in range(1, (last - first).days + 1))
    return sum(is_worked(day, is_holiday) for day in days)


def _gone(day: date, count: int, step: timedelta, is_holiday: IsHoliday) -> date:
    while count:
        day += step
        count -= is_worked(day, is_holiday)
    return day
