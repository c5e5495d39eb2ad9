"""Drafts as an agent meets them: found again, nobody else's, never a second visit, never an obstacle."""

from pathlib import Path

import pytest

from fsbus.actions.agents import add_agent, remove_agent
from fsbus.actions.drafts import CORRECTING, forget_draft, keep_draft, kept_draft
from fsbus.actions.locking import idle_minutes, set_idle_minutes
from fsbus.actions.session import Session, open_session
from fsbus.actions.visits import erase_visit, record_visit
from fsbus.core.errors import InvalidInput, StoreDamaged
from fsbus.store import queries
from fsbus.store.drafts import FOLDER
from tests.builders import draft, new_id
from tests.devices import PASSPHRASE
from tests.fakes import HeldTime

OTHERS_PHRASE = "Lanterne douce huit cailloux sous la grange"  # of this test only
FORM = {"note": "Revient jeudi"}


def as_other(session: Session) -> Session:
    """A second agent before the same laptop."""
    agent = add_agent(session, "Noé Exemple", OTHERS_PHRASE)
    other = session.reopen()
    other.agent = agent
    return other


def files(session: Session) -> list[Path]:
    return [path for path in (session.home / FOLDER).glob("**/*") if path.is_file()]


def test_what_was_kept_is_found_by_the_next_session_with_its_moment(
    device: Session, held_time: HeldTime
) -> None:
    visit_id, kept_at = new_id(), held_time.moment
    keep_draft(device, visit_id, FORM)
    held_time.advance(hours=20)
    with device.reopen() as later:
        found = kept_draft(later)
    assert found is not None
    assert (found.visit_id, found.kept_at, found.form) == (visit_id, kept_at, FORM)


def test_another_agent_neither_sees_nor_destroys_it(device: Session) -> None:
    keep_draft(device, new_id(), FORM)
    with as_other(device) as other:
        assert kept_draft(other) is None
        keep_draft(other, new_id(), {"note": "autre"})
        forget_draft(other)
    assert kept_draft(device) is not None


def test_a_visit_saved_just_before_the_kill_does_not_come_back_as_a_draft(device: Session) -> None:
    visit_id = new_id()
    keep_draft(device, visit_id, FORM)
    assert record_visit(device, draft(), visit_id).id == visit_id
    # Killed here, before it was forgotten; whoever opens next destroys what is left of it.
    with as_other(device) as other:
        assert kept_draft(other) is None
    assert files(device) == []
    assert kept_draft(device) is None


def test_the_id_of_a_draft_is_recorded_once(device: Session) -> None:
    visit_id = new_id()
    record_visit(device, draft(), visit_id)
    with pytest.raises(InvalidInput, match="déjà enregistrée"):
        record_visit(device, draft(), visit_id)
    erase_visit(device, visit_id)
    with pytest.raises(InvalidInput, match="déjà enregistrée"):
        record_visit(device, draft(), visit_id)
    assert queries.visit(device.store.db, visit_id) is None


def test_erasing_a_visit_erases_what_a_draft_still_held_of_it(device: Session) -> None:
    kept, erased = new_id(), new_id()
    with as_other(device) as other:
        record_visit(other, draft(), erased)
        keep_draft(other, erased, FORM)
    keep_draft(device, kept, FORM)
    erase_visit(device, erased)
    assert len(files(device)) == 1
    assert kept_draft(device) is not None


def test_the_draft_of_a_correction_stays_until_its_visit_is_erased(device: Session) -> None:
    visit = record_visit(device, draft())
    keep_draft(device, visit.id, FORM, CORRECTING)
    assert kept_draft(device) is None
    kept = kept_draft(device, CORRECTING)
    assert kept is not None
    assert kept.visit_id == visit.id
    erase_visit(device, visit.id)
    assert files(device) == []


def test_a_damaged_draft_is_put_aside_once_and_hinders_nothing(device: Session) -> None:
    keep_draft(device, new_id(), FORM)
    [path] = files(device)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(StoreDamaged, match="mise de côté"):
        kept_draft(device)
    assert kept_draft(device) is None
    keep_draft(device, new_id(), FORM)
    assert kept_draft(device) is not None


def test_who_stays_finds_the_draft_after_an_agent_was_removed_whose_own_is_gone(
    device: Session, held_time: HeldTime
) -> None:
    visit_id = new_id()
    with as_other(device) as other:
        keep_draft(other, new_id(), {"note": "de Noé"})
        removed = other.agent.id
    keep_draft(device, visit_id, FORM)
    with remove_agent(device, removed, PASSPHRASE) as session:
        found = kept_draft(session)
        assert found is not None
        assert (found.visit_id, found.form) == (visit_id, FORM)
        assert len(files(session)) == 1
    with open_session(device.home, PASSPHRASE, clock=held_time.clock(), ids=held_time.ids()) as session:
        assert kept_draft(session) is not None


def test_the_minutes_before_the_lock_are_kept_and_never_off(device: Session) -> None:
    assert idle_minutes(device) == 5
    set_idle_minutes(device, 2)
    assert idle_minutes(device) == 2
    for minutes in (0, -1, 16):
        with pytest.raises(InvalidInput) as refused:
            set_idle_minutes(device, minutes)
        assert list(refused.value.problems) == ["minutes"]
    for kept, meant in (("0", 1), ("99", 15), ("jamais", 5), ("²", 5)):
        device.store.set_setting("idle_minutes", kept)
        assert idle_minutes(device) == meant
