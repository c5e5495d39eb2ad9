"""A centre with some days of work, and what a test asks of its backups."""

from pathlib import Path

from fsbus.core.lives import LIFE
from fsbus.server import tables
from fsbus.server.centre import Centre
from fsbus.server.database import select
from fsbus.server.direct import DirectApi
from tests.server.laptop import Notebook, numbered_id, record_body, visit_body

ERASED = numbered_id(100)


def work(api: DirectApi, first: int = 100, visits: int = 3) -> Notebook:
    """Visits with a procedure record each; the first one is erased."""
    notes = Notebook()
    for number in range(first, first + 10 * visits, 10):
        notes.create(numbered_id(number), visit_body(note=f"note {number}"), hlc=f"{number}")
        notes.create(numbered_id(number + 1), record_body(numbered_id(number)), "procedure_record")
    notes.add("erase", numbered_id(first))
    api.exchange(notes.request(api.centre.epoch))
    return notes


def content(centre: Centre) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that a restoring brings back as it was."""
    found = {}
    with centre.database.read() as connection:
        for table in tables.metadata.sorted_tables:
            if table.name in ("centre", "backups", "enroll_codes", "replicas"):
                continue
            columns = [column for column in table.columns if column.name != "plain_for"]
            # The number of the life stands above the version that the record had.
            kept = [column % LIFE if column is tables.records.c.version else column for column in columns]
            rows = connection.execute(select(*kept).order_by(*table.primary_key)).all()
            found[table.name] = [tuple(map(_plain, row)) for row in rows]
    return found


def durable(centre: Centre) -> dict[str, int]:
    """Replica to the last operation that is inside a verified backup."""
    with centre.database.read() as connection:
        return {row.id: row.durable_seq for row in connection.execute(select(tables.replicas))}


def url_in(folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    return f"sqlite:///{folder / 'centre.db'}"


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value
