"""The tables and the full-text indexes of `reference.db`."""

from fsbus.store.database import Database, rows, transaction

VERSION = 1
"""Derived data is never migrated: another version is built again."""

FIRST_BOOSTED_FICHE = 1_000_000
FIRST_FICHE = 2_000_000
"""Row numbers carry the order of answers: procedures, then fiches that the catalogue names, then the rest.

So ranking needs no other table than the index itself."""

_TOKENS = "tokenize = 'unicode61 remove_diacritics 2'"
_TABLES = (
    """CREATE TABLE editions (
        kind TEXT PRIMARY KEY, edition TEXT NOT NULL, origin TEXT NOT NULL CHECK (origin IN ('shipped', 'imported')),
        rows INTEGER NOT NULL, digest TEXT NOT NULL, shipped TEXT NOT NULL) STRICT""",
    """CREATE TABLE procedures (
        code TEXT PRIMARY KEY, position INTEGER NOT NULL, title TEXT NOT NULL, partner TEXT NOT NULL,
        fiche TEXT NOT NULL, documents TEXT NOT NULL, channels TEXT NOT NULL, service_host TEXT NOT NULL,
        topic TEXT NOT NULL, active INTEGER NOT NULL CHECK (active IN (0, 1))) STRICT""",
    # The row number is the rank by population: the index gives big communes first, at no cost.
    """CREATE TABLE communes (
        rank INTEGER PRIMARY KEY, insee_code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, postcodes TEXT NOT NULL,
        departement_code TEXT NOT NULL, region_code TEXT NOT NULL, epci_code TEXT NOT NULL,
        epci_name TEXT NOT NULL, population INTEGER, latitude REAL, longitude REAL,
        active INTEGER NOT NULL CHECK (active IN (0, 1)), folded TEXT NOT NULL) STRICT""",
    "CREATE INDEX communes_by_name ON communes (folded)",
    f"""CREATE VIRTUAL TABLE communes_search USING fts5(
        words, content = '', detail = none, columnsize = 0, prefix = '1 2 3', {_TOKENS})""",
    """CREATE TABLE structures (
        id TEXT PRIMARY KEY, departement_code TEXT NOT NULL, name TEXT NOT NULL, address TEXT NOT NULL,
        complement TEXT NOT NULL, insee_code TEXT NOT NULL, postcode TEXT NOT NULL, commune_name TEXT NOT NULL,
        latitude REAL, longitude REAL, hours TEXT NOT NULL, by_appointment INTEGER, comment TEXT NOT NULL,
        kind TEXT NOT NULL, format TEXT NOT NULL, "group" TEXT NOT NULL, award TEXT NOT NULL,
        folded TEXT NOT NULL) STRICT""",
    "CREATE INDEX structures_by_departement ON structures (departement_code)",
    """CREATE TABLE fiches (
        code TEXT PRIMARY KEY, title TEXT NOT NULL, kind TEXT NOT NULL, theme TEXT NOT NULL,
        updated_on TEXT NOT NULL, url TEXT NOT NULL, introduction TEXT NOT NULL, digest TEXT NOT NULL,
        body BLOB NOT NULL) STRICT""",
    # What a hit shows; the same row numbers as in `search`.
    """CREATE TABLE entries (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, code TEXT NOT NULL, title TEXT NOT NULL,
        partner TEXT NOT NULL) STRICT""",
    f"""CREATE VIRTUAL TABLE search USING fts5(
        title, introduction, body, content = '', contentless_delete = 1, prefix = '1 2 3', {_TOKENS})""",
)


def has_schema(db: Database) -> bool:
    """Whether the file holds this version's tables."""
    return next(rows(db, "PRAGMA user_version")) == (VERSION,)


def create_schema(db: Database) -> None:
    """Make the tables in an empty file; does nothing if another connection just did."""
    with transaction(db):
        if has_schema(db):
            return
        for statement in _TABLES:
            db.conn.execute(statement)
        db.conn.execute(f"PRAGMA user_version = {VERSION}")
