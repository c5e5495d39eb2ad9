"""Says that two records are of one person: nothing is lost, and it can be taken back."""

from fsbus.actions.correcting import Undoing
from fsbus.actions.people import GONE
from fsbus.actions.plain_records import today
from fsbus.actions.session import Session
from fsbus.actions.telling import saving
from fsbus.core.changes import SET
from fsbus.core.entities import APPOINTMENT, RESIDENT, VISIT, body_of
from fsbus.core.errors import InvalidInput
from fsbus.core.residents import Resident
from fsbus.store import day_queries, people
from fsbus.store.deleting import is_deleted
from fsbus.store.edits import Edit

_FILLED = ("given_name", "phone", "email", "birth_year", "commune", "note")
_SAME = "C’est déjà la même personne."


def merge(session: Session, resident_id: str, into: str) -> tuple[Undoing, ...]:
    """Record that ``resident_id`` is the person ``into``, in one save; what takes it back.

    Blank fields of ``into`` are filled; what differs stays in the merged record, which is shown with the person.
    Visits and appointments are given to ``into``. Raises InvalidInput when either is gone, or both are one already.
    """
    session.require_writable()
    with saving(session.log, RESIDENT), session.store.batch():
        db = session.store.db
        root = people.root_of_each(db)
        source, target = (day_queries.one(db, Resident, root.get(key, key)) for key in (resident_id, into))
        if source is None or target is None:
            raise InvalidInput({"": GONE})
        if source.id == target.id:
            raise InvalidInput({"": _SAME})
        own, other = body_of(source), body_of(target)
        filled = {name: own[name] for name in _FILLED if own[name] and not other[name]}
        filled["keep_until"] = max(source.keep_until, target.keep_until, today(session))
        changes: list[tuple[str, str, dict[str, object], dict[str, object]]] = [
            (RESIDENT, source.id, {"merged_into": target.id}, {"merged_into": source.merged_into})
        ]
        new = {name: value for name, value in filled.items() if other[name] != value}
        if target.merged_into is not None:
            # The oldest of a ring: it points at nobody any more, so the ring is cut.
            new["merged_into"] = None
        if new:
            changes.append((RESIDENT, target.id, new, {name: other[name] for name in new}))
        held = people.of_people(db, people.same_person(db, source.id))
        for kind, ids in ((VISIT, held.visits), (APPOINTMENT, held.appointments)):
            for key, owner in people.owners(db, kind, ids).items():
                if owner is not None and not is_deleted(db, key):
                    changes.append((kind, key, {"resident_id": target.id}, {"resident_id": owner}))
        session.store.save(
            [Edit(kind, key, SET, ours) for kind, key, ours, _ in changes], actor=session.agent.id
        )
    return tuple(Undoing(Edit(kind, key, SET, before), ours) for kind, key, ours, before in changes)
