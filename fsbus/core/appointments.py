"""An appointment at a stop of the bus: when, where, with how many agents, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from fsbus.core import codes
from fsbus.core.fields import Code, Day, Field, Hour, Identifier, Identifiers, Insee, Problems, Text, Whole
from fsbus.core.redaction import redacted

FIELDS: Mapping[str, Field] = {
    "day": Day(required=True),
    "starts_at": Hour(required=True),
    "minutes": Whole(5, 480, required=True),
    "commune": Insee(),
    "place": Text(longest=120),
    "stop_id": Identifier(),
    "resident_id": Identifier(),
    "name": Text(longest=80),
    "phone": Text(longest=30),
    "procedure": Text(longest=40),
    "needed": Whole(1, 2, required=True),
    "agents": Identifiers(most=2),
    "status": Code(codes.APPOINTMENT, default="unknown"),
    "visit_id": Identifier(),
    "note": Text(longest=500),
}


@redacted("id")
@dataclass(frozen=True)
class Appointment:
    """One person expected on one day at one hour; hours are those where the bus is.

    Either a resident (``resident_id``) or a ``name`` to call and a ``phone``. ``needed`` agents, one or two;
    ``visit_id`` is the visit that came of it.
    """

    id: str
    day: str
    starts_at: str
    minutes: int
    commune: str
    needed: int = 1
    place: str = ""
    stop_id: str | None = None
    resident_id: str | None = None
    name: str = ""
    phone: str = ""
    procedure: str = ""
    agents: tuple[str, ...] = ()
    status: str = "unknown"
    visit_id: str | None = None
    note: str = ""


def check_rules(fields: Mapping[str, object], path: str, problems: Problems) -> None:
    """Somebody is expected somewhere."""
    if not fields.get("commune"):
        problems.setdefault(f"{path}commune", "Commune à choisir.")
    if not fields.get("resident_id") and not str(fields.get("name") or "").strip():
        problems.setdefault(f"{path}name", "Nom à appeler à remplir, ou personne à choisir.")
