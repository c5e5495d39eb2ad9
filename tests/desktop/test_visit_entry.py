"""What people write in the form is read as they mean it, or said to be unreadable: never guessed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.desktop.visit_form.entry import Picked, ProcedureEntry, VisitEntry, read_entry
from fsbus.desktop.visit_form.parts import ALL, parts_of
from fsbus.desktop.widgets.choices import matching
from fsbus.desktop.written_days import read_day, read_minutes, read_time, short_day

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "ahead", "day"),
    [
        ("3/12", True, date(2026, 12, 3)),
        ("03/12/2026", True, date(2026, 12, 3)),
        ("3.12.26", True, date(2026, 12, 3)),
        ("0312", True, date(2026, 12, 3)),
        ("03122027", True, date(2027, 12, 3)),
        ("2026-12-03", True, date(2026, 12, 3)),
        ("5/1", True, date(2027, 1, 5)),
        ("5/12", False, date(2025, 12, 5)),
        ("24/11", False, TODAY),
        ("24/11", True, TODAY),
        ("+14", True, date(2026, 12, 8)),
        ("31/02", True, None),
        ("29/2/2027", True, None),
        ("demain", True, None),
        ("1/2/3/4", True, None),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, ahead: bool, day: date | None) -> None:
    assert read_day(text, TODAY, ahead=ahead) == day


@pytest.mark.parametrize("text", ["29/02", "2902"])
def test_a_leap_day_without_its_year_is_not_guessed_into_another_day(text: str) -> None:
    assert read_day(text, TODAY, ahead=True) is None


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)), st.booleans())
def test_a_day_shown_is_read_back(day: date, ahead: bool) -> None:
    assert read_day(short_day(day), TODAY, ahead=ahead) == day


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused_without_an_error(text: str) -> None:
    for ahead in (True, False):
        found = read_day(text, TODAY, ahead=ahead)
        assert found is None or isinstance(found, date)
    time, minutes = read_time(text), read_minutes(text)
    assert time is None or (0 <= time[0] < 24 and 0 <= time[1] < 60)
    assert minutes is None or minutes >= 0


@pytest.mark.parametrize(
    ("text", "time"),
    [("9h20", (9, 20)), ("09:20", (9, 20)), ("920", (9, 20)), ("0920", (9, 20)), ("9", (9, 0)), ("14h", (14, 0)),
     ("24h", None), ("9h60", None), ("", None), ("midi", None)],
)  # fmt: skip
def test_a_time_is_read_as_people_write_it(text: str, time: tuple[int, int] | None) -> None:
    assert read_time(text) == time


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("25", 25), ("25 min", 25), ("1h10", 70), ("1h", 60), ("1 h 05", 65), ("", None), ("1h75", None), ("-5", None)],
)  # fmt: skip
def test_a_duration_is_read_as_people_write_it(text: str, minutes: int | None) -> None:
    assert read_minutes(text) == minutes


def entry(**changes: object) -> VisitEntry:
    fields: dict[str, object] = {"day": "24/11/2026", "time": "9h20", "minutes": "25", **changes}
    return VisitEntry(**fields)  # type: ignore[arg-type]  # a test gives the right types


def test_the_draft_bears_the_local_time_zone_and_the_stop() -> None:
    draft, problems = read_entry(entry(), today=TODAY, stop_commune="02361")
    assert problems == {}
    assert str(draft["started_at"]).startswith("2026-11-24T09:20:00")
    assert len(str(draft["started_at"])) > len("2026-11-24T09:20:00")
    assert draft["stop_commune"] == "02361"
    assert draft["minutes"] == 25


def test_every_unreadable_field_of_every_procedure_is_named() -> None:
    bad = ProcedureEntry(
        procedure=Picked("", "retrait"), referral_on="un jour", follow_up_on="bientôt", mandate_on="hier"
    )
    _, problems = read_entry(
        entry(
            day="x", time="y", minutes="z", resident_commune=Picked("", "Quelque part"), procedures=(bad, bad)
        ),
        today=TODAY,
        stop_commune=None,
    )
    inner = {"procedure", "referral.on", "follow_up.on", "mandate.on"}
    assert set(problems) == {"visited_on", "started_at", "minutes", "resident_commune"} | {
        f"procedures[{number}].{name}" for number in (0, 1) for name in inner
    }


def test_days_of_a_procedure_are_to_come_and_that_of_a_mandate_is_past() -> None:
    item = ProcedureEntry(follow_up_on="5/1", mandate_on="5/12", mandate_kind="written")
    draft, _ = read_entry(entry(procedures=(item,)), today=TODAY, stop_commune=None)
    procedures = draft["procedures"]
    assert isinstance(procedures, list)
    assert procedures[0]["follow_up"] == {"on": "2027-01-05"}
    assert procedures[0]["mandate"] == {"kind": "written", "on": "2025-12-05"}
    assert procedures[0]["referral"] is None


def test_what_is_typed_is_not_in_the_representation() -> None:
    item = ProcedureEntry(precise_answer="Mme Exemple revient")
    assert "Exemple" not in repr(entry(note="Mme Exemple", procedures=(item,)))
    assert "Exemple" not in repr(item)


@given(st.builds(ProcedureEntry, outcome=st.sampled_from(["", "resolved", "referred", "follow_up", "escalated"]),
                 precise_answer=st.sampled_from(["", "x"]), referral_contact=st.sampled_from(["", "x"]),
                 follow_up_note=st.sampled_from(["", "x"]), mandate_reason=st.sampled_from(["", "x"]),
                 missing_documents=st.sampled_from([(), ("x",)]), blockers=st.sampled_from([(), ("x",)])))  # fmt: skip
def test_no_part_that_holds_something_is_ever_hidden(item: ProcedureEntry) -> None:
    shown = parts_of(item, wants_details=False)
    held = {
        "precise_answer": item.precise_answer,
        "referral": item.referral_contact,
        "follow_up": item.follow_up_note,
        "mandate": item.mandate_reason,
        "missing_documents": item.missing_documents,
        "blockers": item.blockers,
    }
    assert {name for name, value in held.items() if value} <= shown
    assert parts_of(item, wants_details=True) == ALL


LABELS = [
    "À choisir",
    "Information",
    "Aide numérique",
    "Aide au dossier",
    "Mise en relation",
    "Dépôt, impression",
]


@pytest.mark.parametrize(
    ("typed", "current", "found"),
    [
        ("i", 0, "Information"),
        ("a", 0, "Aide numérique"),
        ("aa", 2, "Aide au dossier"),
        ("aide a", 0, "Aide au dossier"),
        ("dossier", 0, "Aide au dossier"),
        ("depot", 0, "Dépôt, impression"),
        ("DÉPÔT", 0, "Dépôt, impression"),
        ("z", 0, None),
        ("", 0, None),
    ],
)
def test_typing_letters_means_a_label(typed: str, current: int, found: str | None) -> None:
    row = matching(LABELS, typed, current)
    assert (None if row is None else LABELS[row]) == found


def test_typing_the_same_letter_again_and_again_goes_round() -> None:
    seen, row = [], 0
    for times in range(1, 5):
        found = matching(LABELS, "a" * times, row)
        assert found is not None
        row = found
        seen.append(LABELS[row])
    assert seen == ["Aide numérique", "Aide au dossier", "À choisir", "Aide numérique"]


def test_later_is_counted_from_today() -> None:
    assert read_day("+1", TODAY, ahead=True) == TODAY + timedelta(days=1)
