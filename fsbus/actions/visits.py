"""Records, amends and erases visits and their procedure records."""

import contextlib
from collections.abc import Mapping, Sequence

from fsbus.actions.session import Session
from fsbus.actions.telling import saving
from fsbus.core import visits
from fsbus.core.changes import CREATE, SET
from fsbus.core.entities import PROCEDURE_RECORD, VISIT, body_of
from fsbus.core.errors import InvalidInput, StoreUnavailable
from fsbus.core.events import Erased
from fsbus.core.records import ProcedureRecord
from fsbus.core.visits import Visit, VisitDraft
from fsbus.store import drafts, people, queries
from fsbus.store.erasing import is_erased, is_held
from fsbus.store.store import Edit

_TWICE = "Cette visite est déjà enregistrée : abandonnez cette saisie."
_UNKNOWN = {
    VISIT: ("visit_id", "Visite inconnue ici : vérifiez l’identifiant, ou synchronisez."),
    PROCEDURE_RECORD: ("record_id", "Démarche inconnue ici : vérifiez l’identifiant, ou synchronisez."),
}


def record_visit(session: Session, draft: VisitDraft, visit_id: str | None = None) -> Visit:
    """Check a draft and save it with its procedure records; durable on return.

    ``visit_id``: the id that was kept for it while it was typed; it serves once. Raises InvalidInput with every
    problem (nothing was written), or StoreUnavailable.
    """
    session.require_writable()
    if visit_id is not None and was_recorded(session, visit_id):
        raise InvalidInput({"": _TWICE})
    kept = iter([] if visit_id is None else [visit_id])
    with saving(session.log, VISIT):
        recorded = visits.record(
            draft,
            # The visit's own comes first, those of its procedure records after it.
            new_id=lambda: next(kept, None) or session.ids.new(),
            now=session.clock.now(),
            agent_id=session.agent.id,
            reference=session.reference,
        )
        edits = [Edit(VISIT, recorded.visit.id, CREATE, body_of(recorded.visit))]
        edits += [Edit(PROCEDURE_RECORD, record.id, CREATE, body_of(record)) for record in recorded.records]
        session.store.save(edits, actor=session.agent.id)
    return recorded.visit


def was_recorded(session: Session, visit_id: str) -> bool:
    """Whether a visit of this id stands here, shown or removed, or stood here until it was erased."""
    return is_held(session.store.db, visit_id) or is_erased(session.store.db, visit_id)


def amend(session: Session, kind: str, record_id: str, changes: Mapping[str, object]) -> None:
    """Change fields of a ``visit`` or of a ``procedure_record``; durable on return.

    Only what really changes is written; when nothing does, nothing is. Raises InvalidInput with
    every problem, an unknown id included.
    """
    # What is compared and what is written are read in one transaction: a synchronisation may be running.
    with saving(session.log, kind), session.store.batch():
        fields, day = _fields_and_day(session, kind, record_id)
        changed = changed_by(session, kind, fields, changes, day)
        if changed:
            session.store.save([Edit(kind, record_id, SET, changed)], actor=session.agent.id)


def changed_by(
    session: Session, kind: str, fields: Mapping[str, object], changes: Mapping[str, object], day: str
) -> dict[str, object]:
    """What ``changes``, checked, really make different in a record with these ``fields``; ``day`` is its visit's.

    Raises InvalidInput with every problem.
    """
    clean = visits.amend(fields, changes, kind, now=session.clock.now(), day=day, reference=session.reference)
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in clean.items()}
    return {name: value for name, value in plain.items() if value != fields[name]}


def erase_visit(session: Session, visit_id: str) -> int:
    """Erase a visit and its procedure records for good, here now and everywhere at the next exchange.

    Returns how many records were erased; 0 when the visit is not here.
    """
    return erase_all(session, {visit_id: VISIT})


def erase_resident(session: Session, resident_id: str) -> int:
    """Erase an identified person with all their visits and appointments, as `erase_visit` does; how many records
    were erased. `fsbus.actions.people_forgetting` leaves the visits to the statistics."""
    of_person = people.of_people(session.store.db, people.same_person(session.store.db, resident_id))
    return erase_all(session, {**of_person.appointments, **of_person.residents, **of_person.visits})


def forget_recorded_drafts(session: Session) -> None:
    """Destroy the drafts, of any agent, whose visit was saved or erased since; those of corrections when it was
    erased. Raises StoreUnavailable.

    A process that dies between saving and forgetting leaves such a one: it must not become a second visit.
    """

    def is_over(draft: drafts.Draft) -> bool:
        if draft.purpose == drafts.CORRECTING:
            return is_erased(session.store.db, draft.visit_id)
        return was_recorded(session, draft.visit_id)

    drafts.forget_drafts(session.home, session.keys, is_over)


def erase_all(session: Session, record_ids: Mapping[str, str], leaving: Sequence[Edit] = ()) -> int:
    """Erase records (id to kind) here and now; a new backup follows at once, and what was put aside goes.

    ``leaving`` is recorded in their place, in the same transaction.
    """
    erased = session.store.erase(record_ids, actor=session.agent.id, leaving=leaving)
    session.log(Erased(records=erased))
    # Erased for good already; a draft that the disk does not let go of today goes at the next opening.
    with contextlib.suppress(StoreUnavailable):
        forget_recorded_drafts(session)
        drafts.forget_aside(session.home)
    session.finish_erasure()
    return erased


def _fields_and_day(session: Session, kind: str, record_id: str) -> tuple[dict[str, object], str]:
    db = session.store.db
    found: Visit | ProcedureRecord | None
    visit: Visit | None
    if kind == VISIT:
        found = visit = queries.visit(db, record_id)
    else:
        found = record = queries.record(db, record_id)
        visit = queries.visit(db, record.visit_id) if record is not None else None
    if found is None or visit is None:
        field, problem = _UNKNOWN[kind]
        raise InvalidInput({field: problem})
    return body_of(found), visit.visited_on
