"""Makes the laptop of a demonstration: a store of its own, a day of made-up visits, never a centre."""

from datetime import timedelta
from pathlib import Path

from fsbus.actions import stops
from fsbus.actions.passphrases import propose_passphrase
from fsbus.actions.visits import record_visit
from fsbus.core.clock import Clock
from fsbus.store.link import DEMONSTRATION
from fsbus.training import canton
from fsbus.training.demo import fresh_folder, last_evening
from fsbus.training.laptops import Laptop

LAPTOP, READY = "poste", "prete"
"""In the folder: the laptop with its passphrase, and a file that says that it was made to its end."""
VISITS, RECORDS, HOURS, SEED = 12, 20, 8, 20261124


def make(folder: Path, clock: Clock) -> None:
    """A new laptop in this folder; the demonstration that was there goes. Raises InvalidInput when anything else is."""
    fresh_folder(folder)
    laptop = Laptop.make(
        folder / LAPTOP, propose_passphrase(), bus="Démonstration", agent="Camille Exemple", clock=clock
    )
    with laptop.opened() as session:
        session.store.set_setting(DEMONSTRATION, "1")
        # A working day that is past, so that nothing of it is in the future.
        plan = canton.Plan(last_evening(clock.now()) - timedelta(hours=HOURS), VISITS, RECORDS)
        for draft in canton.drafts(plan, session.reference.catalog(), SEED):
            record_visit(session, draft)
        stops.set_today(session, canton.THIERACHE[0])
    (folder / READY).touch()
