"""Decides how a recorded visit is corrected in the form: only what the agent changed is saved."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from fsbus.actions import correcting
from fsbus.actions.correcting import MOVED, ChangedMeanwhile, Correction, Undoing
from fsbus.actions.session import Session
from fsbus.actions.wording import Wording, any_visit, field_label, visit_title
from fsbus.core.changes import DELETE
from fsbus.core.clock import local_day
from fsbus.core.entities import body_of
from fsbus.core.errors import FsbusError, InvalidInput
from fsbus.core.french import NO_BREAK
from fsbus.desktop.visit_form.differing import correction_of, entry_of, is_empty
from fsbus.desktop.visit_form.form import FormPresenter, VisitForm, o_clock
from fsbus.desktop.visit_form.typed import Began, Typed
from fsbus.store import queries

NOTHING = "Rien n’a été changé\u00a0: la visite reste comme elle était."
SAVE_AGAIN = "Enregistrez encore pour le remplacer."
LONGEST_TOLD = 120
"""Characters shown of a value that another laptop put there."""
MOST_NAMED = 3
"""Fields that are named in what is told; more are counted."""


class CorrectionPresenter(FormPresenter):
    """One correction at a time. ``on_saved`` gets the French words to show, and what takes the correction back, once it is
    durable; nothing to take back when nothing was written."""

    def __init__(
        self,
        view: VisitForm,
        session: Session,
        *,
        on_saved: Callable[[str, tuple[Undoing, ...]], None],
        on_closed: Callable[[], None],
    ) -> None:
        super().__init__(view, session, on_closed=on_closed)
        self._on_saved = on_saved
        self._began: Began | None = None
        self._record_ids: list[str] = []

    @property
    def visit_id(self) -> str:
        """The visit that is, or was last, corrected."""
        return self._visit_id

    def correct(
        self, visit_id: str, refused: Mapping[str, Iterable[str]] | None = None, why: str = ""
    ) -> None:
        """The form filled with this visit. Raises ReadOnly, or InvalidInput when it is not here to be corrected.

        ``refused``: for each record (id) the fields that the centre refused, with the reason ``why``: shown beside them.
        """
        visit = correcting.readable_visit(self._session, visit_id)
        records = queries.records_of(self._session.store.db, visit_id)
        self._visit_id, self._stop_of_draft = visit_id, visit.stop_commune
        self._opened_at = self._session.clock.now()
        self._record_ids = [one.id for one in records]
        entry = entry_of(visit, records, self._session.reference)
        problems = self._problems_of(refused or {}, why)
        # What was refused may stand in a part that is hidden as long as it is empty.
        details = tuple(
            any(path.startswith(f"procedures[{number}].") for path in problems)
            for number in range(len(records))
        )
        self._show_all(Typed(entry, True, details), self._place())
        seen = {visit.id: body_of(visit)} | {one.id: body_of(one) for one in records}
        # As the form gives it back, untouched: an editor may show a text otherwise than it was recorded.
        self._began = Began(self._view.entry(), tuple(self._record_ids), seen)
        if problems:
            self._view.show_problems(problems)

    def resume(self, visit_id: str, kept_at: datetime, typed: Typed) -> None:
        """The correction as it stood when it was kept, with what it began from."""
        if self.is_open or typed.began is None:
            return
        self._visit_id, self._stop_of_draft = visit_id, typed.stop_commune
        self._opened_at, self._began = self._session.clock.now(), typed.began
        self._record_ids = list(typed.record_ids)
        self._show_all(typed, self._place())
        self._view.show_notice(
            f"Correction du {kept_at.astimezone():%d/%m} à {o_clock(kept_at)} reprise\u00a0: "
            "la visite n’est pas encore changée."
        )

    def typed(self) -> tuple[str, Typed] | None:
        """(id of the visit, all that is typed), or None when nothing was changed."""
        if not self.is_open or not self.has_content:
            return None
        return self._visit_id, Typed(
            self._view.entry(),
            True,
            tuple(self._wants_details),
            self._stop_of_draft,
            self._began,
            tuple(self._record_ids),
        )

    def add_procedure(self) -> None:
        """One more procedure, with the id that its record will have."""
        self._record_ids.append(self._session.ids.new())
        super().add_procedure()

    def remove_procedure(self, number: int) -> None:
        """Take one away; a visit keeps at least one."""
        if len(self._record_ids) > 1:
            del self._record_ids[number]
            super().remove_procedure(number)

    def save(self) -> None:
        """Save what was changed, or show everything that keeps it from being saved."""
        if self._began is None:
            return
        entry, today = self._view.entry(), local_day(self._session.clock.now())
        correction, unread = correction_of(self._visit_id, self._began, entry, self._record_ids, today)
        undoing: tuple[Undoing, ...] = ()
        try:
            if not is_empty(correction):
                undoing = correcting.correct(self._session, correction)
        except ChangedMeanwhile as moved:
            problems = self._worded(moved, correction)
            self._began = replace(
                self._began, seen=self._began.seen | {one: dict(body) for one, body in moved.now.items()}
            )
            self._view.show_problems({**problems, **unread})
            return
        except InvalidInput as refused:
            self._view.show_problems({**refused.problems, **unread})
            return
        except FsbusError as error:
            self._view.show_problems({"": str(error)})
            return
        self._end()
        self._on_saved(f"Corrigé{NO_BREAK}: {told(undoing)}." if undoing else NOTHING, undoing)

    def drop_if_erased(self) -> bool:
        """Close the form without a question when its visit was erased meanwhile; whether it was."""
        if not self.is_open or any_visit(self._session.store.db, self._visit_id) is not None:
            return False
        self._end()
        return True

    @property
    def has_content(self) -> bool:
        """Whether the agent changed anything."""
        began = self._began
        return began is not None and (
            tuple(self._record_ids) != began.ids or self._view.entry() != began.entry
        )

    def _problems_of(self, refused: Mapping[str, Iterable[str]], why: str) -> dict[str, str]:
        problems = dict[str, str]()
        for record_id, fields in refused.items():
            path = "" if record_id == self._visit_id else self._path_of(record_id)
            problems |= {f"{path}{field}": why for field in fields} or {"": why}
        return problems

    def _path_of(self, record_id: str) -> str:
        known = record_id in self._record_ids
        return f"procedures[{self._record_ids.index(record_id)}]." if known else ""

    def _worded(self, moved: ChangedMeanwhile, correction: Correction) -> dict[str, str]:
        """The problems, each with the value that stands now."""
        wording, problems = Wording(self._session), dict(moved.problems)
        for record_id, body in moved.now.items():
            path = "" if record_id == correction.visit_id else self._path_of(record_id)
            for field, text in moved.problems.items():
                name = field.removeprefix(path)
                if text == MOVED and field.startswith(path) and name.partition(".")[0] in body:
                    value = wording.value(name.partition(".")[0], body[name.partition(".")[0]])
                    short = value if len(value) <= LONGEST_TOLD else f"{value[: LONGEST_TOLD - 1]}…"
                    problems[field] = f"{MOVED.rstrip('.')}\u00a0: «\u00a0{short}\u00a0». {SAVE_AGAIN}"
        return problems

    def _place(self) -> str:
        visit = any_visit(self._session.store.db, self._visit_id)
        if visit is None:
            return ""
        author = Wording(self._session).author(visit.agent_id)
        return " · ".join(part for part in (visit_title(visit), author) if part)

    def _end(self) -> None:
        super()._end()
        self._began = None


def told(undoing: Iterable[Undoing]) -> str:
    """What a correction changed, in a few words."""
    fields, added, removed = list[str](), 0, 0
    for one in undoing:
        if one.edit.verb == DELETE:
            added += 1
        elif not one.edit.fields:
            removed += 1
        moment, day = one.edit.fields.get("started_at"), one.edit.fields.get("visited_on")
        same_hour = day is not None and str(moment)[10:] == str(one.ours.get("started_at"))[10:]
        hidden = {"partner", "started_at"} if same_hour else {"partner"}
        fields += [field_label(one.edit.kind, name) for name in one.edit.fields if name not in hidden]
    names = list(dict.fromkeys(fields))
    parts = (
        [", ".join(names) if len(names) <= MOST_NAMED else f"{len(names)}{NO_BREAK}champs"] if names else []
    )
    for count, word in ((added, "ajoutée"), (removed, "retirée")):
        if count:
            plural = "s" if count > 1 else ""
            parts.append(f"{count}{NO_BREAK}démarche{plural} {word}{plural}")
    return "\u00a0; ".join(parts)
