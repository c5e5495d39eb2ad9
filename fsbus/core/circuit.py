"""Where the bus stops and when, each stop-day as it happened, and what went wrong on the way."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from fsbus.core import codes, recurrence
from fsbus.core.fields import (
    Code,
    CodeList,
    Day,
    DayList,
    Field,
    Flag,
    Hour,
    Identifier,
    Identifiers,
    Insee,
    Moment,
    Problems,
    Text,
    Whole,
)  # fmt: skip
from fsbus.core.redaction import redacted


@dataclass(frozen=True)
class RuleText(Text):
    """The letters of a rule, which `check_stop` reads whole; its weeks in a row look like a number of a card."""

    def read(self, raw: object, path: str, problems: Problems) -> str:
        if raw is None or raw == "":
            return ""
        if not isinstance(raw, str) or len(raw) > self.longest or not _RULE.fullmatch(raw):
            problems[path] = recurrence.UNREADABLE
            return ""
        return raw


_RULE = re.compile(r"[A-Z0-9=;,+-]+")
STOP_FIELDS: Mapping[str, Field] = {
    "commune": Insee(),
    "place": Text(longest=120),
    "opens_at": Hour(required=True),
    "closes_at": Hour(required=True),
    "starts_on": Day(required=True),
    "ends_on": Day(),
    "recurrence": RuleText(longest=300),
    "except_on": DayList(),
    "on_holidays": Flag(),
    "contact": Text(longest=200),
    "note": Text(longest=500),
}
PASSAGE_FIELDS: Mapping[str, Field] = {
    "stop_id": Identifier(),
    "day": Day(required=True),
    "commune": Insee(),
    "place": Text(longest=120),
    "opens_at": Hour(),
    "closes_at": Hour(),
    "cancelled": Code(codes.CANCELLATION),
    "postponed_to": Day(),
    "arrived_at": Moment(),
    "opened_at": Moment(),
    "closed_at": Moment(),
    "left_at": Moment(),
    "agents": Identifiers(),
    "equipment_ready": CodeList(codes.EQUIPMENT_CHECK),
    "equipment_faulty": CodeList(codes.EQUIPMENT_CHECK),
    "network": Code(codes.NETWORK),
    "kilometres": Whole(0, 2_000),
    "note": Text(longest=1_000),
}
INCIDENT_FIELDS: Mapping[str, Field] = {
    "day": Day(required=True),
    "commune": Insee(),
    "what": Code(codes.INCIDENT, required=True),
    "started_at": Moment(required=True),
    "minutes": Whole(1, 1439, required=True),
    "closed": Flag(),
    "note": Text(longest=500),
}
MOMENTS = ("arrived_at", "opened_at", "closed_at", "left_at")
"""The moments of a passage, in the order in which they come."""


@redacted("id")
@dataclass(frozen=True)
class Stop:
    """A place of the circuit and its hours, on the days of one rule.

    ``recurrence`` is the value of an RRULE (RFC 5545, « FREQ=WEEKLY;BYDAY=TU »), counted from ``starts_on``; empty for
    a single day. ``ends_on`` is its last day, ``except_on`` are days left out. ``on_holidays``: the bus comes on
    public holidays too.
    """

    id: str
    commune: str
    place: str
    opens_at: str
    closes_at: str
    starts_on: str
    ends_on: str | None = None
    recurrence: str = ""
    except_on: tuple[str, ...] = ()
    on_holidays: bool | None = None
    contact: str = ""
    note: str = ""


@redacted("id")
@dataclass(frozen=True)
class Passage:
    """One stop on one day, as it happened; moments are UTC. ``agents`` are the ids of those present."""

    id: str
    day: str
    commune: str
    stop_id: str | None = None
    place: str = ""
    opens_at: str | None = None
    closes_at: str | None = None
    cancelled: str | None = None
    postponed_to: str | None = None
    arrived_at: str | None = None
    opened_at: str | None = None
    closed_at: str | None = None
    left_at: str | None = None
    agents: tuple[str, ...] = ()
    equipment_ready: tuple[str, ...] = ()
    equipment_faulty: tuple[str, ...] = ()
    network: str | None = None
    kilometres: int | None = None
    note: str = ""


@redacted("id")
@dataclass(frozen=True)
class Incident:
    """What disturbed a day, and for how many minutes; ``closed``: nobody could be received meanwhile."""

    id: str
    day: str
    commune: str
    what: str
    started_at: str
    minutes: int
    closed: bool | None = None
    note: str = ""


def check_stop(fields: Mapping[str, object], path: str, problems: Problems) -> None:
    """The rules between the fields of a stop."""
    _need_commune(fields, path, problems)
    if str(fields.get("closes_at") or "") <= str(fields.get("opens_at") or ""):
        problems.setdefault(f"{path}closes_at", "La fermeture doit suivre l’ouverture.")
    ends_on = fields.get("ends_on")
    if ends_on and str(ends_on) < str(fields.get("starts_on")):
        problems.setdefault(f"{path}ends_on", "Le dernier jour doit suivre le premier.")
    starts_on = fields.get("starts_on")
    if wrong := recurrence.problem(
        str(fields.get("recurrence") or ""), str(starts_on) if starts_on else None
    ):
        problems.setdefault(f"{path}recurrence", wrong)


def check_passage(fields: Mapping[str, object], path: str, problems: Problems) -> None:
    """The rules between the fields of a passage: its moments come in their order."""
    _need_commune(fields, path, problems)
    told = [(name, str(fields[name])) for name in MOMENTS if fields.get(name)]
    for (_, before), (name, after) in pairwise(told):
        if after < before:
            problems.setdefault(f"{path}{name}", "Cette heure doit suivre la précédente.")
    if fields.get("postponed_to") and fields.get("postponed_to") == fields.get("day"):
        problems.setdefault(f"{path}postponed_to", "Le nouveau jour doit être un autre jour.")


def check_incident(fields: Mapping[str, object], path: str, problems: Problems) -> None:
    """The rules between the fields of an incident."""
    _need_commune(fields, path, problems)


def _need_commune(fields: Mapping[str, object], path: str, problems: Problems) -> None:
    if not fields.get("commune"):
        problems.setdefault(f"{path}commune", "Commune à choisir.")
