"""Corrects a recorded visit with its procedure records in one save, and puts back what stood before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fsbus.actions import put_aside
from fsbus.actions.session import Session
from fsbus.actions.telling import saving
from fsbus.actions.visits import changed_by
from fsbus.actions.wording import any_visit
from fsbus.core import visits
from fsbus.core.changes import CREATE, DELETE, SET
from fsbus.core.entities import PROCEDURE_RECORD, VISIT, body_of
from fsbus.core.errors import InvalidInput
from fsbus.core.redaction import redacted
from fsbus.core.visits import Visit
from fsbus.store import queries, setting_right
from fsbus.store.database import Database, rows
from fsbus.store.deleting import is_deleted
from fsbus.store.edits import Edit, Writes, Written, write_row
from fsbus.store.erasing import is_held
from fsbus.store.rows import SHAPES

GONE = "Cette visite n’est plus ici\u00a0: elle a été effacée, ou n’est pas encore arrivée."
REMOVED = "Cette visite a été retirée\u00a0: remettez-la d’abord, puis corrigez-la."
MOVED = "Changé ailleurs entre-temps."
_RECORD_REMOVED = "Cette démarche a été retirée entre-temps sur un autre poste\u00a0: remettez-la d’abord, ou retirez-la ici aussi."
_NONE_LEFT = "Les autres démarches ont été retirées entre-temps\u00a0: une visite en garde au moins une."
_TOO_MANY = f"Une visite a {visits.MOST_PROCEDURES} démarches au plus."


@redacted("record_id", "is_new")
@dataclass(frozen=True)
class ProcedureChange:
    """A procedure of the form: the ``fields`` that were changed, in the shape of a draft; all of them when ``is_new``.

    A new one comes with the id that it will have, so that it is recorded once at most.
    """

    record_id: str
    fields: Mapping[str, object]
    is_new: bool = False


@redacted("visit_id", "removed")
@dataclass(frozen=True)
class Correction:
    """What the agent changed, and nothing else. ``procedures``: all that the form shows, in its order.

    ``seen``: each record (id) as it stood when the agent began, to know what another laptop changed meanwhile.
    """

    visit_id: str
    visit: Mapping[str, object]
    procedures: tuple[ProcedureChange, ...]
    removed: tuple[str, ...]
    seen: Mapping[str, Mapping[str, object]]


@redacted("edit")
@dataclass(frozen=True)
class Undoing:
    """One change that takes a correction back, while the record still holds what it wrote (``ours``)."""

    edit: Edit
    ours: Mapping[str, object]


class ChangedMeanwhile(InvalidInput):
    """Another laptop changed the same fields since the form was opened: nothing was written.

    ``now``: those records as they stand; once the agent has seen them, the same correction may be saved again.
    """

    def __init__(self, problems: Mapping[str, str], now: Mapping[str, Mapping[str, object]]) -> None:
        super().__init__(problems)
        self.now = now


def readable_visit(session: Session, visit_id: str) -> Visit:
    """The visit to correct. Raises ReadOnly, or InvalidInput when it was erased or removed."""
    session.require_writable()
    visit = queries.visit(session.store.db, visit_id)
    if visit is None:
        raise InvalidInput({"": GONE if any_visit(session.store.db, visit_id) is None else REMOVED})
    return visit


def correct(session: Session, correction: Correction) -> tuple[Undoing, ...]:
    """Save a correction whole, durable on return; what takes it back, empty when nothing differs from what stands.

    What the centre had put aside of the records that are changed is sent again, as corrected. Raises InvalidInput with every
    problem by its field path (`ChangedMeanwhile` when it may be repeated), ReadOnly, or StoreUnavailable.
    """
    with saving(session.log, VISIT), session.store.batch():
        visit = readable_visit(session, correction.visit_id)
        work = _Work(session, correction)
        day = work.change(VISIT, visit.id, body_of(visit), correction.visit, "", visit.visited_on)
        for number, one in enumerate(correction.procedures):
            work.procedure(one, f"procedures[{number}].", day)
        work.remove(correction.removed)
        work.check()
        aside = {one.record_id for one in queries.quarantined(session.store.db)} & work.touched
        session.store.save(
            work.edits, actor=session.agent.id, write=_without_operations(session.store.db, aside)
        )
        for record_id in sorted(aside):
            put_aside.send_again(session, record_id)
        return tuple(work.undoing)


def take_back(session: Session, undoing: Iterable[Undoing]) -> bool:
    """Put back what stood before, by an ordinary change; what others changed since stays, then it is False.

    Raises ReadOnly or StoreUnavailable.
    """
    session.require_writable()
    whole, db = True, session.store.db
    with session.store.batch():
        edits = []
        for one in undoing:
            edit = one.edit
            stands = _body(db, edit.kind, edit.record_id)
            if edit.verb == SET and not edit.fields:
                edits += [edit] if is_deleted(db, edit.record_id) else []
                whole = whole and (stands is not None or is_deleted(db, edit.record_id))
                continue
            if stands is None:
                whole = False
                continue
            kept = {name: value for name, value in edit.fields.items() if stands[name] == one.ours[name]}
            whole = whole and len(kept) == len(edit.fields)
            if kept or edit.verb == DELETE:
                edits.append(Edit(edit.kind, edit.record_id, edit.verb, kept))
        session.store.save(edits, actor=session.agent.id)
    return whole


def taking_back_removal(kind: str, record_id: str) -> tuple[Undoing, ...]:
    """What puts back a visit or a procedure record that was just removed."""
    return (Undoing(Edit(kind, record_id, SET), {}),)


class _Work:
    """Gathers the edits of one correction, the changes that take them back, and every problem."""

    def __init__(self, session: Session, correction: Correction) -> None:
        self._session, self._correction = session, correction
        self.edits: list[Edit] = []
        self.undoing: list[Undoing] = []
        self.touched: set[str] = set()
        self._problems: dict[str, str] = {}
        self._moved: dict[str, Mapping[str, object]] = {}

    def change(
        self,
        kind: str,
        record_id: str,
        stands: Mapping[str, object],
        changes: Mapping[str, object],
        path: str,
        day: str,
    ) -> str:
        """Take the changes of one record; the day of the visit once they are made."""
        if not changes:
            return day
        try:
            changed = changed_by(self._session, kind, stands, changes, day)
        except InvalidInput as refused:
            self._problems |= {f"{path}{field}": text for field, text in refused.problems.items()}
            return day
        seen = self._correction.seen.get(record_id, stands)
        for name, value in changed.items():
            if stands[name] != seen.get(name):
                self._moved[record_id] = stands
                self._problems[f"{path}{_part(name, stands[name], value)}"] = MOVED
        if changed:
            former = {name: stands[name] for name in changed}
            self.undoing.append(Undoing(Edit(kind, record_id, SET, former), changed))
            self._add(Edit(kind, record_id, SET, changed))
        return str(changed.get("visited_on", day))

    def procedure(self, one: ProcedureChange, path: str, day: str) -> None:
        """Take one procedure of the form, changed or new."""
        db = self._session.store.db
        if one.is_new and not is_held(db, one.record_id):
            fields = visits.read_procedure(
                one.fields, path.removesuffix("."), day, self._session.reference, self._problems
            )
            if not any(field.startswith(path) for field in self._problems):
                made = visits.build_record(one.record_id, {**fields, "visit_id": self._correction.visit_id})
                self._add(Edit(PROCEDURE_RECORD, made.id, CREATE, body_of(made)))
                self.undoing.append(Undoing(Edit(PROCEDURE_RECORD, made.id, DELETE), {}))
        elif one.fields and not one.is_new:
            stands = _body(db, PROCEDURE_RECORD, one.record_id)
            if stands is None:
                self._problems[f"{path}procedure"] = _RECORD_REMOVED
            else:
                self.change(PROCEDURE_RECORD, one.record_id, stands, one.fields, path, day)

    def remove(self, record_ids: Iterable[str]) -> None:
        """Take out procedure records; one that is gone already is no problem."""
        for record_id in record_ids:
            if queries.record(self._session.store.db, record_id) is not None:
                self._add(Edit(PROCEDURE_RECORD, record_id, DELETE))
                self.undoing.append(Undoing(Edit(PROCEDURE_RECORD, record_id, SET), {}))

    def check(self) -> None:
        """Raise every problem."""
        shown = {one.id for one in queries.records_of(self._session.store.db, self._correction.visit_id)}
        left = (shown | {one.record_id for one in self.edits if one.verb == CREATE}) - {
            one.record_id for one in self.edits if one.verb == DELETE
        }
        if not self._problems and not left:
            self._problems["procedures"] = _NONE_LEFT
        if len(left) > visits.MOST_PROCEDURES:
            self._problems["procedures"] = _TOO_MANY
        if self._problems and self._moved:
            raise ChangedMeanwhile(self._problems, self._moved)
        if self._problems:
            raise InvalidInput(self._problems)

    def _add(self, edit: Edit) -> None:
        self.edits.append(edit)
        self.touched.add(edit.record_id)


def _without_operations(db: Database, aside: Iterable[str]) -> Writes:
    """Writes rows as `write_row`, and no operation of what the centre never took: it is sent again whole."""
    new = {record_id for record_id in aside if setting_right.is_new(db, record_id)}

    def write(db: Database, edit: Edit) -> list[Written]:
        written = write_row(db, edit)
        return [one for one in written if one.record_id not in new]

    return write


def _body(db: Database, kind: str, record_id: str) -> dict[str, object] | None:
    shape = SHAPES[kind]
    row = next(rows(db, shape.select_one, (record_id,)), None)
    return None if row is None else shape.body_of(row)


def _part(name: str, stands: object, value: object) -> str:
    """The path of the first part of a group that differs; that of the field itself when it is no group."""
    if name == "visited_on":
        return "started_at"
    groups = [group for group in (value, stands) if isinstance(group, Mapping)]
    if not groups:
        return name
    one, other = groups[0], groups[-1] if len(groups) == 2 else {}
    return next((f"{name}.{part}" for part in one if one.get(part) != other.get(part)), name)
