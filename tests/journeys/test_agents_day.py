"""The whole day of an agent by keys alone, in a real window on a real screen, each screen looked at."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.devices import Template
from tests.real_screen import real_screen

ROOT = Path(__file__).parents[2]
A_WHILE = 600
SCREENS = 21
FEWEST_COLOURS = 12
"""Of a screen that shows anything, with the shades of its letters."""


def live(template: Template, folder: Path, *more: str) -> tuple[str, list[Path]]:
    """Let the day be lived; what it told, and its pictures."""
    if shutil.which("Xvfb") is None:
        # A machine of CI installs it: there, it is a fault and no reason.
        assert "CI" not in os.environ, "installers/machine.py did not install Xvfb"
        pytest.skip("this system has no Xvfb")
    home, pictures = folder / "home", folder / "pictures"
    shutil.copytree(template.home, home)
    with real_screen() as screen:
        ended = subprocess.run(
            [sys.executable, "-m", "tests.journeys.agents_day", str(home), str(pictures), *more],
            cwd=ROOT,
            env={**os.environ, **screen, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=A_WHILE,
        )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended.stdout, sorted(pictures.glob("*.png"))


def colours(path: Path) -> int:
    """How many different colours are seen on a grid over the picture."""
    image = QImage(str(path))
    assert not image.isNull(), path
    return len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)})


def test_the_day_is_lived_by_keys_alone(
    template: Template, tmp_path: Path, figures: Callable[[str], None]
) -> None:
    told, pictures = live(template, tmp_path)
    figures(told.strip())
    assert len(pictures) == 2 * SCREENS
    assert [path.name for path in pictures if colours(path) < FEWEST_COLOURS] == []


@pytest.mark.torture
def test_every_screen_of_the_day_in_three_palettes_and_two_sizes(template: Template, tmp_path: Path) -> None:
    _, pictures = live(template, tmp_path, "all")
    assert len(pictures) == 6 * SCREENS
    assert [path.name for path in pictures if colours(path) < FEWEST_COLOURS] == []
