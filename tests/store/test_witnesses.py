"""Whatever copy is put back, all that anything here still knows comes back with it."""

import shutil
from pathlib import Path

from fsbus.actions.session import STORE, Session, place_of
from fsbus.store import queries
from fsbus.store.restore import restore
from fsbus.wire.api import Answer, AnswerHeader
from tests.builders import AGENT_ID, edits_of, recorded
from tests.devices import drop
from tests.fakes import HeldTime
from tests.store.test_restore import open_again
from tests.store.test_store import ENROLMENT


def save(session: Session) -> str:
    one = recorded()
    session.store.save(edits_of(one), actor=AGENT_ID)
    return one.visit.id


def held(session: Session) -> set[str]:
    found = queries.visits_between(session.store.db, "0001-01-01", "9999-12-31")
    return {visit.id for visit, _ in found}


def destroy(path: Path) -> None:
    path.write_bytes(b"\x01" * 8192)


def test_an_old_backup_put_back_by_hand_loses_no_later_visit(device: Session, held_time: HeldTime) -> None:
    session, saved = device, set[str]()
    for _ in range(4):
        saved.add(save(session))
        session.close()
        held_time.advance(days=1)
        session = open_again(device.home, device)
    oldest = session.backups.all()[-1].path
    session.close()
    destroy(device.home / STORE)
    restored = restore(place_of(device.home, device.keys, device.clock), oldest)
    assert restored.counts.visits == 4
    with open_again(device.home, device) as session:
        assert held(session) == saved


def test_a_restored_laptop_is_still_enrolled_and_keeps_its_settings(device: Session) -> None:
    device.store.set_enrolment(ENROLMENT)
    device.store.set_setting("lease_of_a_test", "kept")
    one = save(device)
    drop(device)
    path = device.home / STORE
    content = bytearray(path.read_bytes())
    content[-50] ^= 1
    path.write_bytes(content)
    with open_again(device.home, device) as session:
        assert session.notice is not None
        assert session.store.link().enrolment == ENROLMENT
        assert session.store.setting("lease_of_a_test") == "kept"
        assert held(session) == {one}


def test_what_the_centre_confirmed_after_the_backup_is_not_sent_again(device: Session) -> None:
    save(device)
    device.back_up()
    save(device)
    confirmed = device.store.last_seq
    late = save(device)
    with device.store.batch():
        device.store.db.conn.execute("UPDATE link SET epoch = 'life-1'")
    device.store.apply(Answer(AnswerHeader(epoch="life-1", t=0, acked=confirmed), []))
    waiting = device.store.pending_count()
    drop(device)
    copy = shutil.copy(device.backups.all()[0].path, device.home.parent / "copy.fsbak")
    restore(place_of(device.home, device.keys, device.clock), Path(copy))
    with open_again(device.home, device) as session:
        assert late in held(session)
        assert 0 < session.store.pending_count() == waiting


def test_a_clock_that_was_wrong_for_a_day_makes_no_old_backup_the_newest(
    device: Session, held_time: HeldTime
) -> None:
    save(device)
    held_time.advance(days=3650)
    wrong = device.back_up()
    held_time.advance(days=-3650)
    for _ in range(4):
        last = save(device)
        held_time.advance(minutes=1)
        made = device.back_up()
        assert made.path.exists()
        assert device.backups.all()[0] == made
    assert not wrong.path.exists()
    drop(device)
    destroy(device.home / STORE)
    with open_again(device.home, device) as session:
        assert last in held(session)
