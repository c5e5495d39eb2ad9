"""A recorded visit as the form shows it, and what was changed there since the correction began."""

from collections.abc import Mapping, Sequence
from datetime import date

from fsbus.actions.correcting import Correction, ProcedureChange
from fsbus.core.clock import parse_utc_text
from fsbus.core.records import FollowUp, Mandate, ProcedureRecord, Referral
from fsbus.core.visits import Visit
from fsbus.desktop.visit_form.entry import Picked, ProcedureEntry, VisitEntry, read_entry
from fsbus.desktop.visit_form.typed import Began
from fsbus.desktop.written_days import short_day, short_time
from fsbus.store.reference import Reference


def entry_of(visit: Visit, records: Sequence[ProcedureRecord], reference: Reference) -> VisitEntry:
    """The visit as somebody would have typed it."""
    first = "" if visit.first_visit is None else ("yes" if visit.first_visit else "no")
    return VisitEntry(
        day=short_day(date.fromisoformat(visit.visited_on)),
        time=short_time(parse_utc_text(visit.started_at)),
        minutes=str(visit.minutes),
        channel=visit.channel,
        stop_commune=_commune(visit.stop_commune, reference),
        resident_commune=_commune(visit.resident_commune, reference),
        age_band=visit.age_band,
        gender=visit.gender,
        first_visit=first,
        autonomy=visit.autonomy or "",
        equipment=visit.equipment,
        satisfaction=str(visit.satisfaction or ""),
        note=visit.note,
        procedures=tuple(_procedure(record, reference) for record in records),
    )


def correction_of(
    visit_id: str, began: Began, entry: VisitEntry, record_ids: Sequence[str], today: date
) -> tuple[Correction, dict[str, str]]:
    """Only what the agent changed, and what the form alone knows to be wrong with it.

    Both entries are read alike, so what the form shows less precisely than it was recorded (seconds, order) is no change.
    """
    before, _ = read_entry(began.entry, today=today, stop_commune=None)
    after, unread = read_entry(entry, today=today, stop_commune=None)
    shown = dict(zip(began.ids, _procedures(before), strict=True))
    procedures = tuple(
        ProcedureChange(
            one, _differing(shown[one], fields) if one in shown else fields, is_new=one not in shown
        )
        for one, fields in zip(record_ids, _procedures(after), strict=True)
    )
    visit = {name: value for name, value in _differing(before, after).items() if name != "procedures"}
    removed = tuple(one for one in began.ids if one not in record_ids)
    return Correction(visit_id, visit, procedures, removed, began.seen), unread


def is_empty(correction: Correction) -> bool:
    """Whether nothing was changed at all."""
    return not (
        correction.visit
        or correction.removed
        or any(one.is_new or one.fields for one in correction.procedures)
    )


def _procedures(draft: Mapping[str, object]) -> list[Mapping[str, object]]:
    found = draft["procedures"]
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in after.items() if _orderless(value) != _orderless(before[name])}


def _orderless(value: object) -> object:
    return sorted(map(str, value)) if isinstance(value, list) else value


def _procedure(record: ProcedureRecord, reference: Reference) -> ProcedureEntry:
    procedure = reference.procedure(record.procedure)
    referral = record.referral or Referral()
    follow_up = record.follow_up or FollowUp()
    mandate = record.mandate or Mandate()
    return ProcedureEntry(
        procedure=Picked(record.procedure, procedure.title if procedure else record.procedure),
        nature=record.nature,
        mode=record.mode,
        outcome=record.outcome,
        precise_answer=record.precise_answer,
        missing_documents=record.missing_documents,
        blockers=record.blockers,
        referral_partner=referral.partner,
        referral_contact=referral.contact,
        referral_channel=referral.channel or "",
        referral_on=_day(referral.on),
        follow_up_on=_day(follow_up.on),
        follow_up_note=follow_up.note,
        follow_up_commune=follow_up.commune or "",
        follow_up_done_on=follow_up.done_on or "",
        mandate_kind=mandate.kind or "",
        mandate_on=_day(mandate.on),
        mandate_reason=mandate.reason,
    )


def _commune(code: str | None, reference: Reference) -> Picked:
    if not code:
        return Picked()
    commune = reference.commune(code)
    return Picked(code, commune.label if commune else code)


def _day(day: str | None) -> str:
    return short_day(date.fromisoformat(day)) if day else ""
