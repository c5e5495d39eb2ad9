"""Made-up laptops and centres in a temporary folder, for the time of a measurement."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from fsbus.actions.passphrases import propose_passphrase
from fsbus.actions.session import Session, create_device
from fsbus.actions.visits import record_visit
from fsbus.core.clock import Clock
from fsbus.core.ids import Ids
from fsbus.training import canton


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that goes with the measurement."""
    with tempfile.TemporaryDirectory(prefix="fsbus-bench-") as name:
        yield Path(name)


@contextmanager
def laptop(home: Path) -> Iterator[Session]:
    """A new laptop, open."""
    session = create_device(
        home, propose_passphrase(), bus="Bus de mesure", agent_name="Agent", clock=Clock(), ids=Ids()
    )
    try:
        yield session
    finally:
        session.close()


def drafts(session: Session, visits: int, records: int, seed: int = 1) -> list[dict[str, object]]:
    """The visits of a made-up week that ended yesterday."""
    plan = canton.Plan(_a_week_ago(session.clock.now()), visits, records)
    return list(canton.drafts(plan, session.reference.catalog(), seed))


def record_all(session: Session, visits: int, records: int) -> None:
    """Record that many, in batches: only what comes after is measured."""
    made = drafts(session, visits, records)
    for start in range(0, len(made), 200):
        with session.store.batch():
            for draft in made[start : start + 200]:
                record_visit(session, draft)


def _a_week_ago(now: datetime) -> datetime:
    return (now - timedelta(days=8)).astimezone()
