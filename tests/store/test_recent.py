"""The usual agent's slot is tried first: remembered, forgotten, and never needed."""

from pathlib import Path

import pytest

from fsbus.store import keyfile, keyring
from fsbus.store.key_slots import MOST_SLOTS, Header, Slot
from fsbus.store.recent import forget_agent, recent_agents, remember_agent
from tests.fakes import HeldTime

IDS = HeldTime().ids()
ONE, TWO, THREE = IDS.new(), IDS.new(), IDS.new()


def test_who_opened_last_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "recent.json"
    assert recent_agents(path) == ()
    for agent in (ONE, TWO, THREE, TWO):
        remember_agent(path, agent)
    assert recent_agents(path) == (TWO, THREE, ONE)
    forget_agent(path, TWO)
    assert recent_agents(path) == (THREE, ONE)


def test_opening_again_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "recent.json"
    remember_agent(path, ONE)
    before = path.stat().st_ino
    remember_agent(path, ONE)
    assert path.stat().st_ino == before


def test_what_a_kill_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / ".recent.json.0123abcd").write_bytes(b"half")
    remember_agent(tmp_path / "recent.json", ONE)
    assert [path.name for path in tmp_path.iterdir()] == ["recent.json"]


def test_no_more_is_kept_than_there_are_slots(tmp_path: Path) -> None:
    path = tmp_path / "recent.json"
    for _ in range(MOST_SLOTS + 3):
        remember_agent(path, IDS.new())
    assert len(recent_agents(path)) == MOST_SLOTS


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"v":2,"agents":[]}', b'{"v":1,"agents":["../x"]}', b'{"v":1,"agents":[7]}', b"\xff" * 9_000],
)  # fmt: skip
def test_a_file_that_was_altered_counts_for_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "recent.json"
    path.write_bytes(content)
    assert recent_agents(path) == ()


def test_a_folder_that_cannot_be_written_shuts_nobody_out(tmp_path: Path) -> None:
    remember_agent(tmp_path / "absent" / "recent.json", ONE)
    assert not (tmp_path / "absent").exists()


def test_the_usual_agent_costs_one_derivation_and_an_altered_order_still_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keys.fsk"
    keys = keyring.create_keyfile(path, "phrase de la première", ONE)
    keyring.add_agent(path, keys, TWO, "phrase de la deuxième")
    keyring.add_agent(path, keys, THREE, "phrase de la troisième")
    tried: list[bytes] = []
    derive = keyfile.slot_key

    def counted(header: Header, slot: Slot, secret: str) -> bytes:
        tried.append(slot.agent_id)
        return derive(header, slot, secret)

    monkeypatch.setattr(keyfile, "slot_key", counted)
    assert keyring.unlock(path, "phrase de la troisième", [THREE, ONE]).agent_id == THREE
    assert len(tried) == 1
    assert keyring.unlock(path, "phrase de la deuxième", [IDS.new()]).agent_id == TWO
    assert len(tried) == 3
