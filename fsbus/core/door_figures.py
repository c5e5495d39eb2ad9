"""What a month's report says of workshops and of the queue at the door: facts in, counts out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fsbus.core import codes
from fsbus.core.attendance import HOURS
from fsbus.core.french import NO_BREAK
from fsbus.core.month_figures import ARRIVALS, PARTICIPANTS, WORKSHOPS, Row, Table, share_of
from fsbus.core.redaction import redacted

UNSAID = "undisclosed"
_PEOPLE: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "ages": ("Âge des participants aux ateliers", codes.AGE_BAND),
    "genders": ("Genre des participants aux ateliers", codes.GENDER),
    "statuses": ("Situation des participants aux ateliers", codes.SOCIAL_STATUS),
}
Counts = Mapping[str, int | None]


@redacted()
@dataclass(frozen=True)
class WorkshopFact:
    """What the report may know of one workshop; codes of `fsbus.core.codes`."""

    minutes: int
    participants: int
    topics: tuple[str, ...]
    genders: Counts
    ages: Counts
    statuses: Counts


@redacted()
@dataclass(frozen=True)
class AttendanceFact:
    """The figures of the queue at one stop on one day."""

    arrived: int
    received: int
    gave_up: int
    booked: int
    waited_minutes: int
    by_hour: Counts


class DoorCounts:
    """Running counts; their size depends on the lists, never on the number of facts."""

    def __init__(self, workshops: Iterable[WorkshopFact], attendances: Iterable[AttendanceFact]) -> None:
        self.workshops = self.participants = self.minutes = 0
        self.arrived = self.received = self.gave_up = self.booked = self.waited = 0
        self._by: dict[str, Counter[str]] = {name: Counter() for name in ("topics", "hours", *_PEOPLE)}
        for one in workshops:
            self._add_workshop(one)
        for day in attendances:
            self._add_attendance(day)

    @property
    def mean_wait(self) -> float | None:
        """Minutes that those waited who were received, None when nobody was."""
        return round(self.waited / self.received, 1) if self.received else None

    def tables(self) -> Iterator[Table]:
        """The tables of what there was; none of a month without workshops, or without a queue."""
        if self.workshops:
            yield self._table(
                "workshop_topics", "Thèmes des ateliers", WORKSHOPS, codes.WORKSHOP_TOPIC, "topics"
            )
            for name, (title, labels) in _PEOPLE.items():
                yield self._table(f"workshop_{name}", title, PARTICIPANTS, labels, name)
        if self.arrived:
            counts = self._by["hours"]
            busy = [number for number, hour in enumerate(HOURS) if counts[hour]]
            span = range(busy[0], busy[-1] + 1) if busy else range(0)
            hours = {HOURS[number]: f"{number}{NO_BREAK}h" for number in span}
            yield self._table("arrival_hours", "Arrivées à la porte, par heure", ARRIVALS, hours, "hours")

    def _table(self, name: str, title: str, unit: str, labels: Mapping[str, str], by: str) -> Table:
        total = {WORKSHOPS: self.workshops, PARTICIPANTS: self.participants, ARRIVALS: self.arrived}[unit]
        found = self._by[by]
        # A code that this version does not know yet is counted all the same, under its own name.
        shown = {**labels, **{code: code for code in sorted(found) if code not in labels}}
        rows = tuple(
            Row(code, text, found[code], share_of(found[code], total)) for code, text in shown.items()
        )
        return Table(
            name, title, unit, total, rows, partition=unit == PARTICIPANTS, personal=unit == PARTICIPANTS
        )

    def _add_workshop(self, one: WorkshopFact) -> None:
        self.workshops += 1
        self.participants += one.participants
        self.minutes += one.minutes
        self._by["topics"].update(set(one.topics))
        for name, counts in (("ages", one.ages), ("genders", one.genders), ("statuses", one.statuses)):
            told = {code: count for code, count in counts.items() if count}
            self._by[name].update(told)
            # Who was not counted is « non communiqué »: each participant stands in one row.
            self._by[name][UNSAID] += one.participants - sum(told.values())

    def _add_attendance(self, day: AttendanceFact) -> None:
        self.arrived += day.arrived
        self.received += day.received
        self.gave_up += day.gave_up
        self.booked += day.booked
        self.waited += day.waited_minutes
        self._by["hours"].update({hour: count for hour, count in day.by_hour.items() if count})
