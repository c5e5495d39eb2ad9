"""The closed lists of codes on what is recorded, with their French labels.

Codes follow the public tools' lists (La Coop de la médiation numérique, Administration+,
Mon Suivi Social), so that an export to them is one to one.
"""

from collections.abc import Mapping
from types import MappingProxyType


def _codes(**labels: str) -> Mapping[str, str]:
    return MappingProxyType({code.lstrip("_"): label for code, label in labels.items()})


CHANNEL = _codes(
    walk_in="Sans rendez-vous",
    appointment="Sur rendez-vous",
    phone="Téléphone",
    national_number="Numéro national",
    email="Courriel",
    post="Courrier",
    video="Visio",
    home="À domicile",
    third_party="Par un tiers",
)
AGE_BAND = _codes(
    under_12="Moins de 12 ans",
    _12_17="12 à 17 ans",
    _18_24="18 à 24 ans",
    _25_39="25 à 39 ans",
    _40_59="40 à 59 ans",
    _60_69="60 à 69 ans",
    _70_plus="70 ans et plus",
    undisclosed="Non communiqué",
)
GENDER = _codes(female="Femme", male="Homme", undisclosed="Non communiqué")
AUTONOMY = _codes(
    guided="Avec guidage",
    partial="Autonome, guidage au besoin",
    autonomous="Autonome",
)
EQUIPMENT = _codes(
    computer="Ordinateur",
    phone="Téléphone",
    tablet="Tablette",
    other="Autre",
    none="Aucun",
)
NATURE = _codes(
    information="Information",
    digital_help="Aide numérique",
    file_assistance="Aide au dossier",
    introduction="Mise en relation",
    filing_printing="Dépôt, impression",
    referral="Orientation",
)
MODE = _codes(taught="Appris à faire", assisted="Fait avec la personne", on_behalf="Fait à sa place")
OUTCOME = _codes(
    resolved="Traité sur place",
    follow_up="À suivre",
    sent_to_partner="Transmis au partenaire",
    escalated="Signalé (blocage)",
    referred="Orienté avec réponse",
    no_network="Impossible sans réseau",
    abandoned="Abandonné",
)
BLOCKER = _codes(
    mailbox_access="Accès à la messagerie perdu",
    account_access="Accès au compte en ligne impossible",
    document_not_received="Document ou courrier non reçu",
    software_bug="Panne du service en ligne",
    payment_blocked="Versement bloqué",
    payment_missing="Absence de paiement",
    debt_or_deduction="Dette ou retenue",
    digital_skills="Difficulté avec le numérique",
    unexplained_refusal="Refus sans explication",
    incomplete_file="Dossier incomplet ou erroné",
    none="Aucun",
    other="Autre",
    unknown="Inconnu",
)
AGREEMENT = _codes(written="Mandat écrit", oral="Accord oral noté")
EQUIPMENT_CHECK = _codes(
    power="Batteries, groupe électrogène",
    computers="Ordinateurs de l’équipe",
    public_computer="Poste du public",
    printer="Imprimante, papier, encre",
    scanner="Numériseur",
    phone="Téléphone",
    network="Réseau mobile ou satellite",
    ramp="Rampe d’accès",
    extinguisher="Extincteur, trousse de secours",
    heating="Chauffage, climatisation",
    signage="Signalétique, affiches",
    forms="Formulaires, dépliants",
)
NETWORK = _codes(none="Aucun réseau", weak="Réseau faible", good="Bon réseau")
CANCELLATION = _codes(
    weather="Intempéries",
    vehicle="Véhicule en panne",
    staff="Équipe absente",
    holiday="Jour férié",
    place="Place indisponible",
    commune="À la demande de la commune",
    other="Autre raison",
)
INCIDENT = _codes(
    power="Panne électrique",
    network="Panne de réseau",
    partner_site="Site d’un partenaire en panne",
    printer="Imprimante en panne",
    computer="Ordinateur en panne",
    vehicle="Véhicule",
    weather="Intempéries",
    parking="Stationnement impossible",
    incivility="Incivilité, agression",
    other="Autre",
)
NOTICE = _codes(spoken="Dite de vive voix", paper="Remise sur papier", displayed="Lue à l’écran")
APPOINTMENT = _codes(
    unknown="À venir",
    seen="Reçu",
    excused="Excusé",
    revoked="Annulé par le service",
    noshow="Absent",
)
LEVEL = _codes(beginner="Débutant", intermediate="Intermédiaire", advanced="Avancé")
SOCIAL_STATUS = _codes(
    schooled="Scolarisé",
    unemployed="Sans emploi",
    employed="En emploi",
    retired="Retraité",
    undisclosed="Non communiqué",
)
WORKSHOP_TOPIC = _codes(
    assessment="Diagnostic numérique",
    getting_started="Prendre en main son matériel",
    maintenance="Entretenir son matériel",
    own_content="Gérer ses contenus",
    browsing="Naviguer sur internet",
    email="Courriel",
    office="Bureautique",
    social_networks="Réseaux sociaux",
    health="Santé",
    banking_shopping="Banque et achats en ligne",
    business="Entrepreneuriat",
    employment="Insertion professionnelle",
    security="Sécurité numérique",
    parenthood="Parentalité",
    school="Scolarité et numérique",
    creating="Créer avec le numérique",
    culture="Culture numérique",
    artificial_intelligence="Intelligence artificielle",
    procedures="Démarches administratives",
)
