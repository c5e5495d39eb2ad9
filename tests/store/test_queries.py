"""What is read back is what was saved."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.actions.session import Session
from fsbus.core.changes import SET
from fsbus.core.entities import PROCEDURE_RECORD, VISIT
from fsbus.store import queries
from fsbus.store.store import Edit
from tests.builders import AGENT_ID, draft, edits_of, procedure_draft, recorded, referral_draft


def save(session: Session, **changes: object) -> str:
    one = recorded(**changes)
    session.store.save(edits_of(one), actor=AGENT_ID)
    return one.visit.id


def test_a_visit_is_read_back_as_it_was_written(device: Session) -> None:
    one = recorded(procedures=[referral_draft(blockers=["other", "payment_missing"]), procedure_draft()])
    device.store.save(edits_of(one), actor=AGENT_ID)
    assert queries.visit(device.store.db, one.visit.id) == one.visit
    assert queries.records_of(device.store.db, one.visit.id) == one.records
    assert queries.record(device.store.db, one.records[0].id) == one.records[0]


def test_an_unknown_id_is_none(device: Session) -> None:
    assert queries.visit(device.store.db, AGENT_ID) is None
    assert queries.record(device.store.db, AGENT_ID) is None
    assert queries.agent(device.store.db, AGENT_ID) is None


def test_days_are_both_included_and_in_order(device: Session) -> None:
    start = date(2026, 11, 1)
    ids = {
        day: save(device, started_at=f"{start + timedelta(days=day)}T09:00:00+01:00") for day in (3, 1, 2, 0)
    }
    found = [one.id for one, _ in queries.visits_between(device.store.db, "2026-11-02", "2026-11-03")]
    assert found == [ids[1], ids[2]]


def test_the_most_used_procedures_come_first(device: Session) -> None:
    for code in ("A-1", "B-1", "B-1", "C-1"):
        save(device, procedures=[procedure_draft(procedure=code)])
    assert queries.recent_procedures(device.store.db, 2) == ["B-1", "C-1"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("elodie", True), ("ÉLODIE", True), ("artagnan", True), ("d'Artagnan", True), ("oise elodie", False),
        ("elodie laon", True), ("carriere", True), ("identit", True), ("contact", False), ("", False),
        ('"', False), ("*", False), ("NEAR(", False), ("O'Brien", False), ("-- ; DROP", False),
    ],
)  # fmt: skip
def test_every_word_must_be_found_in_the_visit_or_its_records(
    device: Session, text: str, found: bool
) -> None:
    wanted = save(
        device,
        note="Élodie d'Artagnan reviendra",
        procedures=[referral_draft(missing_documents=["pièce d'identité"])],
    )
    save(device, note="rien à voir", procedures=[procedure_draft()])
    assert [one.id for one in queries.search_visits(device.store.db, text, 10)] == [wanted] * found


def test_the_search_follows_changes_and_erasures(device: Session) -> None:
    one = recorded(
        note="mimosa", procedures=[referral_draft(precise_answer="Attestation bleue à rapporter.")]
    )
    device.store.save(edits_of(one), actor=AGENT_ID)

    def hits(text: str) -> int:
        return len(queries.search_visits(device.store.db, text, 10))

    changed = [Edit(VISIT, one.visit.id, SET, {"note": "tilleul"})]
    changed += [Edit(PROCEDURE_RECORD, one.records[0].id, SET, {"precise_answer": "Dossier vert transmis."})]
    device.store.save(changed, actor=AGENT_ID)
    assert [hits(word) for word in ("mimosa", "bleue", "tilleul", "vert")] == [0, 0, 1, 1]
    device.store.save([Edit(VISIT, one.visit.id, SET, {"note": ""})], actor=AGENT_ID)
    assert hits("tilleul") == 0
    device.store.erase({one.visit.id: VISIT}, actor=AGENT_ID)
    assert hits("vert") == 0


def test_a_ligature_is_found_however_it_is_written(device: Session) -> None:
    with_ligature = save(device, note="Sœur présente, œdème")
    without = save(device, note="Soeur absente")
    for text in ("soeur", "sœur"):
        assert {one.id for one in queries.search_visits(device.store.db, text, 5)} == {with_ligature, without}


def test_each_word_may_stand_in_a_text_or_in_the_name_of_a_procedure(device: Session) -> None:
    wanted = save(device, note="Revient jeudi", procedures=[procedure_draft(procedure="CNAV-DEM")])
    save(device, note="Revient jeudi", procedures=[procedure_draft(procedure="FT-CG-OCC")])
    save(device, note="", procedures=[procedure_draft(procedure="CNAV-DEM")])
    named = {"retraite": ["CNAV-DEM"], "jeudi": []}
    found = queries.search_visits(device.store.db, "retraite jeudi", 5, named.__getitem__)
    assert [one.id for one in found] == [wanted]


def test_the_newest_visits_are_found_first(device: Session) -> None:
    days = ["2026-11-03", "2026-11-05", "2026-11-04"]
    for day in days:
        save(device, started_at=f"{day}T09:00:00+01:00", note="carte grise")
    found = queries.search_visits(device.store.db, "carte", 2)
    assert [one.visited_on for one in found] == ["2026-11-05", "2026-11-04"]


@given(text=st.text(max_size=60))
def test_any_text_may_be_searched(long_lived: Session, text: str) -> None:
    assert isinstance(queries.search_visits(long_lived.store.db, text, 5), list)


def test_status_counts_what_waits(device: Session) -> None:
    before = queries.status_facts(device.store.db)
    save(device)
    after = queries.status_facts(device.store.db)
    assert (after.visits, after.procedure_records, after.pending) == (1, 2, before.pending + 3)
    assert (after.enrolled, after.last_sync_at, after.open_conflicts, after.quarantined) == (
        False,
        None,
        0,
        0,
    )


def test_the_agent_of_the_laptop_is_known(device: Session) -> None:
    assert queries.agent(device.store.db, device.agent.id) == device.agent
    assert queries.agents(device.store.db) == [device.agent]


def test_the_builder_of_drafts_is_taken_by_the_real_rules(device: Session) -> None:
    from fsbus.actions.visits import record_visit

    assert record_visit(device, draft()).minutes == 25
