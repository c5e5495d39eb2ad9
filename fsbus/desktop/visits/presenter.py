"""Decides what the list of all visits shows, some lines at a time."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from fsbus.actions.session import Session
from fsbus.core import codes
from fsbus.core.clock import local_day, parse_utc_text
from fsbus.desktop.visits.narrowing import Typed
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.desktop.written_days import read_day, short_day, short_time
from fsbus.store import queries, visit_list
from fsbus.store.visit_list import Listed, Wanted

AT_ONCE = 100
MOST_SUGGESTIONS = 8
UNREAD = "Cette date n’est pas lisible\u00a0: écrivez-la comme 3/12 ou 03/12/2026."
TURNED = "Cette date est avant le premier jour\u00a0: corrigez l’une des deux."


class VisitsScreen(Protocol):
    """What the presenter needs of the screen."""

    def show_visits(self, rows: tuple[TableRow, ...], total: int, told: str) -> None: ...
    def add_visits(self, rows: tuple[TableRow, ...]) -> None: ...
    def show_problems(self, problems: Mapping[str, str]) -> None: ...
    def show_agents(self, names: Mapping[str, str]) -> None: ...
    def suggest_communes(self, found: list[Suggestion]) -> None: ...
    def suggest_procedures(self, found: list[Suggestion]) -> None: ...


class VisitsPresenter:
    """The visits of one laptop, narrowed and sorted by the store."""

    def __init__(self, view: VisitsScreen, session: Session) -> None:
        self._view, self._session = view, session
        self._wanted, self._order, self._shown = Wanted(), visit_list.NEWEST, 0

    def refresh(self) -> None:
        """Read anew what is shown, as far as it was shown."""
        found = queries.agents(self._session.store.db)
        self._view.show_agents({agent.id: agent.name for agent in found})
        self._show(max(AT_ONCE, self._shown))

    def narrow(self, typed: Typed) -> None:
        """Show what is asked for; with a day that cannot be read, say so and leave the list as it is."""
        today = local_day(self._session.clock.now())
        days = {name: read_day(text, today, ahead=False) for name, text in _days(typed).items()}
        problems = {name: UNREAD for name, day in days.items() if day is None}
        first, last = days.get("first"), days.get("last")
        if first is not None and last is not None and last < first:
            problems["last"] = TURNED
        self._view.show_problems(problems)
        if problems:
            return
        self._wanted = Wanted(
            _iso(first), _iso(last), typed.commune, typed.agent_id, typed.procedure, typed.outcome
        )
        self._order = typed.order
        self._show(AT_ONCE)

    def more(self) -> None:
        """Add the next lines."""
        rows = self._rows(self._shown, AT_ONCE)
        self._shown += len(rows)
        self._view.add_visits(rows)

    def search_communes(self, text: str) -> None:
        """Propose communes."""
        found = self._session.reference.search_communes(text, MOST_SUGGESTIONS) if text.strip() else []
        self._view.suggest_communes([Suggestion(hit.insee_code, hit.label) for hit in found])

    def search_procedures(self, text: str) -> None:
        """Propose procedures."""
        found = self._session.reference.search_procedures(text, MOST_SUGGESTIONS) if text.strip() else []
        self._view.suggest_procedures([Suggestion(hit.code, hit.title) for hit in found])

    def _show(self, most: int) -> None:
        total = visit_list.count(self._session.store.db, self._wanted)
        rows = self._rows(0, most)
        self._shown = len(rows)
        self._view.show_visits(rows, total, _told(total))

    def _rows(self, start: int, most: int) -> tuple[TableRow, ...]:
        found = visit_list.some(self._session.store.db, self._wanted, self._order, start, most)
        return tuple(map(self._row, found))

    def _row(self, visit: Listed) -> TableRow:
        reference = self._session.reference
        commune = reference.commune(visit.commune) if visit.commune else None
        titles = [
            procedure.title if (procedure := reference.procedure(code)) else code
            for code, _ in visit.procedures
        ]
        outcomes = dict.fromkeys(codes.OUTCOME.get(outcome, outcome) for _, outcome in visit.procedures)
        when = f"{short_day(date.fromisoformat(visit.visited_on))} {short_time(parse_utc_text(visit.started_at))}"
        place = commune.name if commune else visit.commune or codes.CHANNEL.get(visit.channel, visit.channel)
        cells = (when, place, " · ".join(titles), ", ".join(outcomes), f"{visit.minutes} min", visit.agent)
        return TableRow(visit.id, cells)


def _days(typed: Typed) -> dict[str, str]:
    return {name: text for name, text in (("first", typed.first), ("last", typed.last)) if text.strip()}


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _told(total: int) -> str:
    if not total:
        return "Aucune visite"
    figures = f"{total:,}".replace(",", "\u202f")
    return f"{figures} visite" if total == 1 else f"{figures} visites"
