"""What each key does, by place; no Qt."""

from collections.abc import Iterable

from fsbus.desktop.entry import Entry
from fsbus.desktop.locking.words import PANIC_WORDS
from fsbus.desktop.widgets.told import ToldCard

PAGES = "Aller d’une page à l’autre"
CARDS = (
    ToldCard(
        "Partout",
        "",
        (
            ("Ctrl+N", "Nouvelle visite, ou retour à la visite en cours"),
            ("Ctrl+K", "Chercher une réponse officielle"),
            ("Ctrl+F", "Les visites de toutes les dates"),
            ("F5", "Échanger avec le centre"),
            ("F7", "Une personne de plus à la porte"),
            ("F8", "Appeler la personne suivante"),
            ("Ctrl+P", "Imprimer la visite lue ou choisie"),
            ("Ctrl+Z", "Annuler la correction ou le retrait qui vient d’être fait"),
            ("Ctrl+L", "Verrouiller"),
            (PANIC_WORDS, "Tout cacher aussitôt"),
            ("F1", "Cette page"),
            ("Échap", "Revenir où l’on était"),
            ("Tab, Maj+Tab", "Champ suivant, champ précédent"),
            ("Alt + lettre soulignée", "Presser ce bouton"),
        ),
    ),
    ToldCard(
        "Saisir ou corriger une visite",
        "",
        (
            ("Ctrl+S ou Ctrl+Entrée", "Enregistrer"),
            ("Ctrl+D", "Ajouter une démarche"),
            ("Ctrl+R", "Comme la précédente\u00a0: venue, commune, démarches, manière"),
            ("F2", "La réponse officielle de la démarche"),
            ("Ctrl+W", "Fermer sans enregistrer"),
        ),
    ),
    ToldCard(
        "Les visites du jour, et toutes les visites",
        "",
        (("Entrée", "Relire la visite choisie"), ("F4", "La corriger")),
    ),
    ToldCard(
        "Suites",
        "",
        (
            ("F", "Noter comme faite la suite choisie"),
            ("R", "La reporter, ou la rouvrir"),
            ("V", "Prendre un rendez-vous pour la personne"),
            ("Entrée", "Relire sa visite"),
        ),
    ),
    ToldCard(
        "Rendez-vous",
        "",
        (
            ("Entrée", "Prendre l’heure libre choisie, ou changer le rendez-vous"),
            ("A", "La personne vient d’arriver\u00a0: commencer sa visite"),
            ("B", "Absente"),
            ("E", "Excusée"),
            ("S", "Annulé par le service"),
            ("I", "Imprimer le papier du rendez-vous"),
        ),
    ),
    ToldCard(
        "Ateliers",
        "",
        (("Entrée ou F4", "Rouvrir l’atelier choisi"), ("Ctrl+S", "Enregistrer l’atelier")),
    ),
    ToldCard(
        "À vérifier",
        "",
        (
            ("G", "Garder la valeur en place"),
            ("P", "Prendre l’autre valeur"),
            ("F4", "Corriger ce que le centre a mis de côté"),
        ),
    ),
    ToldCard(
        "Réponses",
        "",
        (
            ("↓ et ↑", "Choisir dans la liste"),
            ("Entrée", "Lire la réponse choisie"),
            ("Ctrl+↓ et Ctrl+↑", "Titre suivant, titre précédent"),
            ("Espace", "Lire la suite"),
        ),
    ),
    ToldCard(
        "Imprimer",
        "",
        (("Ctrl++ et Ctrl+-", "Agrandir ou réduire l’aperçu"),),
    ),
)


def keys_told(entries: Iterable[Entry]) -> tuple[ToldCard, ...]:
    """Every card, with that of the pages as they are listed in the sidebar."""
    pages = tuple((entry.key, entry.words) for entry in entries if entry.key)
    told = ToldCard(
        PAGES,
        "chiffres du haut du clavier",
        (
            ("F6", "La liste des pages, et retour au champ que l’on quitte"),
            ("↓ et ↑", "La page suivante, la précédente"),
            *pages,
        ),
    )
    return (CARDS[0], told, *CARDS[1:])
