"""Remembers whose passphrase opened last, so that the usual agent's slot is tried first.

`recent.json` holds ids of slots' agents, which `keys.fsk` shows too: it names nobody. Lost or altered,
it only makes the opening longer.
"""

import contextlib
from pathlib import Path

import msgspec

from fsbus.core.errors import StoreUnavailable
from fsbus.core.ids import is_id
from fsbus.core.redaction import redacted
from fsbus.store.key_slots import MOST_SLOTS
from fsbus.store.whole_files import read_whole, write_whole

_LARGEST = 4096


@redacted()
class _Recent(msgspec.Struct, forbid_unknown_fields=True):
    v: int
    agents: list[str]


def recent_agents(path: Path) -> tuple[str, ...]:
    """Agent ids, the one who opened last first; empty when nothing is known."""
    with contextlib.suppress(StoreUnavailable, msgspec.DecodeError):
        found = msgspec.json.decode(read_whole(path, _LARGEST) or b"", type=_Recent)
        if found.v == 1:
            return tuple(agent for agent in found.agents if is_id(agent))[:MOST_SLOTS]
    return ()


def remember_agent(path: Path, agent_id: str) -> None:
    """Put this agent first; sweep what a kill left of an earlier writing."""
    before = recent_agents(path)
    _write(path, before, (agent_id, *(agent for agent in before if agent != agent_id))[:MOST_SLOTS])
    with contextlib.suppress(OSError):
        for left in path.parent.glob(f".{path.name}.*"):
            left.unlink()


def forget_agent(path: Path, agent_id: str) -> None:
    """Take an agent out who was removed."""
    before = recent_agents(path)
    _write(path, before, tuple(agent for agent in before if agent != agent_id))


def _write(path: Path, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    if after != before:
        # The opening does not hang on it: a full disk must not shut the agents out.
        with contextlib.suppress(StoreUnavailable):
            write_whole(path, msgspec.json.encode(_Recent(1, list(after))))
