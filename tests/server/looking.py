"""Looks for words in all that a centre keeps, wherever its engine puts it."""

from pathlib import Path

from fsbus.server import tables
from fsbus.server.centre import Centre
from fsbus.server.database import select


def all_that_is_kept(centre: Centre, folder: Path) -> bytes:
    """The bytes of every file of the folder and, on PostgreSQL, of every row of every table."""
    found = b"".join(path.read_bytes() for path in folder.iterdir())
    if centre.database.is_sqlite:
        return found
    with centre.database.read() as connection:
        for table in tables.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                found += b"\n".join(
                    value if isinstance(value, bytes) else str(value).encode() for value in row
                )
    return found
