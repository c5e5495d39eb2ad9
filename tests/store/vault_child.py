"""A laptop that saves and backs up as often as asked, and tells what it was told is safe.

`python -m tests.store.vault_child HOME KEYS_JSON ORACLE SAVES`
"""

import json
import os
import sys
from pathlib import Path

from fsbus.actions.session import STORE, Session
from fsbus.core.clock import Clock
from fsbus.core.entities import Agent
from fsbus.core.errors import StoreUnavailable
from fsbus.core.ids import Ids
from fsbus.store.erased_list import ErasedList
from fsbus.store.journal import Journals
from fsbus.store.keyfile import Keys
from fsbus.store.store import Store
from tests.builders import AGENT_ID, edits_of, recorded


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


def main(home: Path, keys: Keys, oracle_path: str, saves: int) -> int:
    """Status 6 when the disk refused, 0 otherwise."""
    clock = Clock()
    store = Store.open(
        home / STORE,
        keys.subkey("db"),
        clock=clock,
        journals=Journals.of(home, keys),
        erased=ErasedList.of(home, keys),
    )
    session = Session(home, keys, store, clock=clock, ids=Ids(), agent=Agent(AGENT_ID, "Essai"))
    oracle = os.open(oracle_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        for number in range(saves):
            one = recorded(note="x" * (number % 7) * 100)
            store.save(edits_of(one), actor=AGENT_ID)
            os.write(oracle, f"{one.visit.id}\n".encode())
            if number % 8 == 5:
                session.back_up()
    except StoreUnavailable:
        return 6
    store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), keys_of(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
