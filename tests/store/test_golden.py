"""Files that released versions wrote are opened by this one, for ever; they are never edited."""

import hashlib
import shutil
from pathlib import Path

import pytest

from fsbus.actions.session import open_session
from fsbus.actions.visits import record_visit
from fsbus.core.errors import WrongPassphrase
from fsbus.store import keyring, queries
from fsbus.store.checking import fulltext_problems, log_problems
from fsbus.store.database import problems_in, rows
from fsbus.store.keyring import unlock
from fsbus.store.store import Store
from fsbus.wire.codec import decode_op
from tests.builders import draft
from tests.fakes import HeldTime

GOLDEN = Path(__file__).parents[1] / "golden"
PASSPHRASE = "pochette lampion grelot Élan rivage tuile"  # of these files only
FINGERPRINTS = {
    "keyfile/v1.fsk": "04339c8db9a7426ec0df196434ba149d6cce91f0928afac94a2d6536336f63a7",
    "keyfile/v1-all-slots.fsk": "717a5b23397bb463c7801048d1ce8e5e616e59e55e7035545da183343662a2ff",
    "stores/v1/keys.fsk": "bda4efc1b58711289df05d75dc0fb208b690cb7588e6eb3e732eac0fd9a3bf85",
    "stores/v1/fsbus.db": "2bacbaca30740febdb39f41da779fc81d365a02154f4c7680de8bfd2ae6c2e36",
}
KEYS = {
    "db": "b8392046b58eb6e7553ff5b07fca50146baf3bdac2ae6384579a53b5dcbf4efb",
    "reference": "b60ed394d5d51c5f52b1b78e03c17d550b4364d7d438fb88cd78b7831c97ca9f",
    "journal": "f85cb6ab30c1001a16c5ec22c4a7a4618b10989bfb80002a3fda13e7cf352ccc",
}
LONG_VISIT, SHORT_VISIT = "01a20d36-6b80-7705-945a-94abace0f9f4", "01a20d36-6b80-7705-945a-94ae85ed3df2"
ERASED_VISIT = "01a20d36-6b80-7705-945a-94af8ab0e4c2"
CAME_BY_SYNC = "01a20000-0000-7000-8000-000000000001"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return shutil.copytree(GOLDEN / "stores" / "v1", tmp_path / "home")


@pytest.mark.parametrize(("name", "fingerprint"), FINGERPRINTS.items())
def test_a_golden_file_is_the_one_that_was_released(name: str, fingerprint: str) -> None:
    assert hashlib.sha256((GOLDEN / name).read_bytes()).hexdigest() == fingerprint


def test_the_key_file_of_version_1_gives_its_keys() -> None:
    keys = unlock(GOLDEN / "keyfile" / "v1.fsk", PASSPHRASE)
    assert keys.agent_id == "01a20000-0000-7000-8000-00000000a9e7"
    assert {label: keys.subkey(label).hex() for label in KEYS} == KEYS
    with pytest.raises(WrongPassphrase):
        unlock(GOLDEN / "keyfile" / "v1.fsk", PASSPHRASE.lower())


def test_every_kind_of_slot_of_version_1_opens_the_same_vault(tmp_path: Path) -> None:
    """A key file in its second epoch: an agent, an invitation, a coordinator's key; another agent removed."""
    path = tmp_path / "keys.fsk"
    shutil.copy(GOLDEN / "keyfile" / "v1-all-slots.fsk", path)
    keys = unlock(path, PASSPHRASE)
    assert (keys.agent_id[-4:], keys.epoch) == ("a9e1", 2)
    assert keys.subkey("db").hex() == ("edff162ba8671687dfca3849674868903e0b18e6d9a76952f51087a3d020d55f")
    assert keyring.recover(path, bytes(range(32))).subkey("db") == keys.subkey("db")
    with pytest.raises(WrongPassphrase):
        unlock(path, "lanterne quai brume Îlot moulin sabot")
    code = "d080-1b5f-77f7-c18b-e086-2aeb-49cb-caac"
    invited = keyring.accept_invitation(path, code, "sabot moulin")
    assert (invited.agent_id[-4:], invited.subkey("db")) == ("a9e3", keys.subkey("db"))


def test_the_store_of_version_1_holds_what_was_recorded(home: Path) -> None:
    time = HeldTime()
    keys = unlock(home / "keys.fsk", PASSPHRASE)
    store = Store.open(home / "fsbus.db", keys.subkey("db"), clock=time.clock())
    db = store.db
    assert problems_in(db) + log_problems(db) + store.maintain(fulltext_problems) == []
    shown = {
        visit.id: (visit, records)
        for visit, records in queries.visits_between(db, "2026-11-24", "2026-11-24")
    }
    assert set(shown) == {LONG_VISIT, SHORT_VISIT, CAME_BY_SYNC}
    long, records = shown[LONG_VISIT]
    assert (long.minutes, long.note) == (30, "Mimosa : reviendra avec l’attestation")
    assert [record.outcome for record in records] == ["resolved", "referred"]
    mandate = records[1].mandate
    assert mandate is not None
    assert (mandate.kind, mandate.reason) == ("oral", "main cassée")
    short, _ = shown[SHORT_VISIT]
    assert (short.first_visit, short.equipment, short.satisfaction) == (None, (), None)
    assert shown[CAME_BY_SYNC][0].note == "d’un autre poste"
    extra = next(rows(db, "SELECT extra, version FROM visits WHERE id = ?", (CAME_BY_SYNC,)))
    assert extra == ('{"queue_minutes":4}', 3)
    assert [visit.id for visit in queries.search_visits(db, "mimosa laon", 9)] == [LONG_VISIT]
    link = store.link()
    assert (link.epoch, link.acked, dict(link.positions)) == ("golden", 4, {"bus-3": 12})
    waiting = [decode_op(line) for _, line in store.pending(after=0, max_bytes=10**9)]
    assert [op.seq for op in waiting] == list(range(1, store.last_seq + 1))
    assert [op.verb for op in waiting if op.record == ERASED_VISIT] == ["void", "erase"]
    store.close()


def test_a_golden_laptop_goes_on_working(home: Path) -> None:
    time = HeldTime()
    with open_session(home, PASSPHRASE, clock=time.clock(), ids=time.ids()) as session:
        assert (session.bus, session.agent.name) == ("Thiérache Sambre et Oise", "Camille Exemple")
        assert session.device == "wvuyflueqyzlxaxkjdawd73if"
        before = session.store.last_seq
        visit = record_visit(session, draft())
        assert session.store.last_seq == before + 3
        assert queries.visit(session.store.db, visit.id) == visit
