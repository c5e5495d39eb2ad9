"""A process that erases a visit and finishes the erasure, until it is killed or done.

`python -m tests.store.erasing_child HOME KEYS_JSON VISIT DIE_AT`: ends without a word at the DIE_AT-th fsync,
rename or removal (0: never). Tells « erased » once the erasure was confirmed, then how many there were.
"""

import json
import os
import sys
from pathlib import Path

from fsbus.actions.session import enter
from fsbus.actions.visits import erase_visit
from fsbus.core.clock import Clock
from fsbus.core.ids import Ids
from fsbus.store.keyfile import Keys
from tests.store.rotating_child import Fuse


def keys_of(text: str) -> Keys:
    """The keys that the test made; no passphrase, whose derivation would be most of the time."""
    told = json.loads(text)
    return Keys(told["agent"], bytes.fromhex(told["vault"]), told["epoch"], bytes.fromhex(told["master"]))


def text_of(keys: Keys) -> str:
    """What `keys_of` reads."""
    told = {
        "agent": keys.agent_id,
        "vault": keys.vault_id.hex(),
        "epoch": keys.epoch,
        "master": keys._master.hex(),
    }
    return json.dumps(told)


def main(home: str, keys: str, visit: str, die_at: str) -> None:
    """Open, tell that it begins, erase, tell; end without closing anything."""
    session = enter(Path(home), keys_of(keys), clock=Clock(), ids=Ids())
    fuse = Fuse(int(die_at))
    for name in ("fsync", "fdatasync", "replace", "unlink"):
        setattr(os, name, fuse.on(getattr(os, name)))
    assert erase_visit(session, visit) > 0
    os.write(1, f"erased {fuse.count}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
