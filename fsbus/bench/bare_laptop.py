"""The limit of a new laptop: an encrypted database that takes rows in and does nothing else with them."""

from pathlib import Path
from typing import Any

import msgspec
from backports import zstd

from fsbus.store.database import checkpoint, close_database, open_database


class BareLaptop:
    """One table; no rule, no index but the key, no full text."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._db = open_database(path, key)
        execute: Any = self._db.conn.execute
        execute("PRAGMA query_only = OFF")
        execute("CREATE TABLE record (id TEXT PRIMARY KEY, kind TEXT, body TEXT) WITHOUT ROWID")

    def take(self, body: bytes) -> None:
        """Every line of a zstd frame, in one durable transaction."""
        decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
        found = [decode(line) for line in zstd.decompress(body).split(b"\n")[1:]]
        rows = [(bytes(one["record"]), bytes(one["kind"]), bytes(one["set"])) for one in found]
        connection: Any = self._db.conn
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO record VALUES (CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT))", rows
        )
        connection.execute("COMMIT")
        checkpoint(self._db)

    def close(self) -> None:
        close_database(self._db)
