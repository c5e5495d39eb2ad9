"""Forgets people for good: the statistics keep their visits, as copies without texts that name nobody."""

from collections.abc import Iterable

from fsbus.actions.plain_records import today
from fsbus.actions.session import Session
from fsbus.actions.visits import erase_all, was_recorded
from fsbus.core.changes import CREATE
from fsbus.core.entities import PROCEDURE_RECORD, VISIT, body_of
from fsbus.core.ids import derived_id
from fsbus.core.records import ENDINGS, ProcedureRecord
from fsbus.core.visits import Visit
from fsbus.store import people, queries
from fsbus.store.edits import Edit

ANSWER_GONE = "Réponse effacée avec la personne."
"""Stands where a precise answer stood: it was given, and can no longer be read."""
GONE = "Effacé"


def forget(session: Session, resident_ids: Iterable[str]) -> int:
    """Erase these people, the records that are the same people, their appointments and what names them in visits.

    One transaction, here now and at the centre by sync; how many records were erased. Each visit is replaced by a copy
    without texts, under an id of its own that two laptops derive alike: it is counted once. Visits that were
    removed are erased, and leave none. Raises ReadOnly or StoreUnavailable.
    """
    session.require_writable()
    db = session.store.db
    same = {key for one in resident_ids for key in people.same_person(db, one)}
    return _erase(session, people.of_people(db, same))


def forget_left_over(session: Session) -> int:
    """Do the same with what names somebody already forgotten (`people.of_the_forgotten`)."""
    session.require_writable()
    db = session.store.db
    return _erase(session, people.of_people(db, people.of_the_forgotten(db).values()))


def _erase(session: Session, held: people.OfPeople) -> int:
    copies: list[Edit] = []
    for key in held.visits:
        visit = queries.visit(session.store.db, key)
        if visit is not None and not was_recorded(session, _copy_id(key)):
            copies += _nameless(visit, queries.records_of(session.store.db, key), today(session))
    return erase_all(session, {**held.appointments, **held.visits, **held.residents}, copies)


def _copy_id(key: str) -> str:
    return derived_id(f"nameless copy of {key}")


def _nameless(visit: Visit, handled: Iterable[ProcedureRecord], day: str) -> list[Edit]:
    key = _copy_id(visit.id)
    edits = [Edit(VISIT, key, CREATE, body_of(visit) | {"resident_id": None, "note": ""})]
    for one in handled:
        body = body_of(one)
        needed = one.outcome not in ENDINGS
        follow_up, referral, mandate = one.follow_up, one.referral, one.mandate
        body |= {
            "visit_id": key,
            "precise_answer": ANSWER_GONE if needed else "",
            "missing_documents": [],
            # Nobody can be called back any more: nothing is left to do.
            "follow_up": {
                "on": follow_up.on if follow_up else None,
                "note": "",
                "commune": follow_up.commune if follow_up else None,
                "done_on": (follow_up.done_on if follow_up else None) or day,
            }
            if needed or follow_up
            else None,
            "referral": referral
            and {"partner": GONE, "contact": GONE, "channel": referral.channel, "on": referral.on},
            "mandate": mandate
            and {"kind": mandate.kind, "on": mandate.on, "reason": GONE if mandate.reason else ""},
        }
        edits.append(Edit(PROCEDURE_RECORD, _copy_id(one.id), CREATE, body))
    return edits
