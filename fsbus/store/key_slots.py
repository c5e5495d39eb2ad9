"""The layout and the bounds of `keys.fsk`, version 1; whole numbers are big-endian.

A header, 1 to 32 slots, and a trailer that proves the whole file. Nothing secret is opened here.
"""

import struct
from dataclasses import dataclass

from fsbus.core.errors import KeysDamaged, StoreTooNew

MAGIC, VERSION, SUITE = b"FSBK", 1, 1
PASSPHRASE, INVITATION, RECOVERY = 1, 3, 16
"""Slot types; 2 (passphrase and OS secret) is read over."""
ACTIVE = 1
MOST_SLOTS = 32
_HEADER = struct.Struct(">4sBBBB16sIQ16s")
_SLOT = struct.Struct(">16sBB2s16sIIB3s16s32s32s12s80s80sQ")
MAC_BYTES = 32
LARGEST = _HEADER.size + MOST_SLOTS * _SLOT.size + MAC_BYTES

_MEMORY_BOUNDS, _ROUND_BOUNDS, _LANE_BOUNDS = (64 * 1024, 1024 * 1024), (3, 10), (4, 8)
_MOST_WORK = 4 * 1024 * 1024
"""KiB times rounds of one slot: some ten seconds on a slow laptop."""
_MOST_WORK_IN_ALL = MOST_SLOTS * 512 * 1024 * 3
"""The same of a whole file: as much as the dearest slots that are ever made. A wrong passphrase tries them all."""
DAMAGED = "Le fichier des clés (keys.fsk) est endommagé : n’effacez rien et appelez le coordinateur."


@dataclass(frozen=True)
class Cost:
    """What one derivation by Argon2id takes: KiB of memory, rounds, lanes."""

    memory_kib: int
    rounds: int
    lanes: int

    @property
    def is_allowed(self) -> bool:
        """Neither cheap to guess nor able to hang the laptop."""
        return self.work <= _MOST_WORK and all(
            low <= value <= high
            for value, (low, high) in (
                (self.memory_kib, _MEMORY_BOUNDS),
                (self.rounds, _ROUND_BOUNDS),
                (self.lanes, _LANE_BOUNDS),
            )
        )

    @property
    def work(self) -> int:
        """What it takes in time: KiB times rounds."""
        return self.memory_kib * self.rounds

    def at_least(self, other: "Cost") -> "Cost":
        """The dearer of the two in each respect."""
        return Cost(
            max(self.memory_kib, other.memory_kib),
            max(self.rounds, other.rounds),
            max(self.lanes, other.lanes),
        )


FLOOR = Cost(64 * 1024, 3, 4)
"""RFC 9106, second choice: 0.4 s on a slow laptop. No slot is written or read below it."""


@dataclass(frozen=True)
class Header:
    """The first 52 bytes."""

    slots: int
    vault_id: bytes
    epoch: int
    generation: int
    db_salt: bytes

    def pack(self) -> bytes:
        """Its bytes."""
        return _HEADER.pack(
            MAGIC, VERSION, SUITE, self.slots, 0, self.vault_id, self.epoch, self.generation, self.db_salt
        )


@dataclass(frozen=True)
class Slot:
    """One agent's way in, 308 bytes. ``sealed`` are the private keys, ``master`` the master key."""

    slot_id: bytes
    type: int
    state: int
    agent_id: bytes
    memory_kib: int
    rounds: int
    lanes: int
    salt: bytes
    x25519: bytes
    ed25519: bytes
    nonce: bytes = b""
    sealed: bytes = b""
    master: bytes = b""
    created: int = 0

    @property
    def cost(self) -> Cost:
        """What its derivation takes; zeros in a recovery slot, which has none."""
        return Cost(self.memory_kib, self.rounds, self.lanes)

    def pack(self) -> bytes:
        """Its bytes."""
        return _SLOT.pack(
            self.slot_id, self.type, self.state, b"\0\0", self.agent_id, self.memory_kib, self.rounds,
            self.lanes, b"\0\0\0", self.salt, self.x25519, self.ed25519, self.nonce, self.sealed,
            self.master, self.created,
        )  # fmt: skip


def as_of_today(content: bytes) -> bytes:
    """The file, were it of this version: when its trailer then holds, the version was changed by damage."""
    return MAGIC + bytes((VERSION, SUITE)) + content[6:]


def parse(content: bytes) -> tuple[Header, tuple[Slot, ...]]:
    """Header and slots of a key file, structure and bounds checked, nothing proved yet.

    Raises StoreTooNew or KeysDamaged.
    """
    if content[:4] != MAGIC or len(content) < 6:
        raise KeysDamaged(DAMAGED)
    if content[4] != VERSION or content[5] != SUITE:
        raise StoreTooNew("Une version plus récente de fsbus a écrit le fichier des clés : installez-la.")
    if len(content) < _HEADER.size:
        raise KeysDamaged(DAMAGED)
    _, _, _, count, flags, vault_id, epoch, generation, db_salt = _HEADER.unpack_from(content)
    if len(content) != _HEADER.size + count * _SLOT.size + MAC_BYTES or not 1 <= count <= MOST_SLOTS or flags:
        raise KeysDamaged(DAMAGED)
    body = content[_HEADER.size : -MAC_BYTES]
    slots = tuple(map(_parse_slot, _SLOT.iter_unpack(body)))
    if sum(slot.cost.work for slot in slots) > _MOST_WORK_IN_ALL:
        raise KeysDamaged(DAMAGED)
    return Header(count, vault_id, epoch, generation, db_salt), slots


def _parse_slot(values: tuple[object, ...]) -> Slot:
    slot_id, kind, state, reserved, agent_id, memory, rounds, lanes, reserved_too, *rest = values
    slot = Slot(slot_id, kind, state, agent_id, memory, rounds, lanes, *rest)  # type: ignore[arg-type]  # the shape of _SLOT
    if reserved != b"\0\0" or reserved_too != b"\0\0\0" or slot.state not in (0, ACTIVE):
        raise KeysDamaged(DAMAGED)
    if slot.type in (PASSPHRASE, INVITATION) and not slot.cost.is_allowed:
        raise KeysDamaged(DAMAGED)
    return slot
