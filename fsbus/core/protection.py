"""Says in plain French how a laptop's data are protected."""

from fsbus.core.french import NO_BREAK, number
from fsbus.core.passphrases import FEWEST_BITS, FEWEST_CHARACTERS, LIST_SIZE, WORDS, entropy_bits

CATEGORIES_OF_PEOPLE = "Usagers du bus (personnes reçues)\u00a0; agents qui ont ouvert ce poste."
CATEGORIES_OF_DATA = (
    "Par visite\u00a0: jour, heure, durée, communes, tranche d’âge, genre, autonomie numérique, équipement, "
    "note libre. Par démarche\u00a0: démarche, partenaire, réponse donnée, pièces manquantes, orientation, "
    "suite et mandat. Ni nom ni adresse n’ont de champ\u00a0; une note libre peut en contenir."
)


def ciphers() -> str:
    """What encrypts the data at rest."""
    return (
        "Base, journaux, copies et brouillons chiffrés, rien en clair sur le disque\u00a0: base SQLCipher 4 (AES-256, "
        "chaque page authentifiée par HMAC-SHA512)\u00a0; clés sous AES-256-GCM-SIV et HPKE (X25519)."
    )


def derivation(memory_kib: int, rounds: int, lanes: int) -> str:
    """What one try at a passphrase costs."""
    return (
        f"Argon2id\u00a0: {number(memory_kib // 1024)}{NO_BREAK}Mio de mémoire, {rounds} passages, {lanes} voies "
        "pour chaque essai\u00a0; fichier de clés authentifié avant tout usage."
    )


def passphrase_rule() -> str:
    """How strong a passphrase has to be."""
    return (
        f"Au moins {FEWEST_CHARACTERS} caractères et {number(FEWEST_BITS)}{NO_BREAK}bits (délibération CNIL "
        f"n°{NO_BREAK}2022-100), mots de passe connus refusés\u00a0; ou {WORDS} mots tirés au sort parmi "
        f"{number(LIST_SIZE)} ({number(int(entropy_bits(WORDS, LIST_SIZE)))}{NO_BREAK}bits)."
    )


def lock_rule(idle_minutes: int | None) -> str:
    """When the laptop shuts itself; None when the delay is not known here."""
    after = (
        f"après {idle_minutes}{NO_BREAK}minute{'s' if idle_minutes > 1 else ''} sans frappe"
        if idle_minutes is not None
        else "sans frappe (délai réglé sur le poste)"
    )
    return f"Par l’agent d’une touche, et de lui-même {after}\u00a0; le programme qui tenait la clé s’arrête alors."
