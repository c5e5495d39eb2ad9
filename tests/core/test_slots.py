"""Slots are free while somebody is; what is unwise is told by field, and never forbidden."""

from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.appointments import Appointment
from fsbus.core.slots import CREW, busy, ends_at, free_slots, warnings
from tests.builders import AGENT_ID, new_id

DAY, TODAY, HOURS = "2026-12-08", "2026-11-24", ("09:30", "12:30")
OTHER = "01a20000-0000-7000-8000-00000000b0b0"


def at(clock: str, minutes: int = 30, **changes: object) -> Appointment:
    fields = {"id": new_id(), "day": DAY, "starts_at": clock, "minutes": minutes, "commune": "02361"}
    return Appointment(**{**fields, **changes})  # type: ignore[arg-type]  # a test's own fields


def told(
    wanted: Appointment, *others: Appointment, hours: tuple[tuple[str, str], ...] = (HOURS,)
) -> dict[str, str]:
    return dict(
        warnings(
            wanted, others, hours, (TODAY, "08:15"), lambda agent: "Fabienne" if agent == AGENT_ID else ""
        )
    )


def test_slots_begin_at_the_opening_and_end_by_the_closing() -> None:
    assert [one.starts_at for one in free_slots(HOURS, 60, [])] == ["09:30", "10:30", "11:30"]
    assert [one.starts_at for one in free_slots(("09:00", "09:40"), 45, [])] == []
    assert len(free_slots(HOURS, 15, [])) == 12


def test_a_slot_is_free_while_one_of_the_agents_is() -> None:
    taken = [at("10:00"), at("11:00", needed=2), at("09:30", status="excused", needed=2)]
    free = {one.starts_at: one.free for one in free_slots(HOURS, 30, taken)}
    assert free == {"09:30": 2, "10:00": 1, "10:30": 2, "11:30": 2, "12:00": 2}


def test_two_short_ones_one_after_the_other_take_one_agent_of_a_long_slot() -> None:
    assert free_slots(("09:30", "10:30"), 60, [at("09:30"), at("10:00")])[0].free == 1
    assert free_slots(("09:30", "10:30"), 60, [at("09:30", 45), at("10:00")]) == []


starts = st.integers(8 * 4, 17 * 4).map(lambda quarter: f"{quarter // 4:02d}:{quarter % 4 * 15:02d}")
appointments = st.lists(
    st.builds(
        lambda clock, minutes, needed: at(clock, minutes, needed=needed),
        starts,
        st.sampled_from((15, 30, 45, 60)),
        st.integers(1, 2),
    ),
    max_size=8,
)


@given(appointments, st.sampled_from((15, 30, 45, 60)))
def test_booking_a_free_slot_is_never_warned_about(taken: list[Appointment], minutes: int) -> None:
    for slot in free_slots(("08:00", "17:00"), minutes, taken):
        assert told(at(slot.starts_at, minutes, needed=slot.free), *taken, hours=(("08:00", "17:00"),)) == {}


@given(appointments)
def test_the_most_taken_at_once_is_that_of_some_minute(taken: list[Appointment]) -> None:
    def minutes(one: Appointment) -> range:
        start = int(one.starts_at[:2]) * 60 + int(one.starts_at[3:])
        return range(start, start + one.minutes)

    at_each = (sum(one.needed for one in taken if minute in minutes(one)) for minute in range(24 * 60))
    assert busy(taken, 0, 24 * 60) == max(at_each)


def test_an_agent_is_warned_about_by_name() -> None:
    first = at("10:00", agents=(AGENT_ID,))
    assert told(at("10:15", agents=(AGENT_ID, OTHER)), first) == {
        "agents": "Fabienne a déjà un rendez-vous à 10\u00a0h."
    }
    assert told(at("10:30", agents=(AGENT_ID,)), first) == {}
    assert told(first, first) == {}
    assert told(at("10:15", agents=(OTHER,)), first) == {}


def test_both_agents_at_once_and_hours_and_days_are_warned_about() -> None:
    assert list(told(at("10:00", needed=2), at("10:15"))) == ["needed"]
    assert CREW == 2
    assert (
        told(at("12:15"))["starts_at"]
        == "En dehors des heures du bus\u00a0: 9\u00a0h\u00a030 – 12\u00a0h\u00a030."
    )
    assert told(at("12:15"), hours=(HOURS, ("12:00", "13:00"))) == {}
    assert list(told(at("10:00"), hours=())) == ["day"]
    assert told(at("10:00", day="2026-11-23"))["day"] == "Ce jour est passé."
    assert told(at("08:00", day=TODAY))["starts_at"] == "Cette heure est passée."


def test_the_end_is_told_and_stays_in_the_day() -> None:
    assert ends_at(at("10:45", 30)) == "11:15"
    assert ends_at(at("23:45", 60)) == "23:59"
