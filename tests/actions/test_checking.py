"""A check finds what is wrong, rebuilds what is derived when asked to, and changes nothing else."""

import pytest

from fsbus.actions.checking import check_device
from fsbus.actions.session import REFERENCE, Session
from fsbus.actions.visits import record_visit
from fsbus.store import queries
from fsbus.store.database import Database, rows
from tests.builders import draft, referral_draft


@pytest.fixture
def filled(device: Session) -> Session:
    record_visit(device, draft(note="Mimosa", procedures=[referral_draft(missing_documents=["RIB"])]))
    return device


def test_a_sound_laptop_is_told_sound_with_its_counts(filled: Session) -> None:
    found = check_device(filled, repair=False)
    assert found.is_sound
    assert (found.counts["visits"], found.counts["procedure_records"], found.repaired) == (1, 1, ())


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM texts WHERE note IS NOT NULL",
        "UPDATE texts SET referral = 'ailleurs' WHERE referral IS NOT NULL",
        "UPDATE texts SET documents = NULL WHERE documents IS NOT NULL",
        "INSERT INTO texts (rowid, note) VALUES (4000, 'personne')",
        "DROP TRIGGER visit_texts_update",
        "DELETE FROM texts_data WHERE id > 10",
        "UPDATE texts_content SET c0 = 'autre chose' WHERE c0 = 'Mimosa'",
    ],
)
def test_an_index_that_lies_is_found_and_filled_anew(filled: Session, damage: str) -> None:
    def do_harm(db: Database) -> None:
        db.conn.execute(damage)

    before = list(rows(filled.store.db, "SELECT * FROM operations"))
    filled.store.maintain(do_harm)
    told = check_device(filled, repair=False)
    assert not told.is_sound
    assert told.fulltext
    mended = check_device(filled, repair=True)
    assert mended.is_sound
    assert mended.repaired == ("fulltext",)
    assert check_device(filled, repair=False).fulltext == ()
    for word in ("mimosa", "laon", "rib"):
        assert len(queries.search_visits(filled.store.db, word, 5)) == 1
    assert list(rows(filled.store.db, "SELECT * FROM operations")) == before


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("DELETE FROM operations WHERE seq = 2", "is missing"),
        ("UPDATE operations SET line = x'7B' WHERE seq = 2", "is unreadable"),
        ("UPDATE operations SET line = (SELECT line FROM operations WHERE seq = 1) WHERE seq = 2", "says"),
    ],
)
def test_a_broken_log_is_told_and_never_repaired(filled: Session, harm: str, told: str) -> None:
    filled.store.maintain(lambda db: db.conn.execute(harm))
    found = check_device(filled, repair=True)
    assert not found.is_sound
    assert told in found.operations[0]


def test_official_lists_that_are_damaged_are_built_anew(filled: Session) -> None:
    assert filled.reference.search("carte grise", 1)
    filled.reference.close()
    del filled.__dict__["reference"]
    path = filled.home / REFERENCE
    content = path.read_bytes()
    path.write_bytes(content[:300_000] + bytes(4_096) + content[304_096:])
    assert check_device(filled, repair=False).reference
    mended = check_device(filled, repair=True)
    assert mended.is_sound
    assert mended.repaired == ("reference",)
    assert filled.reference.search("carte grise", 1)
