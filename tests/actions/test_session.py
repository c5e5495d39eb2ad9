"""A laptop is made whole or not at all, and opens for its passphrase only."""

import shutil
import stat
import sys
import threading
from pathlib import Path

import pytest

from fsbus.actions.session import KEYS, RECENT, STORE, Session, create_device, open_session
from fsbus.actions.visits import record_visit
from fsbus.core.errors import InvalidInput, StoreDamaged, StoreUnavailable, WrongPassphrase
from fsbus.store import queries
from fsbus.store.ballast import NAME
from fsbus.store.home_lock import LOCK, PRESENCE, alone
from fsbus.store.keyring import create_keyfile
from fsbus.store.store import Store
from fsbus.wire.signing import device_id_of, public_key_of
from tests.builders import draft
from tests.devices import AGENT_NAME, BUS, PASSPHRASE, MakeDevice
from tests.fakes import HeldTime


def make(home: Path, bus: str = BUS, agent: str = AGENT_NAME) -> Session:
    time = HeldTime()
    return create_device(home, PASSPHRASE, bus=bus, agent_name=agent, clock=time.clock(), ids=time.ids())


def reopen(home: Path, passphrase: str = PASSPHRASE) -> Session:
    time = HeldTime()
    return open_session(home, passphrase, clock=time.clock(), ids=time.ids())


def test_a_new_laptop_holds_its_agent_and_its_identity(tmp_path: Path) -> None:
    home = tmp_path / "some" / "home"
    with make(home, agent="  Camille  ") as session:
        assert (session.bus, session.agent.name) == (BUS, "Camille")
        assert session.agent.id == session.keys.agent_id
        assert len(session.signing_key) == 32
        assert session.device == device_id_of(public_key_of(session.signing_key))
        assert session.store.pending_count() == 1
        assert queries.agents(session.store.db) == [session.agent]
        known = (session.agent, session.device, session.store.replica)
    assert sorted(
        file.name for file in home.iterdir() if file.name not in (LOCK, PRESENCE, RECENT, NAME)
    ) == [
        "backups",
        STORE,
        KEYS,
        f"{KEYS}.prev",
    ]
    with reopen(home) as session:
        assert (session.agent, session.device, session.store.replica) == known


@pytest.mark.skipif(sys.platform == "win32", reason="rights are of another kind there")
def test_only_the_owner_enters(tmp_path: Path) -> None:
    make(tmp_path / "home").close()
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
    files = [file for file in (tmp_path / "home").rglob("*") if file.is_file()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "home" / "backups").stat().st_mode) == 0o700


def test_a_laptop_is_never_made_over_another(tmp_path: Path) -> None:
    make(tmp_path).close()
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    with pytest.raises(StoreUnavailable, match="existe déjà"):
        make(tmp_path)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize(
    ("bus", "agent", "fields"),
    [
        (BUS, "", {"agent"}),
        (BUS, "x" * 81, {"agent"}),
        ("x" * 121, " ", {"bus", "agent"}),
        ("mot de passe : azerty12", AGENT_NAME, {"bus"}),
    ],
)
def test_names_that_cannot_be_kept_are_all_told_and_nothing_is_made(
    tmp_path: Path, bus: str, agent: str, fields: set[str]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        make(tmp_path / "home", bus, agent)
    assert set(refused.value.problems) == fields
    assert not (tmp_path / "home").exists()


def test_a_making_that_was_cut_is_made_again_and_what_it_finds_stays_aside(tmp_path: Path) -> None:
    unfinished = tmp_path / ".creation-1234"
    unfinished.mkdir()
    (unfinished / "keys.fsk").write_bytes(b"half")
    left = {STORE: b"a store whose key was never written", f"{STORE}-wal": b"its log", "ops-7-ab.fsj": b"of"}
    for name, content in left.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "bak-7-1-20261124T100000Z.fsbak").write_bytes(b"of another master key")
    with make(tmp_path) as session:
        assert [one.path.parent for one in session.backups.all()] == [tmp_path / "backups"]
    reopen(tmp_path).close()
    names = {file.name for file in tmp_path.iterdir() if file.is_file()} - {LOCK, PRESENCE, RECENT, NAME}
    assert names == {STORE, KEYS, f"{KEYS}.prev"}
    (aside,) = tmp_path.glob("sans-cle-*")
    assert {file.name: file.read_bytes() for file in aside.iterdir() if file.is_file()} == left
    assert len(list((aside / "backups").iterdir())) == 1


def test_an_opening_that_fails_late_lets_others_replace_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path).close()

    def refused(_self: Session) -> None:
        raise StoreUnavailable("le disque")

    with monkeypatch.context() as patch:
        patch.setattr(Session, "finish_erasure", refused)
        with pytest.raises(StoreUnavailable):
            reopen(tmp_path)
    with alone(tmp_path, seconds=0):
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable):
        make(tmp_path / "file" / "home")


def test_another_passphrase_opens_nothing(device: Session) -> None:
    device.close()
    with pytest.raises(WrongPassphrase):
        reopen(device.home, "autre phrase")


def test_an_empty_folder_is_no_laptop(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="Aucun poste ici"):
        reopen(tmp_path)


def test_a_damaged_store_is_not_taken_for_a_mistyped_passphrase(device: Session) -> None:
    device.close()
    shutil.rmtree(device.home / "backups")
    path = device.home / STORE
    content = bytearray(path.read_bytes())
    content[:64] = bytes(64)
    path.write_bytes(content)
    with pytest.raises(StoreDamaged):
        reopen(device.home)


def test_a_missing_store_is_told(device: Session) -> None:
    device.close()
    shutil.rmtree(device.home / "backups")
    (device.home / STORE).unlink()
    with pytest.raises(StoreUnavailable, match=STORE):
        reopen(device.home)


def test_a_store_without_its_agent_is_damaged(tmp_path: Path) -> None:
    time = HeldTime()
    keys = create_keyfile(tmp_path / KEYS, PASSPHRASE, "01a20000-0000-7000-8000-00000000a9e7")
    Store.create(tmp_path / STORE, keys.subkey("db"), clock=time.clock()).close()
    with pytest.raises(StoreDamaged, match="agent"):
        reopen(tmp_path)


def test_another_thread_works_with_its_own_connections(device: Session) -> None:
    seen: list[object] = []

    def work() -> None:
        with device.reopen() as other:
            seen.append(record_visit(other, draft()).id)
            seen.append(other.reference.is_commune("02361"))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen[1] is True
    assert queries.visit(device.store.db, str(seen[0])) is not None


def test_two_devices_of_tests_are_two_laptops(make_device: MakeDevice) -> None:
    one, two = make_device("one"), make_device("two")
    assert one.store.replica != two.store.replica
    assert one.device != two.device


def test_lost_official_lists_are_built_again(device: Session) -> None:
    device.close()
    (device.home / "reference.db").unlink()
    with reopen(device.home) as session:
        assert session.reference.partner_of("CNAV-DEM", "2026-11-24") == "CNAV"
