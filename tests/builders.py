"""Builds valid values for tests, nobody real; a test varies the one thing that it is about."""

from collections.abc import Mapping
from typing import Any

from fsbus.core import visits
from fsbus.core.changes import CREATE
from fsbus.core.clock import parse_utc_text
from fsbus.core.entities import PROCEDURE_RECORD, VISIT, body_of
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


def edits_of(what: RecordedVisit) -> list[Edit]:
    """What saving a new visit writes."""
    visit = [Edit(VISIT, what.visit.id, CREATE, body_of(what.visit))]
    return visit + [Edit(PROCEDURE_RECORD, one.id, CREATE, body_of(one)) for one in what.records]


def body(kind: str, **changes: Any) -> Mapping[str, Any]:
    """The body of a record of this kind, as the centre would send it."""
    one = recorded()
    values: dict[str, Visit | ProcedureRecord] = {VISIT: one.visit, PROCEDURE_RECORD: one.records[1]}
    return {**body_of(values[kind]), **changes}
