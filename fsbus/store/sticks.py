"""Remembers the requests that left on a stick: only an answer to one of them is taken."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from fsbus.core.clock import as_utc_text
from fsbus.store.database import Database, rows
from fsbus.store.store import Store
from fsbus.wire.api import RequestHeader

KEPT = timedelta(days=30)
Sent = tuple[str, RequestHeader]
"""The signature of a request, and its header."""


_WRITTEN = "sticks_written"
_KEPT_FILES = 20
"""Of how many files it is still known that they left from here."""


def note_written(store: Store, sealed: bytes) -> None:
    """Remember a file that leaves: sealed to the centre, it cannot be read here any more."""
    known = (store.setting(_WRITTEN) or "").split()
    store.set_setting(_WRITTEN, " ".join([_name_of(sealed), *known][:_KEPT_FILES]))


def was_written_here(store: Store, sealed: bytes) -> bool:
    """Whether this is a file that this laptop wrote itself, one of the last."""
    return _name_of(sealed) in (store.setting(_WRITTEN) or "").split()


def _name_of(sealed: bytes) -> str:
    return hashlib.sha256(sealed).hexdigest()[:32]


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
