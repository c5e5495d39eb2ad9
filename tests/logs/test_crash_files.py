"""A report is kept whole, without a value; the newest twenty stay; a native fault makes one too."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fsbus.core.events import Erased
from fsbus.logs.crash_files import MOST_REPORTS, CrashFiles
from fsbus.logs.event_log import EventLog
from fsbus.logs.fault_file import FAULTS, FaultFile, told_of
from tests.fakes import HeldTime

NEEDLE = "Zéphyrine-Nédelec"


@pytest.fixture
def files(tmp_path: Path, held_time: HeldTime) -> CrashFiles:
    return CrashFiles(EventLog(tmp_path, held_time.now), held_time.now, "Qt 6.11.3")


def error_of(kind: type[Exception]) -> Exception:
    try:
        raise kind(NEEDLE)
    except Exception as error:  # noqa: BLE001 -- the test makes it
        return error


def test_a_report_names_the_programs_the_place_and_the_last_events(files: CrashFiles) -> None:
    files.log(Erased(records=7))
    report = files.report(error_of(ValueError))
    assert report.path is not None
    assert report.path.read_text(encoding="utf-8") == report.text
    lines = report.text.splitlines()
    assert lines[0] == "2026-11-24T11:00:00Z"
    assert lines[1].startswith("fsbus ")
    assert "Python 3." in lines[1]
    assert "Qt 6.11.3" in lines[1]
    assert lines[3] == "ValueError"
    assert lines[4].startswith("  tests/logs/test_crash_files.py:")
    assert any('"event":"erased","records":7' in line for line in lines)
    assert '"event":"crashed","error":"ValueError","place":"tests/logs/test_crash_files.py:' in lines[-1]
    assert NEEDLE not in report.text
    if sys.platform != "win32":
        assert stat.S_IMODE(report.path.stat().st_mode) == 0o600


def test_the_newest_twenty_stay(files: CrashFiles, held_time: HeldTime) -> None:
    kept = []
    for number in range(MOST_REPORTS + 8):
        path = files.write(f"{number}\n")
        assert path is not None
        os.utime(path, ns=(number, number))
        kept.append(path)
        held_time.advance(seconds=number % 2)
    assert sorted(files.folder.glob("crash-*.txt")) == sorted(kept[-MOST_REPORTS:])


def test_a_bug_that_comes_back_is_written_once_and_another_one_too(files: CrashFiles) -> None:
    same = error_of(ValueError)
    assert files.report(same).is_new
    again = files.report(same)
    assert not again.is_new
    assert again.path is None
    assert files.report(error_of(KeyError)).is_new
    assert len(list(files.folder.glob("crash-*.txt"))) == 2


# --- faults of native code --------------------------------------------------------------------------------------

DIE = """
import faulthandler, sys, threading, time
from pathlib import Path
from fsbus.logs.fault_file import FaultFile
FaultFile(Path(sys.argv[1])).watch()
def zephyrine_waits(note):
    time.sleep(60)
threading.Thread(target=zephyrine_waits, args=(sys.argv[2],), daemon=True, name=sys.argv[2]).start()
def die(note):
    faulthandler._sigsegv() if sys.argv[3] == "segv" else faulthandler._sigabrt()
die(sys.argv[2])
"""


@pytest.mark.parametrize(("how", "kind"), [("segv", "Segmentation fault"), ("abrt", "Aborted")])
def test_a_fault_leaves_frames_only_and_the_next_start_makes_a_report_of_them(
    files: CrashFiles, tmp_path: Path, how: str, kind: str
) -> None:
    home = tmp_path / "home" / "zephyrine"
    home.mkdir(parents=True)
    script = home / "die.py"
    script.write_text(DIE, encoding="utf-8")
    died = subprocess.run(
        [sys.executable, str(script), str(tmp_path), NEEDLE, how],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
    )
    assert died.returncode < 0
    raw = (tmp_path / FAULTS).read_bytes()
    assert kind.encode() in raw
    assert NEEDLE.encode() not in raw, "Python writes no value"
    report = FaultFile(tmp_path).harvest(files)
    assert report is not None
    assert report.path is not None
    assert f"Défaut du code natif : {kind}" in report.text
    assert "(hors des modules):" in report.text
    assert " die" in report.text
    assert "zephyrine/" not in report.text
    assert "/home" not in report.text
    assert (tmp_path / FAULTS).read_bytes() == b""
    assert FaultFile(tmp_path).harvest(files) is None


def test_files_of_packages_keep_their_place_and_nothing_else_is_told() -> None:
    import json

    import requests

    import fsbus.core.fields

    raw = "\n".join(
        [
            "Fatal Python error: Segmentation fault",
            "",
            f"Current thread 0x00007f ({NEEDLE}) (most recent call first):",
            f'  File "{fsbus.core.fields.__file__}", line 12 in Text.read',
            f'  File "{json.__file__}", line 3 in loads',
            f'  File "{requests.__file__}", line 3 in get',
            f'  File "/home/{NEEDLE}/x.py", line 3 in go',
            f'  File "{Path(fsbus.__file__).parents[1]}{NEEDLE}/x.py", line 4 in beside',
            f"{NEEDLE} = 12",
            f"Extension modules: {NEEDLE}",
        ]
    )
    assert told_of(raw) == [
        "Défaut du code natif : Segmentation fault",
        "  (un fil)",
        "  fsbus/core/fields.py:12 Text.read",
        "  json/__init__.py:3 loads",
        "  requests/__init__.py:3 get",
        "  (hors des modules):3 go",
        "  (hors des modules):4 beside",
    ]


def test_a_run_that_ends_well_leaves_no_fault(files: CrashFiles, tmp_path: Path) -> None:
    watching = FaultFile(tmp_path)
    watching.watch()
    watching.close()
    assert FaultFile(tmp_path).harvest(files) is None
