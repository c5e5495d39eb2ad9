"""Decides what the screen of the day shows."""

from collections.abc import Iterable
from datetime import date
from textwrap import shorten
from typing import Protocol

from fsbus.actions import follow_ups, stops
from fsbus.actions.circuit import passages_of_day
from fsbus.actions.session import Session
from fsbus.core import codes, french
from fsbus.core.catalog import normalise
from fsbus.core.clock import local_day, parse_utc_text
from fsbus.core.follow_ups import here_in_words
from fsbus.core.records import ProcedureRecord
from fsbus.core.visits import Visit
from fsbus.desktop.today.day import DayFigures, DayShown
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.desktop.written_days import short_day, short_time
from fsbus.store import queries

MOST_FOUND = 200
MOST_SUGGESTIONS = 8
_PLACE = 18
"""Letters of the place of today's stop that are shown."""
Handled = tuple[Visit, tuple[ProcedureRecord, ...]]


class TodayScreen(Protocol):
    """What the presenter needs of the screen."""

    def show_day(self, shown: DayShown) -> None: ...
    def show_visits(self, rows: tuple[TableRow, ...], heading: str, empty: str) -> None: ...
    def suggest_stops(self, found: list[Suggestion]) -> None: ...


class TodayPresenter:
    """The day of one agent on one laptop."""

    def __init__(self, view: TodayScreen, session: Session) -> None:
        self._view = view
        self._session = session
        self._searched = ""

    def refresh(self) -> None:
        """Show the day as the store holds it; a search under way stays shown."""
        today = local_day(self._session.clock.now())
        handled = list(queries.visits_of_day(self._session.store.db, today.isoformat()))
        # Two visits of the same minute: the one recorded last comes first.
        handled.sort(key=lambda pair: (pair[0].started_at, pair[0].id), reverse=True)
        code = stops.today(self._session) or ""
        commune = self._session.reference.commune(code) if code else None
        self._view.show_day(
            DayShown(
                day="\n".join(
                    filter(None, (french.weekday_and_full_day(today).capitalize(), self._stop_hours(code)))
                ),
                stop_code=code,
                stop_name=commune.label if commune else "",
                figures=figures_of(handled),
                visits=tuple(self._row(pair) for pair in handled),
                to_take_up=here_in_words(follow_ups.count_here(self._session)),
            )
        )
        if self._searched:
            self.search_visits(self._searched)

    def search_visits(self, text: str) -> None:
        """Show the visits that hold these words, of any day; an empty search shows the day again."""
        was, self._searched = self._searched, text.strip()
        if not self._searched:
            if was:
                self.refresh()
            return
        db = self._session.store.db
        found = [
            (visit, queries.records_of(db, visit.id))
            for visit in queries.search_visits(db, self._searched, MOST_FOUND, self._procedures_with)
        ]
        today = local_day(self._session.clock.now())
        count = len(found)
        words = "visite trouvée" if count < 2 else "visites trouvées"
        heading = f"{MOST_FOUND} premières visites trouvées" if count == MOST_FOUND else f"{count} {words}"
        self._view.show_visits(
            tuple(self._row(pair, today) for pair in found), heading, "Aucune visite ne contient ces mots."
        )

    def search_stops(self, text: str) -> None:
        """Propose communes."""
        reference = self._session.reference
        before = reference.commune(code) if (code := stops.last(self._session)) else None
        if text.strip():
            near = before.departement_code if before else None
            found = reference.search_communes(text, MOST_SUGGESTIONS, near)
        else:
            found = [before] if before else []
        self._view.suggest_stops([Suggestion(hit.insee_code, hit.label) for hit in found])

    def pick_stop(self, code: str) -> None:
        """Keep the commune as today's stop; the next visits bear it."""
        if code:
            stops.set_today(self._session, code)

    def _stop_hours(self, commune: str) -> str:
        """Place and hours of today's stop, as the circuit has them; the one under way when there are several."""
        if not commune:
            return ""
        day = local_day(self._session.clock.now()).isoformat()
        here = [one for one in passages_of_day(self._session, day) if one.commune == commune and one.is_held]
        under_way = [
            one for one in here if one.passage and one.passage.opened_at and not one.passage.closed_at
        ]
        one = next(iter(under_way or here), None)
        if one is None:
            return ""
        hours = f"{one.opens_at}–{one.closes_at}" if one.opens_at and one.closes_at else ""
        # No wider than the day above it: a zoomed window has no room.
        return " ".join(filter(None, (hours, shorten(one.place, _PLACE, placeholder="…"))))

    def _row(self, handled: Handled, today: date | None = None) -> TableRow:
        visit, records = handled
        moment = parse_utc_text(visit.started_at)
        is_older = today is not None and visit.visited_on != today.isoformat()
        when = (
            f"{short_day(date.fromisoformat(visit.visited_on))} {short_time(moment)}"
            if is_older
            else short_time(moment)
        )
        titles = [self._title(record.procedure) for record in records]
        outcomes = dict.fromkeys(codes.OUTCOME[record.outcome] for record in records)
        return TableRow(
            visit.id,
            (
                when,
                " · ".join(titles),
                ", ".join(outcomes),
                codes.CHANNEL[visit.channel],
                codes.AGE_BAND[visit.age_band],
            ),
        )

    def _procedures_with(self, word: str) -> list[str]:
        """The procedures with a word that begins so in their title, or in the name of their partner."""
        catalog, begins = self._session.reference.catalog(), f" {normalise(word)}"
        return [
            each.code
            for each in catalog.procedures
            if begins in f" {normalise(f'{each.title} {catalog.partner_label(each.partner)}')}"
        ]

    def _title(self, code: str) -> str:
        procedure = self._session.reference.procedure(code)
        return procedure.title if procedure else code


def figures_of(handled: Iterable[Handled]) -> DayFigures:
    """The counters of these visits. To follow up: what is not ended, by its outcome or a day set."""
    handled = list(handled)
    records = [record for _, each in handled for record in each]
    counts = {code: sum(record.outcome == code for record in records) for code in codes.OUTCOME}
    return DayFigures(
        visits=len(handled),
        procedures=len(records),
        minutes=sum(visit.minutes for visit, _ in handled),
        to_follow_up=sum(record.outcome == "follow_up" or record.follow_up is not None for record in records),
        outcomes=tuple((codes.OUTCOME[code], count) for code, count in counts.items()),
    )
