"""An appointment as it is typed, and its reading into a draft."""

from dataclasses import dataclass
from datetime import date

from fsbus.core.redaction import redacted
from fsbus.desktop.visit_form.entry import UNREADABLE_DAY, UNREADABLE_TIME, Picked
from fsbus.desktop.written_days import read_day, read_time

_NONE = Picked()


@redacted()
@dataclass(frozen=True)
class Typed:
    """What stands in the form; days and hours as written, codes or empty."""

    day: str = ""
    hour: str = ""
    minutes: str = "30"
    commune: Picked = _NONE
    place: str = ""
    name: str = ""
    phone: str = ""
    procedure: Picked = _NONE
    needed: str = "1"
    agents: tuple[str, ...] = ()
    note: str = ""


def read(typed: Typed, today: date) -> tuple[dict[str, object], dict[str, str]]:
    """The draft, and what the form alone knows to be wrong with it; what cannot be read stays in, to be refused too."""
    problems: dict[str, str] = {}
    day, hour = read_day(typed.day, today, ahead=True), read_time(typed.hour)
    if day is None:
        problems["day"] = UNREADABLE_DAY
    if hour is None:
        problems["starts_at"] = UNREADABLE_TIME
    for name, picked, what in (
        ("commune", typed.commune, "une commune"),
        ("procedure", typed.procedure, "une démarche"),
    ):
        if picked.is_lost:
            problems[name] = f"Choisissez {what} dans la liste (flèches, puis Entrée), ou videz le champ."
    draft: dict[str, object] = {
        "day": day.isoformat() if day else typed.day,
        "starts_at": f"{hour[0]:02d}:{hour[1]:02d}" if hour else typed.hour,
        "minutes": int(typed.minutes or 30),
        "commune": typed.commune.code or None,
        "place": typed.place.strip(),
        "name": typed.name.strip(),
        "phone": typed.phone.strip(),
        "procedure": typed.procedure.code,
        "needed": int(typed.needed or 1),
        "agents": list(typed.agents),
        "note": typed.note.strip(),
    }
    return draft, problems
