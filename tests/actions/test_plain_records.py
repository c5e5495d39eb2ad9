"""The plain kinds are checked whole, recorded durably, changed by what differs, removed and put back."""

import pytest

from fsbus.actions import plain_records
from fsbus.actions.session import Session
from fsbus.actions.wording import Wording, field_label
from fsbus.core.appointments import Appointment
from fsbus.core.attendance import Attendance
from fsbus.core.circuit import Incident, Passage, Stop
from fsbus.core.entities import (
    APPOINTMENT,
    ATTENDANCE,
    DELETABLE,
    ENTITIES,
    INCIDENT,
    PASSAGE,
    RESIDENT,
    STOP,
    WORKSHOP,
    from_body,
)
from fsbus.core.errors import InvalidInput
from fsbus.core.residents import Resident
from fsbus.core.workshops import Workshop
from fsbus.store import day_queries
from fsbus.store.checking import log_problems
from tests.builders import new_id, plain_draft

CLASSES: dict[str, type] = {
    STOP: Stop,
    PASSAGE: Passage,
    INCIDENT: Incident,
    ATTENDANCE: Attendance,
    RESIDENT: Resident,
    APPOINTMENT: Appointment,
    WORKSHOP: Workshop,
}


@pytest.mark.parametrize("kind", CLASSES)
def test_a_record_is_read_back_as_it_was_given(device: Session, kind: str) -> None:
    made = plain_records.create(device, kind, plain_draft(kind))
    found = day_queries.one(device.store.db, CLASSES[kind], made)
    assert found == from_body(kind, made, plain_draft(kind))
    assert day_queries.every(device.store.db, CLASSES[kind]) == [found]
    if "day" in plain_draft(kind):
        day = plain_draft(kind)["day"]
        assert day_queries.of_day(device.store.db, CLASSES[kind], day) == [found]
        assert day_queries.between(device.store.db, CLASSES[kind], "2020-01-01", "2020-12-31") == []


@pytest.mark.parametrize("kind", CLASSES)
def test_a_refused_record_leaves_nothing(device: Session, kind: str) -> None:
    before = device.store.pending(after=0, max_bytes=1_000_000)
    with pytest.raises(InvalidInput):
        plain_records.create(device, kind, {})
    with pytest.raises(InvalidInput) as refused:
        plain_records.create(device, kind, {**plain_draft(kind), "inconnu": 1})
    assert list(refused.value.problems) == ["inconnu"]
    assert device.store.pending(after=0, max_bytes=1_000_000) == before


def test_only_what_differs_is_written(device: Session) -> None:
    made = plain_records.create(device, STOP, plain_draft(STOP))
    before = len(device.store.pending(after=0, max_bytes=1_000_000))
    assert not plain_records.change(device, STOP, made, {"place": "Place du marché"})
    assert plain_records.change(device, STOP, made, {"place": "Mairie", "opens_at": "09:30"})
    lines = device.store.pending(after=0, max_bytes=1_000_000)
    assert len(lines) == before + 1
    assert b"Mairie" in lines[-1][1]
    assert b"opens_at" not in lines[-1][1]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"closes_at": "08:00"}, "closes_at"),
        ({"commune": "99999"}, "commune"),
        ({"colour": "red"}, "colour"),
        ({"note": "mdp=soleil"}, "note"),
    ],
)
def test_a_change_is_held_to_the_same_rules(device: Session, changes: dict[str, object], field: str) -> None:
    made = plain_records.create(device, STOP, plain_draft(STOP))
    with pytest.raises(InvalidInput) as refused:
        plain_records.change(device, STOP, made, changes)
    assert list(refused.value.problems) == [field]
    assert plain_records.body(device, STOP, made) == plain_draft(STOP)


def test_an_unknown_procedure_is_refused(device: Session) -> None:
    with pytest.raises(InvalidInput) as refused:
        plain_records.create(device, APPOINTMENT, plain_draft(APPOINTMENT, procedure="RIEN"))
    assert list(refused.value.problems) == ["procedure"]


@pytest.mark.parametrize("kind", sorted(DELETABLE & CLASSES.keys()))
def test_a_removed_record_comes_back_whole(device: Session, kind: str) -> None:
    made = plain_records.create(device, kind, plain_draft(kind))
    whole = plain_records.body(device, kind, made)
    plain_records.remove(device, kind, made)
    assert plain_records.body(device, kind, made) is None
    with pytest.raises(InvalidInput):
        plain_records.change(device, kind, made, {})
    plain_records.put_back(device, kind, made)
    assert plain_records.body(device, kind, made) == whole
    assert log_problems(device.store.db) == []


def test_a_person_is_not_removed_but_erased(device: Session) -> None:
    made = plain_records.create(device, RESIDENT, plain_draft(RESIDENT))
    with pytest.raises(ValueError, match="resident"):
        plain_records.remove(device, RESIDENT, made)
    assert device.store.erase({made: RESIDENT}, actor=device.agent.id) == 1
    assert day_queries.one(device.store.db, Resident, made) is None
    assert not any(b"Zo\xc3\xa9" in line for _, line in device.store.pending(after=0, max_bytes=1_000_000))


@pytest.mark.parametrize("kind", CLASSES)
def test_every_field_has_a_word_and_every_record_a_name(device: Session, kind: str) -> None:
    wording = Wording(device)
    made = plain_records.create(device, kind, plain_draft(kind))
    for field in ENTITIES[kind].fields:
        assert field_label(kind, field) != field
        value = wording.value(field, plain_draft(kind)[field])
        assert value
        assert "_" not in value, field
    assert wording.about(kind, made) != wording.about("unheard_of", made)
    assert wording.about(kind, new_id())
