"""Prepare this checkout on a machine that has only Python, then run one of its commands.

Used by the Makefile, and by hand where there is no make: `py installers\\prepare.py demo` on Windows,
`python3 installers/prepare.py test` on macOS. Standard library only, and this file and its three neighbours are
written so that an older Python can read them as far as the sentence that says which Python to install.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from installers.environment import prepare, venv_python, write_locks
from installers.steps import ROOT, say, stop

LINT: list[list[str]] = [
    ["ruff", "format", "--check"],
    ["ruff", "check"],
    ["mypy", "--strict", "fsbus", "tests", "installers"],
    ["lint-imports"],
]


class Target(NamedTuple):
    """One command: what it does, in words for `help`, and the lock it needs ("" for none)."""

    summary: str
    lock: str


TARGETS = {
    "demo": Target("the day on the bus, opened on the screen or checked without one", "runtime"),
    "run": Target("open the application", "runtime"),
    "test": Target("format, lint, types, import rules and every test", "dev"),
    "lint": Target("format, lint, types and import rules", "dev"),
    "bench": Target("the benchmarks, each beside its limit", "runtime"),
    "torture": Target("the long tests: kills, power cuts, damaged files, full disks", "dev"),
    "data": Target("build resources/ again from a folder of source data", "dev"),
    "lock": Target("resolve the packages again and write installers/locks/", ""),
    "help": Target("this list", ""),
}


def has_display() -> bool:
    return platform.system() != "Linux" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def commands(target: str, words: list[str]) -> list[list[str]]:
    """The programs that a target runs, each found in `.venv`, with their words."""
    # One more than there are cores: a third of the tests' time is waiting, for timers, disks and other processes.
    workers = str(min(2, os.cpu_count() or 1) + 1)
    return {
        "demo": [["fsbus", "demo", "--out", "demo-out", *([] if has_display() else ["--headless"]), *words]],
        "run": [["fsbus", "open", *words]],
        "test": [*LINT, ["pytest", "-n", workers, *words]],
        "lint": LINT,
        "bench": [["fsbus", "bench", *words]],
        "torture": [["pytest", "-m", "torture", *words]],
        "data": [["python", "installers/build_data.py", *words]],
    }[target]


def run_all(target: str, words: list[str]) -> int:
    """Run every program of a target, even after a failure, so that one run says all that is wrong."""
    environment = dict(os.environ, PYTHONNOUSERSITE="1")
    environment["PATH"] = os.pathsep.join([str(venv_python().parent), os.environ.get("PATH", "")])
    # Without compiled files each of the tests' processes compiles fsbus and the tests anew: 8 s for each worker.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if environment.get("LC_ALL") in {"C", "POSIX"}:  # Qt speaks UTF-8 and says so on each start
        environment["LC_ALL"] = "C.UTF-8"
    if not has_display():
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    failed: dict[str, int] = {}
    programs = commands(target, words)
    for program in programs:
        title = shlex.join(program)
        if len(programs) > 1:
            say(title)
        found = shutil.which(program[0], path=str(venv_python().parent))
        if found is None:
            stop(f".venv has no {program[0]}: delete the folder .venv, then run the same command again")
        status = subprocess.run([found, *program[1:]], cwd=ROOT, env=environment).returncode
        if status:
            failed[title] = status
    if len(programs) > 1:
        say("failed: " + " · ".join(failed) if failed else f"{target}: all is well")
    return next(iter(failed.values())) if len(programs) == 1 and failed else int(bool(failed))


def main(arguments: list[str]) -> int:
    target, words = (arguments or ["help"])[0], arguments[1:]
    if target not in TARGETS or target == "help":
        print("\n".join(f"  make {name:9}{wanted.summary}" for name, wanted in TARGETS.items()))
        return 0 if target == "help" else 2
    if target == "lock":
        write_locks()
        return 0
    prepare(TARGETS[target].lock)
    return run_all(target, words)


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
