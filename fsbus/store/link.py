"""What this store knows of the centre: how far each side has come, and the enrolment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from fsbus.core.errors import NotAllowed
from fsbus.core.redaction import redacted
from fsbus.store.database import Database, rows
from fsbus.wire.enrolment import Enrolled

READ_FIRST = "read_first"
"""The setting that says that feeds are to be read before operations are sent; see `read_first`."""
STANDING = "standing"
"""The setting that holds the centre's last word on this laptop; see `fsbus.store.standing`."""

DEMONSTRATION = "demonstration"
"""The setting that says that nothing here is real; see `require_real`."""
DEMONSTRATED = "Démonstration — rien de réel, rien ne part d’ici. «\u00a0Verrouiller\u00a0» ramène au premier écran, où l’on recommence à neuf."


@redacted()
@dataclass(frozen=True)
class Enrolment:
    """How this laptop is attached to its centre. Keys are raw Ed25519 keys of 32 bytes."""

    server_url: str
    device: str
    audience: str
    server_key: bytes
    signing_key: bytes = field(repr=False)
    feeds: tuple[str, ...]
    writes: str
    lease_key: bytes = field(default=b"", repr=False)
    """Proves a coordinator's code; empty when this laptop was enrolled before leases."""
    seal: str = ""
    """The centre's age recipient, for sticks; empty until the first hello of a centre that has one."""

    @classmethod
    def at(cls, server_url: str, enrolled: Enrolled) -> "Enrolment":
        """What the centre at this address granted."""
        return cls(
            server_url=server_url,
            device=enrolled.device,
            audience=enrolled.audience,
            server_key=enrolled.server_key,
            signing_key=enrolled.private_key,
            feeds=enrolled.feeds,
            writes=enrolled.writes,
            lease_key=enrolled.lease_key,
        )


@redacted("acked", "durable")
@dataclass(frozen=True)
class Link:
    """How far each side has come. ``acked``: the highest operation that the centre holds;
    ``positions``: feed to the last number applied from it; ``last_sync_at``: UTC text or None."""

    epoch: str
    acked: int
    durable: int
    positions: Mapping[str, int]
    last_sync_at: str | None
    enrolment: Enrolment | None


def read_link(db: Database) -> Link:
    """The link as it stands now."""
    epoch, acked, durable, last_sync_at, enrolment = next(
        rows(db, "SELECT epoch, acked, durable, last_sync_at, enrolment FROM link")
    )
    return Link(
        epoch=epoch,
        acked=acked,
        durable=durable,
        positions=dict(rows(db, "SELECT feed, position FROM positions ORDER BY feed")),
        last_sync_at=last_sync_at,
        enrolment=None if enrolment is None else msgspec.json.decode(enrolment, type=Enrolment),
    )


def told_of_demonstration(db: Database) -> str:
    """That nothing here is real, in French; empty when it is."""
    found = next(rows(db, "SELECT 1 FROM settings WHERE name = ?", (DEMONSTRATION,)), None)
    return DEMONSTRATED if found is not None else ""


def require_real(db: Database) -> None:
    """Raises NotAllowed in a demonstration: what it holds must never reach a centre."""
    if told_of_demonstration(db):
        raise NotAllowed("Ceci est une démonstration\u00a0: ce poste ne se rattache à aucun centre.")


def write_enrolment(db: Database, enrolment: Enrolment | None) -> None:
    """Keep the enrolment, keys included: the store is encrypted. Inside a transaction. See `require_real`."""
    if enrolment is not None:
        require_real(db)
    kept = None if enrolment is None else msgspec.json.encode(enrolment).decode()
    db.conn.execute("UPDATE link SET enrolment = ?", (kept,))
    # What the centre had refused was another enrolment, or it takes this one in by now.
    db.conn.execute("DELETE FROM settings WHERE name = ?", (STANDING,))


def read_first(db: Database) -> None:
    """Have the feeds read before anything more is said, inside a transaction.

    A store that was put back shows less than the authors of its operations had seen. The centre, which takes
    what they had seen for shown here, would not tell it again once their operations have come.
    """
    db.conn.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, '1')", (READ_FIRST,))


def forget_setting(db: Database, name: str) -> None:
    """Keep this setting no longer, inside a transaction."""
    db.conn.execute("DELETE FROM settings WHERE name = ?", (name,))
