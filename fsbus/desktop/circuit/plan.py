"""Decides what « Le circuit » shows: its stops, the days of their rules, the form that changes one."""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol

from fsbus.actions import plain_records
from fsbus.actions.circuit import next_passages_of, passages_between
from fsbus.actions.correcting import Undoing, take_back
from fsbus.actions.session import Session
from fsbus.core import codes, recurrence_words
from fsbus.core.circuit import Stop
from fsbus.core.entities import STOP
from fsbus.core.errors import FsbusError, InvalidInput
from fsbus.core.french import NO_BREAK, month_and_year, weekday_and_day
from fsbus.core.planning import Planned, plan
from fsbus.core.public_holidays import holiday
from fsbus.core.recurrence_words import Repeating, repeating, rule_text
from fsbus.desktop.circuit.shown import MonthDay, MonthShown, StopTyped
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.written_days import read_day, read_time, short_day
from fsbus.store import day_queries

EMPTY = "Le circuit n’a pas encore d’arrêt. « Ajouter un arrêt… » commence par le premier."
UNREADABLE_DAY = "Jour illisible\u00a0: 3/12 ou 3/12/2026 est attendu."
UNREADABLE_HOUR = "Heure illisible\u00a0: 9h30 est attendu."
NEW, CHANGED = "Nouvel arrêt du circuit", "Changer cet arrêt"
UNCHANGED = "Rien n’a été changé."


class PlanScreen(Protocol):
    """What the presenter needs of the screen."""

    def show_circuit(self, rows: Sequence[TableRow], empty: str) -> None: ...
    def show_month(self, month: MonthShown) -> None: ...
    def open_stop(self, stop: StopTyped, heading: str) -> None: ...
    def close_stop(self) -> None: ...
    def say_rule(self, words: str) -> None: ...
    def typed_stop(self) -> StopTyped: ...


class PlanPresenter:
    """The stops of one bus. ``changed`` is told the kind saved; ``offer`` tells what was done and takes it back."""

    def __init__(
        self,
        view: PlanScreen,
        session: Session,
        *,
        changed: Callable[[str], None],
        say: Callable[[str], None],
        offer: Callable[[str, Callable[[], bool]], None],
    ) -> None:
        self._view, self._session = view, session
        self._changed, self._say, self._offer = changed, say, offer
        self._month = self._today().replace(day=1)
        self._editing: str | None = None
        """The stop in the form: its id, empty for a new one, None while the form is closed."""
        self._began: Mapping[str, object] = {}

    def refresh(self) -> None:
        """Show the circuit and the month as the store holds them; the form stays as it is."""
        stops = day_queries.every(self._session.store.db, Stop)
        stops.sort(key=lambda one: (self._name(one.commune), one.place, one.opens_at))
        self._view.show_circuit([self._row(one) for one in stops], EMPTY)
        self._show_month()

    def turn(self, step: int) -> None:
        """Show another month."""
        middle = self._month.replace(day=15) + timedelta(days=30 * step)
        self._month = middle.replace(day=1)
        self._show_month()

    def month(self) -> str:
        """The month that is shown, ``2026-11``."""
        return self._month.isoformat()[:7]

    def commune_of(self, stop_id: str) -> str:
        """The commune of a stop; empty when it is gone."""
        stop = day_queries.one(self._session.store.db, Stop, stop_id)
        return stop.commune if stop else ""

    def begin(self) -> None:
        """Open the form on a new stop."""
        self._editing = ""
        today = self._today()
        self._view.open_stop(StopTyped(starts_on=short_day(today), weekdays=(str(today.weekday()),)), NEW)
        self.preview()

    def change(self, stop_id: str) -> None:
        """Open the form on a stop; nothing happens when it is gone."""
        stop = day_queries.one(self._session.store.db, Stop, stop_id)
        if stop is None:
            return
        self._editing = stop.id
        self._view.open_stop(self._typed(stop), CHANGED)
        self._began, _ = self._draft()
        self.preview()

    def leave(self) -> None:
        """Close the form; nothing is saved."""
        self._editing = None
        self._view.close_stop()
        self._show_month()

    def preview(self) -> None:
        """Say the rule in words and draw the days of the stop in the form, as far as it can be read."""
        if self._editing is None:
            return
        draft, problems = self._draft()
        wrong = problems.keys() & {"recurrence", "weekdays", "which", "starts_on", "ends_on", "except_on"}
        starts_on = draft["starts_on"]
        self._view.say_rule(
            ""
            if wrong or not starts_on
            else _said(recurrence_words.said(str(draft["recurrence"]), str(starts_on)))
        )
        self._show_month()

    def submit(self) -> dict[str, str]:
        """Record the stop in the form; what is wrong, by field."""
        draft, problems = self._draft()
        if problems:
            return problems
        editing = self._editing
        try:
            if editing:
                # Against what the form began with: what a colleague changed elsewhere stays.
                changed = {name: value for name, value in draft.items() if value != self._began.get(name)}
                undoing = plain_records.change_undoably(self._session, STOP, editing, changed)
                if undoing:
                    self._offer("Arrêt changé.", lambda: self._take_back(undoing))
                else:
                    self._say(UNCHANGED)
            else:
                made = plain_records.create(self._session, STOP, draft)
                self._offer("Arrêt ajouté au circuit.", lambda: self._unmake(made))
        except InvalidInput as refused:
            return dict(refused.problems)
        except FsbusError as refused:
            self._say(refused.words)
            return {}
        self.leave()
        self._done()
        return {}

    def take_off(self, stop_id: str) -> None:
        """Take a stop out of the circuit; it may be put back, its past passages stay."""
        try:
            plain_records.remove(self._session, STOP, stop_id)
        except FsbusError as refused:
            self._say(refused.words)
            return
        if self._editing == stop_id:
            self.leave()
        self._offer("Arrêt retiré du circuit.", lambda: self._put_back(stop_id))
        self._done()

    def _take_back(self, undoing: tuple[Undoing, ...]) -> bool:
        whole = take_back(self._session, undoing)
        self._done()
        return whole

    def _unmake(self, stop_id: str) -> bool:
        plain_records.remove(self._session, STOP, stop_id)
        self._done()
        return True

    def _put_back(self, stop_id: str) -> bool:
        plain_records.put_back(self._session, STOP, stop_id)
        self._done()
        return True

    def _done(self) -> None:
        self.refresh()
        self._changed(STOP)

    def _show_month(self) -> None:
        first = self._month
        last = first.replace(day=monthrange(first.year, first.month)[1])
        planned, communes = self._planned(first, last)
        days, rows = [], []
        for number in range(1, last.day + 1):
            day = first.replace(day=number)
            here = [one for one in planned if one.day == day.isoformat()]
            names = dict.fromkeys(name for commune in communes if (name := holiday(commune, day)))
            told = [self._in_words(one) for one in here]
            told += [f"Férié{NO_BREAK}: {name}" for name in names]
            days.append(MonthDay(number, sum(one.is_held for one in here), ", ".join(names)))
            rows += [
                TableRow(f"{day}.{place}", (weekday_and_day(day), words)) for place, words in enumerate(told)
            ]
        title = month_and_year(first.isoformat()[:7]).capitalize()
        if self._editing is not None:
            title += " — l’arrêt du formulaire"
        self._view.show_month(MonthShown(title, first.weekday(), tuple(days), tuple(rows)))

    def _planned(self, first: date, last: date) -> tuple[list[Planned], list[str]]:
        """What is planned in the month, and the communes whose public holidays count."""
        span = first.isoformat(), last.isoformat()
        if self._editing is None:
            planned = passages_between(self._session, *span)
            stops = day_queries.every(self._session.store.db, Stop)
            return planned, list(dict.fromkeys(one.commune for one in stops))
        draft, problems = self._draft()
        commune = str(draft["commune"] or "")
        if problems.keys() - {"commune", "opens_at", "closes_at"}:
            return [], [commune] if commune else []
        stop = Stop(
            id=self._editing or "new",
            commune=commune,
            place=str(draft["place"] or ""),
            opens_at=str(draft["opens_at"] or ""),
            closes_at=str(draft["closes_at"] or ""),
            starts_on=str(draft["starts_on"]),
            ends_on=str(draft["ends_on"]) if draft["ends_on"] else None,
            recurrence=str(draft["recurrence"]),
            except_on=tuple(map(str, draft["except_on"] if isinstance(draft["except_on"], list) else ())),
            on_holidays=bool(draft["on_holidays"]),
        )
        return plan([stop], [], *span), [commune]

    def _in_words(self, one: Planned) -> str:
        hours = f"{one.opens_at}–{one.closes_at}" if one.opens_at and one.closes_at else ""
        called_off = ""
        if one.passage is not None and one.passage.cancelled:
            called_off = f"(annulé{NO_BREAK}: {codes.CANCELLATION[one.passage.cancelled].lower()})"
        elif not one.is_held:
            called_off = "(reporté)"
        place = ", ".join(filter(None, (self._name(one.commune), one.place)))
        return " ".join(filter(None, (hours, place, called_off)))

    def _row(self, stop: Stop) -> TableRow:
        today = self._today()
        coming = next_passages_of(self._session, stop, (today - timedelta(days=1)).isoformat(), 1)
        soonest = short_day(date.fromisoformat(coming[0].day)) if coming else "—"
        rule = _said(recurrence_words.said(stop.recurrence, stop.starts_on))
        where = " · ".join(filter(None, (self._name(stop.commune), stop.place)))
        return TableRow(stop.id, (where, rule, f"{stop.opens_at}–{stop.closes_at}", soonest))

    def _name(self, code: str) -> str:
        commune = self._session.reference.commune(code) if code else None
        return commune.name if commune else code

    def _typed(self, stop: Stop) -> StopTyped:
        chosen = repeating(stop.recurrence, stop.starts_on)
        commune = self._session.reference.commune(stop.commune)
        return StopTyped(
            commune=stop.commune,
            commune_name=commune.label if commune else stop.commune,
            place=stop.place,
            opens_at=stop.opens_at,
            closes_at=stop.closes_at,
            starts_on=_day_shown(stop.starts_on),
            ends_on=_day_shown(stop.ends_on),
            kind=chosen.kind,
            weekdays=tuple(map(str, chosen.weekdays)),
            which=tuple(map(str, chosen.which)),
            kept=chosen.kept,
            except_on=", ".join(map(_day_shown, stop.except_on)),
            on_holidays=bool(stop.on_holidays),
            contact=stop.contact,
            note=stop.note,
        )

    def _draft(self) -> tuple[dict[str, object], dict[str, str]]:
        typed, problems = self._view.typed_stop(), dict[str, str]()
        if not typed.commune:
            problems["commune"] = "Commune à choisir dans la liste."
        draft: dict[str, object] = {
            "commune": typed.commune,
            "place": typed.place,
            "opens_at": _hour(typed.opens_at, "opens_at", problems),
            "closes_at": _hour(typed.closes_at, "closes_at", problems),
            "starts_on": self._day(typed.starts_on, "starts_on", problems),
            "ends_on": self._day(typed.ends_on, "ends_on", problems) if typed.ends_on.strip() else None,
            "on_holidays": typed.on_holidays,
            "contact": typed.contact,
            "note": typed.note,
        }
        days = [one for one in re.split(r"[,;]", typed.except_on) if one.strip()]
        draft["except_on"] = sorted(filter(None, (self._day(one, "except_on", problems) for one in days)))
        chosen = Repeating(
            typed.kind, tuple(map(int, typed.weekdays)), tuple(map(int, typed.which)), typed.kept
        )
        try:
            draft["recurrence"] = rule_text(chosen)
        except ValueError as missing:
            draft["recurrence"] = ""
            problems["weekdays" if not typed.weekdays else "which"] = str(missing)
        if typed.kind == recurrence_words.ONCE:
            draft |= {"ends_on": None, "except_on": []}
        return draft, problems

    def _day(self, text: str, name: str, problems: dict[str, str]) -> str | None:
        day = read_day(text, self._today(), ahead=True)
        if day is None:
            problems[name] = UNREADABLE_DAY
            return None
        return day.isoformat()

    def _today(self) -> date:
        return date.fromisoformat(plain_records.today(self._session))


def _hour(text: str, name: str, problems: dict[str, str]) -> str | None:
    found = read_time(text) if text.strip() else None
    if found is None:
        problems[name] = UNREADABLE_HOUR
        return None
    return f"{found[0]:02d}:{found[1]:02d}"


def _day_shown(day: str | None) -> str:
    return short_day(date.fromisoformat(day)) if day else ""


def _said(words: str) -> str:
    return words[:1].upper() + words[1:]
