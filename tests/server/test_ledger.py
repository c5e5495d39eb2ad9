"""Erased ids outlive every database; one that was put back behind our back begins a new life."""

import multiprocessing
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

import pytest

from fsbus.core.errors import InvalidInput, StoreDamaged, StoreTooNew, StoreUnavailable
from fsbus.server import tables
from fsbus.server.appended import append_lines, checked, fold_lines, read_lines
from fsbus.server.centre import Centre, open_centre
from fsbus.server.checking import check
from fsbus.server.database import select, update
from fsbus.server.direct import DirectApi
from fsbus.server.ledger import FIRST, Erased, Ledger
from fsbus.server.lives import Known, Lives
from fsbus.server.serving import serve
from tests.postgresql import TestServer
from tests.server.keeping import ERASED, content, work
from tests.server.laptop import FEED, Notebook, enrol, numbered_id, record_body, still_clock, visit_body

GOLDEN = Path(__file__).parents[1] / "golden" / "centre"


def door(centre: Centre) -> DirectApi:
    return DirectApi(centre, enrol(centre).device, still_clock())


def again(centre: Centre, url: str) -> Centre:
    centre.close()
    return open_centre(url)


def visits_in(centre: Centre) -> set[object]:
    return {row[1] for row in content(centre)["visits"]}


def ledger_of(centre: Centre) -> Ledger:
    assert centre.ledger is not None
    return centre.ledger


def lives_of(centre: Centre) -> Lives:
    assert centre.lives is not None
    return centre.lives


def test_the_ids_are_in_the_ledger_before_the_erasure_is_told(centre: Centre) -> None:
    work(door(centre))
    held, damaged = ledger_of(centre).read()
    assert held == {
        Erased(FEED, numbered_id(100), "visit"),
        Erased(FEED, numbered_id(101), "procedure_record"),
    }
    assert damaged == 0
    assert b"note" not in ledger_of(centre).path.read_bytes()


def test_an_erasure_whose_transaction_fails_is_in_the_ledger_all_the_same(
    centre: Centre, centre_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, notes = door(centre), Notebook()
    notes.create(numbered_id(100), visit_body())
    api.exchange(notes.request(centre.epoch))
    notes.add("erase", numbered_id(100))

    def fail(*_: object) -> None:
        raise StoreUnavailable("the power went")

    with monkeypatch.context() as patch:
        patch.setattr("fsbus.server.sync.number_and_write", fail)
        with pytest.raises(StoreUnavailable):
            api.exchange(notes.request(centre.epoch))
    assert visits_in(centre) == {numbered_id(100)}
    back = again(centre, centre_url)
    assert visits_in(back) == set()
    answer = DirectApi(back, api.device, still_clock()).exchange(notes.request(back.epoch))
    assert answer.header.acked == 2
    assert check(back).ok
    back.close()


def test_without_a_ledger_nothing_is_erased_and_nothing_acknowledged(centre: Centre) -> None:
    from dataclasses import replace

    bare = replace(centre, ledger=None)
    api, notes = door(bare), Notebook()
    notes.create(numbered_id(100), visit_body())
    notes.add("erase", numbered_id(100))
    with pytest.raises(StoreUnavailable, match="--ledger"):
        api.exchange(notes.request(centre.epoch))
    assert api.hello(notes.replica).last_seq == 0


def test_a_ledger_that_is_lost_is_made_again_from_the_database(centre: Centre, centre_url: str) -> None:
    work(door(centre))
    ledger = ledger_of(centre)
    held = ledger.read()
    ledger.path.unlink()
    back = again(centre, centre_url)
    assert ledger.read() == held
    back.close()


def test_a_laptop_that_brings_an_erased_record_again_is_told_so_after_a_restoring(
    centre: Centre, centre_url: str
) -> None:
    api, notes = door(centre), Notebook()
    ledger_of(centre).append([Erased(FEED, numbered_id(100), "visit")])
    back = again(centre, centre_url)
    notes.create(numbered_id(100), visit_body(note="à ne pas garder"))
    notes.create(numbered_id(101), record_body(numbered_id(100)), "procedure_record")
    answer = DirectApi(back, api.device, still_clock()).exchange(notes.request(back.epoch))
    assert [result.r for result in answer.header.results] == ["erased", "erased"]
    assert "garder" not in str(content(back)["log"])
    back.close()


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_torn_end_is_harmless_and_what_follows_it_is_read(tmp_path: Path, cut: int) -> None:
    ledger = Ledger(tmp_path / "centre.erased")
    first, second = (Erased("bus à 3", numbered_id(number), "visit") for number in (1, 2))
    ledger.append([first])
    ledger.append([second])
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(whole[:-cut])
    ledger.append([second])
    assert ledger.read() == ({first, second}, 1)


def test_a_ledger_of_another_format_is_refused_and_left(tmp_path: Path) -> None:
    path = tmp_path / "centre.erased"
    for content_, error in ((b"fsbus-erased 2\n", StoreTooNew), (b"something", StoreDamaged)):
        path.write_bytes(content_)
        with pytest.raises(error, match=r"centre\.erased"):
            Ledger(path).read()
        assert path.read_bytes() == content_


def _append_many(path: Path, number: int) -> None:
    for count in range(200):
        append_lines(path, FIRST, [checked(f"{number} {count} {'x' * 50}")], durable=False)
        if count % 20 == number:
            lines, _ = read_lines(path, FIRST)
            assert lines


def test_several_processes_append_at_once_and_no_line_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "shared"
    spawn = multiprocessing.get_context("spawn")
    children = [spawn.Process(target=_append_many, args=(path, number)) for number in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    lines, damaged = read_lines(path, FIRST)
    assert ([child.exitcode for child in children], damaged) == ([0, 0, 0, 0], 0)
    assert len(lines) == len(set(lines)) == 800


@pytest.mark.skipif(os.name != "posix", reason="elsewhere one process serves alone")
def test_what_others_note_while_the_memory_of_a_life_is_folded_follows_it(tmp_path: Path) -> None:
    path = tmp_path / "centre.life"
    lives, other = Lives(path), Lives(path)
    lives.begin("one", {"bus-1": 3})
    lives.note({"bus-1": 7})
    noting: list[Thread] = []

    def folded(words: Sequence[str]) -> list[str]:
        noting.append(Thread(target=other.note, args=({"bus-2": 5},)))
        noting[0].start()
        # It waits for the fold to end: once it was read, nothing may come that the new file would not have.
        noting[0].join(0.3)
        assert noting[0].is_alive()
        return list(words)

    fold_lines(path, "fsbus-life 1", folded)
    noting[0].join(10)
    lives.fold()
    assert lives.read() == Known(("one",), {"bus-1": 7, "bus-2": 5})
    assert len(read_lines(path, "fsbus-life 1")[0]) == 3


def test_a_life_that_begins_counts_from_its_own_numbers(tmp_path: Path) -> None:
    lives = Lives(tmp_path / "centre.life")
    lives.begin("one", {})
    lives.note({"bus-1": 7, "bus-2": 1})
    lives.begin("two", {"bus-1": 4})
    assert lives.read() == Known(("one", "two"), {"bus-1": 4})


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'centre.db'}"


def test_a_file_put_back_behind_our_back_begins_a_new_life(tmp_path: Path, file_url: str) -> None:
    centre = open_centre(file_url)
    api, notes = door(centre), Notebook()
    notes.create(numbered_id(100), visit_body())
    api.exchange(notes.request(centre.epoch))
    centre.close()
    shutil.copy(tmp_path / "centre.db", tmp_path / "kept")
    centre = open_centre(file_url)
    first = centre.epoch
    door_again = DirectApi(centre, api.device, still_clock())
    notes.create(numbered_id(110), visit_body())
    notes.add("erase", numbered_id(100))
    door_again.exchange(notes.request(first))
    # Killed, and nobody said anything: the copy of the morning is simply put there.
    centre.close()
    for path in tmp_path.glob("centre.db*"):
        path.unlink()
    shutil.copy(tmp_path / "kept", tmp_path / "centre.db")
    back = open_centre(file_url)
    assert back.epoch != first
    assert visits_in(back) == set()
    second = back.epoch
    back = again(back, file_url)
    assert back.epoch == second
    # And once more, from before the new life too.
    back.close()
    shutil.copy(tmp_path / "kept", tmp_path / "centre.db")
    back = open_centre(file_url)
    assert back.epoch not in (first, second)
    back.close()


def test_a_centre_that_was_only_stopped_or_killed_goes_on_in_its_life(
    centre: Centre, centre_url: str
) -> None:
    api, notes = door(centre), Notebook()
    epochs = {centre.epoch}
    for number in range(3):
        notes.create(numbered_id(100 + number), visit_body())
        DirectApi(centre, api.device, still_clock()).exchange(notes.request(centre.epoch))
        centre = again(centre, centre_url)
        epochs.add(centre.epoch)
    assert len(epochs) == 1
    centre.close()


def test_a_mark_that_a_power_cut_took_begins_no_life(centre: Centre, centre_url: str) -> None:
    api = door(centre)
    work(api)
    lives = lives_of(centre)
    before = lives.path.read_bytes()
    lives.path.write_bytes(before[:-5])
    back = again(centre, centre_url)
    assert back.epoch == centre.epoch
    back.close()


def test_a_replica_that_took_over_late_is_seen(centre: Centre, centre_url: str) -> None:
    api = door(centre)
    work(api)
    # The last transactions never reached it.
    with centre.database.write() as connection:
        connection.execute(update(tables.feeds).values(seq=tables.feeds.c.seq - 2))
    back = again(centre, centre_url)
    assert back.epoch != centre.epoch
    with back.database.read() as connection:
        assert connection.execute(select(tables.records.c.plain_for).distinct()).scalars().all() == [None]
    back.close()


def test_two_machines_each_with_their_ledger_know_of_the_same_lives(
    tmp_path: Path, centre: Centre, centre_url: str
) -> None:
    other = open_centre(centre_url, ledger=tmp_path / "other.erased")
    work(door(centre))
    assert other.epoch == centre.epoch
    other.close()
    other = open_centre(centre_url, ledger=tmp_path / "other.erased")
    assert ledger_of(other).read() == ledger_of(centre).read()
    assert other.epoch == centre.epoch
    other.close()


def test_a_code_that_waits_is_void_in_a_new_life(centre: Centre, centre_url: str) -> None:
    from fsbus.server.enrolling import make_code
    from tests.server.laptop import NOW

    make_code(centre, FEED, "agent", NOW)
    lives_of(centre).note({FEED: 10_000})
    back = again(centre, centre_url)
    with back.database.read() as connection:
        codes = connection.execute(select(tables.enroll_codes)).all()
    assert back.epoch != centre.epoch
    assert [code.expires_at < "2026-11-27" for code in codes] == [True]
    back.close()


def test_postgresql_serves_only_with_a_ledger(
    postgresql: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import base64

    from fsbus.server.centre import KEY_VARIABLE

    monkeypatch.setenv(KEY_VARIABLE, base64.b64encode(bytes(range(32))).decode())
    with postgresql.database() as url, pytest.raises(InvalidInput, match="registre des effacements"):
        serve(url, "127.0.0.1", 0, lambda _: None)


def test_a_released_ledger_and_a_released_memory_are_read_and_written_the_same(tmp_path: Path) -> None:
    ledger, lives = Ledger(tmp_path / "v1.erased"), Lives(tmp_path / "v1.life")
    ledger.append([Erased("bus-3", ERASED, "visit"), Erased("bus à 3", numbered_id(7), "agent")])
    lives.path.write_bytes((GOLDEN / "v1.life").read_bytes())
    assert ledger.path.read_bytes() == (GOLDEN / "v1.erased").read_bytes()
    known = lives.read()
    assert known.epochs == ("0123456789abcdef", "fedcba9876543210")
    assert dict(known.marks) == {"bus-3": 12, "bus à 3": 4}
    lives.fold()
    assert lives.read() == known
