"""A process that saves visits until it is killed, and tells each one only once it was told « saved ».

`python -m tests.store.saving_child STORE KEY_HEX ORACLE`
"""

import os
import sys
from pathlib import Path

from fsbus.core.clock import Clock
from fsbus.store.store import Store
from tests.builders import AGENT_ID, edits_of, recorded


def main(store_path: str, key: str, oracle_path: str) -> None:
    """Save one by one and five at a time in turn; ids go to the oracle in one appended write."""
    store = Store.open(Path(store_path), bytes.fromhex(key), clock=Clock())
    oracle = os.open(oracle_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while True:
        one = recorded(note="Élodie d’Artagnan")
        store.save(edits_of(one), actor=AGENT_ID)
        os.write(oracle, f"{one.visit.id}\n".encode())
        several = [recorded() for _ in range(5)]
        with store.batch():
            for each in several:
                store.save(edits_of(each), actor=AGENT_ID)
        os.write(oracle, "".join(f"{each.visit.id}\n" for each in several).encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
