"""The log is one JSON line per event, private to the agent's account, and forgets after 30 days."""

import json
import os
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from fsbus.core.events import Erased, Warned
from fsbus.logs import event_log
from fsbus.logs.event_log import LAST_EVENTS, LOG, MOST_FILES, EventLog
from tests.fakes import NOON, HeldTime


def lines(folder: Path) -> list[dict[str, object]]:
    """Every line of every file, oldest first."""
    found = [json.loads(line) for path in folder.glob("*.log") for line in path.read_text().splitlines()]
    return sorted(found, key=lambda line: str(line["at"]))


def test_an_event_is_one_json_line_in_a_private_file(tmp_path: Path, held_time: HeldTime) -> None:
    log = EventLog(tmp_path / "logs", held_time.now)
    log(Erased(records=3))
    log(Warned(category=DeprecationWarning))
    text = (tmp_path / "logs" / LOG).read_text(encoding="utf-8")
    assert text.splitlines() == [
        f'{{"at":"{NOON}","event":"erased","records":3}}',
        f'{{"at":"{NOON}","event":"warned","category":"DeprecationWarning"}}',
    ]
    assert list(log.recent) == text.splitlines()
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "logs" / LOG).stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == 0o700


def test_files_turn_over_by_size_and_the_oldest_goes(
    tmp_path: Path, held_time: HeldTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "LARGEST", 1000)
    log = EventLog(tmp_path, held_time.now)
    for number in range(300):
        held_time.advance(seconds=1)
        log(Erased(records=number))
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) <= MOST_FILES
    assert max(sizes) < 1100
    kept = [line["records"] for line in lines(tmp_path)]
    assert kept == list(range(300 - len(kept), 300))
    assert len(kept) > 50
    assert len(log.recent) == LAST_EVENTS


def test_no_line_outlives_thirty_days_and_none_goes_before_three_weeks(
    tmp_path: Path, held_time: HeldTime
) -> None:
    for day in range(120):
        # Another process each day, as on a bus.
        EventLog(tmp_path, held_time.now)(Erased(records=day))
        kept = [line["records"] for line in lines(tmp_path)]
        assert kept == list(range(day - len(kept) + 1, day + 1))
        assert len(kept) <= 31
        assert len(kept) >= min(day + 1, 22)
        held_time.advance(days=1)


def test_a_clock_that_is_set_back_or_a_torn_line_loses_nothing_new(
    tmp_path: Path, held_time: HeldTime
) -> None:
    (tmp_path / LOG).write_bytes(b'{"at":"2026-1')
    held_time.advance(days=400)
    EventLog(tmp_path, held_time.now)(Erased(records=1))
    held_time.advance(days=-800)
    EventLog(tmp_path, held_time.now)(Erased(records=2))
    assert '"records":2' in (tmp_path / LOG).read_text()


def test_a_disk_that_refuses_never_stops_the_work(tmp_path: Path, held_time: HeldTime) -> None:
    (tmp_path / "file").write_text("in the way")
    log = EventLog(tmp_path / "file", held_time.now)
    log(Erased(records=1))
    assert len(log.recent) == 1
    EventLog(tmp_path / "absent" / "logs", held_time.now)(Erased(records=1))
    assert not (tmp_path / "absent").exists(), "no laptop is begun by a log"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_in_the_place_of_the_log_is_not_followed(tmp_path: Path, held_time: HeldTime) -> None:
    target = tmp_path / "target"
    target.write_text("")
    (tmp_path / LOG).symlink_to(target)
    EventLog(tmp_path, held_time.now)(Erased(records=1))
    assert target.read_text() == ""


WRITE = """
import sys
from pathlib import Path
from fsbus.core.clock import system_now
from fsbus.core.events import Erased
from fsbus.logs import event_log
event_log.LARGEST, event_log.MOST_FILES = 4000, 1000
log = event_log.EventLog(Path(sys.argv[1]), system_now)
for number in range(int(sys.argv[2]), int(sys.argv[2]) + 300):
    log(Erased(records=number))
"""


def test_two_programs_that_write_at_once_lose_no_line(tmp_path: Path) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(tmp_path), str(first)], env={**os.environ})
        for first in (0, 1000, 2000)
    ]
    assert [one.wait() for one in running] == [0, 0, 0]
    assert sorted(int(str(line["records"])) for line in lines(tmp_path)) == [
        first + number for first in (0, 1000, 2000) for number in range(300)
    ]


def test_the_span_of_the_files_is_what_the_documents_say() -> None:
    assert timedelta(days=30) == event_log.KEPT_FOR
    assert event_log.LARGEST * MOST_FILES == 5 * 1024 * 1024
