"""The numbered steps that bring a store to this release's tables; a newer store is refused."""

from collections.abc import Callable, Sequence

from fsbus.core.entities import AGENT, CONFLICT, PROCEDURE_RECORD, VISIT
from fsbus.core.errors import StoreTooNew
from fsbus.core.ids import new_replica
from fsbus.store import elsewhere, follow_ups, tables_of_the_day
from fsbus.store.database import Database, rows, transaction

_TABLES_1 = """
CREATE TABLE agents (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    name TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
    extra TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extra))
) STRICT;
CREATE TABLE visits (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    agent_id TEXT NOT NULL CHECK (length(agent_id) = 36),
    started_at TEXT NOT NULL CHECK (started_at GLOB '????-??-??T??:??:??Z'),
    visited_on TEXT NOT NULL CHECK (visited_on GLOB '????-??-??'),
    minutes INTEGER NOT NULL CHECK (minutes BETWEEN 1 AND 1439),
    channel TEXT NOT NULL,
    stop_commune TEXT CHECK (length(stop_commune) = 5),
    resident_commune TEXT CHECK (length(resident_commune) = 5),
    age_band TEXT NOT NULL,
    gender TEXT NOT NULL,
    first_visit INTEGER CHECK (first_visit IN (0, 1)),
    autonomy TEXT,
    equipment TEXT NOT NULL CHECK (json_type(equipment) = 'array'),
    satisfaction INTEGER CHECK (satisfaction BETWEEN 1 AND 3),
    resident_id TEXT CHECK (length(resident_id) = 36),
    note TEXT NOT NULL CHECK (length(note) <= 4000),
    version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
    extra TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extra))
) STRICT;
CREATE INDEX visits_by_day ON visits (visited_on, started_at);
CREATE INDEX visits_by_resident ON visits (resident_id) WHERE resident_id IS NOT NULL;
CREATE TABLE procedure_records (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    -- No foreign key: by sync, a record may come before its visit.
    visit_id TEXT NOT NULL CHECK (length(visit_id) = 36),
    partner TEXT NOT NULL,
    procedure TEXT NOT NULL CHECK (procedure <> ''),
    nature TEXT NOT NULL,
    mode TEXT NOT NULL,
    outcome TEXT NOT NULL,
    precise_answer TEXT NOT NULL CHECK (length(precise_answer) <= 2000),
    missing_documents TEXT NOT NULL CHECK (json_type(missing_documents) = 'array'),
    blockers TEXT NOT NULL CHECK (json_type(blockers) = 'array'),
    referral TEXT CHECK (json_type(referral) = 'object'),
    follow_up TEXT CHECK (json_type(follow_up) = 'object'),
    mandate TEXT CHECK (json_type(mandate) = 'object'),
    version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
    extra TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extra))
) STRICT;
CREATE INDEX records_by_visit ON procedure_records (visit_id);
CREATE TABLE conflicts (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    record_id TEXT NOT NULL CHECK (length(record_id) = 36),
    record_kind TEXT NOT NULL,
    field TEXT NOT NULL,
    local TEXT CHECK (json_valid(local)),
    central TEXT CHECK (json_valid(central)),
    actor TEXT NOT NULL,
    hlc TEXT NOT NULL,
    status TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
    extra TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extra))
) STRICT;
CREATE INDEX conflicts_by_record ON conflicts (record_id);

-- The erased ids: erasure wins over whatever comes later.
CREATE TABLE erased (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
-- Records that a newer fsbus made and this one cannot show: kept whole for the release that can.
CREATE TABLE strangers (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, version INTEGER NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body))
) STRICT, WITHOUT ROWID;

-- The operation log; `line` holds the exact bytes that travel.
CREATE TABLE operations (
    replica TEXT NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    record_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    verb TEXT NOT NULL CHECK (verb IN ('create', 'set', 'erase', 'void')),
    line BLOB NOT NULL,
    result TEXT,
    why TEXT,
    PRIMARY KEY (replica, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX operations_by_record ON operations (record_id);
CREATE INDEX operations_put_aside ON operations (result) WHERE result = 'quarantined';

CREATE TABLE link (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    replica TEXT NOT NULL CHECK (length(replica) = 32),
    epoch TEXT NOT NULL DEFAULT '',
    acked INTEGER NOT NULL DEFAULT 0,
    durable INTEGER NOT NULL DEFAULT 0,
    last_sync_at TEXT,
    enrolment TEXT CHECK (json_valid(enrolment))
) STRICT;
CREATE TABLE positions (feed TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- One index for all texts: each index costs every save some pages. `rowid` is twice the `n` of a
-- visit, and one more than that for a procedure record.
CREATE VIRTUAL TABLE texts USING fts5 (
    note, answer, referral, documents, columnsize = 0, tokenize = "unicode61 remove_diacritics 2"
);
-- Without this, an erased name stays readable in the index.
INSERT INTO texts (texts, rank) VALUES ('secure-delete', 1);
-- Small segments are merged less often than by default: a save is waited for, a search is rare.
INSERT INTO texts (texts, rank) VALUES ('automerge', 16);
"""

RECORD_TEXT = """
    new.precise_answer,
    concat_ws(' ', json_extract(new.referral, '$.partner'), json_extract(new.referral, '$.contact')),
    (SELECT group_concat(value, ' ') FROM json_each(new.missing_documents))"""

_HAS_RECORD_TEXT = "new.precise_answer <> '' OR new.referral IS NOT NULL OR new.missing_documents <> '[]'"
_ADD_RECORD = f"""
        INSERT INTO texts (rowid, answer, referral, documents) SELECT new.n * 2 + 1, {RECORD_TEXT}
        WHERE {_HAS_RECORD_TEXT}"""

TRIGGERS = {
    "visit_texts_insert": """AFTER INSERT ON visits WHEN new.note <> '' BEGIN
        INSERT INTO texts (rowid, note) VALUES (new.n * 2, new.note); END""",
    "visit_texts_update": """AFTER UPDATE OF note ON visits WHEN new.note <> old.note BEGIN
        DELETE FROM texts WHERE rowid = old.n * 2;
        INSERT INTO texts (rowid, note) SELECT new.n * 2, new.note WHERE new.note <> ''; END""",
    "visit_texts_delete": """AFTER DELETE ON visits WHEN old.note <> '' BEGIN
        DELETE FROM texts WHERE rowid = old.n * 2; END""",
    "record_texts_insert": f"""AFTER INSERT ON procedure_records WHEN {_HAS_RECORD_TEXT} BEGIN
        {_ADD_RECORD}; END""",
    "record_texts_update": f"""AFTER UPDATE OF precise_answer, referral, missing_documents ON procedure_records
        BEGIN
        DELETE FROM texts WHERE rowid = old.n * 2 + 1; {_ADD_RECORD}; END""",
    "record_texts_delete": """AFTER DELETE ON procedure_records BEGIN
        DELETE FROM texts WHERE rowid = old.n * 2 + 1; END""",
}
"""Keep the full-text index in step, in the transaction of the row."""

REFILL_TEXTS = (
    "INSERT INTO texts (rowid, note) SELECT n * 2, note FROM visits WHERE note <> ''",
    f"""INSERT INTO texts (rowid, answer, referral, documents) SELECT new.n * 2 + 1, {RECORD_TEXT}
        FROM procedure_records AS new WHERE {_HAS_RECORD_TEXT}""",
)
"""Fill an empty full-text index from the rows, with the very texts of the triggers."""


def restore_triggers(db: Database) -> None:
    """Make every trigger anew, as each migration ends: `transform()` of sqlite-utils drops them silently."""
    for name, body in TRIGGERS.items():
        db.conn.execute(f"DROP TRIGGER IF EXISTS {name}")
        db.conn.execute(f"CREATE TRIGGER {name} {body}")


def _first_tables(db: Database) -> None:
    """2026-11-23: visits, procedure records, agents, conflicts, the operation log, the link to the centre."""
    # Not executescript: it would commit the transaction that holds the migration.
    for statement in _statements(_TABLES_1):
        db.conn.execute(statement)
    db.conn.execute("INSERT INTO link (only, replica) VALUES (1, ?)", (new_replica(),))


_TABLES_OF_FORMER_NAMES = """
-- Names that this store had before, and what the centre said of each in the life `epoch`.
CREATE TABLE former_replicas (
    n INTEGER PRIMARY KEY,
    replica TEXT NOT NULL UNIQUE CHECK (length(replica) = 32),
    acked INTEGER NOT NULL,
    durable INTEGER NOT NULL,
    epoch TEXT NOT NULL DEFAULT '',
    asked_on TEXT NOT NULL DEFAULT ''
) STRICT;
-- Up to which operation the centre had acknowledged at the end of a day.
CREATE TABLE acknowledged (
    replica TEXT NOT NULL, day TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (replica, day)
) STRICT, WITHOUT ROWID;
INSERT INTO former_replicas (replica, acked, durable)
    SELECT o.replica, max(o.seq), 0 FROM operations AS o JOIN link ON o.replica <> link.replica
    GROUP BY o.replica ORDER BY min(json_extract(CAST(o.line AS TEXT), '$.hlc'));
INSERT INTO acknowledged (replica, day, seq)
    SELECT replica, substr(last_sync_at, 1, 10), acked FROM link WHERE last_sync_at IS NOT NULL
    UNION ALL SELECT f.replica, substr(last_sync_at, 1, 10), f.acked FROM former_replicas AS f, link
    WHERE last_sync_at IS NOT NULL;
"""


def _former_names(db: Database) -> None:
    """2026-11-23: former replicas, days of acknowledgement."""
    for statement in _statements(_TABLES_OF_FORMER_NAMES):
        db.conn.execute(statement)


_TABLES_2 = """
-- A snapshot on its way: a row is a feed to be filled so, `id` is empty until one was chosen.
CREATE TABLE incoming (
    feed TEXT PRIMARY KEY, id TEXT NOT NULL DEFAULT '', position INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL DEFAULT 0, sha256 TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE TABLE incoming_parts (
    n INTEGER PRIMARY KEY, feed TEXT NOT NULL, start INTEGER NOT NULL, bytes BLOB NOT NULL, UNIQUE (feed, start)
) STRICT;
"""


def _snapshots(db: Database) -> None:
    """2026-11-23: snapshots on their way."""
    for statement in _statements(_TABLES_2):
        db.conn.execute(statement)


def _other_feeds(db: Database) -> None:
    """2026-11-23: the records of other feeds than the laptop's own."""
    for statement in _statements(elsewhere.TABLES):
        db.conn.execute(statement)


def _sticks(db: Database) -> None:
    """2026-11-23: the requests that left on a stick, whose answers may come back."""
    db.conn.execute(
        "CREATE TABLE sent_by_stick (bundle TEXT NOT NULL, place INTEGER NOT NULL, at TEXT NOT NULL,"
        " signature TEXT NOT NULL, header TEXT NOT NULL CHECK (json_valid(header)),"
        " PRIMARY KEY (bundle, place)) STRICT, WITHOUT ROWID"
    )


_TABLES_OF_DELETED = """
-- Records recorded by mistake: kept whole, out of every table that is shown, searched or counted.
-- `own` is 0 for one that only hangs on a deleted record.
CREATE TABLE deleted (
    id TEXT PRIMARY KEY CHECK (length(id) = 36),
    kind TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 0),
    own INTEGER NOT NULL CHECK (own IN (0, 1)),
    body TEXT NOT NULL CHECK (json_valid(body)),
    extra TEXT NOT NULL CHECK (json_valid(extra))
) STRICT, WITHOUT ROWID;
CREATE TABLE conflicts_2 (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    record_id TEXT NOT NULL CHECK (length(record_id) = 36),
    record_kind TEXT NOT NULL,
    field TEXT NOT NULL,
    local TEXT CHECK (json_valid(local)),
    central TEXT CHECK (json_valid(central)),
    actor TEXT NOT NULL,
    hlc TEXT NOT NULL,
    central_actor TEXT NOT NULL,
    central_hlc TEXT NOT NULL,
    status TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
    extra TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extra))
) STRICT;
INSERT INTO conflicts_2 SELECT n, id, record_id, record_kind, field, local, central, actor, hlc, '', '', status,
    version, extra FROM conflicts;
DROP TABLE conflicts;
ALTER TABLE conflicts_2 RENAME TO conflicts;
CREATE INDEX conflicts_by_record ON conflicts (record_id);
-- A CHECK cannot be changed in place, and the verb 'delete' is new.
CREATE TABLE operations_2 (
    replica TEXT NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    record_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    verb TEXT NOT NULL CHECK (verb IN ('create', 'set', 'delete', 'erase', 'void')),
    line BLOB NOT NULL,
    result TEXT,
    why TEXT,
    PRIMARY KEY (replica, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO operations_2 SELECT replica, seq, record_id, kind, verb, line, result, why FROM operations;
DROP TABLE operations;
ALTER TABLE operations_2 RENAME TO operations;
CREATE INDEX operations_by_record ON operations (record_id);
CREATE INDEX operations_put_aside ON operations (result) WHERE result = 'quarantined'
"""


def _deleted_records(db: Database) -> None:
    """2026-11-23: records recorded by mistake; who wrote the value that a conflict's centre kept."""
    for statement in _statements(_TABLES_OF_DELETED):
        db.conn.execute(statement)


def _tables_of_the_day(db: Database) -> None:
    """2026-11-24: circuit, passages, incidents, queue, residents, appointments, workshops."""
    for statement in _statements(tables_of_the_day.TABLES):
        db.conn.execute(statement)


def _open_follow_ups(db: Database) -> None:
    """2026-11-24: indexes of the follow-ups, open and done."""
    for statement in _statements(follow_ups.INDEXES):
        db.conn.execute(statement)


Migration = Callable[[Database], None]
MIGRATIONS: tuple[Migration, ...] = (
    _first_tables,
    _former_names,
    _snapshots,
    _other_feeds,
    _sticks,
    _deleted_records,
    _tables_of_the_day,
    _open_follow_ups,
)
SINCE_DELETED = 6
"""The first number of a store that keeps deleted records."""
SINCE_THE_DAY = 7
"""The first number of a store that has every kind; before, `FIRST_KINDS`."""
FIRST_KINDS = frozenset({AGENT, VISIT, PROCEDURE_RECORD, CONFLICT})


def version_of(db: Database) -> int:
    """How many migrations this store has seen."""
    return int(next(rows(db, "PRAGMA user_version"))[0])


def require_known(db: Database, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Raise StoreTooNew when a newer fsbus made the store."""
    if version_of(db) > len(migrations):
        raise StoreTooNew(
            "Cette base a été écrite par une version plus récente de fsbus : installez-la. Rien n’a été changé."
        )


def migrate(db: Database, migrations: Sequence[Migration] = MIGRATIONS) -> int:
    """Bring the store to the last of ``migrations``, all in one transaction; how many were run.

    Raises StoreTooNew, with nothing changed, when a newer fsbus made the store.
    """
    found = version_of(db)
    require_known(db, migrations)
    if found < len(migrations):
        with transaction(db):
            # Another process may have just done it.
            for number in range(version_of(db), len(migrations)):
                migrations[number](db)
                restore_triggers(db)
                db.conn.execute(f"PRAGMA user_version = {number + 1}")
    return len(migrations) - found


def _statements(script: str) -> list[str]:
    """One statement per item; comments must hold no semicolon."""
    lines = (line for line in script.splitlines() if not line.strip().startswith("--"))
    return [statement.strip() for statement in "\n".join(lines).split(";") if statement.strip()]
