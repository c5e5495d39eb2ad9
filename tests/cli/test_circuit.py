"""The passages of the bus by the command line, and as a calendar."""

from fsbus.actions import plain_records
from fsbus.actions.session import open_session
from fsbus.core.clock import Clock
from fsbus.core.entities import PASSAGE, STOP
from fsbus.core.ids import Ids
from fsbus.core.planning import passage_id
from tests.builders import plain_draft
from tests.cli.conftest import PASSPHRASE, Runner


def circuit(run: Runner) -> str:
    with open_session(run.folder / "home", PASSPHRASE, clock=Clock(), ids=Ids()) as session:
        draft = plain_draft(STOP, recurrence="FREQ=WEEKLY;BYDAY=TU", starts_on="2026-11-03", ends_on=None)
        made = plain_records.create(session, STOP, {**draft, "except_on": []})
        off = {"stop_id": made, "day": "2026-11-10", "commune": "02361", "cancelled": "weather"}
        plain_records.create(session, PASSAGE, off, passage_id(made, "2026-11-10"))
    return made


def test_passages_are_listed_and_written_for_a_calendar(ready: Runner) -> None:
    made = circuit(ready)
    days = ("--from", "2026-11-01", "--to", "2026-11-17")
    found = ready("circuit", *days).out
    assert [(one["day"], one["held"], one["cancelled"]) for one in found] == [
        ("2026-11-03", True, None),
        ("2026-11-10", False, "weather"),
        ("2026-11-17", True, None),
    ]
    assert found[0]["passage_id"] == passage_id(made, "2026-11-03")
    assert ready("circuit", *days, "--commune", "02558").out == []
    file = ready.folder / "circuit.ics"
    assert ready("circuit", *days, "--ics", str(file)).out == [{"path": str(file), "passages": 3}]
    assert file.read_bytes().count(b"BEGIN:VEVENT") == 3
    assert b"Guise" in file.read_bytes()


def test_days_that_are_none_or_too_far_apart_are_refused(ready: Runner) -> None:
    assert ready("circuit", "--from", "demain").status == 2
    refused = ready("circuit", "--from", "2026-01-01", "--to", "9999-12-31")
    assert refused.status == 2
    assert "Deux ans" in refused.err
