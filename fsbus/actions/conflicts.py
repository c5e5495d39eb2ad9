"""Lists what people must check: values to choose between, and what the centre put aside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fsbus.actions.session import Session
from fsbus.actions.wording import Wording, any_record, field_label, moment_in_words, told_author
from fsbus.core.entities import CENTRAL, DELETED, LOCAL, PROCEDURE_RECORD, VISIT, Conflict
from fsbus.core.redaction import redacted
from fsbus.store import queries
from fsbus.store.database import Database
from fsbus.store.rows import SHAPES


@redacted("side")
@dataclass(frozen=True)
class Side:
    """One of two values: how it is named for a choice (``local`` or ``central``), the value in words, who set it
    (empty: not known here) and when, in words (empty: not known)."""

    side: str
    value: str
    author: str
    moment: str


@redacted("id", "kind")
@dataclass(frozen=True)
class ToChoose:
    """A conflict in words. ``kept`` is what stands now, ``other`` what may be taken instead.

    ``visit_id`` is the visit to read, empty when it is not here; ``feed`` the bus, empty on a laptop that sees one.
    """

    id: str
    kind: str
    visit_id: str
    about: str
    field: str
    kept: Side
    other: Side
    feed: str = ""


def to_choose(session: Session) -> list[ToChoose]:
    """The conflicts that wait for a choice, oldest first."""
    db, wording = session.store.db, Wording(session)
    feeds = queries.conflict_feeds(db)
    enrolment = session.store.link().enrolment
    home = enrolment.writes if enrolment is not None and len(enrolment.feeds) > 1 else ""
    return [
        _in_words(db, wording, one, feeds.get(one.id, home) if home else "")
        for one in queries.open_conflicts(db)
    ]


def as_line(one: ToChoose) -> dict[str, object]:
    """A conflict as the command line prints it."""
    sides = {side.side: side for side in (one.kept, one.other)}
    return {
        "conflict": one.id,
        "kind": one.kind,
        "visit_id": one.visit_id or None,
        "about": one.about,
        "field": one.field,
        **{name: _side_as_json(sides[name]) for name in (LOCAL, CENTRAL)},
        "stands": one.kept.side,
        **({"feed": one.feed} if one.feed else {}),
    }


def _side_as_json(side: Side) -> Mapping[str, str]:
    return {"value": side.value, "author": side.author, "moment": side.moment}


def _in_words(db: Database, wording: Wording, one: Conflict, feed: str) -> ToChoose:
    def side(name: str, value: object, actor: str, hlc: str) -> Side:
        return Side(name, wording.value(one.field, value), told_author(db, actor), _moment(hlc))

    local = side(LOCAL, one.local, one.actor, one.hlc)
    central = side(CENTRAL, one.central, one.central_actor, one.central_hlc)
    # A change that brought a record back stands, although the centre had it removed.
    local_stands = one.field == DELETED and one.central is True
    stands = _standing_value(db, one)
    if stands is not None and stands[0] not in (one.central, one.local):
        # Changed since by one who had seen it: that is what a choice is against.
        central = Side(CENTRAL, wording.value(one.field, stands[0]), "", "")
    return ToChoose(
        id=one.id,
        kind=one.record_kind,
        visit_id=_visit_of(db, one),
        about=wording.about(one.record_kind, one.record_id),
        field="Fiche" if one.field == DELETED else field_label(one.record_kind, one.field),
        kept=local if local_stands else central,
        other=central if local_stands else local,
        feed=feed,
    )


def _standing_value(db: Database, one: Conflict) -> tuple[object] | None:
    """The value that the record shows here; None when it is not here, or when it is not about a field."""
    shape = SHAPES.get(one.record_kind)
    if shape is None or one.field not in shape.columns:
        return None
    row = db.conn.execute(shape.select_one, (one.record_id,)).fetchone()
    return None if row is None else (shape.body_of(row)[one.field],)


def _visit_of(db: Database, one: Conflict) -> str:
    if one.record_kind == VISIT:
        visit_id: str | None = one.record_id
    elif one.record_kind == PROCEDURE_RECORD:
        record = any_record(db, one.record_id)
        visit_id = None if record is None else record.visit_id
    else:
        visit_id = None
    return visit_id if visit_id is not None and queries.visit(db, visit_id) is not None else ""


def _moment(hlc: str) -> str:
    """The moment of a time stamp on this computer's clock, in words; empty when there is none to read."""
    milliseconds = hlc.partition(".")[0]
    if not (milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) <= 14):
        return ""
    try:
        return moment_in_words(datetime.fromtimestamp(int(milliseconds) / 1000, UTC))
    except (ValueError, OverflowError, OSError):
        return ""
