"""What stands in the form of a workshop, as typed, and its reading into a draft."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from fsbus.core import codes, workshops
from fsbus.core.redaction import redacted
from fsbus.core.workshops import SUMS, Workshop
from fsbus.desktop.visit_form.entry import (
    UNREADABLE_DAY,
    UNREADABLE_MINUTES,
    UNREADABLE_TIME,
    Picked,
)  # fmt: skip
from fsbus.desktop.written_days import read_day, read_minutes, read_time, short_day

GROUPS: Mapping[str, Mapping[str, str]] = {
    "genders": codes.GENDER,
    "ages": codes.AGE_BAND,
    "statuses": codes.SOCIAL_STATUS,
}
"""The fields that count people one way, and the codes they count by."""
UNREADABLE_NUMBER = "Nombre illisible\u00a0: des chiffres seulement."


@redacted()
@dataclass(frozen=True)
class WorkshopEntry:
    """A workshop as typed; numbers are texts, ``counts`` has a text for each code of each of `GROUPS`."""

    day: str = ""
    starts_at: str = ""
    minutes: str = ""
    commune: Picked = field(default_factory=Picked)
    place: str = ""
    title: str = ""
    topics: tuple[str, ...] = ()
    level: str = ""
    participants: str = ""
    came_before: str = ""
    counts: Mapping[str, Mapping[str, str]] = field(
        default_factory=lambda: {name: dict.fromkeys(labels, "") for name, labels in GROUPS.items()}
    )
    equipment_lent: tuple[str, ...] = ()
    course: str = ""
    agents: tuple[str, ...] = ()
    note: str = ""


def entry_of(one: Workshop, commune: str) -> WorkshopEntry:
    """A recorded workshop as it would be typed; ``commune`` is the name of its commune."""
    hours, left = divmod(one.minutes, 60)
    counted: Mapping[str, Mapping[str, int] | None] = {
        "genders": one.genders,
        "ages": one.ages,
        "statuses": one.statuses,
    }
    return WorkshopEntry(
        day=short_day(date.fromisoformat(one.day)),
        starts_at=one.starts_at or "",
        minutes=f"{hours}h{left:02}" if hours else str(left),
        commune=Picked(one.commune or "", commune),
        place=one.place,
        title=one.title,
        topics=one.topics,
        level=one.level or "",
        participants=str(one.participants),
        came_before=_text(one.came_before),
        counts={
            name: {code: _text((counted[name] or {}).get(code)) for code in labels}
            for name, labels in GROUPS.items()
        },
        equipment_lent=one.equipment_lent,
        course=one.course,
        agents=one.agents,
        note=one.note,
    )


def like(entry: WorkshopEntry, day: str) -> WorkshopEntry:
    """The same workshop on another day, nobody counted yet."""
    empty = WorkshopEntry()
    return replace(
        entry, day=day, participants="", came_before="", counts=empty.counts, course=entry.course, note=""
    )


def read_workshop(entry: WorkshopEntry, today: date) -> tuple[dict[str, object], dict[str, str]]:
    """The draft, without its agent, and what the form alone knows to be wrong with it.

    What cannot be read stays in the draft as typed, so the rules refuse it too.
    """
    problems: dict[str, str] = {}
    day, at = read_day(entry.day, today, ahead=False), read_time(entry.starts_at)
    minutes = read_minutes(entry.minutes)
    if day is None and entry.day.strip():
        problems["day"] = UNREADABLE_DAY
    if at is None and entry.starts_at.strip():
        problems["starts_at"] = UNREADABLE_TIME
    if minutes is None and entry.minutes.strip():
        problems["minutes"] = UNREADABLE_MINUTES
    if entry.commune.is_lost:
        problems["commune"] = (
            "Choisissez une commune dans la liste (flèches, puis Entrée), ou videz le champ."
        )
    draft: dict[str, object] = {
        "day": day.isoformat() if day else entry.day.strip() or None,
        "starts_at": f"{at[0]:02}:{at[1]:02}" if at else entry.starts_at.strip() or None,
        "minutes": minutes if minutes is not None else entry.minutes.strip() or None,
        "commune": entry.commune.code or entry.commune.text.strip() or None,
        "place": entry.place.strip(),
        "title": entry.title.strip(),
        "topics": list(entry.topics),
        "level": entry.level or None,
        "participants": _number(entry.participants, "participants", problems),
        "came_before": _number(entry.came_before, "came_before", problems),
        "equipment_lent": list(entry.equipment_lent),
        "course": entry.course.strip(),
        "agents": list(entry.agents),
        "note": entry.note.strip(),
    }
    for name, texts in entry.counts.items():
        counts = {code: _number(text, name, problems) for code, text in texts.items()}
        draft[name] = counts if any(value is not None for value in counts.values()) else None
    return draft, problems


def sums(entry: WorkshopEntry) -> dict[str, str]:
    """How many of the people are counted each way: ``5 sur 6 par âge``."""
    draft, _ = read_workshop(entry, date.min)
    came = draft["participants"]
    told = {}
    for name, word in SUMS.items():
        counts = draft[name]
        total = sum(_whole(one) for one in counts.values()) if isinstance(counts, dict) else 0
        told[name] = f"{total} sur {came} par {word}" if isinstance(came, int) else f"{total} par {word}"
    return told


def live_problems(entry: WorkshopEntry) -> dict[str, str]:
    """What is told while one types: numbers that cannot be read, and more people than came."""
    draft, unread = read_workshop(entry, date.min)
    found = {name: text for name, text in unread.items() if name in ("participants", "came_before", *GROUPS)}
    if isinstance(draft["participants"], int):
        among: dict[str, str] = {}
        workshops.check_rules(draft, "", among)
        found = {name: text for name, text in among.items() if name != "topics"} | found
    return found


def _number(text: str, name: str, problems: dict[str, str]) -> object:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        problems[name] = UNREADABLE_NUMBER
        return text
    return int(text)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
