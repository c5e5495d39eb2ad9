"""Prepare this checkout on a machine that has only Python, then run one of its commands.

Used by the Makefile, and by hand where there is no make: `py installers\\prepare.py demo` on Windows,
`python3 installers/prepare.py test` on macOS. Standard library only, and written so that an older Python can read
it as far as the sentence that says which Python to install.

Order: a Python that fits, system libraries (Linux), `.venv`, hash-locked packages, the project itself, a stamp.
The stamp is removed first and written last, so that whatever was interrupted is simply done again.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "fsbus-ready"
LOCKS = ROOT / "installers" / "locks"
OLDEST, TOO_NEW = (3, 11), (3, 14)
UV = "uv>=0.9,<1"

# What Qt loads and its wheels do not carry: library -> Debian and Ubuntu package (a name ending in t64 there is found by
# apt itself, which knows what it replaces).
QT_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}

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
    "torture": Target("the long tests: a hundred kills while saving", "dev"),
    "data": Target("build resources/ again from a folder of source data", "dev"),
    "lock": Target("resolve the packages again and write installers/locks/", ""),
    "help": Target("this list", ""),
}


def say(line: str) -> None:
    print(f"fsbus: {line}", file=sys.stderr, flush=True)


def stop(line: str) -> NoReturn:
    """End with one line that says exactly what to do; status 2, nothing half done."""
    say(line)
    raise SystemExit(2)


# --- Python ---------------------------------------------------------------------------------------------------------


def version_of(python: str) -> tuple[int, int] | None:
    """Major and minor version of an interpreter, or None when it does not run."""
    try:
        found = subprocess.run(
            [python, "-c", "import sys; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout.split()
        return int(found[0]), int(found[1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None


def fits(version: tuple[int, int] | None) -> bool:
    return version is not None and OLDEST <= version < TOO_NEW


def base_python() -> str:
    """An interpreter that fits and is outside our own environment: this one first, then those on PATH."""
    if fits(sys.version_info[:2]) and sys.prefix == sys.base_prefix:
        return sys.executable
    outside = os.pathsep.join(
        folder
        for folder in os.environ.get("PATH", "").split(os.pathsep)
        if VENV not in Path(folder or ".").parents
    )
    for name in ("python3.13", "python3.12", "python3.11", "python3", "python"):
        found = shutil.which(name, path=outside)
        if found and fits(version_of(found)):
            return found
    types = {
        "Windows": "winget install Python.Python.3.12",
        "Darwin": "brew install python@3.12",
    }.get(platform.system(), "sudo apt-get install python3.11 python3.11-venv")
    stop(f"il faut Python 3.11, 3.12 ou 3.13. Tapez / Python 3.11 to 3.13 is needed. Type: {types}")


# --- system libraries -----------------------------------------------------------------------------------------------


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_packages(python: str | None) -> list[str]:
    """Debian and Ubuntu packages still to install; `python` is the interpreter that will make the environment."""
    if platform.system() != "Linux":
        return []
    missing = [package for library, package in QT_LIBRARIES.items() if not loads(library)]
    if shutil.which("Xvfb") is None:
        missing.append("xvfb")
    if (
        python is not None
        and subprocess.run([python, "-c", "import ensurepip, venv"], capture_output=True).returncode
    ):
        version = version_of(python) or OLDEST
        missing.append(f"python{version[0]}.{version[1]}-venv")
    return missing


def apt_prefix() -> list[str] | None:
    """How apt-get may be called here without asking anybody anything, or None."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


def install_packages(missing: list[str]) -> None:
    typed = "sudo apt-get install --no-install-recommends " + " ".join(missing)
    prefix = apt_prefix()
    if prefix is None:
        stop(f"il manque des paquets du système. Tapez / System packages are missing. Type: {typed}")
    quiet = [
        *prefix,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-qq",
        "-o",
        "DPkg::Lock::Timeout=120",
    ]
    install = [*quiet, "install", "--yes", "--no-install-recommends", *missing]
    with Step(f"system packages: {' '.join(missing)}") as step:
        if not step.tries(install):
            step.tries([*quiet, "update"])
            if not step.tries(install):
                step.fail(f"apt-get a échoué. Tapez / apt-get failed. Type: sudo apt-get update && {typed}")


# --- steps ----------------------------------------------------------------------------------------------------------


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


# --- the environment ------------------------------------------------------------------------------------------------


def venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if platform.system() == "Windows" else "bin/python")


def venv_works() -> bool:
    """True when `.venv` has an interpreter that fits, is still the one it was made with, and has pip."""
    settings = VENV / "pyvenv.cfg"
    version = version_of(str(venv_python()))
    if version is None or not fits(version) or not settings.is_file():
        return False
    made_with = re.search(
        r"^version(?:_info)? *= *(\d+)\.(\d+)", settings.read_text(encoding="utf-8"), re.MULTILINE
    )
    if made_with is None or (int(made_with[1]), int(made_with[2])) != version:
        return False
    return subprocess.run([str(venv_python()), "-m", "pip", "--version"], capture_output=True).returncode == 0


def ready_key(lock: str) -> str:
    """What the stamp must say: anything that changes the environment changes it, and so does moving the checkout."""
    digest = hashlib.sha256()
    for part in (LOCKS / f"{lock}.txt", ROOT / "pyproject.toml", VENV / "pyvenv.cfg"):
        digest.update(part.read_bytes() if part.is_file() else b"")
    digest.update(f"{ROOT} {version_of(str(venv_python()))} {platform.machine()}".encode())
    return f"{lock} {digest.hexdigest()}"


def is_ready(lock: str) -> bool:
    """The development lock holds all of the runtime lock, so either will do for the latter."""
    try:
        stamp = STAMP.read_text(encoding="utf-8")
    except OSError:
        return False
    return stamp in {ready_key(lock), ready_key("dev")}


def prepare(lock: str) -> None:
    """Bring system libraries and `.venv` to what `lock` ("runtime" or "dev") asks for; does nothing when they are."""
    ready = is_ready(lock)
    usable = ready or venv_works()
    python = None if usable else base_python()
    missing = missing_packages(python)
    if missing:
        if shutil.which("apt-get") is None:
            say(
                "Bibliothèques absentes, à installer / missing libraries, to be installed: "
                + " ".join(missing)
            )
        else:
            install_packages(missing)
    if ready:
        return
    STAMP.unlink(missing_ok=True)
    if python is not None:
        with Step(f"virtual environment .venv, with {python}") as step:
            step.must(
                [python, "-m", "venv", "--clear", str(VENV)], "python -m venv a échoué / failed (see above)"
            )
    pip = [str(venv_python()), "-m", "pip", "--quiet", "install"]
    with Step(f"packages of installers/locks/{lock}.txt (about 100 MB the first time)") as step:
        step.must(
            [*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(LOCKS / f"{lock}.txt")],
            "les paquets n’ont pas pu être installés ; vérifiez le réseau et recommencez / "
            "packages could not be installed: check the network, then run the same command again",
        )
    with Step("the fsbus command") as step:
        step.must(
            [*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], "pip install -e . failed"
        )
    fresh = STAMP.with_suffix(".new")
    fresh.write_text(ready_key(lock), encoding="utf-8")
    fresh.replace(STAMP)


def write_locks() -> None:
    """Resolve pyproject.toml for every Python and system at once, in a throw-away environment; no address is written."""
    with tempfile.TemporaryDirectory(prefix="fsbus-lock-") as folder, Step("resolving the packages") as step:
        step.must([base_python(), "-m", "venv", folder], "python -m venv failed")
        python = str(Path(folder) / venv_python().relative_to(VENV))
        step.must([python, "-m", "pip", "--quiet", "install", UV], "uv could not be installed")
        resolve = [python, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
        resolve += ["--python-version", "3.11", "--no-header", "--no-annotate", "--upgrade"]
        resolve += ["--extra", "server", "--group", "pyproject.toml:build"]
        fresh = {name: Path(folder) / f"{name}.txt" for name in ("dev", "runtime")}
        dev = ["--group", "pyproject.toml:dev", "pyproject.toml", "-o", str(fresh["dev"])]
        step.must([*resolve, *dev], "the development packages do not resolve")
        runtime = ["-c", str(fresh["dev"]), "pyproject.toml", "-o", str(fresh["runtime"])]
        step.must([*resolve, *runtime], "the runtime packages do not resolve")
        for name, made in fresh.items():
            shutil.copyfile(made, LOCKS / f"{name}.txt")


# --- commands -------------------------------------------------------------------------------------------------------


def has_display() -> bool:
    return platform.system() != "Linux" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def commands(target: str, words: list[str]) -> list[list[str]]:
    """The programs that a target runs, each found in `.venv`, with their words."""
    workers = str(min(2, os.cpu_count() or 1))
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
