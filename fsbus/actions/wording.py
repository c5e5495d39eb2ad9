"""Says a record, its fields and their values in the words of the form, for whoever must compare them."""

from collections.abc import Mapping
from datetime import date, datetime

from fsbus.actions.session import Session
from fsbus.core import codes, french
from fsbus.core.circuit import MOMENTS
from fsbus.core.clock import parse_utc_text
from fsbus.core.entities import (
    AGENT,
    APPOINTMENT,
    ATTENDANCE,
    DELETED,
    INCIDENT,
    PASSAGE,
    PROCEDURE_RECORD,
    RESIDENT,
    STOP,
    VISIT,
    WORKSHOP,
    from_body,
)
from fsbus.core.field_words import OF_THE_DAY, OTHERS, PROCEDURE, SATISFACTION, YES_NO
from fsbus.core.field_words import VISIT as VISIT_WORDS
from fsbus.core.ids import is_id
from fsbus.core.records import ProcedureRecord
from fsbus.core.visits import Visit
from fsbus.store import queries
from fsbus.store.database import Database, rows
from fsbus.store.deleting import deleted_record
from fsbus.store.rows import SHAPES

NOTHING = "Rien"
_CODES: Mapping[str, Mapping[str, str]] = {
    "channel": codes.CHANNEL,
    "referral.channel": codes.CHANNEL,
    "age_band": codes.AGE_BAND,
    "gender": codes.GENDER,
    "autonomy": codes.AUTONOMY,
    "equipment": codes.EQUIPMENT,
    "nature": codes.NATURE,
    "mode": codes.MODE,
    "outcome": codes.OUTCOME,
    "blockers": codes.BLOCKER,
    "mandate.kind": codes.AGREEMENT,
    "cancelled": codes.CANCELLATION,
    "equipment_ready": codes.EQUIPMENT_CHECK,
    "equipment_faulty": codes.EQUIPMENT_CHECK,
    "equipment_lent": codes.EQUIPMENT,
    "network": codes.NETWORK,
    "what": codes.INCIDENT,
    "notice": codes.NOTICE,
    "status": codes.APPOINTMENT,
    "level": codes.LEVEL,
    "topics": codes.WORKSHOP_TOPIC,
}
_COUNTED = {"genders": codes.GENDER, "ages": codes.AGE_BAND, "statuses": codes.SOCIAL_STATUS}
_DAYS = frozenset(
    {
        "visited_on", "referral.on", "follow_up.on", "follow_up.done_on", "mandate.on", "day", "starts_on",
        "ends_on", "except_on", "postponed_to", "notice_on", "keep_until",
    }
)  # fmt: skip
_COMMUNES = frozenset({"stop_commune", "resident_commune", "commune", "follow_up.commune"})
_MINUTES = frozenset({"minutes", "waited_minutes", "longest_wait"})
_MOMENTS = frozenset({"started_at", *MOMENTS})
_ABOUT = {
    STOP: ("Arrêt", "starts_on"),
    PASSAGE: ("Passage", "day"),
    INCIDENT: ("Incident", "day"),
    ATTENDANCE: ("File d’attente", "day"),
    APPOINTMENT: ("Rendez-vous", "day"),
    WORKSHOP: ("Atelier", "day"),
}
"""The kinds known by a day and a commune, with their word and the field of the day."""


def field_label(kind: str, field: str) -> str:
    """The name of a field as the form gives it; its own name when this release does not know it."""
    words = {VISIT: VISIT_WORDS, PROCEDURE_RECORD: PROCEDURE}.get(kind, {})
    return words.get(field) or OTHERS.get(field) or OF_THE_DAY.get(field) or field


class Wording:
    """Says values with the official lists and the agents of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def value(self, field: str, value: object) -> str:
        """A value in words; ``field`` may be a part of a group, ``referral.channel``."""
        if field == DELETED:
            return "Retirée\u00a0: enregistrée par erreur" if value else "Gardée"
        if value is None or value in ("", [], (), {}):
            return NOTHING
        if field in _COUNTED and isinstance(value, Mapping):
            labels = _COUNTED[field]
            return ", ".join(f"{labels.get(str(code), code)}\u00a0: {n}" for code, n in value.items() if n)
        if field == "by_hour" and isinstance(value, Mapping):
            return (
                ", ".join(f"{int(hour[1:])}\u00a0h\u00a0: {n}" for hour, n in value.items() if n) or NOTHING
            )
        if isinstance(value, Mapping):
            parts = {name: self.value(f"{field}.{name}", part) for name, part in value.items() if part}
            return "\u00a0; ".join(
                f"{field_label(PROCEDURE_RECORD, f'{field}.{name}')}\u00a0: {part}"
                for name, part in parts.items()
            )
        if isinstance(value, list | tuple):
            return ", ".join(self.value(field, item) for item in value)
        return self._one(field, value)

    def _one(self, field: str, value: object) -> str:
        text, reference = str(value), self._session.reference
        if isinstance(value, bool):
            return YES_NO["yes" if value else "no"]
        if field in _MINUTES and isinstance(value, int):
            return french.duration(value)
        if field == "satisfaction":
            return SATISFACTION.get(text, text)
        if field in _CODES:
            return _CODES[field].get(text, text)
        if field in _COMMUNES:
            commune = reference.commune(text)
            return commune.label if commune else text
        if field == "procedure":
            procedure = reference.procedure(text)
            return procedure.title if procedure else text
        if field == "partner":
            return reference.partner_label(text)
        if field == "agent_id":
            return self.author(text) or text
        if field in _DAYS:
            return day_in_words(text)
        return moment_in_words(parse_utc_text(text)) if field in _MOMENTS else text

    def author(self, agent_id: str) -> str:
        """The name of an agent; empty when this laptop does not know them."""
        return agent_name(self._session.store.db, agent_id)

    def about(self, kind: str, record_id: str) -> str:
        """Which record it is, shown or removed: its visit's day and hour, where, and the procedure."""
        db = self._session.store.db
        if kind == PROCEDURE_RECORD:
            record = any_record(db, record_id)
            if record is None:
                return "Démarche qui n’est pas encore sur ce poste"
            visit = any_visit(db, record.visit_id)
            title = self.value("procedure", record.procedure)
            return (
                title
                if visit is None
                else f"{title} — {self._visit(visit)[0].lower()}{self._visit(visit)[1:]}"
            )
        if kind == VISIT:
            visit = any_visit(db, record_id)
            return "Visite qui n’est pas encore sur ce poste" if visit is None else self._visit(visit)
        if kind == AGENT:
            return f"Agent {self.author(record_id)}".strip()
        if kind in _ABOUT:
            return self._of_a_day(kind, record_id)
        if kind == RESIDENT:
            return "Dossier d’une personne"
        return "Fiche d’une version plus récente de fsbus"

    def _of_a_day(self, kind: str, record_id: str) -> str:
        word, day = _ABOUT[kind]
        found = any_body(self._session.store.db, kind, record_id)
        if found is None:
            return f"{word} qui n’est pas encore sur ce poste"
        where = self.value("commune", found["commune"]) if found.get("commune") else ""
        since = "à partir du" if kind == STOP else "du"
        return f"{word} {since} {self.value('day', found[day])}" + (f", {where}" if where else "")

    def _visit(self, visit: Visit) -> str:
        where = self.value("stop_commune", visit.stop_commune) if visit.stop_commune else ""
        return visit_title(visit) + (f", {where}" if where else "")


def agent_name(db: Database, agent_id: str) -> str:
    """The name of an agent; empty when this laptop does not know them."""
    agent = queries.agent(db, agent_id)
    return agent.name if agent else ""


def told_author(db: Database, actor: str) -> str:
    """Who set one of two values, as a conflict tells it: an agent by id; by name, a coordinator, whose record stays in
    the region's own feed. Empty when nobody can be named."""
    return agent_name(db, actor) or (f"{actor} (coordination)" if actor and not is_id(actor) else "")


def visit_title(visit: Visit) -> str:
    """``Visite du mardi 24 novembre 2026, 09:20``, on this computer's clock."""
    return (
        f"Visite du {day_in_words(visit.visited_on)}, {parse_utc_text(visit.started_at).astimezone():%H:%M}"
    )


def day_in_words(day: str) -> str:
    """As one says it to the person: with its weekday."""
    return french.weekday_and_full_day(date.fromisoformat(day))


def moment_in_words(moment: datetime) -> str:
    """``24 novembre 2026, 09:20`` on this computer's clock."""
    here = moment.astimezone()
    return f"{french.full_day(here.date())}, {here:%H:%M}"


def any_visit(db: Database, visit_id: str) -> Visit | None:
    """A visit, shown or removed."""
    found = queries.visit(db, visit_id) or _removed(db, VISIT, visit_id)
    return found if isinstance(found, Visit) else None


def any_record(db: Database, record_id: str) -> ProcedureRecord | None:
    """A procedure record, shown or removed."""
    found = queries.record(db, record_id) or _removed(db, PROCEDURE_RECORD, record_id)
    return found if isinstance(found, ProcedureRecord) else None


def any_body(db: Database, kind: str, record_id: str) -> Mapping[str, object] | None:
    """The fields of a record of any kind, shown or removed."""
    shape = SHAPES[kind]
    row = next(rows(db, shape.select_one, (record_id,)), None)
    if row is not None:
        return shape.body_of(row)
    found = deleted_record(db, record_id)
    return None if found is None or found.kind != kind else found.body


def _removed(db: Database, kind: str, record_id: str) -> object | None:
    found = deleted_record(db, record_id)
    return None if found is None or found.kind != kind else from_body(kind, record_id, found.body)
