"""Makes the sheets that a visit gives on paper: receipt, documents to bring, mandate to sign.

Nothing on them says who the person is, unless the agent types a name for that paper: it is kept nowhere. Age, gender,
commune of residence, blockers and the agent's notes are for the service and are on no paper.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Protocol

from fsbus.core import codes, french
from fsbus.core.catalog import Commune, Procedure, normalise
from fsbus.core.field_words import PROCEDURE
from fsbus.core.papers import A4, A5, ROLL_80, Paper
from fsbus.core.records import ProcedureRecord
from fsbus.core.redaction import redacted
from fsbus.core.sheets import BY_HAND, Boxes, Fact, Part, Sheet, Step
from fsbus.core.visits import Visit

RECEIPT, DOCUMENTS, MANDATE = "receipt", "documents", "mandate"
LABELS: Mapping[str, str] = MappingProxyType(
    {RECEIPT: "Reçu pour la personne", DOCUMENTS: "Pièces à préparer", MANDATE: "Mandat à signer"}
)
PAPERS_OF: Mapping[str, tuple[Paper, ...]] = MappingProxyType(
    # No mandate on a roll: its paper fades, and two people cannot sign side by side.
    {RECEIPT: (A5, ROLL_80, A4), DOCUMENTS: (A5, ROLL_80, A4), MANDATE: (A4, A5)}
)
MODE = {"taught": "appris avec vous", "assisted": "fait avec vous", "on_behalf": "fait à votre place"}
OUTCOME = {
    "resolved": "Traité sur place",
    "follow_up": "À suivre",
    "sent_to_partner": "Transmis à l’organisme",
    "escalated": "Blocage signalé",
    "referred": "Orientation vers un organisme",
    "no_network": "Pas possible ce jour-là, faute de réseau",
    "abandoned": "Arrêté avant la fin",
}
_DEBT = "BDF-SUR"
RIGHTS = (
    "Vos données\u00a0: la structure porteuse du bus en est responsable (mission d’intérêt public, RGPD, article 6). Accès, "
    "rectification, opposition, limitation\u00a0: demandez-le-lui, elle répond dans le mois. Réclamation\u00a0: cnil.fr."
)
_NO_NAME, _NAMED = (
    "Aucun nom n’est demandé pour enregistrer une visite. ",
    "Cette visite est rattachée à un dossier à votre nom. ",
)


class Lists(Protocol):
    """What the sheets need of the official lists."""

    def procedure(self, code: str) -> Procedure | None: ...
    def partner_label(self, code: str) -> str: ...
    def commune(self, insee_code: str) -> Commune | None: ...


@redacted()
@dataclass(frozen=True)
class OnPaper:
    """What the sheets of one visit are drawn from. ``name`` is the person's, typed for this paper only."""

    visit: Visit
    records: tuple[ProcedureRecord, ...]
    bus: str
    agent: str
    lists_of: str
    """The day of the catalogue, in words."""
    name: str = ""
    code: str = ""
    """The ticket code of the person who is followed up, which names nobody; empty for an anonymous visit."""


def kinds_for(told: OnPaper, lists: Lists) -> tuple[str, ...]:
    """The sheets that this visit gives: no list without a document, no mandate without a procedure done on behalf."""
    return tuple(
        kind
        for kind, wanted in (
            (RECEIPT, True),
            (DOCUMENTS, any(_documents(one, lists) for one in told.records)),
            (MANDATE, any(one.mode == "on_behalf" for one in told.records)),
        )
        if wanted
    )


def sheet_of(kind: str, told: OnPaper, lists: Lists, paper: Paper) -> Sheet:
    """The sheet of this kind on this paper."""
    draw: Mapping[str, Callable[[OnPaper, Lists], Sheet]] = {
        RECEIPT: _receipt,
        DOCUMENTS: _to_bring,
        MANDATE: _mandate,
    }
    return replace(draw[kind](told, lists), paper=paper)


def _receipt(told: OnPaper, lists: Lists) -> Sheet:
    parts = (_done(record, lists) for record in told.records)
    return Sheet(
        "Votre reçu", _when_and_where(told, lists), (*_person(told), *_code(told), *parts), _notice(told)
    )


def _code(told: OnPaper) -> tuple[Part, ...]:
    return (Part("Pour vous retrouver", facts=(("Code à donner", told.code),)),) if told.code else ()


def _done(record: ProcedureRecord, lists: Lists) -> Part:
    facts: list[Fact] = [
        ("Organisme", lists.partner_label(record.partner)),
        ("Ce qui a été fait", f"{codes.NATURE[record.nature]}, {MODE[record.mode]}"),
        ("Résultat", OUTCOME[record.outcome]),
        ("Réponse", record.precise_answer),
    ]
    if referral := record.referral:
        facts += [
            (PROCEDURE["referral.partner"], referral.partner),
            (PROCEDURE["referral.contact"], referral.contact),
            (PROCEDURE["referral.channel"], codes.CHANNEL[referral.channel] if referral.channel else ""),
            (PROCEDURE["referral.on"], _day(referral.on)),
        ]
    if record.follow_up:
        facts.append((PROCEDURE["follow_up.on"], _day(record.follow_up.on)))
    boxes = (Boxes("À apporter\u00a0:", record.missing_documents),) if record.missing_documents else ()
    return Part(_title(record, lists), facts=tuple(fact for fact in facts if fact[1].strip()), boxes=boxes)


def _to_bring(told: OnPaper, lists: Lists) -> Sheet:
    parts = [_documents(record, lists) for record in told.records]
    foot = (
        f"Liste indicative, d’après le catalogue du {told.lists_of}\u00a0: l’organisme peut demander d’autres pièces. "
        "Apportez les originaux et une copie."
    )
    about = _when_and_where(told, lists)
    return Sheet("Pièces à préparer", about, (*_person(told), *(part for part in parts if part)), foot)


def _documents(record: ProcedureRecord, lists: Lists) -> Part | None:
    """The documents of one procedure, those that were missing first; None when it has none."""
    procedure = lists.procedure(record.procedure)
    missing = {normalise(text) for text in record.missing_documents}
    others = tuple(
        text for text in (procedure.documents if procedure else ()) if normalise(text) not in missing
    )
    boxes = (
        Boxes("Il manquait\u00a0:", record.missing_documents),
        Boxes("Pièces habituelles\u00a0:" if not missing else "Autres pièces habituelles\u00a0:", others),
    )
    shown = tuple(one for one in boxes if one.items)
    site = procedure.service_host if procedure else ""
    facts: tuple[Fact, ...] = (("Organisme", lists.partner_label(record.partner)),)
    if site:
        facts += (("Site officiel", site),)
    return Part(_title(record, lists), facts=facts, boxes=shown) if shown else None


def _mandate(told: OnPaper, lists: Lists) -> Sheet:
    entrusted = [record for record in told.records if record.mode == "on_behalf"]
    agreed = dict.fromkeys(
        ("Noté à la visite", f"{codes.AGREEMENT[one.kind]}{', ' if one.on else ''}{_day(one.on)}")
        for record in entrusted
        if (one := record.mandate) is not None and one.kind
    )
    return Sheet(
        "Mandat",
        "Code civil, articles 1984 et suivants. En deux exemplaires\u00a0: un pour la personne, un pour le conseiller.",
        (
            Part(
                "La personne (mandant)",
                facts=(
                    ("Nom et prénom", told.name or BY_HAND),
                    ("Date de naissance", BY_HAND),
                    ("Adresse", BY_HAND),
                ),
            ),
            Part(
                "Le conseiller (mandataire)",
                facts=(("Nom", told.agent), ("France services", told.bus or BY_HAND)),
            ),
            Part(
                "Démarches confiées",
                words="La personne charge le conseiller de faire à sa place ces démarches, et aucune autre\u00a0:",
                steps=tuple(Step(_entrusted(record, lists)) for record in entrusted),
            ),
            Part("Règles de ce mandat", steps=tuple(Step(text) for text in _rules(entrusted))),
            Part(
                "Signatures",
                facts=(*agreed, ("Fait à", BY_HAND), ("Le", BY_HAND), ("Valable jusqu’au", BY_HAND)),
                signatures=("La personne", "Le conseiller"),
            ),
        ),
        RIGHTS,
    )


def _rules(entrusted: list[ProcedureRecord]) -> list[str]:
    rules = [
        "La personne peut mettre fin au mandat à tout moment, sans dire pourquoi.",
        "Il finit aussi quand les démarches sont faites, quand le conseiller y renonce, quand elles sont confiées à "
        "quelqu’un d’autre, et au plus tard à la date écrite ci-dessous.",
        "La personne déclare n’être sous aucune protection juridique\u00a0: ni sauvegarde de justice, ni curatelle, ni tutelle.",
        "Le conseiller lui a dit à quoi servent ses données et pourquoi elles sont utiles. Elles ne servent qu’à ces "
        "démarches\u00a0; il ne garde ni identifiant ni mot de passe.",
    ]
    if any(record.procedure == _DEBT for record in entrusted):
        rules.append(
            "Surendettement\u00a0: le conseiller peut remplir le dossier, mais la personne en signe elle-même la déclaration "
            "(Code de la consommation, articles R.\u00a0721-2 et R.\u00a0761-1)."
        )
    return rules


def _entrusted(record: ProcedureRecord, lists: Lists) -> str:
    return f"{_title(record, lists)} ({lists.partner_label(record.partner)})"


def _person(told: OnPaper) -> tuple[Part, ...]:
    return (Part("La personne", facts=(("Nom", told.name),)),) if told.name else ()


def _when_and_where(told: OnPaper, lists: Lists) -> str:
    place = told.visit.stop_commune
    commune = lists.commune(place) if place else None
    parts = (_day(told.visit.visited_on).capitalize(), commune.label if commune else "", told.bus)
    return " · ".join(part for part in parts if part)


def _notice(told: OnPaper) -> str:
    kept = _NAMED if told.visit.resident_id else _NO_NAME
    return kept + ("Le nom écrit ici n’est pas enregistré. " if told.name else "") + RIGHTS


def _title(record: ProcedureRecord, lists: Lists) -> str:
    procedure = lists.procedure(record.procedure)
    return procedure.title if procedure else record.procedure


def _day(day: str | None) -> str:
    return french.weekday_and_full_day(date.fromisoformat(day)) if day else ""
