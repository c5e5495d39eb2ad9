"""Opens a laptop whose files cannot, or must not, be written: all is read, what waits can leave."""

from pathlib import Path

from fsbus.actions.session import Opening, Session, files_of, place_of
from fsbus.core.errors import DiskFull, DiskReadOnly, StoreError, StoreTooNew
from fsbus.store.read_only import held_in_memory

_ALL_IS_THERE = "Tout ce qui était enregistré se lit ici et peut encore partir au centre."
_FULL = (
    "Lecture seule : le disque de ce poste est plein. "
    f"{_ALL_IS_THERE} Videz la corbeille ou déplacez des fichiers personnels, puis rouvrez fsbus."
)
_NOT_WRITABLE = (
    "Lecture seule : le dossier de ce poste ne peut pas être modifié. "
    f"{_ALL_IS_THERE} Faites vérifier les droits du dossier {{home}}, puis rouvrez fsbus."
)
_FAILING = (
    "Lecture seule : le disque de ce poste répond mal. "
    f"{_ALL_IS_THERE} Synchronisez maintenant, puis appelez le coordinateur."
)
_TOO_NEW = (
    "Lecture seule : cette base a été écrite par une version plus récente de fsbus, et rien n’y a été changé. "
    "Installez cette version : elle enverra aussi ce qui attend."
)


def enter_to_read(opening: Opening, refused: StoreError) -> Session:
    """A session on a copy in memory. What a newer fsbus wrote is shown and not sent: it alone knows how.

    Raises ``refused`` when nothing can be read, StoreTooNew when this fsbus cannot read what is there.
    """
    home, keys, clock = opening.home, opening.keys, opening.clock
    waiting = files_of(home).of_epoch(keys.epoch)
    # When it waits: a change of keys was cut short, and cannot be finished now.
    place = place_of(home, keys, clock, opening.log, database=waiting if waiting.exists() else None)
    try:
        store = held_in_memory(
            place, _reason(refused, home), may_exchange=not isinstance(refused, StoreTooNew)
        )
    except StoreTooNew:
        raise
    except StoreError as error:
        raise refused from error
    try:
        return opening.session(store)
    except BaseException:
        store.close()
        raise


def _reason(refused: StoreError, home: Path) -> str:
    if isinstance(refused, StoreTooNew):
        return _TOO_NEW
    if isinstance(refused, DiskFull):
        return _FULL
    return _NOT_WRITABLE.format(home=home) if isinstance(refused, DiskReadOnly) else _FAILING
