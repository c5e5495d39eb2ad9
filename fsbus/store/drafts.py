"""Keeps what an agent is typing, sealed: two small files at most for each agent, never synchronised.

One for a new visit, one for the correction of a recorded one: neither is ever taken for the other.

A draft is a sealed file (`fsbus/store/sealed.py`) under the subkey « draft », with the agent's id in its
header and one frame: a version byte, then JSON. The epoch of the keys is in the file's name, so a
change of keys that is killed anywhere leaves each epoch its own drafts.
"""

import os
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from fsbus.core.clock import as_utc_text, parse_utc_text
from fsbus.core.errors import StoreDamaged, StoreTooNew
from fsbus.core.ids import is_id
from fsbus.core.redaction import redacted
from fsbus.store.keyfile import Keys
from fsbus.store.sealed import Frame, SealKey, Unreadable, seal, unseal
from fsbus.store.whole_files import file_errors, fsync_folder, make_folder, read_whole, write_whole

FOLDER, LABEL, VERSION = "drafts", "draft", 1
LARGEST = 64 * 1024 * 1024
"""Bytes read of a draft at most: nobody types that much."""
ASIDE = ".abime-"
_SUFFIX = ".fsd"
RECORDING, CORRECTING = "recording", "correcting"
"""What is typed for: a visit that will be recorded, or the correction of one that is."""
_MARKS = {RECORDING: "", CORRECTING: ".correction"}
_DAMAGED = "La saisie gardée sur ce poste est abîmée : elle est mise de côté. Reprenez-la de mémoire."
_TOO_NEW = "Votre saisie a été gardée par une version plus récente de fsbus : elle est mise de côté."


@redacted("visit_id")
@dataclass(frozen=True, repr=False)
class Draft:
    """What was being typed: ``visit_id`` is the id that the visit will have, or has; ``form`` plain JSON values."""

    visit_id: str
    kept_at: datetime
    form: Mapping[str, object]
    purpose: str = RECORDING


@redacted("visit_id")
class _Content(msgspec.Struct, frozen=True):
    visit_id: str
    kept_at: str
    form: dict[str, object]
    purpose: str = RECORDING


def path_of(home: Path, keys: Keys, agent_id: str, purpose: str = RECORDING) -> Path:
    """Where the draft of this agent is while these keys are in use."""
    return home / FOLDER / f"{uuid.UUID(agent_id)}.{keys.epoch}{_MARKS[purpose]}{_SUFFIX}"


def write_draft(home: Path, keys: Keys, agent_id: str, draft: Draft) -> None:
    """Seal the draft in the place of the one before; durable on return. Raises StoreUnavailable.

    Touches no database: any thread may call it.
    """
    path = path_of(home, keys, agent_id, draft.purpose)
    with file_errors(path):
        make_folder(path.parent)
    content = _Content(draft.visit_id, as_utc_text(draft.kept_at), dict(draft.form), draft.purpose)
    clear = bytes([VERSION]) + msgspec.json.encode(content)
    _, sealed = seal(SealKey.of(keys, LABEL), uuid.UUID(agent_id).hex, [Frame(1, clear)])
    write_whole(path, sealed)


def read_draft(home: Path, keys: Keys, agent_id: str, purpose: str = RECORDING) -> Draft | None:
    """The draft of this agent, or None. Raises StoreDamaged, StoreTooNew, StoreUnavailable."""
    content = read_whole(path_of(home, keys, agent_id, purpose), LARGEST)
    return None if content is None else _opened(content, keys, agent_id, purpose)


def put_aside(home: Path, keys: Keys, agent_id: str, purpose: str = RECORDING) -> None:
    """Give a draft that cannot be read another name, so that it stands in nobody's way; one is kept at most.

    Raises StoreUnavailable.
    """
    path = path_of(home, keys, agent_id, purpose)
    for one in path.parent.glob(f"{path.name}{ASIDE}*"):
        _wipe(one)
    with file_errors(path):
        if path.exists():
            path.replace(path.with_name(f"{path.name}{ASIDE}{secrets.token_hex(4)}"))
            fsync_folder(path.parent)


def forget_aside(home: Path) -> None:
    """Destroy the damaged drafts of all agents: what is erased might be in them. Raises StoreUnavailable."""
    for path in (home / FOLDER).glob(f"*{_SUFFIX}{ASIDE}*"):
        _wipe(path)


def forget_draft(home: Path, keys: Keys, agent_id: str, purpose: str = RECORDING) -> None:
    """Overwrite the draft of this agent and delete it, with what a kill left. Raises StoreUnavailable."""
    path = path_of(home, keys, agent_id, purpose)
    for one in (path, *path.parent.glob(f".{path.name}.*")):
        _wipe(one)


def drafts_here(home: Path, keys: Keys) -> Iterator[tuple[str, Draft]]:
    """(agent, draft) of each draft that these keys can read."""
    for purpose, mark in _MARKS.items():
        for path in sorted((home / FOLDER).glob(f"*.{keys.epoch}{mark}{_SUFFIX}")):
            agent_id = path.name.partition(".")[0]
            content = read_whole(path, LARGEST)
            if content is None or not is_id(agent_id):
                continue
            try:
                yield agent_id, _opened(content, keys, agent_id, purpose)
            except (StoreDamaged, StoreTooNew):
                continue


def forget_drafts(home: Path, keys: Keys, is_over: Callable[[Draft], bool]) -> None:
    """Destroy the drafts, of any agent, of which ``is_over`` says so. Raises StoreUnavailable."""
    for agent_id, draft in list(drafts_here(home, keys)):
        if is_over(draft):
            forget_draft(home, keys, agent_id, draft.purpose)


def pass_on_drafts(home: Path, keys: Keys, new: Keys, *, without: str) -> None:
    """Seal the drafts again for the next epoch, beside those of this one: all but that of ``without``.

    To be called before the key file changes. Until then the new ones are leftovers; after it, the old
    ones are: see `forget_other_epochs`. Raises StoreUnavailable; the drafts in use are untouched.
    """
    for mark in _MARKS.values():
        for left in (home / FOLDER).glob(f"*.{new.epoch}{mark}{_SUFFIX}"):
            # Of a change that never came to be: nobody has its key.
            _wipe(left)
    for agent_id, draft in drafts_here(home, keys):
        if agent_id != without:
            write_draft(home, new, agent_id, draft)


def forget_other_epochs(home: Path, keys: Keys) -> None:
    """Delete the drafts of every other epoch, once the database opened with these keys."""
    for path in (home / FOLDER).glob(f"*{_SUFFIX}*"):
        if path.name.lstrip(".").split(".")[1:2] != [str(keys.epoch)]:
            _wipe(path)


def _opened(content: bytes, keys: Keys, agent_id: str, purpose: str) -> Draft:
    try:
        found = unseal(SealKey.of(keys, LABEL), content)
    except Unreadable:
        raise StoreDamaged(_DAMAGED) from None
    # The header proves whose draft it is: another agent's, renamed, is not taken.
    if found.is_broken or found.is_torn or len(found.frames) != 1 or found.replica != uuid.UUID(agent_id).hex:
        raise StoreDamaged(_DAMAGED)
    version, clear = found.frames[0].content[:1], found.frames[0].content[1:]
    if version > bytes([VERSION]):
        raise StoreTooNew(_TOO_NEW)
    try:
        kept = msgspec.json.decode(clear, type=_Content)
        draft = Draft(str(uuid.UUID(kept.visit_id)), parse_utc_text(kept.kept_at), kept.form, kept.purpose)
    except (msgspec.DecodeError, ValueError):
        raise StoreDamaged(_DAMAGED) from None
    # A correction renamed would be recorded as a new visit, or the other way round.
    if draft.purpose != purpose:
        raise StoreDamaged(_DAMAGED)
    return draft


def _wipe(path: Path) -> None:
    """Overwrite, then delete: a disk that keeps what was replaced still has only what is sealed."""
    with file_errors(path):
        try:
            descriptor = os.open(path, os.O_WRONLY)
        except FileNotFoundError:
            return
        try:
            os.write(descriptor, bytes(os.fstat(descriptor).st_size))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        path.unlink(missing_ok=True)
        fsync_folder(path.parent)
