"""What the visit form says of itself, for each of its two purposes: a new visit, or a correction."""

from dataclasses import dataclass

from fsbus.core.redaction import redacted


@redacted()
@dataclass(frozen=True)
class FormWords:
    """The words of one purpose. ``first``: the field that has the keyboard at first; ``names_stop``: whether the stop is
    a field, and not the one of the day."""

    title: str
    first: str
    names_stop: bool
    unsaved: str
    abandon_title: str
    abandon: str
    drop: str
    kept: str
    not_kept: str


RECORDING = FormWords(
    title="Nouvelle visite",
    first="channel",
    names_stop=False,
    unsaved="Rien n’est encore enregistré.",
    abandon_title="Abandonner la saisie",
    abandon="Cette visite n’est pas enregistrée. L’abandonner ?",
    drop="&Abandonner la visite",
    kept="Votre saisie est gardée, chiffrée, sur ce poste : elle sera reprise à votre prochaine ouverture. "
    "Cette visite n’est pas encore enregistrée.",
    not_kept="Votre saisie n’a pas pu être gardée sur ce poste : enregistrez-la d’abord, ou libérez de la place.",
)
CORRECTING = FormWords(
    title="Corriger la visite",
    first="visited_on",
    names_stop=True,
    unsaved="Rien n’est encore changé.",
    abandon_title="Abandonner la correction",
    abandon="Cette correction n’est pas enregistrée. L’abandonner ? La visite reste comme elle était.",
    drop="&Abandonner la correction",
    kept="Votre correction est gardée, chiffrée, sur ce poste : elle sera reprise à votre prochaine ouverture. "
    "La visite n’est pas encore changée.",
    not_kept="Votre correction n’a pas pu être gardée sur ce poste : enregistrez-la d’abord, ou libérez de la place.",
)
_BY_PHONE = (
    "Avant de parler d’un dossier, assurez-vous de qui appelle. La réponse donnée se note comme au bus."
)
CHANNEL_ADVICE = {
    "phone": _BY_PHONE,
    "national_number": _BY_PHONE,
    "email": "Écrivez dans «\u00a0Réponse précise\u00a0» ce que vous avez répondu, pas le message reçu.",
    "post": "Écrivez dans «\u00a0Réponse précise\u00a0» ce que vous avez répondu, pas le courrier reçu.",
    "home": "L’arrêt du jour reste celui du bus\u00a0; la commune ci-dessous dit où vous êtes allé.",
    "third_party": "Âge, genre et commune de la personne concernée\u00a0; son accord se note pour chaque démarche.",
}
"""What changes with the way the person came, said under it."""
