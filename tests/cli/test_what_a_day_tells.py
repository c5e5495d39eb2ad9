"""A day with refusals, wrong passphrases and bugs leaves not one word of it in the log or on stderr."""

import argparse
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fsbus.cli import running
from fsbus.cli.opening import ask_passphrase
from fsbus.core.errors import InvalidInput
from tests.builders import draft, procedure_draft, referral_draft
from tests.cli.conftest import PASSPHRASE, Runner

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
BREAKING = """
import sys, threading, warnings, logging
from fsbus.cli import main, running
def broken(options):
    with running.device.opened(options) as session:
        note = secret = "NEEDLE-bug"
        logging.getLogger("urllib3").error(secret)
        warnings.warn(secret)
        thread = threading.Thread(target=lambda: int(secret))
        thread.start(); thread.join()
        class Finalized:
            def __del__(self):
                raise OSError(secret)
        Finalized()
        try:
            raise KeyError(secret)
        except KeyError as error:
            raise ExceptionGroup(secret, [ValueError(secret)]) from error
running.COMMANDS["status"] = broken
sys.exit(main())
"""


def program(ready: Runner, *words: str) -> list[str]:
    """A command in a process of its own, as it is really run."""
    before = ["--home", str(ready.folder / "home"), "--passphrase-file", str(ready.passphrase_file)]
    return [sys.executable, *words[:2], *before, *words[2:]]


def ndjson(*values: object) -> bytes:
    return "\n".join(json.dumps(value) for value in values).encode()


def needled(number: int) -> dict[str, Any]:
    """A visit with a needle in every free text."""
    texts = iter(f"NEEDLE-{number}-{place}" for place in range(99))
    return draft(
        started_at="2026-11-20T09:20:00+01:00",
        note=next(texts),
        procedures=[
            procedure_draft(precise_answer=next(texts), missing_documents=[next(texts)]),
            referral_draft(
                precise_answer=f"{next(texts)} et la suite",
                referral={
                    "partner": next(texts),
                    "contact": next(texts),
                    "channel": "phone",
                    "on": "2026-12-03",
                },
                mandate={"kind": "oral", "on": "2026-11-24", "reason": next(texts)},
            ),
        ],
    )


def test_a_day_of_troubles_tells_no_word_of_it(ready: Runner) -> None:
    said = ""

    def run(status: int, *words: str, stdin: bytes = b"") -> None:
        nonlocal said
        ran = ready(*words, stdin=stdin)
        assert ran.status == status, (words, ran.err)
        said += ran.err

    run(0, "record", "-", stdin=ndjson(*(needled(one) for one in range(20))))
    refused: list[dict[str, Any]] = [
        {"note": "NEEDLE-note"},
        draft(**{"NEEDLE-field": "NEEDLE-value"}),
        draft(
            minutes="NEEDLE-minutes", channel="NEEDLE-channel", stop_commune="NEEDLE", resident_id="NEEDLE"
        ),
        draft(procedures=["NEEDLE-procedure"]),
        draft(note="NEEDLE 1 85 05 78 006 084 91"),
    ]
    run(2, "record", "-", stdin=ndjson(*refused))
    run(2, "amend", "-", stdin=ndjson({"visit_id": "NEEDLE-id", "set": {"note": "NEEDLE"}}))
    run(0, "find", "NEEDLE-search")
    run(5, "sync")
    run(0, "check")
    run(0, "backup")
    ready.passphrase_file.write_text("NEEDLE-passphrase tout à fait fausse", encoding="utf-8")
    run(3, "status")
    ready.passphrase_file.write_text(PASSPHRASE, encoding="utf-8")
    broken = subprocess.run(
        program(ready, "-c", BREAKING, "status"), env=ENVIRONMENT, capture_output=True, text=True
    )
    assert broken.returncode == 1, broken.stderr
    said += broken.stderr
    (ready.folder / "home" / "fsbus.db").write_bytes(b"NEEDLE" * 5000)
    run(0, "status")

    logs = ready.folder / "home" / "logs"
    told = "".join(path.read_text(encoding="utf-8") for path in sorted(logs.iterdir()))
    assert "NEEDLE" not in told
    assert "NEEDLE" not in said
    assert "Traceback" not in said
    events = [json.loads(line) for line in (logs / "fsbus.log").read_text(encoding="utf-8").splitlines()]
    assert {
        "opened", "save_refused", "opening_refused", "checked", "backup_made", "crashed", "restored", "library", "warned",
    } <= {event["event"] for event in events}  # fmt: skip
    reports = "".join(path.read_text(encoding="utf-8") for path in logs.glob("crash-*.txt"))
    for kind in ("ExceptionGroup", "Causée par : KeyError", "Dans le groupe : ValueError", "OSError"):
        assert kind in reports
    fields = {name for event in events if event["event"] == "save_refused" for name in event["fields"]}
    assert {"minutes", "channel", "procedures", "?"} <= fields


def test_a_reader_that_leaves_is_no_word_on_stderr(ready: Runner) -> None:
    assert ready("record", "-", stdin=ndjson(*(needled(one) for one in range(40)))).status == 0
    words = program(ready, "-m", "fsbus", "visits")
    ran = subprocess.run(
        ["sh", "-c", '"$@" | true', "sh", *words], env=ENVIRONMENT, capture_output=True, text=True
    )
    assert ran.stderr == ""


class Terminal(io.StringIO):
    """Somebody could type here."""

    def isatty(self) -> bool:
        return True


def test_ctrl_c_and_an_ended_terminal_are_told_in_our_words(
    ready: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(options: argparse.Namespace) -> int:
        raise KeyboardInterrupt("NEEDLE")

    def ended(prompt: str, stream: object) -> str:
        raise EOFError("NEEDLE")

    monkeypatch.setitem(running.COMMANDS, "status", interrupted)
    stopped = ready("status")
    assert (stopped.status, stopped.err) == (130, "Arrêté. Ce qui était enregistré le reste.\n")
    monkeypatch.setattr("fsbus.cli.opening.getpass.getpass", ended)
    monkeypatch.setattr("sys.stdin", Terminal())
    with pytest.raises(InvalidInput) as refused:
        ask_passphrase(argparse.Namespace(passphrase_file=None))
    assert refused.value.problems == {"passphrase": "Aucune phrase secrète n’a été tapée."}
    assert not list((ready.folder / "home").glob("logs/crash-*"))


def test_a_bug_of_a_command_is_told_without_its_words(ready: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(options: argparse.Namespace) -> int:
        raise ValueError("NEEDLE")

    monkeypatch.setitem(running.COMMANDS, "status", broken)
    ran = ready("status")
    assert ran.status == 1
    assert ran.err.startswith("Défaut de fsbus (ValueError). Compte rendu : ")
    (written,) = (ready.folder / "home").glob("logs/crash-*.txt")
    assert str(written) in ran.err
    monkeypatch.setattr("fsbus.logs.crash_files.CrashFiles.write", lambda self, text: None)
    ran = ready("status")
    assert "\nValueError\n  fsbus/cli/running.py:" in ran.err
    assert "NEEDLE" not in ran.err
