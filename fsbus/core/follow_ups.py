"""Says what is left to do after a visit: what is open, for which day, from when it is late."""

from dataclasses import dataclass, replace
from datetime import date

from fsbus.core import working_days
from fsbus.core.french import NO_BREAK, number
from fsbus.core.records import FollowUp, ProcedureRecord
from fsbus.core.redaction import redacted
from fsbus.core.working_days import IsHoliday

OPEN_OUTCOMES = ("follow_up", "no_network")
"""Outcomes that leave something to do, day or no day; any other does when a day was set."""
NETWORK_DAYS = 3
"""Working days after the visit in which what needs the network is to be done: a network comes back the same day."""
ESCALATION_DAYS = 15
"""Working days in which a blockage that was reported is answered (Administration+); then it is taken up again."""


@redacted("record_id", "visit_id")
@dataclass(frozen=True)
class ToFollow:
    """One follow-up as the lists show it: its procedure record, and what they need of the visit."""

    record_id: str
    visit_id: str
    procedure: str
    outcome: str
    precise_answer: str
    follow_up: FollowUp
    visited_on: str
    commune: str | None
    """Where it is taken up: the commune set, or the stop of the visit."""
    resident_id: str | None = None


@redacted()
@dataclass(frozen=True)
class Late:
    """From when what is open is late on one day: what was set for a day, or visited on one, before these."""

    with_day: str
    without_day: str


def is_open(record: ProcedureRecord) -> bool:
    """Whether something is left to do."""
    follow_up = record.follow_up or FollowUp()
    return (record.outcome in OPEN_OUTCOMES or follow_up.on is not None) and follow_up.done_on is None


def due(one: ToFollow, is_holiday: IsHoliday) -> date:
    """The day set, or `NETWORK_DAYS` after the visit when none was."""
    if one.follow_up.on:
        return date.fromisoformat(one.follow_up.on)
    return working_days.after(date.fromisoformat(one.visited_on), NETWORK_DAYS, is_holiday)


def days_late(one: ToFollow, today: date, is_holiday: IsHoliday) -> int:
    """Working days gone since it was due: what was for a Friday is not late on the week-end."""
    return working_days.between(due(one, is_holiday), today, is_holiday)


def late_on(today: date, is_holiday: IsHoliday) -> Late:
    """The same rule as `days_late` > 0, as days that a query can compare."""
    latest = working_days.latest(today, is_holiday)
    return Late(latest.isoformat(), working_days.before(latest, NETWORK_DAYS, is_holiday).isoformat())


def here_in_words(count: int) -> str:
    """« 3 suites ici aujourd’hui »; nothing when there is none."""
    return f"{number(count)}{NO_BREAK}suite{'s' if count > 1 else ''} ici aujourd’hui" if count else ""


def answered(precise_answer: str, day: str, answer: str) -> str:
    """The answer of the visit, with what was answered on this day below it: what was said first is kept."""
    said = date.fromisoformat(day)
    return "\n".join(filter(None, (precise_answer.strip(), f"{said:%d/%m/%Y}\u00a0: {answer.strip()}")))


def done(follow_up: FollowUp | None, day: str) -> FollowUp:
    """The follow-up once it was done on this day."""
    return replace(follow_up or FollowUp(), done_on=day)
