"""Drafts: sealed, each agent's own, gone when forgotten, carried over a change of keys."""

import hashlib
import secrets
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.clock import parse_utc_text
from fsbus.core.errors import StoreDamaged, StoreTooNew
from fsbus.store import drafts
from fsbus.store.drafts import (
    Draft,
    drafts_here,
    forget_draft,
    forget_other_epochs,
    pass_on_drafts,
    path_of,
    put_aside,
    read_draft,
    write_draft,
)  # fmt: skip
from fsbus.store.keyfile import Keys, first_keys
from fsbus.store.keyring import unlock
from tests.builders import AGENT_ID, new_id
from tests.fakes import NOON

GOLDEN = Path(__file__).parents[1] / "golden"
FINGERPRINT = "f51e3a8ab0543f51f1e4a7bfff907117363f3165ccab7a8967596b2d2ef7aa55"
PASSPHRASE = "pochette lampion grelot Élan rivage tuile"  # of the golden key file only
OTHER = "01a20000-0000-7000-8000-00000000beef"
NOTE = "Revient jeudi avec son avis d’imposition"
DRAFT = Draft(
    "01a20d36-6b80-7705-945a-94abace0f9f4", parse_utc_text(NOON), {"note": NOTE, "cards": [{}, None]}
)


@pytest.fixture
def keys() -> Keys:
    return first_keys(AGENT_ID)


def same(one: Draft | None, other: Draft) -> bool:
    return one is not None and (one.visit_id, one.kept_at, one.form) == (
        other.visit_id, other.kept_at, other.form,
    )  # fmt: skip


def test_a_draft_is_read_back_as_it_was_kept_and_nothing_of_it_can_be_read(
    tmp_path: Path, keys: Keys
) -> None:
    write_draft(tmp_path, keys, AGENT_ID, DRAFT)
    assert same(read_draft(tmp_path, keys, AGENT_ID), DRAFT)
    content = path_of(tmp_path, keys, AGENT_ID).read_bytes()
    assert not any(word.encode() in content for word in (NOTE, "note", DRAFT.visit_id, DRAFT.visit_id[:8]))
    assert path_of(tmp_path, keys, AGENT_ID).stat().st_mode & 0o077 == 0


def test_a_draft_of_version_1_is_read_for_ever(tmp_path: Path) -> None:
    golden = (GOLDEN / "drafts" / "v1.fsd").read_bytes()
    assert hashlib.sha256(golden).hexdigest() == FINGERPRINT
    keys = unlock(GOLDEN / "keyfile" / "v1.fsk", PASSPHRASE)
    path = path_of(tmp_path, keys, AGENT_ID)
    path.parent.mkdir()
    path.write_bytes(golden)
    assert same(read_draft(tmp_path, keys, AGENT_ID), DRAFT)


def test_the_draft_of_a_version_to_come_is_told_from_a_damaged_one(
    tmp_path: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "VERSION", 2)
    write_draft(tmp_path, keys, AGENT_ID, DRAFT)
    monkeypatch.undo()
    with pytest.raises(StoreTooNew):
        read_draft(tmp_path, keys, AGENT_ID)


def test_the_draft_of_another_agent_is_not_taken_under_ones_own_name(tmp_path: Path, keys: Keys) -> None:
    write_draft(tmp_path, keys, OTHER, DRAFT)
    assert read_draft(tmp_path, keys, AGENT_ID) is None
    path_of(tmp_path, keys, OTHER).rename(path_of(tmp_path, keys, AGENT_ID))
    with pytest.raises(StoreDamaged):
        read_draft(tmp_path, keys, AGENT_ID)


@pytest.mark.parametrize("step", [31, pytest.param(1, marks=pytest.mark.torture)])
def test_every_single_changed_bit_is_seen(tmp_path: Path, keys: Keys, step: int) -> None:
    write_draft(tmp_path, keys, AGENT_ID, DRAFT)
    path = path_of(tmp_path, keys, AGENT_ID)
    content = path.read_bytes()
    for bit in range(0, len(content) * 8, step):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with pytest.raises(StoreDamaged):
            read_draft(tmp_path, keys, AGENT_ID)


def test_a_draft_that_was_cut_or_lengthened_is_seen(tmp_path: Path, keys: Keys) -> None:
    write_draft(tmp_path, keys, AGENT_ID, DRAFT)
    path = path_of(tmp_path, keys, AGENT_ID)
    content = path.read_bytes()
    for changed in (b"", content[:30], content[:62], content[:-1], content + b"\0", content + content[62:]):
        path.write_bytes(changed)
        with pytest.raises(StoreDamaged):
            read_draft(tmp_path, keys, AGENT_ID)


def test_a_forgotten_draft_leaves_no_file_not_even_what_a_kill_left_half_written(
    tmp_path: Path, keys: Keys
) -> None:
    write_draft(tmp_path, keys, AGENT_ID, DRAFT)
    write_draft(tmp_path, keys, OTHER, DRAFT)
    path = path_of(tmp_path, keys, AGENT_ID)
    path.with_name(f".{path.name}.0a1b2c3d").write_bytes(b"half")
    forget_draft(tmp_path, keys, AGENT_ID)
    forget_draft(tmp_path, keys, AGENT_ID)
    assert list(path.parent.iterdir()) == [path_of(tmp_path, keys, OTHER)]


def test_what_is_deleted_was_overwritten_first(tmp_path: Path, keys: Keys) -> None:
    write_draft(tmp_path, keys, AGENT_ID, DRAFT)
    path = path_of(tmp_path, keys, AGENT_ID)
    kept = tmp_path / "another name of the same file"
    kept.hardlink_to(path)
    size = kept.stat().st_size
    forget_draft(tmp_path, keys, AGENT_ID)
    assert kept.read_bytes() == bytes(size)


def test_a_draft_put_aside_is_in_nobodys_way_and_only_the_last_one_is_kept(
    tmp_path: Path, keys: Keys
) -> None:
    for _ in range(3):
        write_draft(tmp_path, keys, AGENT_ID, DRAFT)
        put_aside(tmp_path, keys, AGENT_ID)
        assert read_draft(tmp_path, keys, AGENT_ID) is None
    [left] = path_of(tmp_path, keys, AGENT_ID).parent.iterdir()
    assert drafts.ASIDE in left.name


def test_a_change_of_keys_carries_the_drafts_of_those_who_stay(tmp_path: Path, keys: Keys) -> None:
    removed = new_id()
    for agent in (AGENT_ID, OTHER, removed):
        write_draft(tmp_path, keys, agent, replace(DRAFT, form={"of": agent}))
    # A change of before, killed: its keys are nobody's, and what it left must not stand in the place of this.
    write_draft(tmp_path, replace(keys.next_epoch()), removed, DRAFT)
    new = keys.next_epoch()
    pass_on_drafts(tmp_path, keys, new, without=removed)
    # Killed here, before the key file changes: all is as it was.
    for agent in (AGENT_ID, OTHER, removed):
        assert same(read_draft(tmp_path, keys, agent), replace(DRAFT, form={"of": agent}))
    # Killed here, after it: nothing is missing.
    assert {agent: draft.form["of"] for agent, draft in drafts_here(tmp_path, new)} == {
        AGENT_ID: AGENT_ID, OTHER: OTHER,
    }  # fmt: skip
    forget_other_epochs(tmp_path, new)
    assert read_draft(tmp_path, keys, removed) is None
    assert len(list(path_of(tmp_path, new, AGENT_ID).parent.iterdir())) == 2
    with pytest.raises(StoreDamaged):
        read_draft(tmp_path, replace(keys, epoch=new.epoch), AGENT_ID)


def test_a_correction_and_a_new_visit_never_mix(tmp_path: Path, keys: Keys) -> None:
    correction = replace(DRAFT, form={"note": "corrigée"}, purpose=drafts.CORRECTING)
    write_draft(tmp_path, keys, AGENT_ID, DRAFT)
    write_draft(tmp_path, keys, AGENT_ID, correction)
    assert same(read_draft(tmp_path, keys, AGENT_ID), DRAFT)
    new = keys.next_epoch()
    pass_on_drafts(tmp_path, keys, new, without=OTHER)
    forget_other_epochs(tmp_path, new)
    forget_draft(tmp_path, new, AGENT_ID)
    assert read_draft(tmp_path, new, AGENT_ID) is None
    found = read_draft(tmp_path, new, AGENT_ID, drafts.CORRECTING)
    assert same(found, correction)
    assert found is not None
    assert found.purpose == drafts.CORRECTING
    # Renamed, one is not taken for the other.
    path_of(tmp_path, new, AGENT_ID, drafts.CORRECTING).rename(path_of(tmp_path, new, AGENT_ID))
    with pytest.raises(StoreDamaged):
        read_draft(tmp_path, new, AGENT_ID)


def test_a_change_of_keys_taken_back_gives_the_drafts_of_before(tmp_path: Path, keys: Keys) -> None:
    write_draft(tmp_path, keys, AGENT_ID, DRAFT)
    pass_on_drafts(tmp_path, keys, keys.next_epoch(), without=OTHER)
    forget_other_epochs(tmp_path, keys)
    assert same(read_draft(tmp_path, keys, AGENT_ID), DRAFT)
    assert len(list(path_of(tmp_path, keys, AGENT_ID).parent.iterdir())) == 1


@given(st.binary(max_size=400))
def test_no_content_of_a_draft_file_is_more_than_damaged(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    home, keys = tmp_path_factory.getbasetemp() / f"draft-{secrets.token_hex(4)}", first_keys(AGENT_ID)
    path = path_of(home, keys, AGENT_ID)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(StoreDamaged):
        read_draft(home, keys, AGENT_ID)
