"""Finds passwords and access codes by the words that introduce them, in a text made plain."""

import re
from collections.abc import Iterator

_WORD = (
    r"(?:MOTS?[ _-]*DE[ _-]*PASSE|\bMDP\b|\bPWD\b|\bPASS ?WORD\b"
    r"|\bCODES?[ _-](?:D ?['\"]? ?ACCES|CONFIDENTIELS?|SECRETS?|PIN|PUK)\b)"
)
_LINKS = (
    r"(?: +(?:EST|IS|ETAIT|SERA|DE|DU|DES|D|LA|LE|LES|L|SON|SA|POUR|SUR|A|AU|MON|NOUVEAU|ACTUEL|ANCIEN|PROVISOIRE"
    r"|TEMPORAIRE|COMPTE|SITE|ESPACE|PERSONNEL|CAF|MSA|AMELI|ANTS|IMPOTS?|EDF|CARSAT|FRANCE|CONNECT|FRANCECONNECT|TRAVAIL"
    r"|POLE|EMPLOI|MAIL|MESSAGERIE|COURRIEL|BOITE|GMAIL|ORANGE|FREE|SFR|CB|CARTE|TELEPHONE|PORTABLE|WIFI|ORDINATEUR)\b)"
)
_MARK = r" *'? *(?:[:=>→\"]+|->)[ \"'(]*"
_LOOK = r"(?=\S*\d)(?=\S*[^\W\d_])\S{6,}|(?=\S*[^\W_])\S*[!?@#$%&*+]\S*[^\W_]\S*|\d{4,12}(?![\d/])"
"""What looks like a password by itself: letters with digits or marks, or a code of digits."""
_TOLD = re.compile(rf"{_WORD}{_LINKS}{{0,6}}{_MARK}(?=\S*\w)(\S+)")
_TOLD_LATER = re.compile(
    rf"{_WORD}{_LINKS}{{0,6}}{_MARK}(?:(?:NOUVEAU|ANCIEN|ACTUEL|CHANGE|MODIFIE|REINITIALISE|REFAIT|CREE|CHOISI|NOTE|EN|LE)"
    rf"[ :=>→,\"'(]+)+({_LOOK})"
)
_FOLLOWING = re.compile(rf"{_WORD}{_LINKS}{{0,6}} +({_LOOK})")
_ORDINARY = frozenset({
    "OUBLIE", "OUBLIES", "OUBLIEE", "PERDU", "PERDUS", "PERDUE", "REINITIALISE", "REINITIALISES",
    "REINITIALISATION", "CHANGE", "CHANGES", "CHANGEMENT", "MODIFIE", "REFAIT", "REFAIRE", "RENOUVELE",
    "RECUPERE", "RETROUVE", "RETROUVER", "INCONNU", "INCONNUS", "INVALIDE", "INCORRECT", "ERRONE", "FAUX",
    "EXPIRE", "BLOQUE", "BLOQUES", "DEMANDE", "DEMANDER", "NOUVEAU", "NOUVELLE", "CREE", "CREATION", "OK",
    "FAIT", "VU", "AUCUN", "JAMAIS", "NON", "OUI", "PAS", "NE", "LA", "LE", "LES", "ELLE", "IL", "A", "EN",
    "UN", "UNE", "PROCEDURE", "LIEN", "AIDE", "ACCOMPAGNEMENT", "PROBLEME", "DIFFICULTE", "IMPOSSIBLE",
    "VOIR", "CHOISI", "REMIS", "RECU", "ENVOYE", "NOTE", "GARDE", "PAR", "AVEC",
})  # fmt: skip
"""What people write after « mot de passe : » when they tell what became of it, and not the password."""


def passwords_in(text: str) -> Iterator[tuple[str, int, int]]:
    """(kind, start, end) of each. ``text``: capitals without accents, plain marks."""
    for match in (found for form in (_TOLD, _TOLD_LATER, _FOLLOWING) for found in form.finditer(text)):
        if _first_word(match[1]) not in _ORDINARY:
            yield "password", match.start(1), match.end(1)


def _first_word(token: str) -> str:
    return token.rstrip(".,;!?)\"'")
