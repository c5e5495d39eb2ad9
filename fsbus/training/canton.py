"""Makes up the visits of a bus in a canton: the same ones for the same seed, nobody real."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random  # noqa: TID251  # seeded chance, for days that repeat

from fsbus.core import codes
from fsbus.core.catalog import Catalog, Procedure
from fsbus.core.visits import THIRD_PARTY

THIERACHE = ("02361", "02558", "02830", "02422", "02313", "02757", "02386", "02668")
"""Communes around Guise, where the bus of the national list (id 3) has its base."""

_AGES = ("18_24", "25_39", "40_59", "60_69", "70_plus", "undisclosed")
_AGE_WEIGHTS = (6, 16, 27, 24, 22, 5)
_PARTNER_WEIGHTS = {"FRANCE-TITRES": 19, "CNAF": 16, "CNAM": 16, "DGFIP": 15, "CNAV": 14}
_NOTES = (
    "",
    "",
    "Reviendra avec sa fille pour la suite.",
    "Préfère les explications sur papier, en gros caractères.",
    "N’a pas d’adresse électronique ; boîte créée ensemble.",
    "Très inquiète du délai : rassurée sur la date de versement.",
    "Connexion impossible ce matin, dossier préparé hors ligne.",
    "Parle peu le français, sa voisine a traduit.",
)
_ANSWERS = {
    "follow_up": (
        "Dossier prêt ; il manque {piece}, à rapporter au prochain passage.",
        "Demande commencée, reprise au prochain passage avec {piece}.",
    ),
    "sent_to_partner": (
        "Dossier complet transmis ; réponse sous trois semaines par courrier.",
        "Pièces envoyées au partenaire, accusé de réception imprimé et remis.",
    ),
    "escalated": (
        "Versement arrêté sans explication : blocage signalé, réponse attendue sous trois jours ouvrés.",
        "Compte en ligne bloqué malgré deux essais : signalé au partenaire avec l’heure de l’essai.",
    ),
    "referred": (
        "Relevé de carrière incomplet : pièces listées et remises, rendez-vous pris.",
        "Question de droit hors de notre mission : rendez-vous pris, pièces à apporter notées.",
    ),
    "no_network": (
        "Formulaire rempli sur papier ; à saisir dès que le réseau revient.",
        "Pièces vérifiées et photographiées par l’usager ; envoi au retour du réseau.",
    ),
}
_OUTCOMES = ("resolved", "follow_up", "sent_to_partner", "referred", "no_network", "escalated", "abandoned")
_OUTCOME_WEIGHTS = (62, 12, 10, 6, 5, 3, 2)
_CHANNELS = ("walk_in", "appointment", "phone", "national_number", "email", "third_party")
_CHANNEL_WEIGHTS = (62, 22, 8, 3, 2, 3)


@dataclass(frozen=True)
class Plan:
    """How many visits and procedure records to make up, from when, and where the bus stands."""

    starts_at: datetime
    visits: int
    records: int
    stop_commune: str = THIERACHE[0]
    communes: Sequence[str] = THIERACHE


def drafts(plan: Plan, catalog: Catalog, seed: int) -> Iterator[dict[str, object]]:
    """Visit drafts in the order of the day, `plan.records` procedures shared among them.

    Raises ValueError unless each visit can have one procedure at least.
    """
    if plan.records < plan.visits:
        raise ValueError("each visit has one procedure at least")
    chance = Random(seed)  # made-up visits, not secrets
    procedures = catalog.procedures
    weights = [_PARTNER_WEIGHTS.get(procedure.partner, 3) for procedure in procedures]
    shares = [1] * plan.visits
    for _ in range(plan.records - plan.visits):
        shares[chance.randrange(plan.visits)] += 1
    moment = plan.starts_at
    for share in shares:
        minutes = chance.choice((5, 10, 15, 15, 20, 25, 30, 45))
        handled = chance.choices(procedures, weights, k=share)
        yield _draft(plan, moment, minutes, [_procedure(one, moment, chance) for one in handled], chance)
        moment += timedelta(minutes=chance.randint(2, 6))


def _draft(
    plan: Plan, moment: datetime, minutes: int, procedures: list[dict[str, object]], chance: Random
) -> dict[str, object]:
    channel = chance.choices(_CHANNELS, _CHANNEL_WEIGHTS)[0]
    if channel == THIRD_PARTY:
        for one in procedures:
            one.setdefault("mandate", {"kind": "written", "on": moment.date().isoformat()})
    return {
        "started_at": moment.isoformat(),
        "minutes": minutes,
        "channel": channel,
        "stop_commune": plan.stop_commune,
        "resident_commune": chance.choice(plan.communes),
        "age_band": chance.choices(_AGES, _AGE_WEIGHTS)[0],
        "gender": chance.choice(("female", "female", "male", "undisclosed")),
        "first_visit": chance.random() < 0.4,
        "autonomy": chance.choice(tuple(codes.AUTONOMY)),
        "equipment": chance.sample(("computer", "phone", "tablet"), k=chance.randint(0, 2)),
        "satisfaction": chance.choice((None, 2, 3, 3, 3)),
        "note": chance.choice(_NOTES),
        "procedures": procedures,
    }


def _procedure(procedure: Procedure, moment: datetime, chance: Random) -> dict[str, object]:
    outcome = chance.choices(_OUTCOMES, _OUTCOME_WEIGHTS)[0]
    piece = chance.choice(procedure.documents or ("un justificatif de domicile",))
    later = (moment + timedelta(days=14)).date().isoformat()
    draft: dict[str, object] = {
        "procedure": procedure.code,
        "nature": "referral" if outcome == "referred" else chance.choice(tuple(codes.NATURE)[:5]),
        "mode": chance.choices(("assisted", "taught", "on_behalf"), (75, 18, 7))[0],
        "outcome": outcome,
    }
    if outcome in _ANSWERS:
        draft["precise_answer"] = chance.choice(_ANSWERS[outcome]).format(piece=piece)
    if outcome == "follow_up":
        draft |= {"missing_documents": [piece], "follow_up": {"on": later, "note": "Reprendre le dossier."}}
    if outcome == "escalated":
        draft["blockers"] = [chance.choice(("payment_blocked", "account_access", "software_bug"))]
    if outcome == "referred":
        draft["referral"] = {
            "partner": procedure.partner,
            "contact": "agence de Laon",
            "channel": "appointment",
            "on": later,
        }
    if draft["mode"] == "on_behalf":
        draft["mandate"] = {"kind": "written", "on": moment.date().isoformat()}
    return draft
