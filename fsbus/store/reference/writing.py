"""Writes one kind of reference data in full, inside the transaction of its caller."""

import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from fsbus.core.catalog import Block, Commune, Fiche, Partner, Procedure, Structure, normalise
from fsbus.store.database import Database, rows
from fsbus.store.reference.fiche_text import body_text, is_technical
from fsbus.store.reference.schema import FIRST_BOOSTED_FICHE, FIRST_FICHE
from fsbus.store.reference.values import Counts, Edition

_PROCEDURES = "code, title, partner, fiche, documents, channels, service_host, topic, active, position"
_COMMUNES = (
    "insee_code, name, postcodes, departement_code, region_code, epci_code, epci_name, population,"
    " latitude, longitude, active, folded"
)
_STRUCTURES = (
    "id, departement_code, name, address, complement, insee_code, postcode, commune_name, latitude, longitude,"
    ' hours, by_appointment, comment, kind, format, "group", award, folded'
)
_FICHES = "code, title, kind, theme, updated_on, url, introduction, digest, body"
_Cells = tuple[object, ...]


def write_edition(db: Database, edition: Edition) -> None:
    """Remember which edition of one kind is in use, and over which shipped one it came."""
    db.conn.execute(
        "INSERT OR REPLACE INTO editions (kind, edition, origin, rows, digest, shipped) VALUES (?1, ?2, ?3, ?4, ?5,"
        " coalesce(nullif(?6, ''), (SELECT shipped FROM editions WHERE kind = ?1), ''))",
        (edition.kind, edition.edition, edition.origin, edition.rows, edition.digest, edition.shipped),
    )


def write_procedures(db: Database, procedures: Sequence[Procedure]) -> Counts:
    """The whole catalogue; procedures that are not in it any more stay, inactive."""
    cells = [
        (
            each.code, each.title, each.partner, each.fiche, ";".join(each.documents), "|".join(each.channels),
            each.service_host, each.topic, 1, position,
        )
        for position, each in enumerate(procedures)
    ]  # fmt: skip
    before = {str(row[0]): row for row in rows(db, f"SELECT {_PROCEDURES} FROM procedures")}
    counts = _compare(before, cells, active_at=8, width=9)
    db.conn.execute("UPDATE procedures SET active = 0")
    marks = _marks(_PROCEDURES)
    db.conn.executemany(f"INSERT OR REPLACE INTO procedures ({_PROCEDURES}) VALUES ({marks})", cells)
    return counts


def index_procedures(
    db: Database, partners: Mapping[str, Partner], aliases: Mapping[str, Sequence[str]]
) -> None:
    """Make the active procedures findable: by title, other names, partner, site and form number."""
    # Whatever cannot be seen any more is deleted too: the index keeps no text of its own to compare.
    db.conn.execute("DELETE FROM search WHERE rowid < ?", (FIRST_BOOSTED_FICHE,))
    db.conn.execute("DELETE FROM entries WHERE id < ?", (FIRST_BOOSTED_FICHE,))
    found = list(rows(db, f"SELECT {_PROCEDURES} FROM procedures WHERE active = 1 ORDER BY position"))
    for number, (code, title, partner, _, documents, _, host, _, _, _) in enumerate(found, start=1):
        owner = partners.get(str(partner))
        names = (owner.label, owner.short_label, *owner.aliases) if owner else ()
        forms = [each for each in str(documents).split(";") if "cerfa" in each]
        former = [
            name
            for each in partners.values()
            if str(partner) in each.replaced_by
            for name in (each.label, *each.aliases)
        ]
        _index(
            db,
            number,
            ("procedure", str(code), str(title), str(partner)),
            " / ".join(aliases.get(str(code), ())),
            " / ".join((str(code), *names, *former, str(host), *forms)),
        )


def write_communes(db: Database, communes: Sequence[Commune]) -> Counts:
    """The whole list; merged communes stay, inactive, after the others."""
    before = {str(row[0]): row for row in rows(db, f"SELECT {_COMMUNES} FROM communes")}
    cells: list[_Cells] = [
        (
            each.insee_code, each.name, " ".join(each.postcodes), each.departement_code, each.region_code,
            each.epci_code, each.epci_name, each.population, each.latitude, each.longitude, 1,
            normalise(each.name),
        )
        for each in sorted(communes, key=lambda each: (-(each.population or 0), each.insee_code))
    ]  # fmt: skip
    counts = _compare(before, cells, active_at=10, width=11)
    known = {row[0] for row in cells}
    active = len(cells)
    cells += [(*row[:10], 0, row[11]) for code, row in before.items() if code not in known]
    db.conn.execute("DELETE FROM communes")
    db.conn.execute("INSERT INTO communes_search (communes_search) VALUES ('delete-all')")
    marks = _marks(_COMMUNES)
    db.conn.executemany(
        f"INSERT INTO communes (rank, {_COMMUNES}) VALUES (?, {marks})",
        ((rank, *row) for rank, row in enumerate(cells, start=1)),
    )
    db.conn.executemany(
        "INSERT INTO communes_search (rowid, words) VALUES (?, ?)",
        (
            # « dep02 » lets one index answer for one département alone.
            (rank, f"{row[11]} {row[2]} {row[0]} dep{row[3]}")
            for rank, row in enumerate(cells[:active], start=1)
        ),
    )
    return counts


def write_structures(db: Database, structures: Sequence[Structure]) -> Counts:
    """The whole list; structures that closed are dropped."""
    cells: list[_Cells] = [
        (
            each.id, each.departement_code, each.name, each.address, each.complement, each.insee_code, each.postcode,
            each.commune_name, each.latitude, each.longitude, "\n".join(each.hours),
            None if each.by_appointment is None else int(each.by_appointment), each.comment, each.kind,
            each.format, each.group, each.award, normalise(f"{each.name} {each.commune_name}"),
        )
        for each in structures
    ]  # fmt: skip
    counts = _compare(
        {str(row[0]): row for row in rows(db, f"SELECT {_STRUCTURES} FROM structures")},
        cells,
        active_at=None,
        width=17,
    )
    db.conn.execute("DELETE FROM structures")
    marks = _marks(_STRUCTURES)
    db.conn.executemany(f"INSERT INTO structures ({_STRUCTURES}) VALUES ({marks})", cells)
    return counts


class FicheWriter:
    """Replaces every fiche, one at a time, so that a whole archive never stands in memory."""

    def __init__(self, db: Database, favourites: frozenset[str]) -> None:
        self._db = db
        self._favourites = favourites
        self._before = dict(rows(db, "SELECT code, digest FROM fiches"))
        self._added = self._changed = 0
        self._next = {True: FIRST_BOOSTED_FICHE, False: FIRST_FICHE}
        self.codes: set[str] = set()
        self.newest = ""
        db.conn.execute("DELETE FROM fiches")
        db.conn.execute("DELETE FROM entries")
        # Procedures leave the index too: the caller puts them back with `index_procedures`.
        db.conn.execute("INSERT INTO search (search) VALUES ('delete-all')")

    def add(self, fiche: Fiche, data: bytes) -> None:
        """Keep one fiche; ``data`` is its XML, to know later whether it changed."""
        digest = hashlib.sha256(data).hexdigest()[:16]
        known = self._before.get(fiche.code)
        self._added += known is None
        self._changed += known is not None and known != digest
        self.codes.add(fiche.code)
        self.newest = max(self.newest, fiche.updated_on)
        body = zlib.compress(msgspec.json.encode(fiche.blocks))
        marks = _marks(_FICHES)
        self._db.conn.execute(
            f"INSERT INTO fiches ({_FICHES}) VALUES ({marks})",
            (fiche.code, fiche.title, fiche.kind, fiche.theme, fiche.updated_on, fiche.url, fiche.introduction,
             digest, body),
        )  # fmt: skip
        if is_technical(fiche):
            return
        boosted = fiche.code in self._favourites or fiche.kind == "Dossier"
        number = self._next[boosted]
        self._next[boosted] += 1
        entry = ("fiche", fiche.code, fiche.title, "")
        _index(self._db, number, entry, fiche.introduction, body_text(fiche.blocks))

    def counts(self) -> Counts:
        """What changed, once every fiche is added."""
        return Counts(self._added, self._changed, len(self._before.keys() - self.codes))


def read_blocks(body: bytes) -> tuple[Block, ...]:
    """The blocks kept by `FicheWriter`."""
    return msgspec.json.decode(zlib.decompress(body), type=tuple[Block, ...])


def _index(db: Database, number: int, entry: tuple[str, str, str, str], names: str, body: str) -> None:
    db.conn.execute(
        "INSERT INTO entries (id, kind, code, title, partner) VALUES (?, ?, ?, ?, ?)", (number, *entry)
    )
    db.conn.execute(
        "INSERT INTO search (rowid, title, introduction, body) VALUES (?, ?, ?, ?)",
        (number, normalise(entry[2]), normalise(names), normalise(body)),
    )


def _compare(
    before: Mapping[str, _Cells],
    after: Iterable[_Cells],
    *,
    active_at: int | None,
    width: int,
) -> Counts:
    """Rows told apart by their first cell, compared on their first ``width`` cells."""
    old = dict(before)
    added = changed = 0
    for row in after:
        known = old.pop(str(row[0]), None)
        added += known is None
        changed += known is not None and known[:width] != row[:width]
    dropped = sum(1 for row in old.values() if active_at is None or row[active_at])
    return Counts(added, changed, dropped)


def _marks(columns: str) -> str:
    return ", ".join("?" for _ in columns.split(","))
