"""Makes a backup, and puts one back, when a person asks for it."""

import contextlib
import shutil
from pathlib import Path

from fsbus.actions import telling
from fsbus.actions.new_home import new_home
from fsbus.actions.notices import notice_of
from fsbus.actions.session import (
    KEYS,
    STORE,
    Session,
    files_of,
    place_of,
    throttle_of,
)
from fsbus.core.clock import Clock, as_utc_text
from fsbus.core.errors import StoreUnavailable
from fsbus.core.events import Log, unheard
from fsbus.store.backup import Backup, Backups
from fsbus.store.home_lock import alone, home_lock
from fsbus.store.keyfile import Keys
from fsbus.store.keyring import recover, unlock
from fsbus.store.recovery_file import open_recovery_key
from fsbus.store.rekeying import settle
from fsbus.store.restore import Restored, restore, restore_newest
from fsbus.store.standing import name_anew
from fsbus.store.store import Store
from fsbus.store.whole_files import fsync_file, fsync_folder, write_whole

KEYS_SUFFIX = ".fsk"
"""The key file of a backup that was copied elsewhere has its name, but for this ending."""


def back_up_to(session: Session, folder: Path | None) -> dict[str, object]:
    """A verified backup, in ``folder`` or with the others; its file and what is in it.

    Raises StoreUnavailable when it cannot be written, StoreDamaged when the store is damaged.
    """
    keys = session.home / KEYS
    if session.read_only is not None and folder is not None:
        # No room or no right here: the copy is made over there.
        made = Backups(folder, session.keys).make(session.store.db, session.clock.now())
        path = made.path
        write_whole(path.with_suffix(KEYS_SUFFIX), keys.read_bytes())
    else:
        made = session.back_up()
        path = made.path if folder is None else _copied(made, folder, session.backups, keys.read_bytes())
    counts = session.backups.verify(path)
    return {
        "file": str(path),
        "at": as_utc_text(made.at),
        "bytes": path.stat().st_size,
        "visits": counts.visits,
        "procedure_records": counts.procedure_records,
        "operations": counts.operations,
    }


def restore_file(
    home: Path, passphrase: str, file: Path, *, clock: Clock, log: Log = unheard
) -> dict[str, object]:
    """Put this backup in the place of the store, with all that came after it; what the store holds then.

    Nothing else of this laptop may have it open. Raises WrongPassphrase, StoreDamaged for a file that
    is not a sound backup of this laptop, StoreUnavailable; then nothing was changed.
    """
    if not file.is_file():
        raise StoreUnavailable(f"Copie absente : {file.name}. Vérifiez le nom du fichier.")
    with home_lock(home), telling.opening(throttle_of(home, clock), log) as throttle:
        with throttle.attempt():
            keys = unlock(home / KEYS, passphrase)
        with alone(home):
            settle(files_of(home), keys)
            made = restore(place_of(home, keys, clock), file)
            telling.restored(log, made)
            return _as_json(made)


def restore_on_new_laptop(
    home: Path,
    passphrase: str,
    file: Path,
    *,
    clock: Clock,
    recovery_key: Path | None = None,
    log: Log = unheard,
) -> dict[str, object]:
    """Make the laptop of this backup anew in an empty folder, with the key file that lies beside it.

    ``passphrase`` is an agent's, or that of the coordinator's ``recovery_key``, who then invites the agents.
    It gets a name of its own: the one before may be in a thief's hands, and is to be revoked. What the
    centre had not confirmed waits to be sent, once this laptop is enrolled. Raises as `restore_file` does.
    """
    beside = file.with_suffix(KEYS_SUFFIX)
    if not file.is_file():
        raise StoreUnavailable(f"Copie absente : {file.name}. Vérifiez le nom du fichier.")
    if not beside.is_file():
        raise StoreUnavailable(f"Il manque {beside.name} à côté de la copie : prenez les deux fichiers.")
    if recovery_key is None:
        keys = unlock(beside, passphrase)
    else:
        keys = recover(beside, open_recovery_key(recovery_key, passphrase))
    with new_home(home, STORE, KEYS) as folder:
        place = place_of(folder, keys, clock)
        restored = restore(place, file)
        with contextlib.closing(Store.open(place.path, keys.subkey("db"), clock=clock)) as store:
            name_anew(store)
        write_whole(folder / KEYS, beside.read_bytes())
    telling.restored(log, restored)
    advice = "Ce poste a un nouveau nom : enrôlez-le, synchronisez, et faites révoquer l’ancien."
    return {**_as_json(restored), "notice": notice_of(restored, advice)}


def restore_damaged(home: Path, keys: Keys, *, clock: Clock, log: Log = unheard) -> Restored:
    """Restore from the newest sound backup a store that a check found damaged."""
    with home_lock(home), alone(home):
        made = restore_newest(place_of(home, keys, clock))
    telling.restored(log, made)
    return made


def last_backup(session: Session) -> str | None:
    """When the newest backup was made, as UTC text; None when there is none."""
    made = session.backups.all()
    return as_utc_text(made[0].at) if made else None


def _copied(made: Backup, folder: Path, backups: Backups, keys: bytes) -> Path:
    """A copy elsewhere, a stick for one, read again before it counts; the key file, sealed as it is, beside it."""
    part, path = folder / f".part-{made.path.name}", folder / made.path.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(made.path, part)
        # A stick may know no rights; the copy is sealed all the same.
        with contextlib.suppress(PermissionError):
            part.chmod(0o600)
        fsync_file(part)
        backups.verify(part)
        write_whole(path.with_suffix(KEYS_SUFFIX), keys)
        part.replace(path)
        fsync_folder(folder)
    except OSError as error:
        raise StoreUnavailable(
            f"La copie n’a pas pu être écrite dans {folder} : vérifiez sa place et ses droits."
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return path


def _as_json(restored: Restored) -> dict[str, object]:
    counts = restored.counts
    return {
        "file": str(restored.backup),
        "visits": counts.visits,
        "procedure_records": counts.procedure_records,
        "added": restored.added,
        "replica": counts.replica,
        "kept_aside": None if restored.aside is None else str(restored.aside),
        "notice": notice_of(restored),
    }
