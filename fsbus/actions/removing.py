"""Removes a visit or a procedure record that was recorded by mistake, and puts it back."""

from dataclasses import dataclass

from fsbus.actions.session import Session
from fsbus.actions.wording import Wording
from fsbus.core.changes import DELETE, SET
from fsbus.core.entities import PROCEDURE_RECORD, VISIT
from fsbus.core.errors import InvalidInput
from fsbus.core.redaction import redacted
from fsbus.store import queries
from fsbus.store.deleting import deleted_record, deleted_records
from fsbus.store.store import Edit

_UNKNOWN = {
    VISIT: ("visit_id", "Visite inconnue ici\u00a0: vérifiez l’identifiant, ou synchronisez."),
    PROCEDURE_RECORD: ("record_id", "Démarche inconnue ici\u00a0: vérifiez l’identifiant, ou synchronisez."),
}
_LAST = "C’est la seule démarche de cette visite\u00a0: retirez plutôt la visite."


@redacted("id", "kind")
@dataclass(frozen=True)
class Removed:
    """A record that was removed, and which one it is in words."""

    id: str
    kind: str
    about: str


def remove(session: Session, kind: str, record_id: str) -> None:
    """Take a visit with its procedure records, or one procedure record, out of all that is shown and counted.

    Durable on return; it keeps its content and may be put back. Raises InvalidInput when it is not here, or is the
    only procedure record of its visit.
    """
    db = session.store.db
    with session.store.batch():
        found = queries.visit(db, record_id) if kind == VISIT else queries.record(db, record_id)
        if found is None:
            field, problem = _UNKNOWN[kind]
            raise InvalidInput({field: problem})
        if kind == PROCEDURE_RECORD:
            record = queries.record(db, record_id)
            if record is not None and len(queries.records_of(db, record.visit_id)) == 1:
                raise InvalidInput({"record_id": _LAST})
        session.store.save([Edit(kind, record_id, DELETE)], actor=session.agent.id)


def put_back(session: Session, kind: str, record_id: str) -> None:
    """Show and count a removed record again, with its visit. Durable on return. Raises InvalidInput when it was not removed."""
    db = session.store.db
    with session.store.batch():
        found = deleted_record(db, record_id)
        if found is None or found.kind != kind:
            field, problem = _UNKNOWN[kind]
            raise InvalidInput({field: problem})
        edits = [Edit(kind, record_id, SET)] if found.own else []
        visit = deleted_record(db, str(found.body.get("visit_id"))) if kind == PROCEDURE_RECORD else None
        if visit is not None and visit.own:
            # The visit by its own operation, whose author has seen that it was removed: nobody disagrees.
            edits.insert(0, Edit(VISIT, visit.id, SET))
        session.store.save(edits, actor=session.agent.id)


def removed(session: Session, most: int = 20) -> list[Removed]:
    """What was removed and may be put back, the newest records first."""
    found = [one for one in deleted_records(session.store.db) if one.own and one.kind in _UNKNOWN]
    # Ids begin with the moment they were made.
    found.sort(key=lambda one: one.id, reverse=True)
    wording = Wording(session)
    return [Removed(one.id, one.kind, wording.about(one.kind, one.id)) for one in found[:most]]


def removed_of(session: Session, visit_id: str) -> list[Removed]:
    """The procedure records that were removed from one visit, in the order they were made."""
    return [
        Removed(one.id, one.kind, Wording(session).value("procedure", one.body.get("procedure")))
        for one in deleted_records(session.store.db)
        if one.own and one.kind == PROCEDURE_RECORD and one.body.get("visit_id") == visit_id
    ]
