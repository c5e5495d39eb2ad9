"""The trust file that this laptop goes by, kept in its store: it never goes back to an older one."""

import msgspec

from fsbus.core.errors import NotAllowed
from fsbus.store.database import Database, rows
from fsbus.wire.trust import TrustFile, accept

TRUST = "trust"
"""The setting that holds the file, byte for byte."""
NEWEST = "trust_at_centre"
"""The setting that holds the version of the newest file that the centre has."""
_KEEP = (
    "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


def read_trusted(db: Database) -> TrustFile | None:
    """The file that was taken in, or None: it was proved then."""
    found = next(rows(db, "SELECT value FROM settings WHERE name = ?", (TRUST,)), None)
    return None if found is None else msgspec.json.decode(str(found[0]), type=TrustFile)


def take_trust(db: Database, raw: bytes, first_root: bytes | None) -> TrustFile:
    """Go by this file from now on, inside a transaction. Raises BadTrust, as `fsbus.wire.trust.accept`."""
    trust = accept(raw, read_trusted(db), first_root=first_root)
    db.conn.execute(_KEEP, (TRUST, raw.decode()))
    return trust


def note_newest(db: Database, version: int) -> None:
    """Keep which version the centre has, inside a transaction; it is only told, never trusted."""
    db.conn.execute(_KEEP, (NEWEST, str(version)))


def newest_at_centre(db: Database) -> int:
    """The version that the centre said it has; 0 when it has none, or was not asked."""
    found = next(rows(db, "SELECT value FROM settings WHERE name = ?", (NEWEST,)), None)
    return 0 if found is None else int(found[0])


def require_trusted_centre(db: Database, server_key: bytes) -> None:
    """Raises NotAllowed when a trust file is known and this centre is not in it."""
    trust = read_trusted(db)
    if trust is not None and not trust.knows_centre(server_key):
        raise NotAllowed(
            "Ce centre n’est pas dans le fichier de confiance de ce poste\u00a0: rien ne lui est envoyé. "
            "Appelez le coordinateur."
        )
