"""A workshop of digital skills: what was taught, to how many, and their sums checked."""

from collections.abc import Mapping
from dataclasses import dataclass

from fsbus.core import codes
from fsbus.core.fields import (
    Code,
    CodeList,
    Day,
    Field,
    Group,
    Hour,
    Identifier,
    Identifiers,
    Insee,
    Problems,
    Text,
    Whole,
)  # fmt: skip
from fsbus.core.redaction import redacted

MOST = 10_000


def _counts(labels: Mapping[str, str]) -> Group:
    return Group({code: Whole(0, MOST) for code in labels})


FIELDS: Mapping[str, Field] = {
    "agent_id": Identifier(required=True),
    "day": Day(required=True),
    "starts_at": Hour(),
    "minutes": Whole(1, 1439, required=True),
    "commune": Insee(),
    "place": Text(longest=120),
    "title": Text(longest=120),
    "topics": CodeList(codes.WORKSHOP_TOPIC),
    "level": Code(codes.LEVEL),
    "participants": Whole(1, MOST, required=True),
    "came_before": Whole(0, MOST),
    "genders": _counts(codes.GENDER),
    "ages": _counts(codes.AGE_BAND),
    "statuses": _counts(codes.SOCIAL_STATUS),
    "equipment_lent": CodeList(codes.EQUIPMENT),
    "course": Text(longest=200),
    "agents": Identifiers(),
    "note": Text(longest=1_000),
}
SUMS = {"genders": "genre", "ages": "âge", "statuses": "situation"}
"""The fields that count the participants one way, and the French word for it."""


@redacted("id")
@dataclass(frozen=True)
class Workshop:
    """One workshop. ``participants`` came, ``came_before`` of them had come before.

    ``genders``, ``ages`` and ``statuses`` map the codes of `fsbus.core.codes` to how many there were; each has
    at most ``participants`` in all. ``course`` is the free course that people were shown the way to.
    """

    id: str
    agent_id: str
    day: str
    minutes: int
    participants: int
    commune: str | None = None
    starts_at: str | None = None
    place: str = ""
    title: str = ""
    topics: tuple[str, ...] = ()
    level: str | None = None
    came_before: int | None = None
    genders: Mapping[str, int] | None = None
    ages: Mapping[str, int] | None = None
    statuses: Mapping[str, int] | None = None
    equipment_lent: tuple[str, ...] = ()
    course: str = ""
    agents: tuple[str, ...] = ()
    note: str = ""


def check_rules(fields: Mapping[str, object], path: str, problems: Problems) -> None:
    """A theme, and no more people by gender, age or status than came (as La Coop de la médiation numérique counts)."""
    if not fields.get("topics"):
        problems.setdefault(f"{path}topics", "Au moins un thème à choisir.")
    came = _count(fields.get("participants"))
    for name, word in SUMS.items():
        counts = fields.get(name)
        total = sum(map(_count, counts.values())) if isinstance(counts, Mapping) else 0
        if total > came:
            problems.setdefault(f"{path}{name}", f"{total} personnes par {word}, mais {came} venues.")
    if _count(fields.get("came_before")) > came:
        problems.setdefault(f"{path}came_before", f"Plus que les {came} personnes venues.")


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
