"""What stands in the visit form, as typed, and its reading into a visit draft."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as time_of_day

from fsbus.core.redaction import redacted
from fsbus.desktop.written_days import read_day, read_minutes, read_time

UNREADABLE_DAY = "Jour illisible : écrivez par exemple 03/12, 03/12/2026 ou +14."
UNREADABLE_TIME = "Heure illisible : écrivez par exemple 9h20."
UNREADABLE_MINUTES = "Durée illisible : écrivez par exemple 25 ou 1h10."


@redacted()
@dataclass(frozen=True)
class Picked:
    """An entry taken from a list (``code``), or the text typed so far."""

    code: str = ""
    text: str = ""

    @property
    def is_lost(self) -> bool:
        """Whether something was typed that is no entry of the list."""
        return not self.code and bool(self.text.strip())


@redacted()
@dataclass(frozen=True)
class ProcedureEntry:
    """One procedure as typed; days are texts, codes are codes or empty.

    ``follow_up_commune`` comes with a passage that was chosen, ``follow_up_done_on`` with a recorded visit.
    """

    procedure: Picked = Picked()
    nature: str = ""
    mode: str = ""
    outcome: str = ""
    precise_answer: str = ""
    missing_documents: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    referral_partner: str = ""
    referral_contact: str = ""
    referral_channel: str = ""
    referral_on: str = ""
    follow_up_on: str = ""
    follow_up_note: str = ""
    follow_up_commune: str = ""
    follow_up_done_on: str = ""
    mandate_kind: str = ""
    mandate_on: str = ""
    mandate_reason: str = ""


@redacted()
@dataclass(frozen=True)
class VisitEntry:
    """A visit as typed; ``day`` and ``time`` are local. ``stop_commune`` is typed in a correction only."""

    day: str
    time: str
    minutes: str
    channel: str = "walk_in"
    resident_commune: Picked = Picked()
    age_band: str = "undisclosed"
    gender: str = "undisclosed"
    first_visit: str = ""
    autonomy: str = ""
    equipment: tuple[str, ...] = ()
    satisfaction: str = ""
    note: str = ""
    procedures: tuple[ProcedureEntry, ...] = (ProcedureEntry(),)
    stop_commune: Picked = Picked()


def read_entry(
    entry: VisitEntry, *, today: date, stop_commune: str | None
) -> tuple[dict[str, object], dict[str, str]]:
    """The draft, and what the form alone knows to be wrong with it.

    A text that cannot be read stays in the draft, so the rules refuse it too: nothing typed is
    ever left out silently.
    """
    problems: dict[str, str] = {}
    draft: dict[str, object] = {
        "started_at": _moment(entry, today, problems),
        "minutes": _minutes(entry.minutes, problems),
        "channel": entry.channel,
        "stop_commune": stop_commune or _picked(entry.stop_commune, "stop_commune", "une commune", problems),
        "resident_commune": _picked(entry.resident_commune, "resident_commune", "une commune", problems),
        "age_band": entry.age_band,
        "gender": entry.gender,
        "first_visit": {"yes": True, "no": False}.get(entry.first_visit),
        "autonomy": entry.autonomy or None,
        "equipment": list(entry.equipment),
        "satisfaction": int(entry.satisfaction) if entry.satisfaction else None,
        "note": entry.note,
        "procedures": [
            _procedure(item, f"procedures[{number}].", today, problems)
            for number, item in enumerate(entry.procedures)
        ],
    }
    return draft, problems


def _procedure(item: ProcedureEntry, path: str, today: date, problems: dict[str, str]) -> dict[str, object]:
    def day(text: str, field: str, *, ahead: bool) -> str | None:
        return _day(text, f"{path}{field}", today, problems, ahead=ahead)

    return {
        "procedure": _picked(item.procedure, f"{path}procedure", "une démarche", problems) or "",
        "nature": item.nature,
        "mode": item.mode,
        "outcome": item.outcome,
        "precise_answer": item.precise_answer.strip(),
        "missing_documents": list(item.missing_documents),
        "blockers": list(item.blockers),
        "referral": _group(
            partner=item.referral_partner.strip(),
            contact=item.referral_contact.strip(),
            channel=item.referral_channel,
            on=day(item.referral_on, "referral.on", ahead=True),
        ),
        "follow_up": _group(
            on=day(item.follow_up_on, "follow_up.on", ahead=True),
            note=item.follow_up_note.strip(),
            commune=item.follow_up_commune if item.follow_up_on.strip() else "",
            done_on=item.follow_up_done_on,
        ),
        "mandate": _group(
            kind=item.mandate_kind,
            on=day(item.mandate_on, "mandate.on", ahead=False),
            reason=item.mandate_reason.strip(),
        ),
    }


def _group(**values: str | None) -> Mapping[str, object] | None:
    kept = {name: value for name, value in values.items() if value}
    return kept or None


def _picked(picked: Picked, path: str, what: str, problems: dict[str, str]) -> str | None:
    if picked.is_lost:
        problems[path] = f"Choisissez {what} dans la liste (flèches, puis Entrée), ou videz le champ."
        return picked.text
    return picked.code or None


def _day(text: str, path: str, today: date, problems: dict[str, str], *, ahead: bool) -> str | None:
    if not text.strip():
        return None
    day = read_day(text, today, ahead=ahead)
    if day is None:
        problems[path] = UNREADABLE_DAY
        return text
    return day.isoformat()


def _minutes(text: str, problems: dict[str, str]) -> object:
    minutes = read_minutes(text)
    if minutes is None and text.strip():
        problems["minutes"] = UNREADABLE_MINUTES
        return text
    return minutes


def _moment(entry: VisitEntry, today: date, problems: dict[str, str]) -> str:
    day = read_day(entry.day, today, ahead=False)
    time = read_time(entry.time)
    if day is None:
        problems["visited_on"] = UNREADABLE_DAY
    if time is None:
        problems["started_at"] = UNREADABLE_TIME
    if day is None or time is None:
        return f"{entry.day} {entry.time}"
    # This computer's own time zone: a bus may be overseas.
    return datetime.combine(day, time_of_day(*time)).astimezone().isoformat()
