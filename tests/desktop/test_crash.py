"""A bug is written down without a word of what was typed, and told once in plain French."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import qInstallMessageHandler

from fsbus.core.errors import StoreUnavailable
from fsbus.desktop.crash import CrashReports
from tests.fakes import HeldTime

SECRET = "Mme Exemple, 2 rue du Lavoir"


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def reports(tmp_path: Path, held_time: HeldTime, told: list[str]) -> Iterator[CrashReports]:
    hooks = sys.excepthook, threading.excepthook
    made = CrashReports(tmp_path / "poste" / "logs", held_time.now, told.append)
    yield made
    sys.excepthook, threading.excepthook = hooks
    qInstallMessageHandler(None)
    made.close()


def fail_with(name: str) -> Exception:
    try:
        raise ValueError(f"unreadable: {name}")
    except ValueError as error:
        return error


def test_a_report_says_where_and_what_kind_but_no_value(reports: CrashReports, told: list[str]) -> None:
    path = reports.report(fail_with(SECRET))
    assert path is not None
    text = path.read_text(encoding="utf-8")
    assert "builtins.ValueError" in text
    assert "test_crash.py" in text
    assert "fail_with" in text
    assert SECRET not in text
    assert "Exemple" not in text
    assert SECRET not in "".join(told)


def test_the_agent_is_told_once_a_run(reports: CrashReports, told: list[str]) -> None:
    path = reports.report(fail_with(SECRET))
    reports.report(fail_with(SECRET))
    assert len(told) == 1
    assert "en sécurité" in told[0]
    assert str(path) in told[0]
    assert path is not None
    assert path.read_text(encoding="utf-8").count("ValueError") == 2


def test_a_known_error_is_told_in_its_own_words(reports: CrashReports, told: list[str]) -> None:
    reports.report(StoreUnavailable("Le disque est plein : libérez de la place."))
    assert told == ["Le disque est plein : libérez de la place."]


def test_what_nobody_caught_is_caught_in_threads_too(reports: CrashReports, told: list[str]) -> None:
    reports.install()
    sys.excepthook(ValueError, ValueError(SECRET), None)
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    text = (reports.folder / "errors.log").read_text(encoding="utf-8")
    assert "ValueError" in text
    assert "ZeroDivisionError" in text
    assert SECRET not in text
    assert (reports.folder / "faults.log").exists()


def test_a_disk_that_refuses_the_report_is_no_second_crash(
    tmp_path: Path, held_time: HeldTime, told: list[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    reports = CrashReports(tmp_path / "file" / "logs", held_time.now, told.append)
    assert reports.report(fail_with(SECRET)) is None
    assert "rapport non écrit" in told[0]
