"""`fsbus demo`: lives the whole day, writes what was found and pictures of the windows, then opens it."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from fsbus.actions import stops
from fsbus.actions.passphrases import propose_passphrase
from fsbus.actions.session import Session
from fsbus.core.clock import Clock, system_now
from fsbus.core.errors import InvalidInput
from fsbus.training import canton
from fsbus.training.day import Day

MARK = "JOURNEE-DE-DEMONSTRATION"
"""File that says that a folder was made by a demonstration and may be made again."""
SIDE_BY_SIDE = "00-deux-postes-cote-a-cote.png"
_WEEKEND = (5, 6)
EVENING = 17
"""The hour, local time, at which the day is looked back upon."""


def run_demo(out: Path | None, *, headless: bool, say: Callable[[str], None]) -> dict[str, object]:
    """Live the day in ``out`` (else a new temporary folder); the report, as it is printed.

    With a display, and unless ``headless``, the application then opens on that evening. Raises
    InvalidInput when ``out`` holds anything that a demonstration did not make.
    """
    folder = fresh_folder(out)
    clock = evening_clock(system_now())
    shows = has_display() and not headless
    if not shows:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    pictures = folder / "captures"
    day = Day(
        folder / "journee",
        clock,
        [propose_passphrase(), propose_passphrase()],
        say=say,
        look=lambda sessions: _take_both(sessions, pictures / SIDE_BY_SIDE),
    )
    report = day.run().as_json()
    first = day.laptops[0]
    with first.opened() as session:
        stops.set_today(session, canton.THIERACHE[0])
    report["screenshots"] = [str(pictures / SIDE_BY_SIDE), *_take_screenshots(day, pictures)]
    report["folder"] = str(folder)
    (folder / "rapport.json").write_text(
        json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    if shows:
        from fsbus.desktop.start import run

        say(f"Phrase secrète du poste de démonstration : {first.passphrase}")
        run(first.home, clock=clock, passphrase=first.passphrase)
    return report


def evening_clock(now: datetime) -> Clock:
    """A clock that goes on from the last working evening: nothing of the day is in the future."""
    behind = now - last_evening(now)
    return Clock(lambda: system_now() - behind)


def last_evening(now: datetime) -> datetime:
    """The end of the last working day before ``now``, in local time."""
    evening = now.astimezone().replace(hour=EVENING, minute=0, second=0, microsecond=0)
    while evening > now or evening.weekday() in _WEEKEND:
        evening -= timedelta(days=1)
    return evening


def has_display() -> bool:
    """Whether a window can be shown to somebody."""
    if sys.platform in ("win32", "darwin"):
        return True
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        return False
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _take_both(sessions: Sequence[Session], path: Path) -> None:
    """Both laptops at their conflict, in one picture."""
    from fsbus.desktop.screens import Screens
    from fsbus.desktop.screenshots import take_side_by_side

    def show(screens: Screens) -> None:
        screens.show_page("to_check")

    take_side_by_side(sessions, show, path)


def _take_screenshots(day: Day, folder: Path) -> list[str]:
    from fsbus.desktop.screenshots import take_all

    with day.laptops[0].opened() as session:
        return [str(path) for path in take_all(session, folder)]


def fresh_folder(out: Path | None) -> Path:
    """An empty folder, marked; a demonstration that was there goes. Raises InvalidInput when anything else is."""
    if out is None:
        return Path(tempfile.mkdtemp(prefix="fsbus-demo-"))
    if out.exists() and any(out.iterdir()):
        if not (out / MARK).exists():
            raise InvalidInput({"out": f"Ce dossier n’est pas vide : {out}. Donnez-en un autre."})
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).write_text("Rien de réel ici ; tout peut être effacé.\n", encoding="utf-8")
    return out
