"""The French words around a report's figures, the same in every format."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from fsbus.core import french
from fsbus.core.anonymity import MASKED
from fsbus.core.month_figures import (
    ARRIVALS,
    PARTICIPANTS,
    RECORDS,
    VISITS,
    WORKSHOPS,
    MonthReport,
    Row,
    Table,
    Totals,
)
from fsbus.core.redaction import redacted

UNIT = {
    VISITS: "Visites",
    RECORDS: "Démarches",
    WORKSHOPS: "Ateliers",
    PARTICIPANTS: "Participants",
    ARRIVALS: "Arrivées",
}
WEEKDAYS = ("Lun.", "Mar.", "Mer.", "Jeu.", "Ven.", "Sam.", "Dim.")


@redacted()
@dataclass(frozen=True)
class Figure:
    """One figure of the first page: its value as text, what it counts, and a precision or nothing."""

    value: str
    label: str
    detail: str = ""


@redacted()
@dataclass(frozen=True)
class Week:
    """One line of the calendar: seven days, Monday first; None outside the month."""

    label: str
    days: tuple[tuple[date, int] | None, ...]

    @property
    def total(self) -> int:
        return sum(day[1] for day in self.days if day is not None)


def title(report: MonthReport) -> str:
    """``Bilan d’activité – novembre 2026``."""
    return f"Bilan d’activité – {french.month_and_year(report.month)}"


def document_title(report: MonthReport) -> str:
    """The title with the bus, for the properties of a file; the centre's report may name none."""
    return f"{title(report)} – {report.bus}" if report.bus else title(report)


def drawn_up(report: MonthReport) -> str:
    """``Établi le 1er décembre 2026``."""
    return f"Établi le {french.full_day(date.fromisoformat(report.generated_on))}"


def figures(report: MonthReport) -> tuple[Figure, ...]:
    """What the month comes down to, most asked first."""
    totals = report.totals
    mean = "" if totals.mean_minutes is None else french.number(totals.mean_minutes, 1)
    return (
        Figure(french.number(totals.visits), _plural(totals.visits, "visite")),
        Figure(french.number(totals.records), _plural(totals.records, "démarche")),
        Figure(
            french.duration(totals.minutes),
            "d’accueil",
            f"{mean}{french.NO_BREAK}min par visite en moyenne" if mean else "",
        ),
        Figure(
            french.number(totals.days_open),
            _plural(totals.days_open, "jour avec des visites", "jours avec des visites"),
        ),
        Figure(
            french.number(totals.stops), _plural(totals.stops, "commune desservie", "communes desservies")
        ),
        Figure(
            french.number(totals.first_visits),
            _plural(totals.first_visits, "première visite", "premières visites"),
        ),
        Figure(
            french.percent(totals.share_resolved),
            "des démarches traitées sur place",
            f"{french.number(totals.resolved)} sur {french.number(totals.records)}",
        ),
        Figure(
            french.percent(totals.share_answered),
            "des suites avec une réponse précise",
            f"{french.number(totals.answered)} sur {french.number(totals.to_answer)}",
        ),
        *_of_the_door(totals),
    )


def _of_the_door(totals: Totals) -> Iterator[Figure]:
    """Workshops and the queue, of a month that had some."""
    if totals.workshops:
        people = f"{french.number(totals.participants)} {_plural(totals.participants, 'participant')}"
        yield Figure(
            french.number(totals.workshops),
            _plural(totals.workshops, "atelier"),
            f"{people}, {french.duration(totals.workshop_minutes)}",
        )
    if totals.arrived:
        left = french.number(totals.gave_up)
        yield Figure(
            french.number(totals.arrived),
            _plural(totals.arrived, "arrivée à la porte", "arrivées à la porte"),
            f"{left} {_plural(totals.gave_up, 'repartie', 'reparties')} sans être {_plural(totals.gave_up, 'reçue')}",
        )
    if totals.mean_wait is not None:
        wait = french.number(totals.mean_wait, 1)
        yield Figure(f"{wait}{french.NO_BREAK}min", "d’attente en moyenne", "de qui a été reçu")


def chapters(report: MonthReport) -> tuple[tuple[str, tuple[Table, ...]], ...]:
    """The tables under their chapters, the days left out: they are drawn as a calendar."""
    tables = [table for table in report.tables if table.name != "day"]
    found = (
        ("Fréquentation", tuple(table for table in tables if table.unit == VISITS and not table.personal)),
        ("Démarches", tuple(table for table in tables if table.unit == RECORDS)),
        (
            "Personnes accueillies",
            tuple(table for table in tables if table.unit == VISITS and table.personal),
        ),
        ("Ateliers", tuple(table for table in tables if table.unit in (WORKSHOPS, PARTICIPANTS))),
        ("À la porte", tuple(table for table in tables if table.unit == ARRIVALS)),
    )
    return tuple(chapter for chapter in found if chapter[1])


def caption(table: Table) -> str:
    """What the table counts, in one line; a multiple answer is said."""
    unit = UNIT[table.unit].lower()
    total = f"{french.number(table.total)} {unit if table.total > 1 else unit[:-1]}"
    return total if table.partition or table.unit == ARRIVALS else f"{total}, plusieurs réponses possibles"


def count(row: Row) -> str:
    """The figure, or that it is masked."""
    return MASKED if row.count is None else french.number(row.count)


def share(row: Row) -> str:
    """The share, a dash when masked or of nothing."""
    return french.percent(row.share)


def bar(row: Row, table: Table) -> float:
    """The length of the row's bar between 0 and 1, the table's highest count being 1."""
    highest = max((each.count or 0 for each in table.rows), default=0)
    return (row.count or 0) / highest if highest else 0.0


def weeks(report: MonthReport) -> Iterator[Week]:
    """The days of the month as a calendar."""
    counts = {date.fromisoformat(row.code): row.count or 0 for row in report.table("day").rows}
    first = min(counts)
    monday = first.toordinal() - first.weekday()
    while monday <= max(counts).toordinal():
        days = tuple(
            (date.fromordinal(monday + after), counts[date.fromordinal(monday + after)])
            # The calendar of Python ends in 9999.
            if monday + after <= date.max.toordinal() and date.fromordinal(monday + after) in counts
            else None
            for after in range(7)
        )
        shown = [day[0] for day in days if day is not None]
        yield Week(_span(shown[0], shown[-1]), days)
        monday += timedelta(weeks=1).days


def notes(report: MonthReport) -> tuple[str, ...]:
    """How the figures were made, for whoever reads them elsewhere."""
    lines = [
        "Une visite est l’accueil d’une personne ; elle comprend une ou plusieurs démarches. "
        "Les parts sont calculées sur le total de chaque tableau.",
        "Les suites sont les démarches qui ne sont ni traitées sur place ni abandonnées : chacune doit "
        "laisser à la personne une réponse précise.",
        "Le partenaire est celui qui était en charge de la démarche le jour de la visite.",
    ]
    if report.masked:
        lines.append(
            "Ce bilan ne contient ni nom, ni identifiant, ni texte libre. Pour que personne ne soit reconnu, les "
            f"effectifs de 1 à {report.threshold - 1} qui décrivent des personnes sont masqués, avec ceux qui "
            "permettraient de les retrouver ; les petites communes de résidence sont regroupées."
        )
    else:
        lines.append("Bilan complet, à usage interne : les petits effectifs ne sont pas masqués.")
    return tuple(
        line.replace(" ;", f"{french.NARROW};").replace(" :", f"{french.NO_BREAK}:") for line in lines
    )


def _span(first: date, last: date) -> str:
    if first == last:
        return f"Le {french.day_of_month(first)}"
    return f"Du {french.day_of_month(first).split(french.NO_BREAK)[0]} au {french.day_of_month(last)}"


def _plural(number: int, one: str, many: str = "") -> str:
    return one if number < 2 else many or f"{one}s"
