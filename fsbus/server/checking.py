"""Checks that the centre's database agrees with itself, down to the last operation."""

from dataclasses import dataclass

from fsbus.core.redaction import redacted
from fsbus.server import tables
from fsbus.server.centre import Centre
from fsbus.server.checking_kept import kept_problems
from fsbus.server.database import Connection, func, pages, select
from fsbus.wire.codec import op_digest


@redacted()
@dataclass(frozen=True)
class CentreCheck:
    """What was counted, and what is wrong in words; ``problems`` is empty when all is well."""

    devices: int
    replicas: int
    operations: int
    records: int
    erased: int
    quarantined: int
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


def check(centre: Centre) -> CentreCheck:
    """Read the whole database: the engine's own check, the log, the records, the counters, the digests."""
    problems = [f"base : {text}" for text in centre.database.integrity()]
    with centre.database.read(patient=True) as connection:
        problems += _log_problems(connection)
        problems += _record_problems(connection)
        problems += _counter_problems(connection)
        problems += _digest_problems(connection)
        problems += kept_problems(centre, connection)
        log, records = tables.log, tables.records
        return CentreCheck(
            devices=_count(connection, tables.devices.c.id),
            replicas=_count(connection, tables.replicas.c.id),
            operations=_count(connection, log.c.seq),
            records=_count(connection, records.c.id),
            erased=_count(connection, records.c.erased_at),
            quarantined=connection.execute(
                select(func.count()).select_from(log).where(log.c.result == "quarantined")
            ).scalar_one(),
            problems=tuple(problems),
        )


def _log_problems(connection: Connection) -> list[str]:
    """Each replica's operations are 1, 2, 3… to the last one that was acknowledged."""
    log, replicas = tables.log, tables.replicas
    found = {
        (row.feed, row.replica): (row.count, row.lowest, row.highest)
        for row in connection.execute(
            select(
                log.c.feed,
                log.c.replica,
                func.count().label("count"),
                func.min(log.c.seq).label("lowest"),
                func.max(log.c.seq).label("highest"),
            ).group_by(log.c.feed, log.c.replica)
        )
    }
    problems = []
    for row in connection.execute(select(replicas.c.id, replicas.c.feed, replicas.c.last_seq)):
        count, lowest, highest = found.pop((row.feed, row.id), (0, 1, 0))
        if (count, lowest, highest) != (row.last_seq, 1, row.last_seq):
            problems.append(f"journal : {row.id} a {count} opérations, {row.last_seq} sont attendues")
    return problems + [f"journal : {replica} n’est pas un poste connu" for _, replica in found]


def _record_problems(connection: Connection) -> list[str]:
    """A record has its fields in the table of its kind, an erased one has none, and nothing else is there."""
    records = tables.records
    problems = []
    for kind, table in tables.TYPED.items():
        same = (table.c.feed == records.c.feed) & (table.c.id == records.c.id)
        alive = (records.c.kind == kind) & records.c.erased_at.is_(None)
        lost = select(records.c.id).join(table, same, isouter=True).where(alive, table.c.id.is_(None))
        problems += [f"{kind} : {key} n’a plus de contenu" for key in connection.execute(lost).scalars()]
        stray = select(table.c.id).join(records, same & alive, isouter=True).where(records.c.id.is_(None))
        problems += [f"{kind} : {key} ne devrait plus exister" for key in connection.execute(stray).scalars()]
    return problems


def _counter_problems(connection: Connection) -> list[str]:
    """No record has a number that its feed has not given out."""
    records, feeds = tables.records, tables.feeds
    given = {row.name: row.seq for row in connection.execute(select(feeds))}
    used = select(records.c.feed, func.max(records.c.feed_seq).label("highest")).group_by(records.c.feed)
    return [
        f"fil {row.feed} : numéro {row.highest} jamais donné"
        for row in connection.execute(used)
        if row.highest > given.get(row.feed, 0)
    ]


def _digest_problems(connection: Connection) -> list[str]:
    """Every operation that was not emptied is, to the byte, the one that came."""
    log = tables.log
    statement = select(log.c.replica, log.c.seq, log.c.digest, log.c.line).where(func.length(log.c.line) > 0)
    return [
        f"journal : l’opération {row.replica}:{row.seq} a changé"
        for page in pages(connection, statement)
        for row in page
        if op_digest(row.line) != row.digest
    ]


def _count(connection: Connection, column: object) -> int:
    return int(connection.execute(select(func.count(column))).scalar_one())  # type: ignore[arg-type]  # any column
