"""Who opens a laptop is decided by who works on it: added, invited, changed and removed by the rules."""

import dataclasses
from pathlib import Path

import pytest

from fsbus.actions.agents import (
    accept_invitation,
    add_agent,
    change_passphrase,
    invite_agent,
    list_agents,
    remove_agent,
)  # fmt: skip
from fsbus.actions.session import KEYS, STORE, THROTTLE, Session, open_session
from fsbus.actions.visits import record_visit
from fsbus.core.errors import InvalidInput, NotAllowed, TooSoon, WrongPassphrase
from fsbus.store import key_cost, queries
from fsbus.store.key_slots import Cost, parse
from tests.builders import draft
from tests.devices import PASSPHRASE
from tests.fakes import HeldTime

OF_DENIS = "quai des tilleuls gris sous la pluie"
OF_SACHA = "mousse aux trois ponts et deux lampes"


def reopened(session: Session, passphrase: str) -> Session:
    return open_session(session.home, passphrase, clock=session.clock, ids=session.ids)


def test_whoever_unlocks_is_the_agent_who_records(device: Session) -> None:
    denis = add_agent(device, "Denis Exemple", OF_DENIS)
    with reopened(device, OF_DENIS) as session:
        assert session.agent == denis
        assert record_visit(session, draft()).agent_id == denis.id
        assert [(one.agent.name, one.is_me) for one in list_agents(session)] == [
            ("Camille Exemple", False),
            ("Denis Exemple", True),
        ]


@pytest.mark.parametrize(("name", "passphrase"), [("", OF_DENIS), ("camille EXEMPLE", OF_DENIS)])
def test_a_name_that_is_missing_or_taken_is_refused(device: Session, name: str, passphrase: str) -> None:
    before, agents = (device.home / KEYS).read_bytes(), queries.agents(device.store.db)
    with pytest.raises(InvalidInput) as raised:
        add_agent(device, name, passphrase)
    assert set(raised.value.problems) == {"agent"}
    assert ((device.home / KEYS).read_bytes(), queries.agents(device.store.db)) == (before, agents)


def test_a_weak_passphrase_is_refused_everywhere(device: Session, held_time: HeldTime) -> None:
    before = (device.home / KEYS).read_bytes()
    for change in (
        lambda: add_agent(device, "Denis Exemple", "motdepasse"),
        lambda: change_passphrase(device, PASSPHRASE, "motdepasse"),
        lambda: accept_invitation(
            device.home, "0" * 32, "motdepasse", clock=device.clock, ids=held_time.ids()
        ),
    ):
        with pytest.raises(InvalidInput) as raised:
            change()
        assert set(raised.value.problems) == {"passphrase"}
    assert (device.home / KEYS).read_bytes() == before


def test_no_two_agents_have_the_same_passphrase(device: Session, held_time: HeldTime) -> None:
    add_agent(device, "Denis Exemple", OF_DENIS)
    _, code = invite_agent(device, "Sacha Exemple")
    before, agents = (device.home / KEYS).read_bytes(), queries.agents(device.store.db)
    for change in (
        lambda: add_agent(device, "Autre Exemple", PASSPHRASE),
        lambda: change_passphrase(device, PASSPHRASE, OF_DENIS),
        lambda: accept_invitation(device.home, code, OF_DENIS, clock=device.clock, ids=held_time.ids()),
    ):
        with pytest.raises(InvalidInput) as raised:
            change()
        assert set(raised.value.problems) == {"passphrase"}
        assert ((device.home / KEYS).read_bytes(), queries.agents(device.store.db)) == (before, agents)
    change_passphrase(device, PASSPHRASE, PASSPHRASE)
    accept_invitation(device.home, code, OF_SACHA, clock=device.clock, ids=held_time.ids()).close()


def test_an_invited_agent_chooses_a_passphrase_alone(device: Session) -> None:
    sacha, code = invite_agent(device, "Sacha Exemple")
    assert [one.invited for one in list_agents(device)] == [False, True]
    with accept_invitation(device.home, code, OF_SACHA, clock=device.clock, ids=device.ids) as session:
        assert session.agent == sacha
    with pytest.raises(WrongPassphrase):
        accept_invitation(device.home, code, OF_DENIS, clock=device.clock, ids=device.ids)
    with reopened(device, OF_SACHA) as session:
        assert [one.invited for one in list_agents(session)] == [False, False]


def test_ones_own_passphrase_is_changed_by_oneself_alone(device: Session) -> None:
    add_agent(device, "Denis Exemple", OF_DENIS)
    with pytest.raises(NotAllowed):
        change_passphrase(device, OF_DENIS, OF_SACHA)
    with pytest.raises(WrongPassphrase):
        change_passphrase(device, "une phrase qui n’est de personne", OF_SACHA)
    change_passphrase(device, PASSPHRASE, OF_SACHA)
    reopened(device, OF_SACHA).close()
    reopened(device, OF_DENIS).close()
    with pytest.raises(WrongPassphrase):
        reopened(device, PASSPHRASE)


def test_guessing_through_the_actions_is_counted_too(device: Session) -> None:
    for _ in range(2):
        with pytest.raises(WrongPassphrase):
            change_passphrase(device, "une phrase qui n’est de personne", OF_SACHA)
    denis = add_agent(device, "Denis Exemple", OF_DENIS)
    for _ in range(2):
        with pytest.raises(WrongPassphrase):
            remove_agent(device, denis.id, "une phrase qui n’est de personne")
    with pytest.raises(TooSoon):
        accept_invitation(device.home, "0" * 32, OF_SACHA, clock=device.clock, ids=device.ids)
    assert (device.home / THROTTLE).exists()


def test_nobody_removes_themself_a_stranger_or_by_anothers_passphrase(device: Session) -> None:
    denis = add_agent(device, "Denis Exemple", OF_DENIS)
    before = (device.home / KEYS).read_bytes()
    with pytest.raises(NotAllowed):
        remove_agent(device, device.agent.id, PASSPHRASE)
    with pytest.raises(InvalidInput):
        remove_agent(device, device.ids.new(), PASSPHRASE)
    with pytest.raises(NotAllowed):
        remove_agent(device, denis.id, OF_DENIS)
    assert (device.home / KEYS).read_bytes() == before
    record_visit(device, draft())  # the session goes on


def test_an_invitation_is_withdrawn_by_removing_who_was_invited(device: Session) -> None:
    sacha, code = invite_agent(device, "Sacha Exemple")
    with remove_agent(device, sacha.id, PASSPHRASE) as session:
        assert [one.is_me for one in list_agents(session)] == [True]
    with pytest.raises(WrongPassphrase):
        accept_invitation(device.home, code, OF_SACHA, clock=device.clock, ids=device.ids)


def test_who_is_removed_takes_away_no_way_in_and_no_file_that_the_old_key_reads(
    device: Session, held_time: HeldTime
) -> None:
    record_visit(device, draft())
    denis = add_agent(device, "Denis Exemple", OF_DENIS)
    _, code = invite_agent(device, "Sacha Exemple")
    device.close()
    # A laptop that was damaged before: what was put aside was sealed by the key that Denis knows.
    for name in (STORE, KEYS):
        path = device.home / name
        content = bytearray(path.read_bytes())
        content[-100] ^= 1
        path.write_bytes(content)
    held_time.advance(minutes=1)
    with reopened(device, PASSPHRASE) as session:
        assert session.notice is not None
        assert list(device.home.glob(f"{KEYS}.abime-*"))
        assert list((device.home / "quarantine").glob(f"*/{STORE}"))
        remove_agent(session, denis.id, PASSPHRASE).close()
    assert not list(device.home.glob(f"{KEYS}.abime-*"))
    assert not list((device.home / "quarantine").iterdir())
    with pytest.raises(WrongPassphrase):
        accept_invitation(device.home, code, OF_SACHA, clock=device.clock, ids=device.ids)


def test_a_new_slot_costs_what_the_laptop_bears(device: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def slots(home: Path) -> list[Cost]:
        return [slot.cost for slot in parse((home / KEYS).read_bytes())[1]]

    floor, dear = Cost(64 * 1024, 3, 4), Cost(80 * 1024, 3, 4)
    monkeypatch.setattr(key_cost, "measured_cost", lambda: dear)
    add_agent(device, "Denis Exemple", OF_DENIS)
    assert slots(device.home) == [floor, dear]
    change_passphrase(device, PASSPHRASE, OF_SACHA)
    assert slots(device.home) == [dear, dear]
    monkeypatch.setattr(key_cost, "measured_cost", lambda: floor)
    change_passphrase(device, OF_SACHA, PASSPHRASE)
    assert slots(device.home) == [dear, dear]


def test_no_secret_shows_in_what_is_listed(device: Session) -> None:
    (me,) = list_agents(device)
    assert set(dataclasses.asdict(me)) == {"agent", "invited", "is_me"}
