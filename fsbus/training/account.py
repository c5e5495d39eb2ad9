"""The account of a demonstration: each step, its figures, and each check with what was really found."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Step:
    """One step of the day; figures are facts, checks can fail."""

    title: str
    figures: dict[str, object] = field(default_factory=dict)
    checks: list[dict[str, object]] = field(default_factory=list)

    def check(self, what: str, found: object, expected: object) -> None:
        """Compare, and keep both values whatever comes out."""
        self.checks.append({"what": what, "expected": expected, "found": found, "ok": found == expected})


@dataclass
class Account:
    """All steps in order."""

    steps: list[Step] = field(default_factory=list)

    def step(self, title: str) -> Step:
        """Begin the next step."""
        self.steps.append(Step(title))
        return self.steps[-1]

    @property
    def failed(self) -> list[str]:
        """The checks that did not hold, in words."""
        return [str(check["what"]) for step in self.steps for check in step.checks if not check["ok"]]

    def as_json(self) -> dict[str, object]:
        """One object: `ok`, then the steps numbered from 1."""
        return {
            "ok": not self.failed,
            "failed": self.failed,
            "steps": [
                {"step": number, "title": step.title, **step.figures, "checks": step.checks}
                for number, step in enumerate(self.steps, 1)
            ],
        }


def files_with(needles: list[str], folder: Path) -> list[str]:
    """The files below ``folder`` that hold one of the needles in clear (UTF-8 or UTF-16)."""
    wanted = [needle.encode(coding) for needle in needles for coding in ("utf-8", "utf-16-le")]
    found: list[str] = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            if any(needle in content for needle in wanted):
                found.append(str(path.relative_to(folder)))
    return found
