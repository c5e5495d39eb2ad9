"""A laptop at work on a bad disk: records, backs up, amends, erases, and tells what it knows is safe.

`python -m tests.store.disk_child HOME KEYS_JSON ORACLE SAVES [later]`: with ``later``, as a release with new tables.
What is refused is told to the person and the day goes on, as it does on a bus.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from fsbus.actions.session import Session, enter
from fsbus.core.changes import SET
from fsbus.core.clock import Clock
from fsbus.core.entities import VISIT
from fsbus.core.errors import StoreError
from fsbus.core.ids import Ids
from fsbus.store.home_lock import home_lock
from fsbus.store.keyfile import Keys
from fsbus.store.store import Edit
from tests.builders import AGENT_ID, edits_of, recorded
from tests.store.erasing_child import keys_of
from tests.store.later_release import become_later

NOTE = "Élodie d’Artagnan " * 20


def main(home: Path, keys: Keys, oracle_path: str, saves: int) -> int:
    """Status 6 when anything was refused, 0 otherwise."""
    oracle = os.open(oracle_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def tell(line: str) -> None:
        os.writev(oracle, [f"{line}\n".encode()])  # a call that no test makes fail

    try:
        with home_lock(home):
            session = enter(home, keys, clock=Clock(), ids=Ids())
    except StoreError as error:
        tell(f"shut {type(error).__name__}")
        return 6
    if session.read_only is not None:
        tell("read-only")
    refused = session.read_only is not None
    for number in range(saves):
        refused |= _day(session, number, tell)
    session.close()
    return 6 if refused else 0


def _day(session: Session, number: int, tell: Callable[[str], None]) -> bool:
    one = recorded(note=NOTE[: number % 7 * 60])
    visit = one.visit.id
    if not _done(lambda: session.store.save(edits_of(one), actor=AGENT_ID)):
        return True
    tell(f"+{visit}")
    refused = False
    if number % 4 == 1:
        edit = Edit(VISIT, visit, SET, {"minutes": 77})
        refused |= not _done(lambda: session.store.save([edit], actor=AGENT_ID))
    if number % 4 == 2:
        # Before it is begun: cut half-way, it may be done and not told.
        tell(f"?{visit}")
        erased = _done(lambda: session.store.erase({visit: VISIT}, actor=AGENT_ID))
        refused |= not erased
        if erased:
            tell(f"-{visit}")
    if number % 5 == 3:
        refused |= not _done(session.back_up)
    return refused


def _done(work: Callable[[], object]) -> bool:
    try:
        work()
    except StoreError:  # a page that cannot be read is told as damage
        return False
    return True


if __name__ == "__main__":
    if "later" in sys.argv[5:]:
        become_later()
    sys.exit(main(Path(sys.argv[1]), keys_of(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
