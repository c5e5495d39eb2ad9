"""Decides how a recorded visit is read back: everything that was recorded, in the words of the form."""

from collections.abc import Callable, Iterable
from typing import Protocol

from fsbus.actions import removing
from fsbus.actions.people import full_name
from fsbus.actions.session import Session
from fsbus.actions.wording import any_visit, day_in_words, visit_title
from fsbus.core import codes, french
from fsbus.core.entities import PROCEDURE_RECORD
from fsbus.core.entities import VISIT as VISIT_KIND
from fsbus.core.errors import FsbusError
from fsbus.core.field_words import PROCEDURE, SATISFACTION, VISIT, YES_NO
from fsbus.core.records import FollowUp, Mandate, ProcedureRecord, Referral
from fsbus.core.residents import Resident
from fsbus.core.visits import Visit
from fsbus.desktop.visit_details.details import VisitDetails
from fsbus.desktop.widgets.told import Fact, ToldCard
from fsbus.store import day_queries, people, queries

REMOVE_VISIT = "Retirer cette visite, enregistrée par erreur\u202f?"
REMOVE_PROCEDURE = "Retirer cette démarche, enregistrée par erreur\u202f?"
COMES_BACK = "Elle ne sera plus ni comptée ni montrée. Rien n’est effacé\u00a0: vous pourrez la remettre."
REMOVED = "Visite retirée\u00a0: ni comptée ni montrée ailleurs. «\u00a0Remettre\u00a0» la fait revenir."


class DetailsScreen(Protocol):
    """What the presenter needs of the screen."""

    def show_details(self, details: VisitDetails) -> None: ...
    def say(self, text: str) -> None: ...
    def confirm(self, question: str, words: str) -> bool: ...


class VisitDetailsPresenter:
    """One visit at a time, read from the store each time it is shown; ``on_changed``: removed, or put back.

    ``on_removed`` tells a removal, and may offer to take it back: it gets the words, the kind and the id.
    """

    def __init__(
        self,
        view: DetailsScreen,
        session: Session,
        *,
        on_changed: Callable[[], None] = lambda: None,
        on_removed: Callable[[str, str, str], None] | None = None,
    ) -> None:
        self._view, self._on_changed = view, on_changed
        self._on_removed = on_removed or (lambda told, _kind, _id: view.say(told))
        self._session = session
        self._visit_id = ""

    @property
    def visit_id(self) -> str:
        """The visit shown."""
        return self._visit_id

    def show(self, visit_id: str) -> bool:
        """Show this visit; False when it is no longer here."""
        self._visit_id = visit_id
        return self.refresh()

    def refresh(self) -> bool:
        """Read the visit again; False when it was erased meanwhile, or none was shown."""
        db = self._session.store.db
        visit = queries.visit(db, self._visit_id)
        if visit is None:
            return self._show_removed()
        records = queries.records_of(db, visit.id)
        alone = len(records) == 1
        self._view.show_details(
            VisitDetails(
                title=visit_title(visit),
                place=" · ".join(
                    part for part in (self._commune(visit.stop_commune), self._agent(visit)) if part
                ),
                visit=ToldCard("La visite", "", tuple(self._visit_facts(visit))),
                procedures=tuple(
                    self._procedure(record, "" if alone else f"{number}. ")
                    for number, record in enumerate(records, 1)
                ),
                ids=() if alone else tuple(record.id for record in records),
                removed=tuple((one.id, one.about) for one in removing.removed_of(self._session, visit.id)),
            )
        )
        return True

    def remove(self, record_id: str) -> None:
        """Remove this procedure, or the whole visit when none is named, once the agent has said yes."""
        question = REMOVE_PROCEDURE if record_id else REMOVE_VISIT
        if self._view.confirm(question, COMES_BACK):
            kind, target = (PROCEDURE_RECORD, record_id) if record_id else (VISIT_KIND, self._visit_id)
            self._do(
                lambda: removing.remove(self._session, kind, target),
                lambda: self._on_removed("Retirée.", kind, target),
            )

    def put_back(self, record_id: str) -> None:
        """Put back this procedure, or the whole visit when none is named."""
        kind, target = (PROCEDURE_RECORD, record_id) if record_id else (VISIT_KIND, self._visit_id)
        self._do(lambda: removing.put_back(self._session, kind, target), lambda: self._view.say("Remise."))

    def _do(self, work: Callable[[], None], tell: Callable[[], None]) -> None:
        refusal = ""
        try:
            work()
        except FsbusError as error:
            refusal = error.words
        self._on_changed()
        self.refresh()
        if refusal:
            self._view.say(refusal)
        else:
            tell()

    def _show_removed(self) -> bool:
        visit = any_visit(self._session.store.db, self._visit_id)
        if visit is None:
            return False
        self._view.show_details(VisitDetails(visit_title(visit), REMOVED, None, (), is_removed=True))
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
            resident_id=self._person(visit.resident_id),
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

    def _person(self, key: str | None) -> str:
        """Who came, by name; of two records found to be one person, the one that stays."""
        db = self._session.store.db
        found = day_queries.one(db, Resident, people.root_of_each(db).get(key, key)) if key else None
        return full_name(found) if found else "Personne effacée, ou pas encore arrivée" if key else ""

    def _agent(self, visit: Visit) -> str:
        agent = queries.agent(self._session.store.db, visit.agent_id)
        return agent.name if agent else ""


def _told(names: dict[str, str], **values: str | None) -> Iterable[Fact]:
    """Each fact that was recorded, under the name that the form gives it."""
    return [(names[field], value) for field, value in values.items() if value]


def _day(day: str | None) -> str:
    return day_in_words(day) if day else ""
