"""The parts of every lost-laptop sheet: what to do now, how it is protected, what to write by hand."""

from fsbus.core import protection
from fsbus.core.clock import local_day, parse_utc_text
from fsbus.core.french import NO_BREAK, full_day
from fsbus.core.sheets import BY_HAND, Fact, Part, Sheet, Step

_DATABASE = "--database sqlite:///FICHIER"


def moment(at: str | None, otherwise: str = "jamais") -> str:
    """A UTC text as a French day and hour of this computer."""
    if at is None:
        return otherwise
    when = parse_utc_text(at)
    return f"{full_day(local_day(when))} à {when.astimezone():%H:%M}"


def sheet(
    device: str,
    drawn_at: str,
    source: str,
    known: tuple[Part, ...],
    derivation: Fact,
    idle: int | None,
    feed: str,
) -> Sheet:
    """The whole sheet: what to do stands right below the first part ``known``; ``source`` says where it was drawn up; moments are UTC text."""
    return Sheet(
        title="Fiche «\u00a0poste perdu ou volé\u00a0»",
        about=f"Établie {source} le {moment(drawn_at)}. Sans aucune donnée d’usager.",
        parts=(
            known[0],
            _what_to_do(device, feed),
            *known[1:],
            _protection(derivation, idle),
            _circumstances(),
        ),
        foot="RGPD, articles 33 et 34 ; à garder au registre des violations du responsable de traitement.",
    )


def people_and_data() -> tuple[Fact, ...]:
    """Whose data, and which."""
    return (
        ("Personnes concernées", protection.CATEGORIES_OF_PEOPLE),
        ("Sortes de données", protection.CATEGORIES_OF_DATA),
    )


def _protection(derivation: Fact, idle: int | None) -> Part:
    return Part(
        "Protection des données",
        facts=(
            ("Chiffrement", protection.ciphers()),
            derivation,
            ("Phrase secrète exigée", protection.passphrase_rule()),
            ("Verrouillage", protection.lock_rule(idle)),
            (
                "Ce qui resterait lisible",
                "Rien sans la phrase d’un agent, sauf si le poste était ouvert quand il a disparu, ou si une "
                "phrase était notée avec lui.",
            ),
        ),
    )


def _what_to_do(device: str, feed: str) -> Part:
    return Part(
        "Que faire maintenant",
        steps=(
            Step("Refuser ce poste au centre, dès maintenant", f"fsbus server revoke {device} {_DATABASE}"),
            Step("Noter l’heure de la découverte\u00a0: le délai de 72 heures court à partir d’elle."),
            Step(
                "Prévenir la structure porteuse et son délégué à la protection des données, puis porter plainte "
                "(police ou gendarmerie) et garder le récépissé."
            ),
            Step(
                "Dans les 72 heures, le responsable de traitement notifie la violation à la CNIL (cnil.fr, «\u00a0Notifier "
                "une violation de données personnelles\u00a0»), à moins qu’elle ne présente pas de risque pour les "
                "personnes\u00a0; dans tous les cas, il la consigne à son registre."
            ),
            Step("Voir ce que le centre a reçu de ce poste", f"fsbus server lost-device {device} {_DATABASE}"),
            Step(
                "Préparer un autre poste\u00a0: ce que le centre a reçu y revient au premier échange",
                f"fsbus server enroll-code --feed {feed} {_DATABASE}",
            ),
            Step(
                "Une copie sur clé USB rend aussi ce qui n’était pas encore parti\u00a0: il faut la clé de secours du "
                "coordinateur, ou la phrase d’un agent."
            ),
        ),
    )  # fmt: skip


def _circumstances() -> Part:
    return Part(
        "Circonstances, à remplir",
        facts=(
            ("Structure porteuse", BY_HAND),
            ("Perdu ou volé, où et quand", BY_HAND),
            ("Découvert le, à", BY_HAND),
            ("Poste ouvert, en veille, éteint\u00a0?", BY_HAND),
            ("Phrase notée avec le poste\u00a0?", BY_HAND),
        ),
        blank=f"Récit, personnes prévenues, n°{NO_BREAK}de récépissé{NO_BREAK}:",
    )
