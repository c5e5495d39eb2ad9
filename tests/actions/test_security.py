"""What guards a laptop and what is on it, in figures; the lost-laptop sheet, without anybody’s data."""

from fsbus.actions.agents import invite_agent
from fsbus.actions.checking import check_device, last_check
from fsbus.actions.lost_device import lost_sheet, size_in_words
from fsbus.actions.security import security_of
from fsbus.actions.session import Session
from fsbus.actions.status import status_of
from fsbus.actions.visits import record_visit
from fsbus.core.sheets import as_html
from tests.builders import draft, referral_draft
from tests.devices import AGENT_NAME, BUS
from tests.fakes import NOON, HeldTime

NEEDLES = ("Mimosa Élodie", "Dossier vermillon à rapporter jeudi.")
RESIDENT = "0190b6f0-0000-7000-8000-000000000077"


def test_the_figures_are_those_of_the_laptop(device: Session, held_time: HeldTime) -> None:
    record_visit(device, draft())
    held_time.advance(days=2)
    record_visit(device, {**draft(), "started_at": "2026-11-26T08:00:00Z", "resident_id": RESIDENT})
    invite_agent(device, "Sacha Exemple")
    state = security_of(device)
    assert (state.facts.visits, state.extent.identified, state.extent.agents) == (2, 1, 2)
    assert (state.extent.first_day, state.extent.last_day) == ("2026-11-24", "2026-11-26")
    assert [(one.agent.name, one.invited) for one in state.access] == [
        (AGENT_NAME, False),
        ("Sacha Exemple", True),
    ]
    assert state.size == sum(path.stat().st_size for path in device.home.rglob("*") if path.is_file())
    assert (state.memory_kib, state.rounds, state.lanes) >= (64 * 1024, 3, 4)
    assert (state.lease, state.centre, state.recovery) == (None, None, ())
    assert AGENT_NAME not in repr(state)


def test_the_last_check_is_remembered_and_told(device: Session) -> None:
    assert last_check(device) is None
    assert status_of(device)["last_check"] is None
    check_device(device, repair=False)
    assert status_of(device)["last_check"] == {"at": NOON, "sound": True}
    assert security_of(device).as_json()["last_check"] == {"at": NOON, "sound": True}


def test_a_setting_that_is_not_a_check_counts_for_none(device: Session) -> None:
    device.store.set_setting("last_check", "hier")
    assert last_check(device) is None


def test_the_sheet_says_what_was_on_the_laptop_and_holds_nobodys_data(device: Session) -> None:
    record_visit(
        device, {**draft(procedures=[referral_draft(precise_answer=NEEDLES[1])]), "note": NEEDLES[0]}
    )
    state = security_of(device)
    page = as_html(lost_sheet(state, device.clock)).decode()
    for told in (
        BUS,
        AGENT_NAME,
        device.device,
        "72 heures",
        "après 5",
        "Argon2id",
        f"fsbus server revoke {device.device}",
    ):
        assert told in page, told
    assert [needle for needle in NEEDLES if needle in page] == []
    assert "<script" not in page


def test_markup_in_a_name_stays_text(device: Session) -> None:
    device.name_bus("<img src=x>")
    assert b"<img" not in as_html(lost_sheet(security_of(device), device.clock))


def test_sizes_are_said_as_people_say_them() -> None:
    assert size_in_words(254_793) == "0,3\u00a0Mo"
    assert size_in_words(2_400_000_000) == "2,4\u00a0Go"
