"""What a receipt tells of the circuit: the next passages, and where a follow-up is taken up."""

import pytest

from fsbus.actions import plain_records
from fsbus.actions.paper import on_paper
from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.core.entities import STOP
from fsbus.core.visit_sheets import OnPaper
from tests.builders import draft, plain_draft, procedure_draft

GUISE, LAON = "02361", "02408"


def paper(device: Session, **follow_up: object) -> OnPaper:
    one = procedure_draft(outcome="follow_up", precise_answer="Revenir avec la pièce.", follow_up=follow_up)
    told = on_paper(device, record_visit(device, draft(stop_commune=GUISE, procedures=[one])).id)
    assert told is not None
    return told


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_the_next_passages_are_those_of_the_stop(device: Session) -> None:
    weekly = {"recurrence": "FREQ=WEEKLY;BYDAY=TU", "except_on": ["2026-12-08"]}
    plain_records.create(device, STOP, plain_draft(STOP, **weekly))
    plain_records.create(device, STOP, plain_draft(STOP, commune=LAON, place="Gare", **weekly))
    told = paper(device, on="2026-12-15")
    assert plain(told.returns) == "Mardi 1er décembre, mardi 15 décembre : 9 h 30 – 12 h 30, Place du marché."


def test_passages_at_other_hours_stand_apart(device: Session) -> None:
    plain_records.create(device, STOP, plain_draft(STOP, starts_on="2026-12-01", recurrence=""))
    plain_records.create(
        device, STOP, plain_draft(STOP, starts_on="2026-12-03", recurrence="", opens_at="10:00", place="")
    )
    assert plain(paper(device, on="2026-12-01").returns) == (
        "Mardi 1er décembre : 9 h 30 – 12 h 30, Place du marché ; jeudi 3 décembre : 10 h – 12 h 30."
    )


@pytest.mark.parametrize(
    ("follow_up", "where"),
    [
        ({"on": "2026-12-01"}, "9 h 30 – 12 h 30, Place du marché, Guise (02)"),
        ({"on": "2026-12-02"}, "Guise (02)"),
        ({"on": "2026-12-01", "commune": LAON}, "9 h 30 – 12 h 30, Gare, Laon (02)"),
    ],
)
def test_a_follow_up_is_taken_up_where_the_bus_is_that_day(
    device: Session, follow_up: dict[str, object], where: str
) -> None:
    weekly = {"recurrence": "FREQ=WEEKLY;BYDAY=TU", "except_on": []}
    plain_records.create(device, STOP, plain_draft(STOP, **weekly))
    plain_records.create(device, STOP, plain_draft(STOP, commune=LAON, place="Gare", **weekly))
    told = paper(device, **follow_up)
    assert plain(told.follow_ups_at[told.records[0].id]) == where


def test_without_a_circuit_nothing_is_promised(device: Session) -> None:
    told = paper(device, on="2026-12-01")
    assert told.returns == ""
