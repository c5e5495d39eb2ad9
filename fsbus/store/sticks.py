"""Remembers the requests that left on a stick: only an answer to one of them is taken."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from fsbus.core.clock import as_utc_text
from fsbus.store.database import Database, rows
from fsbus.wire.api import RequestHeader

KEPT = timedelta(days=30)
Sent = tuple[str, RequestHeader]
"""The signature of a request, and its header."""


def keep_sent(db: Database, bundle: str, sent: Sequence[Sent], now: datetime) -> None:
    """Remember the requests of one file, in a transaction; those that left too long ago are forgotten."""
    db.conn.execute("DELETE FROM sent_by_stick WHERE at < ?", (as_utc_text(now - KEPT),))
    db.conn.executemany(
        "INSERT INTO sent_by_stick (bundle, place, at, signature, header) VALUES (?, ?, ?, ?, ?)",
        [
            (bundle, place, as_utc_text(now), signature, msgspec.json.encode(header).decode())
            for place, (signature, header) in enumerate(sent)
        ],
    )


def sent_in(db: Database, bundle: str) -> list[Sent]:
    """The requests of one file, in their order; none when it is not known here."""
    kept = rows(db, "SELECT signature, header FROM sent_by_stick WHERE bundle = ? ORDER BY place", (bundle,))
    return [(str(signature), msgspec.json.decode(header, type=RequestHeader)) for signature, header in kept]
