"""The feeds of the centre and the regions that they belong to."""

from dataclasses import dataclass

from fsbus.core.errors import InvalidInput
from fsbus.core.redaction import redacted
from fsbus.server import tables
from fsbus.server.centre import Centre
from fsbus.server.database import func, select, update
from fsbus.server.granting import is_training

LONGEST_NAME = 80


@redacted("records", "devices")
@dataclass(frozen=True)
class FeedLine:
    """One feed, for a listing. ``records`` counts those neither erased nor deleted, ``devices`` the laptops of this home."""

    feed: str
    region: str | None
    training: bool
    records: int
    devices: int


def feeds(centre: Centre) -> list[FeedLine]:
    """Every feed, by region then by name."""
    table, records, devices = tables.feeds, tables.records, tables.devices
    with centre.database.read() as connection:
        kept = {
            row.feed: row.many
            for row in connection.execute(
                select(records.c.feed, func.count().label("many"))
                .where(records.c.erased_at.is_(None), ~records.c.deleted)
                .group_by(records.c.feed)
            )
        }
        homes = {
            row.feed: row.many
            for row in connection.execute(
                select(devices.c.feed, func.count().label("many"))
                .where(devices.c.revoked_at.is_(None))
                .group_by(devices.c.feed)
            )
        }
        rows = connection.execute(select(table.c.name, table.c.region)).all()
    lines = [
        FeedLine(row.name, row.region, is_training(row.name), kept.get(row.name, 0), homes.get(row.name, 0))
        for row in rows
    ]
    return sorted(lines, key=lambda line: (line.region or "", line.feed))


def set_region(centre: Centre, feed: str, region: str | None) -> None:
    """Let a feed join a region, or leave its own (None). Its coordinator's laptops hear it at their next exchange.

    Raises InvalidInput (``feed``, ``region``).
    """
    if region is not None and not is_feed_name(region):
        raise InvalidInput(
            {
                "region": f"Le nom d’une région a de 1 à {LONGEST_NAME} caractères visibles, sans «\u00a0/\u00a0»."
            }
        )
    if region is not None and is_training(region):
        raise InvalidInput({"region": "Une région n’est jamais un fil de formation."})
    table = tables.feeds
    with centre.database.write() as connection:
        changed = connection.execute(update(table).where(table.c.name == feed).values(region=region)).rowcount
    if not changed:
        raise InvalidInput(
            {
                "feed": "Aucun fil de ce nom\u00a0: voyez «\u00a0fsbus server feeds\u00a0». Un fil naît avec son premier code."
            }
        )


def is_feed_name(name: str) -> bool:
    """Whether a feed or a region may be called so: it is a step of paths (« Snapshot » of PROTOCOL.md) too."""
    shown = 0 < len(name) <= LONGEST_NAME and name.isprintable() and name == name.strip()
    return shown and "/" not in name and name.strip(".") != ""
