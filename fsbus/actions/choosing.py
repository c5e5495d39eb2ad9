"""Settles a conflict: the operations that take one side, and the reasons why a side cannot be taken."""

from fsbus.actions.session import Session
from fsbus.core.changes import DELETE, SET
from fsbus.core.choosing import choice_why, is_open
from fsbus.core.entities import CENTRAL, CONFLICT, DELETED, ENTITIES, LOCAL, Conflict, body_of
from fsbus.core.errors import InvalidInput
from fsbus.store import queries
from fsbus.store.database import Database
from fsbus.store.deleting import is_deleted
from fsbus.store.erasing import is_held
from fsbus.store.rows import SHAPES
from fsbus.store.store import Edit

_UNKNOWN = "Choix inconnu ici\u00a0: vérifiez l’identifiant, ou synchronisez."
_SETTLED = "Quelqu’un a déjà choisi."
_NOT_HERE = "La fiche n’est pas encore sur ce poste\u00a0: synchronisez, puis choisissez."
_TOO_NEW = "Cette valeur vient d’une version plus récente de fsbus\u00a0: installez-la, puis choisissez."
_DOES_NOT_FIT = (
    "Cette valeur ne va plus avec le reste de la fiche\u00a0: gardez l’autre, ou corrigez d’abord la fiche."
)


def choose(session: Session, conflict_id: str, side: str) -> Conflict:
    """Settle a conflict by ``local`` or ``central``; the conflict as it was. Durable on return.

    Raises InvalidInput (``conflict`` or ``side``), with nothing written, when it is not here, was settled before,
    or when the value of that side cannot be taken any more.
    """
    if side not in (LOCAL, CENTRAL):
        raise InvalidInput({"side": f"Choix attendu\u00a0: {LOCAL} ou {CENTRAL}."})
    with session.store.batch():
        found = queries.conflict(session.store.db, conflict_id)
        if found is None:
            raise InvalidInput({"conflict": _UNKNOWN})
        if not is_open(body_of(found)):
            raise InvalidInput({"conflict": _SETTLED})
        session.store.save(choice_edits(session.store.db, found, side), actor=session.agent.id)
    return found


def choice_edits(db: Database, conflict: Conflict, side: str) -> list[Edit]:
    """What taking this side writes: the value first, unless it stands, then the choice. Raises InvalidInput."""
    settled = Edit(CONFLICT, conflict.id, SET, {"status": side})
    return [*_value_edits(db, conflict, side), settled]


def _value_edits(db: Database, conflict: Conflict, side: str) -> list[Edit]:
    why, kind, record_id = choice_why(conflict.id), conflict.record_kind, conflict.record_id
    value = conflict.local if side == LOCAL else conflict.central
    if conflict.field != DELETED and side == CENTRAL:
        return []
    if not is_held(db, record_id):
        raise InvalidInput({"conflict": _NOT_HERE})
    if conflict.field == DELETED:
        if is_deleted(db, record_id) == value:
            return []
        return [Edit(kind, record_id, DELETE if value else SET, why=why)]
    if kind not in SHAPES or conflict.field not in SHAPES[kind].columns:
        raise InvalidInput({"conflict": _TOO_NEW})
    row = db.conn.execute(SHAPES[kind].select_one, (record_id,)).fetchone()
    if row is None:
        raise InvalidInput({"conflict": _NOT_HERE})
    fields = {conflict.field: value}
    if ENTITIES[kind].problems({**SHAPES[kind].body_of(row), **fields}):
        raise InvalidInput({"side": _DOES_NOT_FIT})
    return [Edit(kind, record_id, SET, fields, why)]
