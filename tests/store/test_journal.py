"""What a save confirmed is in the journal before the database has it, and comes back from there."""

import os
import shutil
from pathlib import Path

import pytest

from fsbus.actions.session import KEYS, STORE, Session
from fsbus.core.changes import CREATE, SET
from fsbus.core.entities import VISIT
from fsbus.core.errors import InvalidInput, StoreUnavailable
from fsbus.store import queries
from fsbus.store.checking import log_problems
from fsbus.store.database import problems_in, rows
from fsbus.store.journal import Entry, Journals, Writer
from fsbus.store.sealed import Frame, seal
from fsbus.store.store import Edit, Store
from tests.builders import AGENT_ID, edits_of, new_id, recorded
from tests.devices import MakeDevice


def journals_of(session: Session) -> Journals:
    return Journals.of(session.home, session.keys)


def entries(session: Session) -> list[Entry]:
    return [entry for journal in journals_of(session).read() for entry in journal.entries()]


def save(session: Session, note: str = "") -> str:
    one = recorded(note=note)
    session.store.save(edits_of(one), actor=AGENT_ID)
    return one.visit.id


def save_many(session: Session) -> None:
    for _ in range(500):
        save(session, "x" * 3000)


def save_then_fail(session: Session) -> None:
    with session.store.batch():
        save(session)
        raise ZeroDivisionError


def older_copy(session: Session) -> Path:
    """The database as it is now, out of the way: what a lost write-ahead log would leave."""
    path = session.home.parent / "older.db"
    with session.store.batch():
        pass
    session.store.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(session.home / STORE, path)
    return path


def back_to(session: Session, copy: Path) -> Store:
    """Close, put the older database in place, open again."""
    session.store.close()
    shutil.copy(copy, session.home / STORE)
    return reopened(session)


def reopened(session: Session) -> Store:
    session.store.close()
    session.store = Store.open(
        session.home / STORE, session.keys.subkey("db"), clock=session.clock, journals=journals_of(session)
    )
    return session.store


def visits(store: Store) -> set[str]:
    return {str(row[0]) for row in rows(store.db, "SELECT id FROM visits")}


def lines(store: Store) -> list[tuple[int, bytes]]:
    return store.pending(after=0, max_bytes=10**9)


def test_reading_makes_no_journal_and_the_first_save_makes_one(device: Session) -> None:
    assert device.store.pending_count() > 0
    assert journals_of(device).paths() == []
    first = device.store.last_seq + 1
    save(device)
    save(device)
    (journal,) = journals_of(device).read()
    assert (journal.replica, journal.is_damaged) == (device.store.replica, False)
    assert [len(frame) for frame in journal.frames] == [3, 3]
    assert [(entry.op.seq, entry.line) for entry in journal.entries()] == lines(device.store)[first - 1 :]


def test_a_journal_is_never_taken_up_again(device: Session) -> None:
    save(device)
    before = journals_of(device).paths()[0].read_bytes()
    reopened(device)
    save(device)
    paths = journals_of(device).paths()
    assert len(paths) == 2
    assert before in [path.read_bytes() for path in paths]


def test_a_batch_is_one_frame_and_what_failed_in_it_is_not_there(device: Session) -> None:
    wrong = [*edits_of(recorded()), Edit(VISIT, new_id(), SET, {"note": "à personne"})]
    with device.store.batch():
        save(device)
        with pytest.raises(InvalidInput):
            device.store.save(wrong, actor=AGENT_ID)
        save(device)
    (journal,) = journals_of(device).read()
    assert [len(frame) for frame in journal.frames] == [6]
    assert [entry.line for entry in journal.entries()] == [line for _, line in lines(device.store)][-6:]


def test_what_the_database_lost_comes_back_under_its_numbers(device: Session) -> None:
    save(device, "avant")
    copy = older_copy(device)
    kept = save(device, "Mimosa")
    device.store.save([Edit(VISIT, kept, SET, {"minutes": 41, "equipment": ["phone"]})], actor=AGENT_ID)
    expected, before, replica = lines(device.store), visits(device.store), device.store.replica
    store = back_to(device, copy)
    assert (store.recovered.operations, store.recovered.renumbered) == (4, False)
    assert (lines(store), visits(store), store.replica) == (expected, before, replica)
    found = queries.visit(store.db, kept)
    assert found is not None
    assert (found.minutes, found.equipment, found.note) == (41, ("phone",), "Mimosa")
    assert problems_in(store.db) + log_problems(store.db) == []
    assert [visit.id for visit in queries.search_visits(store.db, "mimosa", 5)] == [kept]
    assert reopened(device).recovered.operations == 0


def test_saves_of_several_connections_come_back_in_order(device: Session) -> None:
    copy = older_copy(device)
    with device.reopen() as other:
        for session in (device, other, other, device):
            save(session)
    expected = lines(device.store)
    assert len(journals_of(device).paths()) == 2
    store = back_to(device, copy)
    assert store.recovered.operations == 12
    assert lines(store) == expected


def test_what_was_numbered_anew_is_not_done_twice(device: Session) -> None:
    copy = older_copy(device)
    save(device)
    device.store.rotate_replica()
    save(device)
    before = visits(device.store)
    assert reopened(device).recovered.operations == 0
    store = back_to(device, copy)
    assert store.recovered.renumbered
    assert visits(store) == before
    assert log_problems(store.db) == []
    records = [row[0] for row in rows(store.db, "SELECT record_id FROM operations WHERE verb = 'create'")]
    assert len(records) == len(set(records))
    assert reopened(device).recovered.operations == 0


def test_a_hole_before_the_journal_makes_a_new_replica(device: Session) -> None:
    copy = older_copy(device)
    save(device)
    lost = journals_of(device).paths()
    reopened(device)
    kept, replica = save(device), device.store.replica
    device.store.close()
    for path in lost:
        path.unlink()
    store = back_to(device, copy)
    assert store.recovered.renumbered
    assert store.replica != replica
    assert kept in visits(store)
    assert log_problems(store.db) == []


def test_a_save_that_the_database_refused_is_not_in_the_journal(device: Session) -> None:
    first = save(device)
    pages = next(rows(device.store.db, "PRAGMA page_count"))[0]
    device.store.db.conn.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreUnavailable, match="disque est plein"):
        save_many(device)
    saved = visits(device.store)
    assert first in saved
    assert {entry.op.record for entry in entries(device) if entry.op.kind == VISIT} == saved
    assert reopened(device).recovered.operations == 0


def test_a_frame_is_taken_back_alone_and_the_next_goes_to_a_new_file(device: Session) -> None:
    save(device)
    journals, (first, second, third) = journals_of(device), [entry.line for entry in entries(device)]
    journals.paths()[0].unlink()
    writer, replica = Writer(journals), device.store.replica
    writer.append(replica, 1, [first])
    writer.append(replica, 2, [second])
    writer.take_back()
    assert [entry.line for entry in entries(device)] == [first]
    writer.append(replica, 2, [third])
    writer.take_back()
    assert [entry.line for entry in entries(device)] == [first]
    # The second file held nothing else: an empty one is not left.
    assert len(journals.paths()) == 1


def test_a_failure_before_the_journal_takes_nothing_back(device: Session) -> None:
    save(device)
    before = [entry.line for entry in entries(device)]
    with pytest.raises(ZeroDivisionError):
        save_then_fail(device)
    assert [entry.line for entry in entries(device)] == before
    save(device)
    assert len(entries(device)) == len(before) + 3


def test_without_its_journal_nothing_is_committed(device: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    save(device)
    before, journalled = visits(device.store), [entry.line for entry in entries(device)]

    def refuse(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", refuse)
        with pytest.raises(StoreUnavailable, match="disque est plein"):
            save(device)
    assert visits(device.store) == before
    assert [entry.line for entry in entries(device)] == journalled
    later = save(device)
    assert visits(device.store) == before | {later}
    assert reopened(device).recovered.operations == 0


def test_the_journal_is_durable_before_the_database_commits(
    device: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    sync, reader = os.fdatasync, device.reopen()

    def watch(descriptor: int) -> None:
        sync(descriptor)
        seen.append(reader.store.last_seq)

    before = device.store.last_seq
    monkeypatch.setattr(os, "fdatasync", watch)
    save(device)
    save(device)
    assert seen == [before, before + 3]
    reader.close()


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_torn_last_frame_is_cut_off_and_nothing_else_is_lost(device: Session, cut: int) -> None:
    copy = older_copy(device)
    first = save(device)
    save(device)
    (path,) = journals_of(device).paths()
    path.write_bytes(path.read_bytes()[:-cut])
    store = back_to(device, copy)
    assert visits(store) == {first}
    assert store.recovered.damaged == ()
    assert store.recovered.torn == (path.name,)
    assert not path.exists()
    assert [len(journal.frames) for journal in journals_of(device).read()] == [1]


def test_a_journal_that_was_changed_is_put_aside_and_what_it_proved_goes_on(device: Session) -> None:
    copy = older_copy(device)
    made = [save(device) for _ in range(4)]
    (path,) = journals_of(device).paths()
    content = bytearray(path.read_bytes())
    content[62 + 40] ^= 4
    path.write_bytes(content)
    store = back_to(device, copy)
    assert store.recovered.damaged == (path.name,)
    assert visits(store) == set(made[1:])
    assert (device.home / "quarantine" / path.name).read_bytes() == content
    assert path not in journals_of(device).paths()
    assert {entry.op.record for entry in entries(device) if entry.op.kind == VISIT} == set(made[1:])
    assert reopened(device).recovered.damaged == ()


def test_a_damaged_journal_costs_nothing_while_the_database_is_well(device: Session) -> None:
    save(device)
    expected = lines(device.store)
    (path,) = journals_of(device).paths()
    path.write_bytes(b"\0" * 300)
    store = reopened(device)
    assert store.recovered.damaged == (path.name,)
    assert lines(store) == expected


def test_an_erased_record_is_in_no_journal_and_does_not_come_back(device: Session) -> None:
    copy = older_copy(device)
    gone, kept = save(device, "Mimosa"), save(device, "pervenche")
    assert device.store.erase({gone: VISIT}, actor=AGENT_ID) == 3
    told = entries(device)
    assert not any(b"Mimosa" in entry.line for entry in told)
    assert any(b"pervenche" in entry.line for entry in told)
    save(device)
    store = back_to(device, copy)
    assert gone not in visits(store)
    assert kept in visits(store)
    assert len(visits(store)) == 2
    assert log_problems(store.db) == []
    assert not store.recovered.renumbered


def test_a_cut_before_the_journals_are_rewritten_is_made_good_at_the_next_opening(
    device: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = save(device, "Mimosa")
    with monkeypatch.context() as patch:
        patch.setattr(Journals, "void", lambda *_: 0)
        device.store.erase({gone: VISIT}, actor=AGENT_ID)
    assert any(b"Mimosa" in entry.line for entry in entries(device))
    reopened(device)
    assert not any(b"Mimosa" in entry.line for entry in entries(device))


def test_another_connection_goes_on_after_its_journal_was_rewritten(device: Session) -> None:
    copy = older_copy(device)
    gone = save(device)
    with device.reopen() as other:
        kept = save(other)
        device.store.erase({gone: VISIT}, actor=AGENT_ID)
        last = [save(other), save(device)]
    store = back_to(device, copy)
    assert visits(store) == {kept, *last}


def test_a_change_of_a_record_of_another_laptop_waits_for_it(device: Session) -> None:
    one = save(device)
    copy = older_copy(device)
    device.store.save([Edit(VISIT, one, SET, {"minutes": 50})], actor=AGENT_ID)
    expected = lines(device.store)
    older = Store.open(copy, device.keys.subkey("db"), clock=device.clock)
    with older._writing():
        older.db.conn.execute("DELETE FROM visits WHERE id = ?", (one,))
    older.close()
    assert lines(back_to(device, copy)) == expected


def test_journals_of_another_laptop_are_put_aside_unread(make_device: MakeDevice, tmp_path: Path) -> None:
    device = make_device("laptop")
    stranger = tmp_path / "ops-1-0.fsj"
    stranger.write_bytes(b"FSBJ\x01\x01" + bytes(16) + bytes(300))
    shutil.copy(stranger, device.home / stranger.name)
    store = reopened(device)
    assert store.recovered.damaged == (stranger.name,)
    assert (device.home / "quarantine" / stranger.name).exists()
    assert (device.home / KEYS).exists()


def test_operations_of_kinds_that_this_release_does_not_know_are_kept(device: Session) -> None:
    journals = journals_of(device)
    number = device.store.last_seq + 1
    line = (
        b'[{"seq":%d,"record":"01a20000-0000-7000-8000-000000000009","kind":"unheard_of","verb":"%s","hlc":"1.0000"}]'
        % (number, CREATE.encode())
    )
    file_id, content = seal(journals.key, device.store.replica, [Frame(number, line)])
    (device.home / f"ops-1-{file_id.hex()}.fsj").write_bytes(content)
    store = reopened(device)
    assert store.recovered.operations == 1
    assert lines(store)[-1][1] == line[1:-1]
