"""The trust file that this laptop goes by, kept in its store: it never goes back to an older one."""

import msgspec

from fsbus.core.errors import NotAllowed
from fsbus.store.database import Database, rows
from fsbus.wire.trust import TrustFile, accept

TRUST = "trust"
"""The setting that holds the file, byte for byte."""
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


def require_trusted_centre(db: Database, server_key: bytes) -> None:
    """Raises NotAllowed when a trust file is known and this centre is not in it."""
    trust = read_trusted(db)
    if trust is not None and not trust.knows_centre(server_key):
        raise NotAllowed(
            "Ce centre n’est pas dans le fichier de confiance de ce poste\u00a0: rien ne lui est envoyé. "
            "Appelez le coordinateur."
        )
