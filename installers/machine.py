"""Find on this machine, or install by apt where allowed, what only the system can give."""

from __future__ import annotations

import ctypes
import glob
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from installers.steps import ROOT, Step, say, stop

VENV = ROOT / ".venv"
OLDEST, TOO_NEW = (3, 11), (3, 14)

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


# What some tests need: without it, they say that they were left out.
TEST_TOOLS = {"strace": "strace", "dbus-daemon": "dbus", "dbus-send": "dbus-bin"}
# The same, by the files that they bring: a screen reader's bus, and what speaks with it.
TEST_FILES = {
    "/usr/lib*/at-spi*bus-launcher": "at-spi2-core",
    "/usr/lib/*/girepository-1.0/Atspi-2.0.typelib": "gir1.2-atspi-2.0",
    "/usr/lib/python3/dist-packages/gi/__init__.py": "python3-gi",
}


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


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_packages(python: str | None) -> list[str]:
    """Debian and Ubuntu packages still to install; `python` will make the environment."""
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


def offer_test_tools() -> None:
    """Install the tools of the tests where nobody needs to be asked; without them, the set-up goes on."""
    prefix = apt_prefix() if platform.system() == "Linux" else None
    missing = [package for tool, package in TEST_TOOLS.items() if shutil.which(tool) is None]
    missing += [package for path, package in TEST_FILES.items() if not glob.glob(path)]
    if prefix is None or not missing:
        return
    install = apt_install(prefix, missing)
    with Step(f"tools of the tests: {' '.join(missing)}") as step:
        if not step.tries(install) and not (step.tries(apt_get(prefix, "update")) and step.tries(install)):
            say(f"  sans / without {' '.join(missing)}: some tests will be left out")


def apt_get(prefix: list[str], *words: str) -> list[str]:
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    return [*prefix, *quiet, *words]


def apt_install(prefix: list[str], packages: list[str]) -> list[str]:
    return apt_get(prefix, "install", "--yes", "--no-install-recommends", *packages)


def install_packages(missing: list[str]) -> None:
    typed = "sudo apt-get install --no-install-recommends " + " ".join(missing)
    prefix = apt_prefix()
    if prefix is None:
        stop(f"il manque des paquets du système. Tapez / System packages are missing. Type: {typed}")
    install = apt_install(prefix, missing)
    with Step(f"system packages: {' '.join(missing)}") as step:
        if not step.tries(install):
            step.tries(apt_get(prefix, "update"))
            if not step.tries(install):
                step.fail(f"apt-get a échoué. Tapez / apt-get failed. Type: sudo apt-get update && {typed}")
