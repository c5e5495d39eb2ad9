"""The files `keys.fsk` and `keys.fsk.prev`: who gets in, one whole generation after another.

Each change is proved against the keys in hand before, written as a new generation, and leaves the
one before beside it until somebody got in with the new one; from then on the copy beside is a twin,
so a key file that is damaged later is put right from it.
"""

import contextlib
import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fsbus.core.errors import (
    FsbusError,
    InvalidInput,
    KeysDamaged,
    StoreTooNew,
    StoreUnavailable,
    WrongPassphrase,
)
from fsbus.core.redaction import redacted
from fsbus.store.key_slots import (
    ACTIVE,
    DAMAGED,
    FLOOR,
    INVITATION,
    LARGEST,
    MOST_SLOTS,
    PASSPHRASE,
    RECOVERY,
    Cost,
    Header,
    Slot,
    as_of_today,
    parse,
)  # fmt: skip
from fsbus.store.keyfile import (
    Keys,
    agent_slot,
    first_keys,
    is_proved,
    open_master,
    open_slot,
    packed,
    public_key_of,
    recovery_key_id,
    recovery_slot,
    sealed_to,
)  # fmt: skip
from fsbus.store.whole_files import file_errors, fsync_folder, read_whole, write_whole

_WRONG = "Phrase secrète inconnue : vérifiez les majuscules et les espaces, puis réessayez."
_WRONG_CODE = "Ce code n’ouvre rien ici : vérifiez-le, ou demandez-en un autre."
_TAKEN = "Cette phrase ouvre déjà ce poste pour quelqu’un d’autre\u00a0: choisissez-en une autre."
CODE_BYTES = 16
Opener = Callable[[bytes], Keys]


@redacted("agent_id")
@dataclass(frozen=True)
class Member:
    """One who gets in: ``invited`` until the code was exchanged for a passphrase."""

    agent_id: str
    invited: bool
    created: int
    """Seconds since 1970; 0 when not known."""


def create_keyfile(
    path: Path, passphrase: str, agent_id: str, *, cost: Cost = FLOOR, created: int = 0
) -> Keys:
    """A new key file with one passphrase slot for this agent (a UUID); ``created`` in seconds since 1970.

    Raises StoreUnavailable when the file, or one before it, exists or cannot be written.
    """
    if has_keys(path):
        raise StoreUnavailable(f"Un fichier de clés existe déjà : {path.name}. Rien n’a été changé.")
    keys = first_keys(agent_id)
    header = Header(1, keys.vault_id, keys.epoch, 1, secrets.token_bytes(16))
    slot = agent_slot(header, keys, agent_id, passphrase, cost=cost, created=created)
    write_whole(path, packed(header, (slot,), keys))
    return keys


def has_keys(path: Path) -> bool:
    """Whether a key file is here, be it only the generation before."""
    return path.exists() or before(path).exists()


def before(path: Path) -> Path:
    """Where the generation before (or the twin) is."""
    return path.with_name(f"{path.name}.prev")


def unlock(path: Path, passphrase: str, likely: Sequence[str] = ()) -> Keys:
    """The keys that this passphrase opens; the whole file is proved before they are given.

    One slot after another is tried, those of the ``likely`` agents (ids) first: each try is one derivation.
    When the file is damaged, those of the copy beside it. Nothing is written: `confirm` does, once the
    database opened too. Raises WrongPassphrase, StoreTooNew, KeysDamaged, or StoreUnavailable when there
    is no file.
    """
    return _open_either(
        path, lambda content: _open_by_secret(content, passphrase, PASSPHRASE, _WRONG, likely)
    )


def recover(path: Path, private_key: bytes) -> Keys:
    """The same by the coordinator's X25519 private key, 32 bytes. Raises WrongPassphrase when it has no slot."""

    def opener(content: bytes) -> Keys:
        header, slots = parse(content)
        wanted = recovery_key_id(public_key_of(private_key))
        for slot in slots:
            if slot.type == RECOVERY and slot.state == ACTIVE and slot.agent_id == wanted:
                return _proved(content, open_master(header, slot, private_key))
        raise WrongPassphrase("Cette clé de secours n’ouvre pas ce poste : prenez celle de son coordinateur.")

    return _open_either(path, opener)


def is_current(path: Path, keys: Keys) -> bool:
    """Whether the key file itself, not the copy beside it, is whole and of these keys."""
    content = read_whole(path, LARGEST + 1)
    return content is not None and is_proved(content, keys)


def confirm(path: Path, keys: Keys) -> None:
    """Settle the two files after everything opened with these keys: a whole file, and its twin beside.

    A damaged file is kept under another name. Raises StoreUnavailable, KeysDamaged.
    """
    content, other = read_whole(path, LARGEST + 1), read_whole(before(path), LARGEST + 1)
    if content is not None and is_proved(content, keys):
        if other != content:
            write_whole(before(path), content)
        return
    if other is None or not is_proved(other, keys):
        raise KeysDamaged(DAMAGED)
    if content is not None:
        with file_errors(path):
            path.replace(path.with_name(f"{path.name}.abime-{secrets.token_hex(4)}"))
            fsync_folder(path.parent)
    write_whole(path, other)


def members(path: Path, keys: Keys) -> tuple[Member, ...]:
    """Who gets in, oldest slot first. Raises KeysDamaged when the file is not of these keys."""
    _, slots = _checked(path, keys)
    return tuple(
        Member(str(uuid.UUID(bytes=slot.agent_id)), slot.type == INVITATION, slot.created)
        for slot in slots
        if slot.type in (PASSPHRASE, INVITATION) and slot.state == ACTIVE
    )


def weakest_cost(path: Path, keys: Keys) -> Cost:
    """What the passphrase that is cheapest to guess costs at each try. Raises KeysDamaged."""
    _, slots = _checked(path, keys)
    costs = [slot.cost for slot in slots if slot.type == PASSPHRASE and slot.state == ACTIVE]
    return min(costs, key=lambda cost: (cost.memory_kib * cost.rounds, cost.lanes), default=FLOOR)


def recovery_keys(path: Path, keys: Keys) -> tuple[bytes, ...]:
    """The public keys, 32 bytes each, whose holders may let someone in again. Raises KeysDamaged."""
    _, slots = _checked(path, keys)
    return tuple(slot.x25519 for slot in slots if slot.type == RECOVERY and slot.state == ACTIVE)


def refuse_taken(path: Path, keys: Keys, passphrase: str, *, but: str = "") -> None:
    """Raise InvalidInput (``passphrase``) when it opens the slot of an agent other than ``but`` (an id).

    The passphrase says who opens: two agents with the same one would be one, and removing one would shut
    nobody out. One derivation for each agent.
    """
    header, slots = _checked(path, keys)
    others = (
        slot
        for slot in slots
        if slot.type == PASSPHRASE and slot.state == ACTIVE and str(uuid.UUID(bytes=slot.agent_id)) != but
    )
    if any(open_slot(header, slot, passphrase) is not None for slot in others):
        raise InvalidInput({"passphrase": _TAKEN})


def add_agent(
    path: Path, keys: Keys, agent_id: str, passphrase: str, *, cost: Cost = FLOOR, created: int = 0
) -> None:
    """One more agent's slot. Raises InvalidInput when there is one already or no room."""
    header, slots = _checked(path, keys)
    _refuse_double(slots, agent_id)
    _write_next(
        path,
        header,
        (*slots, agent_slot(header, keys, agent_id, passphrase, cost=cost, created=created)),
        keys,
    )


def invite_agent(path: Path, keys: Keys, agent_id: str, *, created: int = 0, again: bool = False) -> str:
    """An invitation slot for this agent; the code that opens it once: 128 bits, 32 signs in groups of 4.

    ``again``: in the place of what let the agent in before. Raises InvalidInput as `add_agent` does.
    """
    header, slots = _checked(path, keys)
    if again:
        agent = uuid.UUID(agent_id).bytes
        slots = tuple(slot for slot in slots if slot.type == RECOVERY or slot.agent_id != agent)
    _refuse_double(slots, agent_id)
    code = secrets.token_hex(CODE_BYTES)
    slot = agent_slot(header, keys, agent_id, code, cost=FLOOR, kind=INVITATION, created=created)
    _write_next(path, header, (*slots, slot), keys)
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def accept_invitation(
    path: Path, code: str, passphrase: str, *, cost: Cost = FLOOR, created: int = 0
) -> Keys:
    """Turn the invitation into its agent's slot; the code opens nothing any more, not in the twin either.

    Raises WrongPassphrase when the code opens no invitation, and otherwise as `refuse_taken` and `unlock`.
    """
    secret = _bare_code(code)
    keys = _open_either(path, lambda content: _open_by_secret(content, secret, INVITATION, _WRONG_CODE))
    confirm(path, keys)
    refuse_taken(path, keys, passphrase)
    header, slots = _checked(path, keys)
    agent = uuid.UUID(keys.agent_id).bytes
    new = agent_slot(header, keys, keys.agent_id, passphrase, cost=cost, created=created)
    kept = (new if slot.type == INVITATION and slot.agent_id == agent else slot for slot in slots)
    _write_next(path, header, tuple(kept), keys)
    keys = unlock(path, passphrase, [keys.agent_id])
    confirm(path, keys)
    return keys


def change_passphrase(
    path: Path, old: str, new: str, likely: Sequence[str] = (), *, cost: Cost = FLOOR, created: int = 0
) -> Keys:
    """Another passphrase for the agent whose passphrase ``old`` is; the others are not concerned.

    Tried before the old one is given up. The slot's cost never falls. Raises as `refuse_taken` and `unlock`.
    """
    keys = unlock(path, old, likely)
    confirm(path, keys)
    refuse_taken(path, keys, new, but=keys.agent_id)
    header, slots = _checked(path, keys)
    agent = uuid.UUID(keys.agent_id).bytes

    def changed(slot: Slot) -> Slot:
        if slot.type != PASSPHRASE or slot.agent_id != agent:
            return slot
        dear = cost.at_least(slot.cost)
        return agent_slot(header, keys, keys.agent_id, new, cost=dear, created=created)

    _write_next(path, header, tuple(map(changed, slots)), keys)
    keys = unlock(path, new, [keys.agent_id])
    confirm(path, keys)
    return keys


def set_recovery(path: Path, keys: Keys, public_key: bytes, *, created: int = 0) -> None:
    """Let this coordinator's X25519 key open the laptop. ``public_key`` must come from a trusted hand.

    Raises InvalidInput when no slot is free.
    """
    header, slots = _checked(path, keys)
    wanted = recovery_key_id(public_key)
    others = tuple(slot for slot in slots if slot.type != RECOVERY or slot.agent_id != wanted)
    _refuse_full(others)
    _write_next(path, header, (*others, recovery_slot(header, keys, public_key, created=created)), keys)


def pass_on(path: Path, keys: Keys, new: Keys, *, without: str) -> None:
    """Seal the next epoch's master key to everyone but this agent, whose slots go, and invitations with them:
    the one who leaves may know their codes. The old keys prove the file first.

    Raises KeysDamaged, or InvalidInput when nobody would get in any more.
    """
    header, slots = _checked(path, keys)
    gone = uuid.UUID(without).bytes
    staying = [
        slot for slot in slots if slot.type == RECOVERY or (slot.type == PASSPHRASE and slot.agent_id != gone)
    ]
    if not any(slot.type == PASSPHRASE and slot.state == ACTIVE for slot in staying):
        raise InvalidInput({"agent": "C’est le dernier agent de ce poste : ajoutez-en un autre avant."})
    _write_next(path, header, [sealed_to(header, slot, new) for slot in staying], new)


def _open_either(path: Path, opener: Opener) -> Keys:
    content, other = read_whole(path, LARGEST + 1), read_whole(before(path), LARGEST + 1)
    if content is None and other is None:
        raise StoreUnavailable(f"Aucun poste ici : {path.name} est absent. Vérifiez le dossier.")
    if content is not None and other is not None and _epoch(other) > _epoch(content):
        # No change leaves a copy that is newer: a key file of another day was put back.
        with contextlib.suppress(FsbusError):
            return opener(other)
    problem: FsbusError = KeysDamaged(DAMAGED)
    if content is not None:
        try:
            return opener(content)
        except (WrongPassphrase, KeysDamaged, StoreTooNew) as found:
            problem = found
    if other is None or other == content:
        raise problem
    try:
        keys = opener(other)
    except FsbusError:
        raise problem from None
    if content is not None and isinstance(problem, StoreTooNew) and not is_proved(as_of_today(content), keys):
        raise problem
    if content is not None and isinstance(problem, WrongPassphrase):
        # A passphrase of the generation before. Only if the file was altered may it open: else it was
        # changed, or its agent was removed, and the file of another epoch cannot be proved by these keys.
        header, _ = parse(content)
        if header.epoch != keys.epoch or is_proved(content, keys):
            raise problem
    return keys


def _epoch(content: bytes) -> int:
    """What a key file says of itself, not proved; 0 when it cannot be read."""
    with contextlib.suppress(KeysDamaged, StoreTooNew):
        return parse(content)[0].epoch
    return 0


def _open_by_secret(content: bytes, secret: str, kind: int, wrong: str, likely: Sequence[str] = ()) -> Keys:
    header, slots = parse(content)
    places = {uuid.UUID(agent).bytes: place for place, agent in enumerate(likely)}
    # One after the other: side by side is no faster, a derivation takes all cores, and would hang (keyfile.py).
    for slot in sorted(slots, key=lambda slot: places.get(slot.agent_id, len(places))):
        if slot.type == kind and slot.state == ACTIVE:
            keys = open_slot(header, slot, secret)
            if keys is not None:
                return _proved(content, keys)
    raise WrongPassphrase(wrong)


def _proved(content: bytes, keys: Keys) -> Keys:
    if not is_proved(content, keys):
        raise KeysDamaged(DAMAGED)
    return keys


def _checked(path: Path, keys: Keys) -> tuple[Header, tuple[Slot, ...]]:
    """What is in the file, once proved: else whoever may write it could plant a key of his own."""
    content = read_whole(path, LARGEST + 1)
    if content is None or not is_proved(content, keys):
        raise KeysDamaged(DAMAGED)
    return parse(content)


def _write_next(path: Path, header: Header, slots: Sequence[Slot], keys: Keys) -> None:
    content = read_whole(path, LARGEST + 1)
    if content is not None:
        write_whole(before(path), content)
    write_whole(path, packed(replace(header, generation=header.generation + 1), slots, keys))


def _refuse_double(slots: Sequence[Slot], agent_id: str) -> None:
    if any(slot.type != RECOVERY and slot.agent_id == uuid.UUID(agent_id).bytes for slot in slots):
        raise InvalidInput({"agent": "Cet agent ouvre déjà ce poste, ou y est invité."})
    _refuse_full(slots)


def _refuse_full(slots: Sequence[Slot]) -> None:
    if len(slots) >= MOST_SLOTS:
        raise InvalidInput({"agent": f"{MOST_SLOTS} accès au plus sur un poste : retirez-en un avant."})


def _bare_code(code: str) -> str:
    return "".join(sign for sign in code.lower() if sign in "0123456789abcdef")
