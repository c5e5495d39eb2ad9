"""Tells by which ways a procedure of the catalogue can be done, and what each asks of the network."""

from collections.abc import Iterable

OFF_LINE, PREPARED, ON_LINE, UNKNOWN = "off_line", "prepared", "on_line", "unknown"
"""Done without the internet; prepared here and ended elsewhere; done on line; a code that nobody described."""

_WAYS = {
    "formulaire_papier": (OFF_LINE, "Sur un formulaire papier"),
    "courrier": (OFF_LINE, "Par courrier"),
    "telephone": (OFF_LINE, "Par téléphone"),
    "guichet": (PREPARED, "Au guichet de l’organisme"),
    "mairie": (PREPARED, "À la mairie"),
    "mairie_rdv": (PREPARED, "À la mairie, sur rendez-vous"),
    "guichet_police": (PREPARED, "Au commissariat ou à la gendarmerie"),
    "prefecture_rdv": (PREPARED, "À la préfecture, sur rendez-vous"),
    "departement_ccas": (PREPARED, "Au département ou au CCAS"),
    "buraliste": (PREPARED, "Chez un buraliste"),
    "borne": (PREPARED, "À une borne"),
    "permanence": (PREPARED, "À une permanence"),
    "professionnel_habilite": (PREPARED, "Chez un professionnel habilité"),
    "rdv_avocat": (PREPARED, "En rendez-vous avec un avocat"),
    "rdv_partenaire": (PREPARED, "En rendez-vous avec l’organisme"),
    "teleservice": (ON_LINE, "Par le service en ligne"),
    "teleservice_medecin": (ON_LINE, "En ligne, par le médecin"),
    "teleservice_employeur": (ON_LINE, "En ligne, par l’employeur"),
}


def ways_by_need(channels: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For what the channels of a procedure ask of the network, their French words, in the order given.

    A channel that is not known is given as it is written in the catalogue, under `UNKNOWN`.
    """
    found: dict[str, list[str]] = {}
    for channel in channels:
        need, words = _WAYS.get(channel, (UNKNOWN, channel))
        found.setdefault(need, []).append(words)
    return {need: tuple(words) for need, words in found.items()}
