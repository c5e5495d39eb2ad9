"""What the centre put aside: in words, sent again once corrected, or given up for what the centre has."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from fsbus.actions.session import Session
from fsbus.actions.wording import Wording, field_label
from fsbus.core.changes import CREATE, DELETE, SET
from fsbus.core.entities import PROCEDURE_RECORD, VISIT
from fsbus.core.errors import InvalidInput
from fsbus.core.redaction import redacted
from fsbus.store import queries, setting_right

_UNKNOWN = "Rien n’est mis de côté pour cette fiche\u00a0: vérifiez l’identifiant."
_AGAIN = "Renvoyez. Si le centre refuse encore, appelez le coordinateur."
_INVALID = "invalid: "
_TOO_LARGE = "too large"
_WHY = (
    ("unknown record", "Le centre ne connaît pas cette fiche.", "Renvoyez-la entière."),
    (_TOO_LARGE, "Trop long pour voyager.", "Raccourcissez le texte, puis renvoyez."),
    (
        "not allowed",
        "Ce poste n’a pas le droit de faire ce changement.",
        "Abandonnez, ou appelez le coordinateur.",
    ),
    ("unknown kind", "Le centre ne connaît pas cette sorte de fiche.", "Appelez le coordinateur."),
)
VALUE_REFUSED = "Refusé par le centre."
_VERBS = {CREATE: "enregistrement", SET: "correction", DELETE: "retrait"}


@redacted("record_id", "kind", "operations", "visit_id")
@dataclass(frozen=True)
class PutAside:
    """A record of which the centre put operations aside.

    ``why``: its reason; ``advice``: what to do; ``what``: of what kind they are; all in French. ``is_new``: the centre
    does not have the record at all, so giving up loses it. ``visit_id``: the visit to correct, empty when there is none to
    correct; ``fields``: those of the record that it is about, as paths, as far as the centre's reason tells; ``beside``: what
    to say beside each of them.
    """

    record_id: str
    kind: str
    about: str
    what: str
    why: str
    advice: str
    operations: int
    is_new: bool
    visit_id: str = ""
    fields: tuple[str, ...] = ()
    beside: str = ""


def put_aside(session: Session) -> list[PutAside]:
    """What the centre put aside, each record once, oldest first."""
    db, wording = session.store.db, Wording(session)
    found: dict[str, list[queries.Quarantined]] = {}
    for one in queries.quarantined(db):
        found.setdefault(one.record_id, []).append(one)
    told = []
    for record_id, operations in found.items():
        first = operations[0]
        why, advice = _in_words(first.kind, first.why)
        verbs = dict.fromkeys(_VERBS.get(one.verb, one.verb) for one in operations)
        told.append(
            PutAside(
                record_id=record_id,
                kind=first.kind,
                about=wording.about(first.kind, record_id),
                what=", ".join(verbs),
                why=why,
                advice=advice,
                operations=len(operations),
                is_new=setting_right.is_new(db, record_id),
                visit_id=_visit_to_correct(session, first.kind, record_id),
                beside=VALUE_REFUSED if first.why.startswith(_INVALID) else why,
                fields=_refused(session, record_id, (one.why for one in operations)),
            )
        )
    return told


def as_line(one: PutAside) -> dict[str, object]:
    """One of them as the command line prints it."""
    return {
        "put_aside": one.record_id,
        "kind": one.kind,
        "about": one.about,
        "what": one.what,
        "why": one.why,
        "advice": one.advice,
    }


def send_again(session: Session, record_id: str) -> int:
    """Send the record again as it stands here, for what the centre put aside of it; how many operations that was.

    Raises InvalidInput when nothing was. What the centre does not know at all is sent whole.
    """
    with session.store.batch():
        edits = setting_right.edits_again(session.store.db, record_id)
        if not edits:
            raise InvalidInput({"record": _UNKNOWN})
        count = _settle(session, record_id, setting_right.SENT_AGAIN)
        session.store.save(edits, actor=session.agent.id, write=setting_right.as_it_stands)
    return count


def give_up(session: Session, record_id: str) -> int:
    """Give up what the centre put aside of a record; how many operations that was. Raises InvalidInput when nothing was.

    What the centre has comes back with the next exchange. A record that it never had is erased: see `PutAside.is_new`.
    """
    db = session.store.db
    aside = [one for one in queries.quarantined(db) if one.record_id == record_id]
    if not aside:
        raise InvalidInput({"record": _UNKNOWN})
    if setting_right.is_new(db, record_id):
        _settle(session, record_id, setting_right.GIVEN_UP)
        session.store.erase({record_id: aside[0].kind}, actor=session.agent.id)
        session.finish_erasure()
        return len(aside)
    return _settle(session, record_id, setting_right.GIVEN_UP)


def _visit_to_correct(session: Session, kind: str, record_id: str) -> str:
    """The visit that is shown with this record in it; empty when it is removed, or no record of a visit."""
    db = session.store.db
    if kind == VISIT:
        return record_id if queries.visit(db, record_id) is not None else ""
    record = queries.record(db, record_id) if kind == PROCEDURE_RECORD else None
    return record.visit_id if record is not None else ""


def _refused(session: Session, record_id: str, reasons: Iterable[str]) -> tuple[str, ...]:
    """The fields that the centre named; of what is too large, the largest one."""
    found = list[str]()
    for why in reasons:
        if why.startswith(_INVALID):
            found += [name.strip() for name in why.removeprefix(_INVALID).split(",")]
        elif why.startswith(_TOO_LARGE):
            edits = setting_right.edits_again(session.store.db, record_id)
            sizes = {
                name: len(msgspec.json.encode(value)) for one in edits for name, value in one.fields.items()
            }
            found += [max(sizes, key=lambda name: sizes[name])] if sizes else []
    return tuple(dict.fromkeys(found))


def _settle(session: Session, record_id: str, result: str) -> int:
    return session.store.maintain(lambda db: setting_right.settle_put_aside(db, record_id, result))


def _in_words(kind: str, why: str) -> tuple[str, str]:
    for beginning, words, advice in _WHY:
        if why.startswith(beginning):
            return words, advice
    if why.startswith(_INVALID) and kind in (VISIT, PROCEDURE_RECORD) and "seq" not in why:
        names = [field_label(kind, name.strip()) for name in why.removeprefix(_INVALID).split(",")]
        return f"Le centre ne peut pas prendre\u00a0: {', '.join(names)}.", "Corrigez, puis renvoyez."
    return "Le centre n’a pas compris ce changement.", _AGAIN
