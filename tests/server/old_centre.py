"""Makes a centre of an older release, with what a real one of that release held."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Boolean, MetaData, insert

from fsbus.server.database import connect
from fsbus.server.migrations import upgrade

GOLDEN = Path(__file__).parents[1] / "golden" / "centre" / "v0002.sql"
KEY = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="  # of tests only


def make_old_centre(url: str, release: str) -> None:
    """The tables of that migration, on either engine, filled with what they knew of a real centre of v0002."""
    database = connect(url)
    try:
        with database.write() as connection, closing(sqlite3.connect(":memory:")) as dump:
            upgrade(connection, release)
            dump.executescript(GOLDEN.read_text(encoding="utf-8"))
            metadata = MetaData()
            metadata.reflect(connection)
            for table in metadata.sorted_tables:
                if table.name == "alembic_version":
                    continue
                names = [column.name for column in table.columns]
                for row in dump.execute(f"SELECT {', '.join(names)} FROM {table.name}"):
                    values = dict(zip(names, row, strict=True))
                    for column in table.columns:
                        if isinstance(column.type, Boolean) and values[column.name] is not None:
                            values[column.name] = bool(values[column.name])
                    connection.execute(insert(table).values(values))
    finally:
        database.close()
