"""Records, changes, removes and puts back the plain kinds: circuit, people, workshops and such."""

from collections.abc import Mapping

from fsbus.actions.correcting import Undoing
from fsbus.actions.session import Session
from fsbus.actions.telling import saving
from fsbus.core.changes import CREATE, DELETE, SET
from fsbus.core.clock import local_day
from fsbus.core.entities import DELETABLE, ENTITIES
from fsbus.core.errors import InvalidInput
from fsbus.core.fields import read_all, shown
from fsbus.store.database import rows
from fsbus.store.deleting import deleted_record
from fsbus.store.rows import SHAPES
from fsbus.store.store import Edit

_GONE = "Cette fiche n’est plus ici\u00a0: elle a été retirée ou effacée."


def create(session: Session, kind: str, draft: Mapping[str, object], record_id: str | None = None) -> str:
    """Check a draft of this kind and record it; its id. Durable on return.

    ``record_id``: the id to give it, when it stands for something (`fsbus.core.ids.derived_id`). Raises InvalidInput
    with every problem, nothing written; also when that id is taken.
    """
    session.require_writable()
    with saving(session.log, kind), session.store.batch():
        clean = _checked(session, kind, read_all_of(kind, draft))
        record_id = record_id or session.ids.new()
        session.store.save([Edit(kind, record_id, CREATE, clean)], actor=session.agent.id)
    return record_id


def change(session: Session, kind: str, record_id: str, changes: Mapping[str, object]) -> bool:
    """Change fields of a record; whether anything was different. Durable on return.

    Raises InvalidInput with every problem, nothing written; also when the record is no longer shown.
    """
    session.require_writable()
    fields = ENTITIES[kind].fields
    with saving(session.log, kind), session.store.batch():
        stands = body(session, kind, record_id)
        if stands is None:
            raise InvalidInput({"id": _GONE})
        problems = {shown(name): "Ce champ n’existe pas." for name in changes if name not in fields}
        declared = {name: fields[name] for name in changes if name in fields}
        clean = _plain(read_all(declared, dict(changes) if not problems else {}, problems))
        if problems:
            raise InvalidInput(problems)
        _checked(session, kind, {**stands, **clean})
        changed = {name: value for name, value in clean.items() if value != stands[name]}
        if changed:
            session.store.save([Edit(kind, record_id, SET, changed)], actor=session.agent.id)
    return bool(changed)


def change_undoably(
    session: Session, kind: str, record_id: str, changes: Mapping[str, object]
) -> tuple[Undoing, ...]:
    """Do as `change`; what takes it back (`fsbus.actions.correcting.take_back`), empty when nothing was different."""
    with session.store.batch():
        before = body(session, kind, record_id)
        if not change(session, kind, record_id, changes) or before is None:
            return ()
        return (undoing_of(session, kind, record_id, before),)


def undoing_of(session: Session, kind: str, record_id: str, before: Mapping[str, object]) -> Undoing:
    """What puts these values back, wherever the record still holds what it holds now."""
    after = body(session, kind, record_id) or {}
    former = {name: value for name, value in before.items() if after.get(name) != value}
    return Undoing(Edit(kind, record_id, SET, former), {name: after.get(name) for name in former})


def remove(session: Session, kind: str, record_id: str) -> None:
    """Take a record out of all that is shown and counted; it may be put back. Raises InvalidInput when it is not here."""
    if kind not in DELETABLE:
        raise ValueError(f"not a kind that is removed: {kind}")
    session.require_writable()
    with session.store.batch():
        if body(session, kind, record_id) is None:
            raise InvalidInput({"id": _GONE})
        session.store.save([Edit(kind, record_id, DELETE)], actor=session.agent.id)


def put_back(session: Session, kind: str, record_id: str) -> None:
    """Show a removed record again. Raises InvalidInput when it was not removed."""
    session.require_writable()
    with session.store.batch():
        found = deleted_record(session.store.db, record_id)
        if found is None or found.kind != kind:
            raise InvalidInput({"id": _GONE})
        session.store.save([Edit(kind, record_id, SET)], actor=session.agent.id)


def body(session: Session, kind: str, record_id: str) -> dict[str, object] | None:
    """The fields of a record that is shown, as JSON values; None when it is not."""
    shape = SHAPES[kind]
    row = next(rows(session.store.db, shape.select_one, (record_id,)), None)
    return None if row is None else shape.body_of(row)


def read_all_of(kind: str, draft: Mapping[str, object]) -> dict[str, object]:
    """Every field of a draft of this kind, read. Raises InvalidInput with each field that is wrong by itself."""
    problems: dict[str, str] = {}
    clean = _plain(read_all(ENTITIES[kind].fields, draft, problems))
    if problems:
        # The rules between fields are told at once with them, as far as they can be.
        rules = ENTITIES[kind].check_rules
        if rules is not None:
            rules(clean, "", problems)
        raise InvalidInput(problems)
    return clean


def today(session: Session) -> str:
    """The local day, as records have it."""
    return local_day(session.clock.now()).isoformat()


def day_and_hour(session: Session) -> tuple[str, str]:
    """The local day and the hour, ``09:20``, as records have them."""
    return today(session), f"{session.clock.now().astimezone():%H:%M}"


def _checked(session: Session, kind: str, clean: dict[str, object]) -> dict[str, object]:
    problems: dict[str, str] = {}
    rules = ENTITIES[kind].check_rules
    if rules is not None:
        rules(clean, "", problems)
    commune, procedure = clean.get("commune"), clean.get("procedure")
    if commune and not session.reference.is_commune(str(commune)):
        problems["commune"] = "Commune inconnue\u00a0: choisissez-la dans la liste."
    if procedure and session.reference.procedure(str(procedure)) is None:
        problems["procedure"] = "Démarche inconnue du catalogue."
    if problems:
        raise InvalidInput(problems)
    return clean


def _plain(clean: Mapping[str, object]) -> dict[str, object]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in clean.items()}
