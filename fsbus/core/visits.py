"""A visit: what one person came for, checked whole and told whole."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from fsbus.core import codes, records
from fsbus.core.errors import InvalidInput
from fsbus.core.fields import (
    Code,
    CodeList,
    Day,
    Field,
    Flag,
    Identifier,
    Insee,
    Moment,
    Problems,
    Text,
    Whole,
    read_all,
    read_moment,
    shown,
)  # fmt: skip
from fsbus.core.records import FollowUp, Mandate, ProcedureRecord, Referral
from fsbus.core.redaction import redacted

MOST_PROCEDURES = 30
THIRD_PARTY = "third_party"
"""The channel of someone who comes for somebody else."""
_ON_A_FILE = frozenset({"digital_help", "file_assistance", "filing_printing"})
"""Natures that act on somebody's file, which a third party may not have done without an agreement."""
FUTURE_TOLERANCE = timedelta(minutes=5)
"""A visit may not start later than now; two laptops' clocks differ by this much at most."""

_OPEN_FIELDS: Mapping[str, Field] = {
    "minutes": Whole(1, 1439, required=True),
    "channel": Code(codes.CHANNEL, required=True),
    "stop_commune": Insee(),
    "resident_commune": Insee(),
    "age_band": Code(codes.AGE_BAND, default="undisclosed"),
    "gender": Code(codes.GENDER, default="undisclosed"),
    "first_visit": Flag(),
    "autonomy": Code(codes.AUTONOMY),
    "equipment": CodeList(codes.EQUIPMENT),
    "satisfaction": Whole(1, 3),
    "resident_id": Identifier(),
    "note": Text(longest=4_000),
}
FIELDS: Mapping[str, Field] = {
    "agent_id": Identifier(required=True),
    "started_at": Moment(required=True),
    "visited_on": Day(required=True),
    **_OPEN_FIELDS,
}
VisitDraft = Mapping[str, object]
"""A visit as the form or a file gives it: the JSON shape, nothing trusted yet."""


class ReferenceData(Protocol):
    """What the rules must know of the official lists."""

    def partner_of(self, procedure: str, day: str) -> str | None:
        """The partner in force on that day for a procedure of the catalogue; None when unknown."""

    def is_commune(self, insee_code: str) -> bool:
        """Whether the commune exists, or existed."""


@redacted("id")
@dataclass(frozen=True)
class Visit:
    """One visit, anonymous unless `resident_id` is set.

    ``started_at`` is UTC; ``visited_on`` is the local day, frozen, as ``age_band`` is: statistics
    of the past never drift. ``minutes`` is 1 to 1439.
    """

    id: str
    agent_id: str
    started_at: str
    visited_on: str
    minutes: int
    channel: str
    stop_commune: str | None = None
    resident_commune: str | None = None
    age_band: str = "undisclosed"
    gender: str = "undisclosed"
    first_visit: bool | None = None
    autonomy: str | None = None
    equipment: tuple[str, ...] = ()
    satisfaction: int | None = None
    resident_id: str | None = None
    note: str = ""


@redacted("visit")
@dataclass(frozen=True)
class RecordedVisit:
    """A visit with its procedure records, ready to be saved together."""

    visit: Visit
    records: tuple[ProcedureRecord, ...]


def record(
    draft: VisitDraft,
    *,
    new_id: Callable[[], str],
    now: datetime,
    agent_id: str,
    reference: ReferenceData,
) -> RecordedVisit:
    """The visit that this draft describes.

    Raises InvalidInput with every problem at once, keyed by field path.
    """
    problems: dict[str, str] = {}
    raw = dict(draft)
    raw_procedures = raw.pop("procedures", None)
    started = read_moment(raw.pop("started_at", None), "started_at", problems, required=True)
    if started is not None and started > now + FUTURE_TOLERANCE:
        problems["started_at"] = "Une visite ne peut pas commencer dans le futur : corrigez l’heure."
    fields = read_all(_OPEN_FIELDS, raw, problems)
    day = started.date().isoformat() if started is not None else now.date().isoformat()
    _check_communes(fields, reference, problems)
    procedures = _read_procedures(raw_procedures, day, reference, problems)
    if fields["channel"] == THIRD_PARTY:
        _check_agreements(procedures, problems)
    if problems:
        raise InvalidInput(problems)
    fields |= {
        "agent_id": agent_id,
        "started_at": Moment().read(draft["started_at"], "", {}),
        "visited_on": day,
    }
    visit = build_visit(new_id(), fields)
    return RecordedVisit(
        visit,
        tuple(build_record(new_id(), {**procedure, "visit_id": visit.id}) for procedure in procedures),
    )


def amend(
    fields: Mapping[str, object],
    changes: Mapping[str, object],
    kind: str,
    *,
    now: datetime,
    day: str,
    reference: ReferenceData,
) -> dict[str, object]:
    """The clean values of ``changes``, once they hold together with the other ``fields`` of the record.

    ``day`` is the local day of the visit; ``kind`` is ``visit`` or ``procedure_record``. Raises InvalidInput with every problem.
    """
    problems: dict[str, str] = {}
    open_fields = _OPEN_FIELDS if kind == "visit" else records.DRAFT_FIELDS
    if not changes:
        problems["set"] = "Rien à modifier."
    declared = {name: open_fields[name] for name in changes if name in open_fields}
    unknown = [
        name for name in changes if name not in open_fields and not (name == "started_at" and kind == "visit")
    ]
    for name in unknown:
        problems[shown(name)] = "Ce champ n’existe pas ou ne se modifie pas."
    clean = read_all(declared, {name: changes[name] for name in declared}, problems)
    if kind == "visit":
        if "started_at" in changes:
            started = changes["started_at"]
            moment = read_moment(started, "started_at", problems, required=True)
            if moment is not None:
                if moment > now + FUTURE_TOLERANCE:
                    problems["started_at"] = (
                        "Une visite ne peut pas commencer dans le futur : corrigez l’heure."
                    )
                clean |= {
                    "started_at": Moment().read(started, "", {}),
                    "visited_on": moment.date().isoformat(),
                }
        _check_communes(clean, reference, problems)
    else:
        if "procedure" in clean and "procedure" not in problems:
            partner = reference.partner_of(str(clean["procedure"]), day)
            if partner is None:
                problems["procedure"] = "Démarche inconnue du catalogue."
            else:
                clean["partner"] = partner
        records.check_rules({**fields, **clean}, "", problems)
    if problems:
        raise InvalidInput(problems)
    return clean


def build_visit(visit_id: str, fields: Mapping[str, object]) -> Visit:
    """A visit from fields already read by `FIELDS`."""
    return Visit(id=visit_id, **fields)  # type: ignore[arg-type]  # read_all checked each field's type


def build_record(record_id: str, fields: Mapping[str, object]) -> ProcedureRecord:
    """A procedure record from fields already read by `fsbus.core.records.FIELDS`."""
    plain = dict(fields)
    for name, group in (("referral", Referral), ("follow_up", FollowUp), ("mandate", Mandate)):
        value = plain.get(name)
        if isinstance(value, Mapping):
            plain[name] = group(**value)
    return ProcedureRecord(id=record_id, **plain)  # type: ignore[arg-type]  # read_all checked each field's type


def _check_communes(fields: Mapping[str, object], reference: ReferenceData, problems: Problems) -> None:
    for name in ("stop_commune", "resident_commune"):
        code = fields.get(name)
        if isinstance(code, str) and not reference.is_commune(code):
            problems.setdefault(name, "Commune inconnue.")


def _check_agreements(procedures: Iterable[Mapping[str, object]], problems: Problems) -> None:
    for number, procedure in enumerate(procedures):
        mandate = procedure.get("mandate")
        agreed = isinstance(mandate, Mapping) and mandate.get("kind")
        if procedure.get("nature") in _ON_A_FILE and not agreed:
            problems.setdefault(
                f"procedures[{number}].mandate.kind",
                "La personne n’est pas là\u00a0: notez son mandat écrit ou son accord oral.",
            )


def _read_procedures(
    raw: object, day: str, reference: ReferenceData, problems: Problems
) -> list[dict[str, object]]:
    if raw is None or raw == [] or raw == ():
        problems["procedures"] = "Au moins une démarche est attendue."
        return []
    if not isinstance(raw, list | tuple) or len(raw) > MOST_PROCEDURES:
        problems["procedures"] = f"Une liste d’une à {MOST_PROCEDURES} démarches est attendue."
        return []
    return [
        read_procedure(item, f"procedures[{number}]", day, reference, problems)
        for number, item in enumerate(raw)
    ]


def read_procedure(
    raw: object, path: str, day: str, reference: ReferenceData, problems: Problems
) -> dict[str, object]:
    """The fields of a new procedure record, ``visit_id`` left out; ``path`` is where its problems are told."""
    if not isinstance(raw, Mapping):
        problems[path] = "Une démarche est un objet avec ses champs."
        return {}
    fields = read_all(records.DRAFT_FIELDS, raw, problems, prefix=f"{path}.")
    partner = reference.partner_of(str(fields["procedure"]), day)
    if partner is None:
        problems.setdefault(f"{path}.procedure", "Démarche inconnue du catalogue.")
    records.check_rules(fields, f"{path}.", problems)
    return {**fields, "partner": partner or ""}
