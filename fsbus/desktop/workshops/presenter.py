"""Decides what the page of workshops shows: the sessions of a month, the year by theme."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from fsbus.actions import plain_records
from fsbus.actions.session import Session
from fsbus.core import codes, french
from fsbus.core.clock import local_day
from fsbus.core.entities import WORKSHOP
from fsbus.core.errors import FsbusError
from fsbus.core.redaction import redacted
from fsbus.core.reports import month_days
from fsbus.core.sheets import Sheet
from fsbus.core.workshop_sheet import signing_sheet
from fsbus.core.workshops import Workshop
from fsbus.desktop.widgets.rows import TableRow
from fsbus.store import day_queries

CHOOSE_FIRST = "Choisissez d’abord un atelier dans la liste."
FIRST_MONTH, LAST_MONTH = "1970-01", "9998-12"


@redacted()
@dataclass(frozen=True)
class MonthShown:
    """A month of workshops: its name, its lines, its sums in words; the year by theme, as bars."""

    month: str
    rows: tuple[TableRow, ...]
    sums: str
    year: str
    topics: tuple[tuple[str, int], ...]


class WorkshopsScreen(Protocol):
    """What the presenter needs of the page."""

    def show_month(self, shown: MonthShown) -> None: ...


class WorkshopsPresenter:
    """``say`` tells what was done, ``offer`` tells it and may take it back, ``changed`` has others read anew."""

    def __init__(
        self,
        view: WorkshopsScreen,
        session: Session,
        *,
        say: Callable[[str], None],
        offer: Callable[[str, Callable[[], None]], None],
        changed: Callable[[], None],
    ) -> None:
        self._view, self._session = view, session
        self._say, self._offer, self._changed = say, offer, changed
        self._month = local_day(session.clock.now()).isoformat()[:7]

    def refresh(self) -> None:
        """Show the month as the store holds it."""
        days = month_days(self._month)
        db, year = self._session.store.db, self._month[:4]
        found = day_queries.between(db, Workshop, days[0].isoformat(), days[-1].isoformat())
        found.sort(key=lambda one: (one.day, one.starts_at or "", one.id))
        counts = Counter(
            topic
            for one in day_queries.between(db, Workshop, f"{year}-01-01", f"{year}-12-31")
            for topic in one.topics
        )
        self._view.show_month(
            MonthShown(
                month=french.month_and_year(self._month).capitalize(),
                rows=tuple(self._row(one) for one in found),
                sums=_sums(found),
                year=str(int(year)),
                topics=tuple((codes.WORKSHOP_TOPIC.get(code, code), n) for code, n in counts.most_common()),
            )
        )

    def turn(self, months: int) -> None:
        """So many months later; earlier when it is less than nothing."""
        year, month = int(self._month[:4]), int(self._month[5:])
        years, month = divmod(year * 12 + month - 1 + months, 12)
        self._month = min(LAST_MONTH, max(FIRST_MONTH, f"{years:04}-{month + 1:02}"))
        self.refresh()

    def turn_to(self, day: str) -> None:
        """The month of this day."""
        self._month = day[:7]
        self.refresh()

    def last(self) -> Workshop | None:
        """The workshop recorded last, by its day."""
        found = day_queries.every(self._session.store.db, Workshop)
        return max(found, key=lambda one: (one.day, one.starts_at or "", one.id), default=None)

    def find(self, record_id: str) -> Workshop | None:
        """One of them; says so when none is chosen, or it is there no more."""
        found = day_queries.one(self._session.store.db, Workshop, record_id) if record_id else None
        if found is None:
            self._say(CHOOSE_FIRST)
        return found

    def remove(self, record_id: str) -> None:
        """Take one away; it may be put back."""
        one = self.find(record_id)
        if one is None:
            return
        try:
            plain_records.remove(self._session, WORKSHOP, record_id)
        except FsbusError as error:
            self._say(error.words)
            return
        self._done()
        self._offer(f"Atelier du {_day(one.day)} retiré.", lambda: self._put_back(record_id))

    def sheet(self, one: Workshop) -> Sheet:
        """The signing-in sheet of a workshop."""
        when = french.weekday_and_full_day(date.fromisoformat(one.day))
        at = f", {one.starts_at}" if one.starts_at else ""
        place = ", ".join(part for part in (one.place, self._commune(one)) if part)
        return signing_sheet(_title(one), f"{when}{at}", place, self._session.bus, one.participants)

    def _put_back(self, record_id: str) -> None:
        try:
            plain_records.put_back(self._session, WORKSHOP, record_id)
        except FsbusError as error:
            self._say(error.words)
        self._done()

    def _done(self) -> None:
        self.refresh()
        self._changed()

    def _commune(self, one: Workshop) -> str:
        found = self._session.reference.commune(one.commune) if one.commune else None
        return found.name if found else ""

    def _row(self, one: Workshop) -> TableRow:
        place = ", ".join(part for part in (one.place, self._commune(one)) if part)
        return TableRow(
            one.id,
            (
                _day(one.day),
                one.starts_at or "",
                _title(one),
                place,
                french.duration(one.minutes),
                french.number(one.participants),
            ),
        )


def _title(one: Workshop) -> str:
    return one.title or ", ".join(codes.WORKSHOP_TOPIC.get(code, code) for code in one.topics)


def _day(day: str) -> str:
    return french.weekday_and_day(date.fromisoformat(day))


def _sums(found: list[Workshop]) -> str:
    people, minutes = sum(one.participants for one in found), sum(one.minutes for one in found)
    told = (
        f"{len(found)}{french.NO_BREAK}atelier{'s' if len(found) > 1 else ''}",
        f"{french.number(people)}{french.NO_BREAK}participant{'s' if people > 1 else ''}",
        french.duration(minutes),
    )
    return " · ".join(told) if found else ""
