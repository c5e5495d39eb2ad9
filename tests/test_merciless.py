"""The rules every test is held to do fail the tests that break them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.merciless import is_here, unexpected_and_unmet

ROOT = Path(__file__).resolve().parent.parent

BAD = """
import logging, socket, warnings
import pytest
from PySide6.QtCore import qWarning

def test_bad_log():
    logging.getLogger("fsbus.x").warning("attention")

def test_bad_swallowed_network():
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=0.1)
    except OSError:
        pass

def test_bad_name_lookup():
    try:
        socket.create_connection(("centre.invalid", 80), timeout=0.1)
    except OSError:
        pass

def test_bad_qt_warning():
    qWarning("attention")

def test_bad_python_warning():
    warnings.warn("attention")

@pytest.mark.expects_log("never said")
def test_bad_expectation():
    pass

@pytest.mark.unknown
def test_good_name_but_unknown_mark():
    pass
"""

GOOD = """
import logging, os, socket
import pytest

@pytest.mark.expects_log("attention")
def test_good_expected_log():
    logging.getLogger("fsbus.x").warning("attention")

def test_good_loopback():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()

def test_good_screen():
    assert os.environ["QT_QPA_PLATFORM"]
"""


def run(folder: Path, name: str, text: str) -> str:
    """Run a sample under the project's configuration, in its own process; returns what pytest said."""
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    (folder / f"test_{name}.py").write_text(text, encoding="utf-8")
    words = ["-p", "tests.merciless", "-p", "no:cacheprovider", f"--rootdir={folder}", f"test_{name}.py"]
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys, pytest; sys.path.insert(0, {str(ROOT)!r}); sys.exit(pytest.main())",
            *words,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout + done.stderr


def test_each_broken_rule_fails_its_test(tmp_path: Path) -> None:
    said = run(tmp_path, "bad", BAD.split("@pytest.mark.unknown", maxsplit=1)[0])
    wanted = [
        "bad_log",
        "bad_swallowed_network",
        "bad_name_lookup",
        "bad_qt_warning",
        "bad_python_warning",
        "bad_expectation",
    ]
    for name in wanted:
        assert f"ERROR test_bad.py::test_{name}" in said or f"FAILED test_bad.py::test_{name}" in said, said


def test_an_unknown_mark_stops_everything(tmp_path: Path) -> None:
    assert "'unknown' not found in `markers`" in run(tmp_path, "bad", BAD)


def test_tests_that_keep_the_rules_pass(tmp_path: Path) -> None:
    assert "3 passed" in run(tmp_path, "good", GOOD)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "", None, b"127.0.0.1"])
def test_this_machine_is_recognised(host: object) -> None:
    assert is_here(host)


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "0.0.0.1", "2001:db8::1", "centre.example", "localhost.example"]
)
def test_other_machines_are_recognised(host: object) -> None:
    assert not is_here(host)


def test_a_pattern_excuses_only_the_lines_it_matches() -> None:
    assert unexpected_and_unmet(["WARNING a: x", "ERROR b: y"], ["x"]) == ["unexpected log: ERROR b: y"]
