"""Decides how a new visit is typed in the form: opened, kept, found again, recorded."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from fsbus.actions import visits
from fsbus.actions.session import Session
from fsbus.core.clock import local_day, parse_utc_text
from fsbus.core.errors import FsbusError, InvalidInput
from fsbus.core.french import NO_BREAK
from fsbus.desktop.visit_form.entry import Picked, ProcedureEntry, VisitEntry, read_entry
from fsbus.desktop.visit_form.form import FormPresenter, VisitForm, o_clock
from fsbus.desktop.visit_form.previous import like_previous
from fsbus.desktop.visit_form.typed import Typed
from fsbus.desktop.written_days import read_minutes, short_day, short_time
from fsbus.store import queries


class VisitFormPresenter(FormPresenter):
    """One form at a time: opened, typed in, saved or abandoned.

    ``on_saved`` is called with the French words to show once the visit is durable; ``on_closed`` when
    the agent abandons the form.
    """

    def __init__(
        self,
        view: VisitForm,
        session: Session,
        *,
        on_saved: Callable[[str], None],
        on_closed: Callable[[], None],
    ) -> None:
        super().__init__(view, session, on_closed=on_closed)
        self._on_saved = on_saved
        self._started_with: VisitEntry | None = None

    @property
    def visit_id(self) -> str:
        """The id of the visit under way, or of the last one recorded."""
        return self._visit_id

    def open(self) -> None:
        """An empty form that starts now."""
        if self.is_open:
            return
        now = self._session.clock.now()
        self._opened_at = now
        self._wants_details = [False]
        self._visit_id = self._session.ids.new()
        entry = VisitEntry(day=short_day(local_day(now)), time=short_time(now), minutes="1")
        self._view.start(entry, self._place())
        self._view.show_parts(0, frozenset())
        self._started_with = self._view.entry()

    def begin(self, channel: str, procedure: str) -> None:
        """Fill the empty form with how the person came and, when it is known, what for."""
        known = self._session.reference.procedure(procedure) if procedure else None
        entry = replace(self._view.entry(), channel=channel)
        if known is not None:
            entry = replace(entry, procedures=(ProcedureEntry(procedure=Picked(known.code, known.title)),))
        self._show_all(Typed(entry), self._place())
        self._started_with = self._view.entry()

    def resume(self, visit_id: str, kept_at: datetime, typed: Typed) -> None:
        """The form as it stood when it was kept; its visit keeps its id, so it is recorded once at most.

        The minutes go on from what was shown: those of the laptop locked are not the visit's.
        """
        if self.is_open:
            return
        now, shown = self._session.clock.now(), read_minutes(typed.entry.minutes) or 1
        self._opened_at = now - timedelta(minutes=shown)
        self._started_with = None
        self._visit_id = visit_id
        if local_day(kept_at) != local_day(now):
            # Of another day: the visit was where the bus stood then, and lasts no longer.
            self._stop_of_draft = typed.stop_commune
            typed = replace(typed, minutes_typed=True)
        self._show_all(typed, self._place())
        self._view.show_notice(
            f"Saisie du {kept_at.astimezone():%d/%m} à {o_clock(kept_at)} reprise : rien n’est encore enregistré."
        )

    def typed(self) -> tuple[str, Typed] | None:
        """(id that the visit will have, all that is typed), or None when there is nothing to keep."""
        if not self.is_open or not self.has_content:
            return None
        typed = Typed(
            self._view.entry(), self._view.minutes_typed(), tuple(self._wants_details), self._stop()
        )
        return self._visit_id, typed

    def take_previous(self) -> None:
        """Take over from the visit that this agent recorded last what is still empty; says what was taken."""
        if not self.is_open:
            return
        last = queries.last_visit_of(self._session.store.db, self._session.agent.id)
        if last is None:
            self._view.show_notice("Pas encore de visite à reprendre\u00a0: celle-ci est la première.")
            return
        before, (visit, records) = self._view.entry(), last
        entry = like_previous(before, visit, records, commune=self._commune_title, procedure=self._proposed)
        details = tuple(self._wants_details) if len(entry.procedures) == len(self._wants_details) else ()
        self._show_all(Typed(entry, self._view.minutes_typed(), details), self._place())
        taken = [] if entry.channel == before.channel else ["venue"]
        taken += [] if entry.resident_commune == before.resident_commune else ["commune"]
        if entry.procedures != before.procedures:
            count = len(entry.procedures)
            taken.append(f"{count}{NO_BREAK}démarche{'s' if count > 1 else ''}")
        said = ", ".join(taken) or "rien à reprendre, tout est déjà rempli"
        hour = o_clock(parse_utc_text(visit.started_at))
        self._view.show_notice(f"Comme la visite de {hour}\u00a0: {said}. Le reste est à remplir.")
        self._view.focus_person()

    def tick(self) -> None:
        """Show the minutes gone since the form was opened."""
        if self._opened_at is not None:
            gone = (self._session.clock.now() - self._opened_at).total_seconds()
            self._view.show_minutes(min(1439, max(1, round(gone / 60))))

    def save(self) -> None:
        """Save the visit, or show everything that keeps it from being saved."""
        if not self.is_open:
            return
        self.tick()
        today = local_day(self._session.clock.now())
        draft, unread = read_entry(self._view.entry(), today=today, stop_commune=self._stop())
        try:
            visits.record_visit(self._session, draft, self._visit_id)
        except InvalidInput as refused:
            self._view.show_problems({**refused.problems, **unread})
            return
        except FsbusError as error:
            self._view.show_problems({"": str(error)})
            return
        self._end()
        count = len(draft["procedures"]) if isinstance(draft["procedures"], list) else 0
        self._on_saved(f"Enregistré : {count}{NO_BREAK}démarche{'s' if count > 1 else ''}.")

    @property
    def has_content(self) -> bool:
        """Whether anything stands in the form beside what it opened with."""
        entry, started = self._view.entry(), self._started_with
        return started is None or replace(entry, minutes=started.minutes) != started

    def _commune_title(self, code: str) -> str:
        commune = self._session.reference.commune(code)
        return commune.label if commune else ""

    def _proposed(self, code: str) -> str:
        procedure = self._session.reference.procedure(code)
        return procedure.title if procedure and procedure.active else ""

    def _place(self) -> str:
        code = self._stop()
        commune = self._session.reference.commune(code) if code else None
        place = f"{commune.label} · " if commune else ""
        return f"{place}{self._session.agent.name}"

    def _end(self) -> None:
        super()._end()
        self._started_with = None
