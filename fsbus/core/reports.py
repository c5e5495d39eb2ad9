"""A month’s activity in counts, for the bus and for the centre alike.

Only plain facts come in and only counts go out: no free text, no id of a person or of an agent.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from fsbus.core import codes, french
from fsbus.core.catalog import Catalog
from fsbus.core.door_figures import AttendanceFact, DoorCounts, WorkshopFact
from fsbus.core.errors import InvalidInput
from fsbus.core.month_figures import RECORDS, VISITS, MonthReport, Row, Table, Totals, one_line, share_of
from fsbus.core.records import ENDINGS
from fsbus.core.redaction import redacted

SATISFACTION: Mapping[str, str] = MappingProxyType({"3": "Satisfait", "2": "Mitigé", "1": "Insatisfait"})
TOPIC: Mapping[str, str] = MappingProxyType(
    {
        "papiers_elections_citoyennete": "Papiers, élections, citoyenneté",
        "famille_scolarite": "Famille, scolarité",
        "social_sante": "Social, santé",
        "travail_formation": "Travail, formation",
        "logement": "Logement",
        "transports_mobilite": "Transports, mobilité",
        "argent_impots": "Argent, impôts",
        "justice": "Justice",
        "etrangers_europe": "Étrangers, Europe",
        "loisirs_sports_culture": "Loisirs, sports, culture",
        "associations": "Associations",
        "aide_aux_demarches_administratives": "Aide aux démarches administratives",
    }
)
"""The topics (thématiques) of La Coop de la médiation numérique, so that an export is one to one."""

UNSAID = "Non communiqué"
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


@redacted()
@dataclass(frozen=True)
class VisitFact:
    """What the report may know of one visit; codes of `fsbus.core.codes`, ``visited_on`` a local day."""

    visit_id: str
    visited_on: str
    stop_commune: str | None
    resident_commune: str | None
    channel: str
    minutes: int
    age_band: str
    gender: str
    first_visit: bool | None
    autonomy: str | None
    satisfaction: int | None


@redacted()
@dataclass(frozen=True)
class RecordFact:
    """What the report may know of one procedure record.

    ``answered``: whether a precise answer is written. None: not looked at, the rule is trusted
    (no outcome but an ending is saved without one).
    """

    visit_id: str
    procedure: str
    partner: str
    nature: str
    mode: str
    outcome: str
    blockers: tuple[str, ...] = ()
    answered: bool | None = None


def _unknown(_code: str) -> str | None:
    return None


@dataclass(frozen=True)
class Names:
    """Looks up French names in the official lists; each gives None for a code it does not know.

    ``topic`` gives the topic's code (a key of `TOPIC`) of a procedure.
    """

    commune: Callable[[str], str | None] = _unknown
    procedure: Callable[[str], str | None] = _unknown
    partner: Callable[[str], str | None] = _unknown
    topic: Callable[[str], str | None] = _unknown

    @classmethod
    def of(cls, catalog: Catalog, commune: Callable[[str], str | None]) -> "Names":
        """The names of this catalogue; ``commune`` gives a commune's name."""

        def title(code: str) -> str | None:
            procedure = catalog.procedure(code)
            return None if procedure is None else procedure.title

        def topic(code: str) -> str | None:
            procedure = catalog.procedure(code)
            return None if procedure is None else procedure.topic

        return cls(commune, title, catalog.partner_label, topic)


def month_days(month: str) -> tuple[date, ...]:
    """Every day of ``2026-11``; InvalidInput names the field ``month`` for any other text."""
    if not _MONTH.fullmatch(month) or month.startswith("0000"):
        raise InvalidInput({"month": "Mois illisible : AAAA-MM est attendu, par exemple 2026-11."})
    year, number = int(month[:4]), int(month[5:])
    first = date(year, number, 1)
    days = (
        first + timedelta(days=after)
        for after in range(31)
        if first.toordinal() + after <= date.max.toordinal()
    )
    return tuple(day for day in days if day.month == number)


def month_report(
    month: str,
    visits: Iterable[VisitFact],
    records: Iterable[RecordFact],
    workshops: Iterable[WorkshopFact] = (),
    attendances: Iterable[AttendanceFact] = (),
    *,
    names: Names,
    bus: str,
    generated_on: date,
) -> MonthReport:
    """Every count of the month, nothing masked: for the bus's own screen only.

    Facts are read once, one by one; only counts are kept in memory. ``visits`` are those of the
    month and ``records`` hang on them: ValueError when a visit is of another month. What leaves
    the bus goes through `fsbus.core.anonymity.anonymous` first.
    """
    days = month_days(month)
    counts = _Counts()
    for visit in visits:
        if not visit.visited_on.startswith(month):
            raise ValueError(f"visit {visit.visit_id} is not of {month}")
        counts.add_visit(visit)
    for record in records:
        counts.add_record(record, names.topic(record.procedure) or "")
    door = DoorCounts(workshops, attendances)
    return MonthReport(
        month=month,
        bus=one_line(bus),
        generated_on=generated_on.isoformat(),
        totals=counts.totals(door),
        tables=(*_tables(counts, days, names), *door.tables()),
    )


class _Counts:
    """Running counts by criterion; its size depends on the lists, never on the number of visits."""

    def __init__(self) -> None:
        self.visits = self.records = self.minutes = self.first_visits = 0
        self.to_answer = self.answered = 0
        self.by: dict[str, Counter[str]] = {}

    def add_visit(self, visit: VisitFact) -> None:
        self.visits += 1
        self.minutes += visit.minutes
        self.first_visits += visit.first_visit is True
        self._count("day", visit.visited_on)
        self._count("stop_commune", visit.stop_commune)
        self._count("channel", visit.channel)
        self._count("resident_commune", visit.resident_commune)
        self._count("age_band", visit.age_band)
        self._count("gender", visit.gender)
        self._count("autonomy", visit.autonomy)
        self._count("satisfaction", None if visit.satisfaction is None else str(visit.satisfaction))

    def add_record(self, record: RecordFact, topic: str) -> None:
        self.records += 1
        self._count("partner", record.partner)
        self._count("procedure", record.procedure)
        self._count("topic", topic)
        self._count("nature", record.nature)
        self._count("mode", record.mode)
        self._count("outcome", record.outcome)
        for blocker in set(record.blockers):
            self._count("blocker", blocker)
        if record.outcome not in ENDINGS:
            self.to_answer += 1
            self.answered += record.answered is not False

    def _count(self, name: str, code: str | None) -> None:
        self.by.setdefault(name, Counter())[code or ""] += 1

    def of(self, name: str) -> Counter[str]:
        return self.by.get(name, Counter())

    def totals(self, door: DoorCounts) -> Totals:
        resolved = self.of("outcome")["resolved"]
        return Totals(
            visits=self.visits,
            records=self.records,
            minutes=self.minutes,
            mean_minutes=round(self.minutes / self.visits, 1) if self.visits else None,
            first_visits=self.first_visits,
            days_open=len(self.of("day")),
            stops=len([code for code in self.of("stop_commune") if code]),
            resolved=resolved,
            share_resolved=share_of(resolved, self.records),
            to_answer=self.to_answer,
            answered=self.answered,
            share_answered=share_of(self.answered, self.to_answer),
            workshops=door.workshops,
            participants=door.participants,
            workshop_minutes=door.minutes,
            arrived=door.arrived,
            received=door.received,
            gave_up=door.gave_up,
            booked=door.booked,
            mean_wait=door.mean_wait,
        )


def _tables(counts: _Counts, days: tuple[date, ...], names: Names) -> Iterator[Table]:
    def closed(
        name: str,
        title: str,
        unit: str,
        labels: Mapping[str, str],
        *,
        partition: bool = True,
        personal: bool = False,
    ) -> Table:
        found = counts.of(name)
        # A code that this version does not know yet is counted all the same, under its own name.
        later = {code: code for code in sorted(found) if code and code not in labels}
        unsaid = {"": UNSAID} if found[""] or (personal and "undisclosed" not in labels) else {}
        shown = {**labels, **later, **unsaid}
        total = counts.visits if unit == VISITS else counts.records
        rows = _rows([(code, label, found[code]) for code, label in shown.items()], total)
        return Table(name, title, unit, total, rows, partition, personal)

    def opened(
        name: str, title: str, unit: str, label: Callable[[str], str | None], *, personal: bool = False
    ) -> Table:
        total = counts.visits if unit == VISITS else counts.records
        lines = [(code, label(code) or code if code else UNSAID, n) for code, n in counts.of(name).items()]
        lines.sort(key=lambda line: (line[0] == "", -line[2], line[1], line[0]))
        return Table(name, title, unit, total, _rows(lines, total), personal=personal)

    by_day = {day.isoformat(): french.weekday_and_day(day) for day in days}
    yield closed("day", "Jours", VISITS, by_day)
    yield opened("stop_commune", "Communes d’arrêt", VISITS, names.commune)
    yield closed("channel", "Canal", VISITS, codes.CHANNEL)
    yield opened("partner", "Partenaires", RECORDS, names.partner)
    yield closed("topic", "Thématiques", RECORDS, TOPIC)
    yield opened("procedure", "Démarches", RECORDS, names.procedure)
    yield closed("nature", "Nature de l’accompagnement", RECORDS, codes.NATURE)
    yield closed("mode", "Manière d’accompagner", RECORDS, codes.MODE)
    yield closed("outcome", "Issue des démarches", RECORDS, codes.OUTCOME)
    yield closed("blocker", "Blocages rencontrés", RECORDS, codes.BLOCKER, partition=False)
    yield closed("age_band", "Âge", VISITS, codes.AGE_BAND, personal=True)
    yield closed("gender", "Genre", VISITS, codes.GENDER, personal=True)
    yield closed("autonomy", "Autonomie numérique", VISITS, codes.AUTONOMY, personal=True)
    yield closed("satisfaction", "Satisfaction", VISITS, SATISFACTION, personal=True)
    yield opened("resident_commune", "Communes de résidence", VISITS, names.commune, personal=True)


def _rows(lines: Iterable[tuple[str, str, int]], total: int) -> tuple[Row, ...]:
    return tuple(
        Row(one_line(code), one_line(label), count, share_of(count, total)) for code, label, count in lines
    )
