"""A backup of the centre counts once it was read again whole; a centre is made from it again."""

import base64
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest

from fsbus.core.errors import InvalidInput, StoreDamaged, StoreTooNew, StoreUnavailable
from fsbus.server import backups, restoring
from fsbus.server.archive import identity_of
from fsbus.server.centre import KEY_VARIABLE, Centre, open_centre
from fsbus.server.checking import check
from fsbus.server.direct import DirectApi
from fsbus.wire.age import identity_text, new_identity, open_sealed, recipient_of
from fsbus.wire.api import Request, RequestHeader
from tests.server.keeping import ERASED, content, durable, url_in, work
from tests.server.laptop import NOW, enrol, numbered_id, still_clock, visit_body

GOLDEN = Path(__file__).parents[1] / "golden" / "centre" / "v1.age"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "copies"
    made.mkdir()
    return made


@pytest.fixture
def api(centre: Centre) -> DirectApi:
    return DirectApi(centre, enrol(centre).device, still_clock())


def key_file(centre: Centre, folder: Path) -> Path:
    """The centre's key as its owner keeps it elsewhere."""
    path = folder / "centre-key"
    path.write_bytes(base64.b64encode(centre.private_key))
    return path


def restored(centre: Centre, url: str, backup: Path, folder: Path) -> Centre:
    """A centre made from this backup, its own ledger in ``folder``."""
    key, ledger = key_file(centre, folder), folder / "new.erased"
    restoring.restore(url, backup, NOW, key_file=key, ledger=ledger, environment={})
    return open_centre(url, key_file=key, ledger=ledger, environment={})


def test_a_backup_is_read_again_whole_and_then_durable_follows(
    centre: Centre, api: DirectApi, folder: Path
) -> None:
    notes = work(api)
    assert set(durable(centre).values()) == {0}
    made = backups.back_up(centre, folder, NOW)
    assert durable(centre) == {notes.replica: 7}
    assert (made.operations, Path(made.path).parent) == (7, folder)
    read = backups.verify(Path(made.path), centre.private_key)
    assert (dict(read.marks), read.rows) == ({notes.replica: 7}, made.rows)
    assert [path.name for path in folder.iterdir()] == [Path(made.path).name]
    answer = api.exchange(Request(RequestHeader(notes.replica, 0, centre.epoch, 8, 0), []))
    assert answer.header.durable == 7
    assert check(centre).ok


def test_nothing_of_a_backup_can_be_read_without_its_key(
    centre: Centre, api: DirectApi, folder: Path
) -> None:
    work(api)
    path = Path(backups.back_up(centre, folder, NOW).path)
    assert b"note" not in path.read_bytes()
    with pytest.raises(StoreDamaged, match="clé de ce centre"):
        backups.verify(path, new_identity())
    assert os.name != "posix" or path.stat().st_mode & 0o077 == 0


def test_another_recipient_opens_it_too_with_any_age(centre: Centre, api: DirectApi, folder: Path) -> None:
    work(api)
    other = new_identity()
    path = Path(backups.back_up(centre, folder, NOW, [recipient_of(other)]).path)
    plain = pyrage.decrypt(path.read_bytes(), [pyrage.x25519.Identity.from_str(identity_text(other))])
    assert plain == open_sealed(path.read_bytes(), identity_of(centre.private_key))
    with pytest.raises(InvalidInput, match="age1"):
        backups.back_up(centre, folder, NOW, ["age1faux"])
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("place", [0, 10, 200, 3_000, -40, -1])
def test_a_changed_or_cut_backup_is_refused_and_changes_no_mark(
    centre: Centre, api: DirectApi, folder: Path, place: int
) -> None:
    work(api, visits=30)
    path = Path(backups.back_up(centre, folder, NOW).path)
    whole = path.read_bytes()
    changed = bytearray(whole)
    changed[place] ^= 1
    for content_ in (bytes(changed), whole[:place] if place else b"", whole + b"x"):
        path.write_bytes(content_)
        with pytest.raises(StoreDamaged):
            backups.verify(path, centre.private_key)


def test_a_backup_is_restored_into_an_empty_database_of_either_engine(
    centre: Centre, api: DirectApi, folder: Path, empty_url: str
) -> None:
    notes = work(api)
    before = content(centre)
    path = Path(backups.back_up(centre, folder, NOW).path)
    back = restored(centre, empty_url, path, folder)
    try:
        assert content(back) == before
        assert back.epoch != centre.epoch
        assert durable(back) == {notes.replica: 7}
        assert check(back).problems == ()
        door = DirectApi(back, api.device, still_clock())
        assert door.hello(notes.replica).last_seq == 7
        notes.create(numbered_id(200), visit_body())
        assert door.exchange(notes.request(back.epoch)).header.acked == 8
    finally:
        back.close()


def test_a_database_that_is_not_empty_is_left_alone(centre: Centre, api: DirectApi, folder: Path) -> None:
    work(api)
    path = Path(backups.back_up(centre, folder, NOW).path)
    url = url_in(folder / "autre")
    back = restored(centre, url, path, folder)
    back.close()
    with pytest.raises(StoreUnavailable, match="pas vide"):
        restored(centre, url, path, folder)


def test_the_backup_of_another_centre_is_refused(centre: Centre, api: DirectApi, folder: Path) -> None:
    work(api)
    path = Path(backups.back_up(centre, folder, NOW).path)
    other = open_centre(url_in(folder / "autre"), environment={})
    with pytest.raises(StoreDamaged, match="clé de ce centre"):
        restored(other, url_in(folder / "vide"), path, folder)
    other.close()


def test_who_was_erased_after_the_backup_is_erased_again(
    centre: Centre, api: DirectApi, folder: Path, empty_url: str
) -> None:
    notes = work(api)
    path = Path(backups.back_up(centre, folder, NOW).path)
    notes.add("erase", numbered_id(110))
    api.exchange(notes.request(centre.epoch))
    assert centre.ledger is not None
    key = key_file(centre, folder)
    own = folder / "own.erased"
    done = restoring.restore(
        empty_url, path, NOW, key_file=key, ledger=own, others=[centre.ledger.path], environment={}
    )
    assert done.erased == 2
    back = open_centre(empty_url, key_file=key, ledger=own, environment={})
    try:
        lines = content(back)["log"]
        assert not any(b"note 110" in row for rows in content(back).values() for row in rows)
        assert not any(
            b"note 110" in bytes(value) for row in lines for value in row if isinstance(value, bytes)
        )
        assert {row[1] for row in content(back)["visits"]} == {numbered_id(120)}
        assert check(back).problems == ()
    finally:
        back.close()


def test_a_backup_of_an_older_schema_is_brought_to_this_one(
    centre: Centre, api: DirectApi, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(api)
    path = Path(backups.back_up(centre, folder, NOW).path)
    monkeypatch.setattr(backups, "head", lambda: "v9999")
    newer = Path(backups.back_up(centre, folder, NOW).path)
    with pytest.raises(StoreTooNew):
        restored(centre, url_in(folder / "b"), newer, folder)
    back = restored(centre, url_in(folder / "c"), path, folder)
    assert check(back).ok
    back.close()


def test_backups_that_are_too_old_go_but_never_the_last_two(centre: Centre, folder: Path) -> None:
    (folder / "centre-notes.age").write_bytes(b"not ours")
    for day in (0, 1, 2):
        assert backups.back_up(centre, folder, NOW + timedelta(days=day)).removed == 0
    assert backups.back_up(centre, folder, NOW + timedelta(days=80)).removed == 2
    assert len(list(folder.glob("centre-2*.age"))) == 2
    assert (folder / "centre-notes.age").exists()


def test_a_copy_made_by_other_means_is_durable_once_it_is_confirmed(centre: Centre, api: DirectApi) -> None:
    notes = work(api)
    marked = backups.mark(centre, NOW)
    notes.create(numbered_id(300), visit_body())
    api.exchange(notes.request(centre.epoch))
    assert durable(centre) == {notes.replica: 0}
    assert backups.confirm(centre, marked, NOW) == 1
    assert durable(centre) == {notes.replica: 7}
    assert backups.confirm(centre, marked, NOW) == 0
    with pytest.raises(InvalidInput, match="--mark"):
        backups.confirm(centre, "0" * 32, NOW)


def test_an_older_backup_read_again_takes_no_mark_back(centre: Centre, api: DirectApi, folder: Path) -> None:
    notes = work(api)
    older = Path(backups.back_up(centre, folder, NOW).path)
    notes.create(numbered_id(300), visit_body())
    api.exchange(notes.request(centre.epoch))
    backups.back_up(centre, folder, NOW + timedelta(days=1))
    assert backups.verify_again(centre, older, NOW).operations == 7
    assert durable(centre) == {notes.replica: 8}


def test_a_backup_reads_one_moment_while_laptops_go_on(centre: Centre, api: DirectApi, folder: Path) -> None:
    notes = work(api)
    from fsbus.server import archive

    write = archive._write_table
    told: list[int] = []

    def push_between(*given: object) -> object:
        notes.create(numbered_id(400 + len(told)), visit_body())
        told.append(api.exchange(notes.request(centre.epoch, first=8 + len(told), count=1)).header.acked)
        return write(*given)  # type: ignore[arg-type]  # as it was called

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "_write_table", push_between)
        made = backups.back_up(centre, folder, NOW)
    read = backups.verify(Path(made.path), centre.private_key)
    assert len(told) > 5
    assert read.marks[notes.replica] == made.operations
    assert durable(centre)[notes.replica] == made.operations < told[-1]


KILLED = """
import sys, time
from pathlib import Path
from fsbus.core.clock import Clock
from fsbus.server import archive, backups
from fsbus.server.centre import open_centre

def slowly(*given):
    sys.stdout.write("table\\n"); sys.stdout.flush()
    # Time to be killed amid it, between what is told and what is written.
    time.sleep(0.2)
    return write(*given)

write, archive._write_table = archive._write_table, slowly
backups.back_up(open_centre(sys.argv[1]), Path(sys.argv[2]), Clock().now())
"""


@pytest.mark.parametrize("tables", [1, 6, 11])
def test_a_killed_backup_leaves_nothing_under_its_name_and_promises_nothing(
    tmp_path: Path, folder: Path, tables: int
) -> None:
    url = f"sqlite:///{tmp_path / 'centre.db'}"
    centre = open_centre(url)
    api = DirectApi(centre, enrol(centre).device, still_clock())
    notes = work(api)
    with subprocess.Popen([sys.executable, "-c", KILLED, url, str(folder)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(tables)]
        child.kill()
    assert said == [b"table\n"] * tables
    assert list(folder.glob("centre-*.age")) == []
    assert durable(centre) == {notes.replica: 0}
    for left in folder.iterdir():
        os.utime(left, (time.time() - 200_000,) * 2)
    backups.back_up(centre, folder, still_clock().now() + timedelta(days=3650))
    assert [path.suffix for path in folder.iterdir()] == [".age"]
    centre.close()


def test_a_released_backup_is_restored(tmp_path: Path, empty_url: str) -> None:
    key = {KEY_VARIABLE: base64.b64encode(bytes(range(32))).decode()}
    ledger = tmp_path / "own.erased"
    done = restoring.restore(empty_url, GOLDEN, NOW, ledger=ledger, environment=key)
    assert (done.operations, done.made_at) == (7, "2026-11-24T08:00:00Z")
    back = open_centre(empty_url, ledger=ledger, environment=key)
    assert check(back).problems == ()
    assert {row[1] for row in content(back)["visits"]} == {numbered_id(110), numbered_id(120)}
    back.close()


def test_erased_content_is_in_no_backup(centre: Centre, api: DirectApi, folder: Path) -> None:
    work(api)
    path = Path(backups.back_up(centre, folder, NOW).path)
    from backports import zstd

    plain = zstd.decompress(open_sealed(path.read_bytes(), identity_of(centre.private_key)))
    assert ERASED.encode() in plain
    assert b"note 100" not in plain
    assert b"note 110" in plain
