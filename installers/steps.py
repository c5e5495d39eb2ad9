"""Say what is being prepared, one line for each step, and stop with the line to type when one fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent


def say(line: str) -> None:
    print(f"fsbus: {line}", file=sys.stderr, flush=True)


def stop(line: str) -> NoReturn:
    """End with one line that says exactly what to do; status 2, nothing half done."""
    say(line)
    raise SystemExit(2)


class Step:
    """One line on the screen for one part of the work; what its programs say is shown only when it fails."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.heard = ""

    def __enter__(self) -> Step:
        say(f"{self.title} …")
        self.started = time.monotonic()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            say(f"  done in {time.monotonic() - self.started:.0f} s")

    def tries(self, command: list[str]) -> bool:
        """Run a command without a terminal; true when it succeeded."""
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=quiet_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self.heard = done.stdout
        return done.returncode == 0

    def must(self, command: list[str], why: str) -> None:
        if not self.tries(command):
            self.fail(why)

    def fail(self, why: str) -> NoReturn:
        sys.stderr.write("\n".join(self.heard.splitlines()[-25:]) + "\n")
        stop(why)


def quiet_environment() -> dict[str, str]:
    """The environment of pip: never a question, never a package out of the user's own site."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTHONPATH"}
    }
    environment.update(
        PIP_NO_INPUT="1",
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        PIP_ROOT_USER_ACTION="ignore",
        PYTHONNOUSERSITE="1",
    )
    return environment
