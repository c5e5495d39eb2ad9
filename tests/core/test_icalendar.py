"""Passages as a calendar that others read: lines of 75 octets, texts escaped, what is called off told."""

from dataclasses import replace
from datetime import UTC, datetime

from dateutil.parser import isoparse

from fsbus.core.circuit import Passage
from fsbus.core.icalendar import as_icalendar
from fsbus.core.planning import Planned
from tests.builders import new_id

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def test_events_are_told_whole() -> None:
    key = new_id()
    one = Planned(key, "2026-11-24", "02361", "Place, « du; marché »\n" + "é" * 90, "09:30", "12:30", key)
    off = replace(
        one, opens_at=None, passage=Passage(key, "2026-11-24", "02361", cancelled="weather"), commune="02558"
    )
    written = as_icalendar([one, off], {"02361": "Guise"}, "Bus, Thiérache", NOW)
    lines = written.split(b"\r\n")
    assert lines[-1] == b""
    assert max(map(len, lines)) <= 75
    told = written.decode().replace("\r\n ", "").split("\r\n")
    assert told[0] == "BEGIN:VCALENDAR"
    assert told.count("BEGIN:VEVENT") == told.count("END:VEVENT") == 2
    assert "SUMMARY:Bus\\, Thiérache" in told
    assert f"LOCATION:Place\\, « du\\; marché »\\n{'é' * 90}\\, Guise" in told
    assert [line for line in told if line.startswith("STATUS")] == ["STATUS:CONFIRMED", "STATUS:CANCELLED"]
    starts = [line for line in told if line.startswith("DTSTART")]
    assert starts == ["DTSTART:20261124T093000", "DTSTART;VALUE=DATE:20261124"]
    assert isoparse(starts[0].partition(":")[2]).isoformat() == "2026-11-24T09:30:00"
