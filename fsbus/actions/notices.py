"""Words for what an agent must know of an opening: a store restored, a disk that is nearly full."""

from fsbus.core.french import NO_BREAK
from fsbus.store.restore import Restored

SHORT_OF_ROOM = (
    "Le disque de ce poste est presque plein. Vos visites sont enregistrées\u202f; videz la corbeille ou "
    "déplacez des fichiers personnels avant la fin de la journée."
)


def notice_of(restored: Restored, advice: str = "Synchronisez dès que possible.") -> str:
    """What to tell the agent, with figures."""
    counts, added = restored.counts, restored.added
    words = f"La base de ce poste a été rétablie depuis la copie {restored.backup.name}"
    if added > 0:
        words += f", puis complétée ({added}{NO_BREAK}écriture{'s' if added > 1 else ''} plus récente{'s' if added > 1 else ''})"
    words += f". Elle compte {counts.visits}{NO_BREAK}visite{'s' if counts.visits > 1 else ''} et "
    words += f"{counts.procedure_records}{NO_BREAK}démarche{'s' if counts.procedure_records > 1 else ''}."
    if restored.aside is not None and restored.aside.exists():
        words += f" L’ancien fichier est gardé dans quarantine/{restored.aside.name}."
    return f"{words} {advice}"
