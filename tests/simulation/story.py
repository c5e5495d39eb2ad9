"""Tells the world of one seed, and looks for the shortest story that still fails.

By hand: ``python -m tests.simulation.story FIRST [COUNT]``; of a single failing seed, the shortest story is told.
"""

import os
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from fsbus.store import applying
from tests.simulation.actions import ACCIDENTS, ACTIONS, ORDINARY, STICKS
from tests.simulation.chance import all_chance_from
from tests.simulation.invariants import all_is_well
from tests.simulation.world import MEMORY, World

FEWEST, MOST = 8, 32
"""Actions in one world."""
MANY = 6
"""Records of a feed from which, in one world of two, a laptop asks for a snapshot."""
WITHOUT = "FSBUS_WITHOUT"
"""Variable with the names of what is to be left out of all worlds."""
Plan = tuple[tuple[int, str], ...]
"""Number and name of each action; the number draws its chance, so that leaving one out changes no other."""


@dataclass
class Story:
    """What happened in one world, in order; ``wrong`` is empty when all was well."""

    seed: int
    plan: Plan
    lines: list[str] = field(default_factory=list)
    wrong: str = ""
    kind: str = ""
    """What went wrong, without its particulars."""

    def __str__(self) -> str:
        told = "\n".join(self.lines)
        return f"seed {self.seed}, {len(self.plan)} actions\n{told}\n{self.wrong}"


def plan_of(seed: int) -> Plan:
    """The actions of this seed."""
    chance = Random(f"plan {seed}")
    drawn = {name: weight for name, (_, weight) in ORDINARY.items()}
    drawn |= {name: weight * 1.5 for name, (_, weight) in ACCIDENTS.items() if chance.random() < 0.45}
    if chance.random() < 0.5:
        # One of them alone would be idle.
        drawn |= {name: weight * 2 for name, (_, weight) in STICKS.items()}
    for name in os.environ.get(WITHOUT, "").split(","):
        drawn.pop(name, None)
    names = chance.choices(list(drawn), list(drawn.values()), k=chance.randint(FEWEST, MOST))
    begins = ["meet"] if chance.random() < 0.6 else []
    return tuple(enumerate([*begins, *names]))


def tell(seed: int, plan: Plan | None = None) -> Story:
    """Run the world of this seed, or another plan with its chance."""
    story = Story(seed, plan_of(seed) if plan is None else plan)
    chance = Random()
    memory = MEMORY if MEMORY.is_dir() else None
    with (
        TemporaryDirectory(prefix="fsbus-world-", dir=memory) as folder,
        all_chance_from(chance),
        pytest.MonkeyPatch.context() as patch,
    ):
        if seed % 2:
            # Snapshots are for large feeds; here, for small ones.
            patch.setattr(applying, "LARGE_FEED", MANY)
        chance.seed(f"world {seed}")
        world = World(Path(folder), chance)
        try:
            for number, name in story.plan:
                chance.seed(f"{seed} {number}")
                story.lines.append(f"{number:3} {name}")
                story.lines[-1] = f"{number:3} {ACTIONS[name](world)}"
            chance.seed(f"healing {seed}")
            story.lines.append("    everybody exchanges")
            all_is_well(world)
        except Exception as error:  # noqa: BLE001  # whatever it is, the story tells it
            story.wrong = traceback.format_exc()
            story.kind = f"{type(error).__name__}: {_words(str(error))}"
        finally:
            world.close()
    return story


def _words(text: str) -> str:
    return " ".join("".join(sign if sign.isalpha() else " " for sign in text).split()[:6])


def shortest(story: Story, most_runs: int = 400) -> Story:
    """Leave actions out of a failing story as long as it fails alike."""
    best, size, runs = story, max(1, len(story.plan) // 2), 0
    while runs < most_runs:
        place, before = 0, len(best.plan)
        while place < len(best.plan) and runs < most_runs:
            runs += 1
            shorter = tell(story.seed, best.plan[:place] + best.plan[place + size :])
            if shorter.kind == story.kind:
                best = shorter
            else:
                place += size
        if size == 1 and len(best.plan) == before:
            break
        size = max(1, size // 2)
    return best


def main(first: int, count: int) -> int:
    """Tell these seeds; how many failed."""
    started, failed = time.perf_counter(), 0
    for seed in range(first, first + count):
        story = tell(seed)
        if story.wrong:
            failed += 1
            sys.stdout.write(f"{shortest(story) if count == 1 else f'seed {seed}: {story.kind}'}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{count} seeds, {failed} failed, {time.perf_counter() - started:.1f} s\n")
    return failed


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]), int((sys.argv[2:] or ["1"])[0]))))
