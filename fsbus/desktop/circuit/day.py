"""Decides what « Aujourd’hui » shows of the circuit, and records what happens at each stop."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from fsbus.actions import follow_ups, plain_records, setting_out, stops
from fsbus.actions.circuit import passages_of_day
from fsbus.actions.session import Session
from fsbus.core.circuit import MOMENTS, Incident, Stop
from fsbus.core.clock import as_utc_text, parse_utc_text
from fsbus.core.entities import INCIDENT, PASSAGE
from fsbus.core.errors import FsbusError, InvalidInput
from fsbus.core.follow_ups import here_in_words
from fsbus.core.french import duration
from fsbus.core.planning import Planned
from fsbus.desktop.circuit.passage_words import details, incident_row, said_state, state
from fsbus.desktop.circuit.shown import Details, PassageShown
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.written_days import read_day, read_minutes, read_time, short_day, short_time
from fsbus.store import day_queries, queries

SAID = (
    "Arrivée notée.",
    "Arrêt ouvert\u00a0: les visites sont de cette commune.",
    "Arrêt fermé.",
    "Départ noté.",
)
CLOSING = 2
"""The moment from which nobody is received any more."""
NO_STOP = (
    "Aucun arrêt aujourd’hui dans le circuit. « Le circuit » en ajoute\u00a0; un arrêt non prévu se note ici."
)
UNREADABLE_HOUR = "Heure illisible\u00a0: 9h30 est attendu."
UNREADABLE_DAY = "Jour illisible\u00a0: 3/12 ou +14 est attendu."
UNREADABLE_MINUTES = "Durée illisible\u00a0: 30 ou 1h10 est attendu."
UNREADABLE_KILOMETRES = "Un nombre entier de kilomètres est attendu."
NO_COMMUNE = "Choisissez d’abord un arrêt, ou ajoutez un arrêt non prévu."
TO_CHOOSE = "À choisir."


class DayScreen(Protocol):
    """What the presenter needs of the screen."""

    def show_agents(self, names: Mapping[str, str]) -> None: ...
    def show_stops(self, rows: Sequence[TableRow], empty: str) -> None: ...
    def show_passage(self, passage_id: str, shown: PassageShown | None) -> None: ...
    def show_problems(self, problems: Mapping[str, str]) -> None: ...
    def show_incidents(self, rows: Sequence[TableRow]) -> None: ...
    def is_edited(self) -> bool: ...
    def typed(self) -> Details: ...


class DayPresenter:
    """Today's stops of one bus. ``changed`` is told the kinds saved; ``offer`` tells what was done and takes it back."""

    def __init__(
        self,
        view: DayScreen,
        session: Session,
        *,
        changed: Callable[[str], None],
        say: Callable[[str], None],
        offer: Callable[[str, Callable[[], bool]], None],
    ) -> None:
        self._view, self._session = view, session
        self._changed, self._say, self._offer = changed, say, offer
        self._planned: dict[str, Planned] = {}
        self._chosen = ""
        self._before = Details()

    def refresh(self) -> None:
        """Show today's stops and incidents as the store holds them; what is being typed stays."""
        db, today = self._session.store.db, plain_records.today(self._session)
        self._planned = {one.passage_id: one for one in passages_of_day(self._session, today)}
        typing = self._chosen in self._planned and self._view.is_edited()
        if self._chosen not in self._planned:
            under_way = (one for one in self._planned.values() if one.is_held and state(one) < len(MOMENTS))
            self._chosen = next((one.passage_id for one in under_way), next(iter(self._planned), ""))
        if not typing:
            self._view.show_agents({one.id: one.name for one in queries.agents(db)})
        self._view.show_stops([self._row(one) for one in self._planned.values()], NO_STOP)
        if not typing:
            self._show()
        self._view.show_incidents([incident_row(one) for one in day_queries.of_day(db, Incident, today)])

    def choose(self, passage_id: str) -> None:
        """Show another stop; what was typed of the one before is saved first, or told why it cannot be."""
        if passage_id == self._chosen or passage_id not in self._planned:
            return
        if self._view.is_edited() and not self.save():
            self.refresh()
            return
        self._chosen = passage_id
        self._show()

    def save(self) -> bool:
        """Record what is typed of the passage; whether it could be."""
        return self._record({}, "Enregistré.")

    def keep(self) -> None:
        """The window locks or closes: record what is typed, as far as it can be."""
        planned = self._planned.get(self._chosen)
        if planned is None or not self._view.is_edited():
            return
        problems: dict[str, str] = {}
        for name, value in self._changes(problems).items():
            if name not in problems:
                with contextlib.suppress(FsbusError):
                    setting_out.record(self._session, planned, {name: value})

    def mark(self, number: int) -> None:
        """A moment is now, with whatever else is typed."""
        now = as_utc_text(self._session.clock.now())
        chosen = self._planned.get(self._chosen)
        here = self._to_take_up(chosen) if chosen is not None and number < CLOSING else ""
        self._record({MOMENTS[number]: now}, f"{SAID[number]} {here}".rstrip())

    def call_off(self, reason: str) -> dict[str, str]:
        """Cancel the passage; what is wrong, by field."""
        if not reason:
            return {"cancelled": TO_CHOOSE}
        return self._try({"cancelled": reason}, "Passage annulé.")

    def put_off(self, typed: str) -> dict[str, str]:
        """Postpone it; what is wrong, by field."""
        today = parse_utc_text(as_utc_text(self._session.clock.now())).astimezone().date()
        day = read_day(typed, today, ahead=True)
        if day is None:
            return {"postponed_to": UNREADABLE_DAY}
        return self._try({"postponed_to": day.isoformat()}, f"Passage reporté au {short_day(day)}.")

    def restore(self) -> None:
        """The passage takes place after all."""
        if problems := self._try({"cancelled": None, "postponed_to": None}, "Passage rétabli."):
            self._say(" ".join(problems.values()))

    def add_unplanned(self, commune: str, place: str, opens: str, closes: str) -> dict[str, str]:
        """A stop that the circuit does not have; what is wrong, by field."""
        problems: dict[str, str] = {}
        draft = {
            "commune": commune,
            "place": place,
            "opens_at": _hour(opens, "opens_at", problems),
            "closes_at": _hour(closes, "closes_at", problems),
        }
        if not commune:
            problems.setdefault("commune", "Commune à choisir.")
        if problems:
            return problems
        try:
            made = setting_out.add_unplanned(self._session, draft)
        except InvalidInput as refused:
            return dict(refused.problems)
        except FsbusError as refused:
            return {"": refused.words}
        self._chosen = made
        self._after("Arrêt ajouté pour aujourd’hui.")
        return {}

    def add_incident(self, what: str, started: str, minutes: str, closed: bool, note: str) -> dict[str, str]:
        """Something went wrong; what is wrong with the form, by field."""
        problems: dict[str, str] = {}
        day = plain_records.today(self._session)
        chosen = self._planned.get(self._chosen)
        commune = chosen.commune if chosen else stops.today(self._session)
        moment = self._moment(started, day, "started_at", problems)
        if not what:
            problems["what"] = TO_CHOOSE
        elif commune is None:
            problems["what"] = NO_COMMUNE
        lasted = read_minutes(minutes) if minutes.strip() else None
        if minutes.strip() and lasted is None:
            problems["minutes"] = UNREADABLE_MINUTES
        if problems or moment is None:
            return problems
        draft = {
            "day": day, "commune": commune, "what": what, "started_at": moment, "closed": closed, "note": note,
            "minutes": setting_out.minutes_since(self._session, moment) if lasted is None else lasted,
        }  # fmt: skip
        try:
            plain_records.create(self._session, INCIDENT, draft)
        except InvalidInput as refused:
            return dict(refused.problems)
        except FsbusError as refused:
            return {"": refused.words}
        self._say(
            "Incident noté."
            if lasted
            else "Incident noté\u00a0: « C’est fini maintenant » le comptera jusqu’au bout."
        )
        self._done(INCIDENT)
        return {}

    def now(self) -> str:
        """The hour it is, as it is typed."""
        return short_time(self._session.clock.now())

    def end_incident(self, incident_id: str) -> None:
        """The incident is over now."""
        self._run(
            lambda: (
                f"Incident compté\u00a0: {duration(setting_out.end_incident(self._session, incident_id))}."
            )
        )

    def take_off_incident(self, incident_id: str) -> None:
        """Remove an incident noted by mistake; may be taken back."""
        try:
            plain_records.remove(self._session, INCIDENT, incident_id)
        except FsbusError as refused:
            self._say(refused.words)
            return
        self._offer("Incident retiré.", lambda: self._put_back(incident_id))
        self._done(INCIDENT)

    def _put_back(self, incident_id: str) -> bool:
        plain_records.put_back(self._session, INCIDENT, incident_id)
        self._done(INCIDENT)
        return True

    def _run(self, does: Callable[[], str]) -> None:
        try:
            said = does()
        except FsbusError as refused:
            said = refused.words
        self._say(said)
        self._done(INCIDENT)

    def _record(self, more: Mapping[str, object], said: str) -> bool:
        problems: dict[str, str] = {}
        changes = {**self._changes(problems), **more}
        if not problems and changes:
            problems = self._try(changes, said)
        self._view.show_problems(problems)
        if rest := [problems[name] for name in ("", "id", "commune") if name in problems]:
            # They have no field on the card.
            self._say(" ".join(rest))
        return not problems

    def _try(self, changes: Mapping[str, object], said: str) -> dict[str, str]:
        planned = self._planned.get(self._chosen)
        if planned is None:
            return {}
        try:
            undo = setting_out.record(self._session, planned, changes)
        except InvalidInput as refused:
            return dict(refused.problems)
        except FsbusError as refused:
            return {"": refused.words}
        self._show_saved()
        self._offer(said, lambda: self._take_back(undo))
        self._done(PASSAGE)
        return {}

    def _take_back(self, undo: setting_out.Undo) -> bool:
        whole = setting_out.take_back(self._session, undo)
        self._show_saved()
        self._done(PASSAGE)
        return whole

    def _after(self, said: str) -> None:
        self._say(said)
        self._show_saved()
        self._done(PASSAGE)

    def _show_saved(self) -> None:
        """What was typed is recorded: it is read back from the store."""
        today = plain_records.today(self._session)
        self._planned = {one.passage_id: one for one in passages_of_day(self._session, today)}
        self._show()

    def _done(self, kind: str) -> None:
        self.refresh()
        self._changed(kind)

    def _changes(self, problems: dict[str, str]) -> dict[str, object]:
        """What is typed and differs from what was shown."""
        planned, typed, before = self._planned.get(self._chosen), self._view.typed(), self._before
        if planned is None:
            return {}
        changes: dict[str, object] = {}
        for name, text, was in zip(MOMENTS, typed.hours, before.hours, strict=True):
            if text != was:
                changes[name] = self._moment(text, planned.day, name, problems) if text else None
        for name, now, then in (
            ("agents", typed.agents, before.agents),
            ("equipment_ready", typed.ready, before.ready),
            ("equipment_faulty", typed.faulty, before.faulty),
        ):
            if set(now) != set(then):
                changes[name] = list(now)
        if typed.network != before.network:
            changes["network"] = typed.network or None
        if typed.note != before.note:
            changes["note"] = typed.note
        if typed.kilometres != before.kilometres:
            if typed.kilometres and not typed.kilometres.isdecimal():
                problems["kilometres"] = UNREADABLE_KILOMETRES
            changes["kilometres"] = int(typed.kilometres) if typed.kilometres.isdecimal() else None
        return changes

    def _moment(self, text: str, day: str, name: str, problems: dict[str, str]) -> str | None:
        if not text.strip():
            return as_utc_text(self._session.clock.now())
        found = read_time(text)
        if found is None:
            problems[name] = UNREADABLE_HOUR
            return None
        return setting_out.moment_on(day, *found)

    def _show(self) -> None:
        planned = self._planned.get(self._chosen)
        if planned is None:
            self._before = Details()
            self._view.show_passage("", None)
            return
        self._before = details(planned.passage)
        proposed = self._before
        if planned.passage is None:
            proposed = self._proposed()
        behind = state(planned)
        self._view.show_passage(
            self._chosen,
            PassageShown(
                self._name(planned),
                self._words(planned),
                proposed,
                behind if behind < len(MOMENTS) else None,
                planned.is_held,
            ),
        )

    def _proposed(self) -> Details:
        """For a passage not begun: the crew and the equipment of the one before it today, or who works here."""
        told = [one.passage for one in self._planned.values() if one.passage is not None and one.is_held]
        if not told:
            return Details(agents=(self._session.agent.id,))
        last = details(told[-1])
        return Details(agents=last.agents, ready=last.ready, faulty=last.faulty)

    def _row(self, one: Planned) -> TableRow:
        hours = f"{one.opens_at or '?'}–{one.closes_at or '?'}" if one.opens_at or one.closes_at else "—"
        return TableRow(one.passage_id, (hours, self._name(one), said_state(one)))

    def _name(self, one: Planned) -> str:
        commune = self._session.reference.commune(one.commune)
        return " · ".join(filter(None, (commune.label if commune else one.commune, one.place)))

    def _to_take_up(self, one: Planned) -> str:
        """How many follow-ups wait in the commune of this passage today."""
        words = here_in_words(follow_ups.count_here(self._session, one.commune))
        return f"{words}." if words else ""

    def _words(self, one: Planned) -> str:
        stop = day_queries.one(self._session.store.db, Stop, one.stop_id) if one.stop_id else None
        hours = f"De {one.opens_at} à {one.closes_at}." if one.opens_at and one.closes_at else ""
        told = [f"{said_state(one)}.", hours, self._to_take_up(one)]
        if stop is not None:
            told += [f"Sur place\u00a0: {stop.contact}." if stop.contact else "", stop.note]
        return " ".join(filter(None, told))


def _hour(text: str, name: str, problems: dict[str, str]) -> str | None:
    if not text.strip():
        return None
    found = read_time(text)
    if found is None:
        problems[name] = UNREADABLE_HOUR
        return None
    return f"{found[0]:02d}:{found[1]:02d}"
