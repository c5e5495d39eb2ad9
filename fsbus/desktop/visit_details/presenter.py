"""Decides how a recorded visit is read back: everything that was recorded, in the words of the form."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from fsbus.actions.session import Session
from fsbus.core import codes, french
from fsbus.core.clock import parse_utc_text
from fsbus.core.records import FollowUp, Mandate, ProcedureRecord, Referral
from fsbus.core.visits import Visit
from fsbus.desktop.visit_details.details import VisitDetails
from fsbus.desktop.visit_form.words import PROCEDURE, SATISFACTION, VISIT, YES_NO
from fsbus.desktop.widgets.told import Fact, ToldCard
from fsbus.desktop.written_days import short_time
from fsbus.store import queries


class DetailsScreen(Protocol):
    """What the presenter needs of the screen."""

    def show_details(self, details: VisitDetails) -> None: ...


class VisitDetailsPresenter:
    """One visit at a time, read from the store each time it is shown."""

    def __init__(self, view: DetailsScreen, session: Session) -> None:
        self._view = view
        self._session = session
        self._visit_id = ""

    def show(self, visit_id: str) -> bool:
        """Show this visit; False when it is no longer here."""
        self._visit_id = visit_id
        return self.refresh()

    def refresh(self) -> bool:
        """Read the visit again; False when it was erased meanwhile, or none was shown."""
        db = self._session.store.db
        visit = queries.visit(db, self._visit_id)
        if visit is None:
            return False
        records = queries.records_of(db, visit.id)
        alone = len(records) == 1
        self._view.show_details(
            VisitDetails(
                title=f"Visite du {_day(visit.visited_on)}, {short_time(parse_utc_text(visit.started_at))}",
                place=" · ".join(
                    part for part in (self._commune(visit.stop_commune), self._agent(visit)) if part
                ),
                visit=ToldCard("La visite", "", tuple(self._visit_facts(visit))),
                procedures=tuple(
                    self._procedure(record, "" if alone else f"{number}. ")
                    for number, record in enumerate(records, 1)
                ),
            )
        )
        return True

    def _visit_facts(self, visit: Visit) -> Iterable[Fact]:
        first = None if visit.first_visit is None else YES_NO["yes" if visit.first_visit else "no"]
        yield from _told(
            VISIT,
            minutes=french.duration(visit.minutes),
            channel=codes.CHANNEL[visit.channel],
            first_visit=first,
            resident_commune=self._commune(visit.resident_commune),
            age_band=codes.AGE_BAND[visit.age_band],
            gender=codes.GENDER[visit.gender],
            autonomy=codes.AUTONOMY[visit.autonomy] if visit.autonomy else None,
            satisfaction=SATISFACTION[str(visit.satisfaction)] if visit.satisfaction else None,
            equipment=", ".join(codes.EQUIPMENT[code] for code in visit.equipment),
            resident_id=visit.resident_id,
            note=visit.note,
        )

    def _procedure(self, record: ProcedureRecord, number: str) -> ToldCard:
        reference = self._session.reference
        procedure = reference.procedure(record.procedure)
        referral = record.referral or Referral()
        follow_up = record.follow_up or FollowUp()
        mandate = record.mandate or Mandate()
        told = {
            "nature": codes.NATURE[record.nature],
            "mode": codes.MODE[record.mode],
            "outcome": codes.OUTCOME[record.outcome],
            "precise_answer": record.precise_answer,
            "referral.partner": referral.partner,
            "referral.contact": referral.contact,
            "referral.channel": codes.CHANNEL[referral.channel] if referral.channel else None,
            "referral.on": _day(referral.on),
            "follow_up.on": _day(follow_up.on),
            "follow_up.note": follow_up.note,
            "mandate.kind": codes.AGREEMENT[mandate.kind] if mandate.kind else None,
            "mandate.on": _day(mandate.on),
            "mandate.reason": mandate.reason,
            "missing_documents": ", ".join(record.missing_documents),
            "blockers": ", ".join(codes.BLOCKER[code] for code in record.blockers),
        }
        title = procedure.title if procedure else record.procedure
        return ToldCard(
            f"{number}{title}", reference.partner_label(record.partner), tuple(_told(PROCEDURE, **told))
        )

    def _commune(self, code: str | None) -> str:
        commune = self._session.reference.commune(code) if code else None
        return commune.label if commune else code or ""

    def _agent(self, visit: Visit) -> str:
        agent = queries.agent(self._session.store.db, visit.agent_id)
        return agent.name if agent else ""


def _told(names: dict[str, str], **values: str | None) -> Iterable[Fact]:
    """Each fact that was recorded, under the name that the form gives it."""
    return [(names[field], value) for field, value in values.items() if value]


def _day(day: str | None) -> str:
    """As one says it to the person: with its weekday."""
    return f"{french.weekday_and_day(date.fromisoformat(day))} {day[:4]}" if day else ""
