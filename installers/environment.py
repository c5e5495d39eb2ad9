"""Make `.venv` from the hash-locked packages, once, and write the locks themselves.

Order: a Python that fits, system libraries (Linux), `.venv`, the packages, the project itself, a stamp. The stamp is
removed first and written last, so that whatever was interrupted is simply done again.
"""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from installers.machine import (
    VENV,
    base_python,
    fits,
    install_packages,
    missing_packages,
    offer_test_tools,
    version_of,
)
from installers.steps import ROOT, Step, say

STAMP = VENV / "fsbus-ready"
UNFINISHED = VENV / "fsbus-unfinished"  # pip was killed: a package may be half there and look whole
LOCKS = ROOT / "installers" / "locks"
UV = "uv>=0.9,<1"


def venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if platform.system() == "Windows" else "bin/python")


def venv_works() -> bool:
    """True when `.venv` has an interpreter that fits, is still the one it was made with, and has pip."""
    settings = VENV / "pyvenv.cfg"
    version = version_of(str(venv_python()))
    if version is None or not fits(version) or not settings.is_file() or UNFINISHED.exists():
        return False
    made_with = re.search(
        r"^version(?:_info)? *= *(\d+)\.(\d+)", settings.read_text(encoding="utf-8"), re.MULTILINE
    )
    if made_with is None or (int(made_with[1]), int(made_with[2])) != version:
        return False
    return subprocess.run([str(venv_python()), "-m", "pip", "--version"], capture_output=True).returncode == 0


def ready_key(lock: str) -> str:
    """What the stamp must say: anything that changes the environment changes it, moving it too."""
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
    """Bring system libraries and `.venv` to what `lock` ("runtime" or "dev") asks for, if they are not."""
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
    if lock == "dev":
        offer_test_tools()
    if ready:
        return
    STAMP.unlink(missing_ok=True)
    if python is not None:
        with Step(f"virtual environment .venv, with {python}") as step:
            step.must(
                [python, "-m", "venv", "--clear", str(VENV)], "python -m venv a échoué / failed (see above)"
            )
    UNFINISHED.touch()
    try:
        install(lock)
    except SystemExit:  # pip ended by itself, and put back what it had begun
        UNFINISHED.unlink()
        raise
    UNFINISHED.unlink()
    fresh = STAMP.with_suffix(".new")
    fresh.write_text(ready_key(lock), encoding="utf-8")
    fresh.replace(STAMP)


def install(lock: str) -> None:
    """Put the packages of a lock and the project itself into `.venv`."""
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


def write_locks() -> None:
    """Resolve pyproject.toml for every Python and system, in a throw-away environment, without addresses."""
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
