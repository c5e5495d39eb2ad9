"""Builds valid values for tests, nobody real; a test varies the one thing that it is about."""

from collections.abc import Mapping
from typing import Any

from fsbus.core import codes, visits
from fsbus.core.attendance import HOURS
from fsbus.core.changes import CREATE
from fsbus.core.clock import parse_utc_text
from fsbus.core.entities import (
    APPOINTMENT,
    ATTENDANCE,
    INCIDENT,
    PASSAGE,
    PROCEDURE_RECORD,
    RESIDENT,
    STOP,
    VISIT,
    WORKSHOP,
    body_of,
)
from fsbus.core.ids import Ids
from fsbus.core.records import ProcedureRecord
from fsbus.core.visits import RecordedVisit, Visit
from fsbus.store.store import Edit
from tests.fakes import NOON, AnyReference

AGENT_ID = "01a20000-0000-7000-8000-00000000a9e7"
_ids = Ids()


def new_id() -> str:
    """A fresh id."""
    return _ids.new()


def procedure_draft(**changes: Any) -> dict[str, Any]:
    """One procedure of a draft, resolved on the spot."""
    return {
        "procedure": "FT-CG-OCC",
        "nature": "file_assistance",
        "mode": "assisted",
        "outcome": "resolved",
        **changes,
    }


def referral_draft(**changes: Any) -> dict[str, Any]:
    """One procedure that ends by a referral with its precise answer."""
    return procedure_draft(
        procedure="CNAV-DEM",
        nature="referral",
        outcome="referred",
        precise_answer="Relevé de carrière incomplet : pièces listées et remises.",
        missing_documents=["relevé de carrière"],
        referral={
            "partner": "CNAV",
            "contact": "agence de Laon",
            "channel": "appointment",
            "on": "2026-12-03",
        },
    ) | dict(changes)


def draft(**changes: Any) -> dict[str, Any]:
    """A visit draft with two procedures, in the morning of `NOON`."""
    return {
        "started_at": "2026-11-24T09:20:00+01:00",
        "minutes": 25,
        "channel": "walk_in",
        "stop_commune": "02361",
        "resident_commune": "02361",
        "age_band": "60_69",
        "gender": "female",
        "first_visit": True,
        "autonomy": "guided",
        "equipment": ["computer"],
        "satisfaction": 3,
        "note": "",
        "procedures": [procedure_draft(), referral_draft()],
        **changes,
    }


def recorded(**changes: Any) -> RecordedVisit:
    """The values of `draft`, with fresh ids."""
    return visits.record(
        draft(**changes),
        new_id=new_id,
        now=parse_utc_text(NOON),
        agent_id=AGENT_ID,
        reference=AnyReference(),
    )


def plain_draft(kind: str, **changes: Any) -> dict[str, Any]:
    """A draft of a kind that hangs on nothing, with a value in each field."""
    return {**_PLAIN[kind], **changes}


_PLAIN: dict[str, dict[str, Any]] = {
    STOP: {
        "commune": "02361",
        "place": "Place du marché",
        "opens_at": "09:30",
        "closes_at": "12:30",
        "starts_on": "2026-09-01",
        "ends_on": "2027-06-30",
        "recurrence": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
        "except_on": ["2026-12-22"],
        "on_holidays": False,
        "contact": "Mairie, secrétariat",
        "note": "Prise électrique derrière la halle.",
    },
    PASSAGE: {
        "stop_id": AGENT_ID,
        "day": "2026-11-24",
        "commune": "02361",
        "place": "Place du marché",
        "opens_at": "09:30",
        "closes_at": "12:30",
        "cancelled": None,
        "postponed_to": None,
        "arrived_at": "2026-11-24T08:10:00Z",
        "opened_at": "2026-11-24T08:31:00Z",
        "closed_at": None,
        "left_at": None,
        "agents": [AGENT_ID],
        "equipment_ready": ["power", "printer"],
        "equipment_faulty": ["network"],
        "network": "weak",
        "kilometres": 24,
        "note": "",
    },
    INCIDENT: {
        "day": "2026-11-24",
        "commune": "02361",
        "what": "network",
        "started_at": "2026-11-24T09:00:00Z",
        "minutes": 35,
        "closed": True,
        "note": "Antenne en travaux.",
    },
    ATTENDANCE: {
        "day": "2026-11-24",
        "commune": "02361",
        "arrived": 12,
        "received": 9,
        "gave_up": 2,
        "booked": 1,
        "waited_minutes": 96,
        "longest_wait": 31,
        "by_hour": {name: 12 if name == "h09" else 0 for name in HOURS},
    },
    RESIDENT: {
        "family_name": "Exemple",
        "given_name": "Zoé",
        "phone": "06 12 34 56 78",
        "email": "zoe@exemple.fr",
        "birth_year": 1951,
        "commune": "02361",
        "notice": "paper",
        "notice_on": "2026-11-24",
        "keep_until": "2027-11-24",
        "code": "K7QM-4T",
        "note": "Appeler le matin.",
        "merged_into": None,
    },
    APPOINTMENT: {
        "day": "2026-12-08",
        "starts_at": "10:30",
        "minutes": 30,
        "commune": "02361",
        "place": "Place du marché",
        "stop_id": AGENT_ID,
        "resident_id": None,
        "name": "Mme Exemple",
        "phone": "06 12 34 56 78",
        "procedure": "FT-CG-OCC",
        "needed": 2,
        "agents": [AGENT_ID],
        "status": "unknown",
        "visit_id": None,
        "note": "",
    },
    WORKSHOP: {
        "agent_id": AGENT_ID,
        "day": "2026-11-24",
        "starts_at": "14:00",
        "minutes": 90,
        "commune": "02361",
        "place": "Salle des fêtes",
        "title": "Mon courriel",
        "topics": ["email", "security"],
        "level": "beginner",
        "participants": 6,
        "came_before": 2,
        "genders": {"female": 4, "male": 2, "undisclosed": None},
        "ages": {code: 6 if code == "60_69" else None for code in codes.AGE_BAND},
        "statuses": {code: 5 if code == "retired" else None for code in codes.SOCIAL_STATUS},
        "equipment_lent": ["tablet"],
        "course": "Les Bases du numérique, médiathèque",
        "agents": [AGENT_ID],
        "note": "",
    },
}


def edits_of(what: RecordedVisit) -> list[Edit]:
    """What saving a new visit writes."""
    visit = [Edit(VISIT, what.visit.id, CREATE, body_of(what.visit))]
    return visit + [Edit(PROCEDURE_RECORD, one.id, CREATE, body_of(one)) for one in what.records]


def body(kind: str, **changes: Any) -> Mapping[str, Any]:
    """The body of a record of this kind, as the centre would send it."""
    if kind in _PLAIN:
        return plain_draft(kind, **changes)
    one = recorded()
    values: dict[str, Visit | ProcedureRecord] = {VISIT: one.visit, PROCEDURE_RECORD: one.records[1]}
    return {**body_of(values[kind]), **changes}
