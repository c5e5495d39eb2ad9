"""A laptop that opens with a later release: its store is migrated, or the process killed before.

`python -m tests.store.migrating_child HOME KEYS_JSON`; a line is written once all is loaded, another at the end.
"""

import sys
from pathlib import Path

from fsbus.actions.session import enter
from fsbus.core.clock import Clock
from fsbus.core.ids import Ids
from fsbus.store.home_lock import home_lock
from tests.store.erasing_child import keys_of
from tests.store.later_release import become_later

if __name__ == "__main__":
    become_later()
    home, keys = Path(sys.argv[1]), keys_of(sys.argv[2])
    sys.stdout.write("loaded\n")
    sys.stdout.flush()
    with home_lock(home), enter(home, keys, clock=Clock(), ids=Ids()) as session:
        done = 6 if session.read_only else 0
    sys.stdout.write("opened\n")
    sys.exit(done)
