"""The kinds of record that travel, each with its fields: one name per datum, everywhere."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from types import MappingProxyType

from fsbus.core import appointments, attendance, circuit, records, residents, visits, workshops
from fsbus.core.appointments import Appointment
from fsbus.core.attendance import Attendance
from fsbus.core.circuit import Incident, Passage, Stop
from fsbus.core.fields import Code, Field, Identifier, Problems, Text, read_all
from fsbus.core.records import ProcedureRecord
from fsbus.core.redaction import redacted
from fsbus.core.residents import Resident
from fsbus.core.visits import Visit
from fsbus.core.workshops import Workshop

VISIT = "visit"
PROCEDURE_RECORD = "procedure_record"
AGENT = "agent"
CONFLICT = "conflict"
STOP, PASSAGE, INCIDENT = "stop", "passage", "incident"
ATTENDANCE, RESIDENT, APPOINTMENT, WORKSHOP = "attendance", "resident", "appointment", "workshop"
OPEN, LOCAL, CENTRAL = "open", "local", "central"
"""The statuses of a conflict: not settled; the value that the centre did not take; the one that it kept."""
DELETED = "deleted"
"""Stands for a field where two people disagree on whether a record was recorded by mistake; no field is named so."""
DELETABLE = frozenset({VISIT, PROCEDURE_RECORD, STOP, PASSAGE, INCIDENT, APPOINTMENT, WORKSHOP})
"""The kinds that may be recorded by mistake."""


@redacted("id")
@dataclass(frozen=True)
class Agent:
    """A conseiller France Services, as the others see them."""

    id: str
    name: str


@dataclass(frozen=True)
class Json:
    """Any JSON value of a field, taken as it is: the two values of a conflict."""

    def read(self, raw: object, path: str, problems: Problems) -> object:  # noqa: ARG002  # the shape of every Field
        return raw


@dataclass(frozen=True)
class Mark:
    """A word that fsbus made, nobody typed: an author's id, a time stamp. Not guarded as a text is: one stamp
    in ten passes for a card number."""

    longest: int = 40

    def read(self, raw: object, path: str, problems: Problems) -> str:
        if raw is None:
            return ""
        if not isinstance(raw, str) or len(raw) > self.longest or not raw.isprintable():
            problems[path] = "Ce repère est illisible."
            return ""
        return raw


@redacted("id")
@dataclass(frozen=True)
class Conflict:
    """An open proposal: the centre kept ``central``; ``local`` is the value it did not take.

    Made by the centre alone, so both sides see it by the ordinary feed. ``actor`` and ``hlc`` are the
    author and the time stamp of the local value, ``central_actor`` and ``central_hlc`` those of the other
    (empty when the centre no longer knows). An author is an agent's id, or the name of a coordinator. ``status`` is ``open``, ``local`` or ``central``.
    """

    id: str
    record_id: str
    record_kind: str
    field: str
    local: object
    central: object
    actor: str
    hlc: str
    central_actor: str = ""
    central_hlc: str = ""
    status: str = OPEN


Rules = Callable[[Mapping[str, object], str, Problems], None]
"""Adds what is wrong between fields that were read, each under its path after a beginning."""


@redacted("kind")
@dataclass(frozen=True)
class Entity:
    """One kind: its fields in order, how a value is built, the rules between its fields."""

    kind: str
    fields: Mapping[str, Field]
    build: Callable[[str, Mapping[str, object]], object]
    parent: str | None = None
    """The field that holds the id of the record this one hangs on, if any."""
    check_rules: Rules | None = None

    def problems(self, body: Mapping[str, object]) -> dict[str, str]:
        """What is wrong with a whole body of this kind; unknown fields are not a problem here:
        they come from a newer fsbus and are kept as they are."""
        found: dict[str, str] = {}
        known = {name: value for name, value in body.items() if name in self.fields}
        clean = read_all(self.fields, known, found)
        if self.check_rules is not None and not found:
            self.check_rules(clean, "", found)
        return found


def _plain_entity(
    kind: str, fields_of_kind: Mapping[str, Field], value: type, rules: Rules
) -> tuple[str, Entity]:
    """A kind that hangs on nothing and whose value is made of its fields."""
    return kind, Entity(kind, fields_of_kind, lambda key, body: value(id=key, **body), check_rules=rules)


ENTITIES: Mapping[str, Entity] = MappingProxyType(
    {
        AGENT: Entity(
            AGENT, {"name": Text(longest=80, required=True)}, lambda key, body: Agent(key, str(body["name"]))
        ),
        VISIT: Entity(VISIT, visits.FIELDS, visits.build_visit),
        PROCEDURE_RECORD: Entity(
            PROCEDURE_RECORD,
            records.FIELDS,
            visits.build_record,
            parent="visit_id",
            check_rules=records.check_rules,
        ),
        CONFLICT: Entity(
            CONFLICT,
            {
                "record_id": Identifier(required=True),
                "record_kind": Text(longest=40, required=True),
                "field": Text(longest=80, required=True),
                "local": Json(),
                "central": Json(),
                "actor": Mark(),
                "hlc": Mark(),
                "central_actor": Mark(),
                "central_hlc": Mark(),
                "status": Code({OPEN: "", LOCAL: "", CENTRAL: ""}, default=OPEN),
            },
            lambda key, body: Conflict(id=key, **body),  # type: ignore[arg-type]  # read_all checked it
            parent="record_id",
        ),
        **dict(
            _plain_entity(*one)
            for one in (
                (STOP, circuit.STOP_FIELDS, Stop, circuit.check_stop),
                (PASSAGE, circuit.PASSAGE_FIELDS, Passage, circuit.check_passage),
                (INCIDENT, circuit.INCIDENT_FIELDS, Incident, circuit.check_incident),
                (ATTENDANCE, attendance.FIELDS, Attendance, attendance.check_rules),
                (RESIDENT, residents.FIELDS, Resident, residents.check_rules),
                (APPOINTMENT, appointments.FIELDS, Appointment, appointments.check_rules),
                (WORKSHOP, workshops.FIELDS, Workshop, workshops.check_rules),
            )
        ),
    }
)


Value = (
    Visit | ProcedureRecord | Agent | Conflict | Stop | Passage | Incident
    | Attendance | Resident | Appointment | Workshop
)  # fmt: skip
"""What a record is once read."""


def body_of(value: Value) -> dict[str, object]:
    """The fields of a value as JSON, its id left out; an empty optional group is None."""
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value) if field.name != "id"}


def as_line(visit: Visit, handled: Iterable[ProcedureRecord]) -> dict[str, object]:
    """A visit with its procedure records inside, as every listing prints it (one JSON object)."""
    inside: list[dict[str, object]] = []
    for one in handled:
        fields_of_one = body_of(one)
        del fields_of_one["visit_id"]
        inside.append({"record_id": one.id, **fields_of_one})
    return {"visit_id": visit.id, **body_of(visit), "procedures": inside}


def from_body(kind: str, record_id: str, body: Mapping[str, object]) -> object:
    """The value of this kind; unknown fields are left out. Raises KeyError for an unknown kind.

    The body was checked when it was written; it is read leniently here.
    """
    entity = ENTITIES[kind]
    known = {name: body.get(name) for name in entity.fields}
    return entity.build(record_id, read_all(entity.fields, known, {}))


def _plain(value: object) -> object:
    # Nearly every field is one of these; the other looks cost more than the rest of a save's values.
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value
