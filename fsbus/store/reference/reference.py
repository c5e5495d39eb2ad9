"""Opens `reference.db` and answers every question about the official lists."""

import contextlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from fsbus.core.catalog import Catalog, Commune, Fiche, Partner, Procedure, Structure, normalise
from fsbus.core.catalog_files import parts
from fsbus.core.errors import InvalidInput, StoreDamaged, StoreError
from fsbus.store.database import (
    Database,
    close_database,
    copy_to_memory,
    open_database,
    open_memory,
    open_unchanged,
    rows,
)
from fsbus.store.reference.editions import WORDS, editions_in, renew
from fsbus.store.reference.loading import Job, load
from fsbus.store.reference.query import expressions, search_words
from fsbus.store.reference.schema import FIRST_BOOSTED_FICHE, FIRST_FICHE, create_schema, has_schema
from fsbus.store.reference.spelling import Spelling
from fsbus.store.reference.values import KINDS, Cancelled, Edition, Hit, ImportReport, Progress
from fsbus.store.reference.words import Words, shipped_words
from fsbus.store.reference.writing import read_blocks

# Title, other names or introduction, then body. The row number says what comes first (see schema).
SEARCH = f"""SELECT rowid FROM search WHERE search MATCH ? AND rowid < ?
    ORDER BY rowid >= {FIRST_BOOSTED_FICHE},
    bm25(search, 10.0, 4.0, 1.0) * CASE WHEN rowid < {FIRST_FICHE} THEN 1.5 ELSE 1.0 END LIMIT ?"""
_EVERYTHING = 2**62

_COMMUNE = (
    "insee_code, name, postcodes, departement_code, region_code, epci_code, epci_name, population, latitude,"
    " longitude, active"
)
_STRUCTURE = (
    "id, departement_code, name, address, complement, insee_code, postcode, commune_name, latitude, longitude,"
    ' hours, by_appointment, comment, kind, format, "group", award'
)


class Reference:
    """The official lists of this laptop, for the thread that opens it only."""

    def __init__(self, db: Database, words: Words) -> None:
        self.db = db
        self._words = words
        self._catalog: Catalog | None = None
        self._hits: Mapping[int, Hit] = {}
        self._spelling: Spelling | None = None
        self._seen: object = None
        self._met: set[str] = set()

    @classmethod
    def open(cls, path: Path, key: bytes, *, progress: Progress | None = None) -> "Reference":
        """Open, building first what is missing or older than what this release ships (1 to 3 seconds).

        A damaged file, or one of another key or version, holds nothing that cannot be built again:
        it is replaced. Raises StoreUnavailable (disk full, no right).
        """
        words = shipped_words()
        try:
            db = _ready(path, key)
        except StoreDamaged:
            _remove(path)
            db = _ready(path, key)
        try:
            renew(db, words, progress)
        except BaseException:
            close_database(db)
            raise
        return cls(db, words)

    @classmethod
    def held(cls, path: Path, key: bytes) -> "Reference":
        """The lists of this file in memory, built there when it cannot be read; no file is changed."""
        name = f"lists-{secrets.token_hex(8)}"
        db = open_memory(name, key)
        with contextlib.suppress(StoreError):
            source = open_unchanged(path, key)
            try:
                copy_to_memory(source, name)
            finally:
                source.conn.close()
        try:
            if not has_schema(db):
                create_schema(db)
            words = shipped_words()
            renew(db, words, None)
        except BaseException:
            close_database(db)
            raise
        return cls(db, words)

    @staticmethod
    def discard(path: Path) -> None:
        """Remove the file, closed before; the next `open` builds it anew from what is shipped."""
        _remove(path)

    def close(self) -> None:
        """Close the file."""
        close_database(self.db)

    def editions(self) -> dict[str, Edition]:
        """The edition in use of each kind: ``catalog``, ``communes``, ``structures``, ``fiches``."""
        return {kind: edition for kind, edition in editions_in(self.db).items() if kind != WORDS}

    def load(
        self, kind: str, path: Path, *, progress: Progress | None = None, cancelled: Cancelled | None = None
    ) -> ImportReport:
        """Take a new edition of one kind; see `fsbus.actions.imports.import_reference`."""
        if kind not in KINDS:
            raise InvalidInput({"kind": f"« {kind} » inconnu : {', '.join(KINDS)}."})
        report = load(kind, Job(self.db, path, self._words, progress=progress, cancelled=cancelled))
        self._seen = None
        return report

    # --- procedures and partners ---------------------------------------------------------------------------

    def catalog(self) -> Catalog:
        """The catalogue, inactive procedures last; read again only when someone imported another."""
        self._refresh()
        if self._catalog is None:
            self._catalog = Catalog(tuple(self._procedures()), self._words.partners)
        return self._catalog

    def _refresh(self) -> None:
        """Forget what was read, once this connection or another has changed the file."""
        version = next(rows(self.db, "PRAGMA data_version"))
        if version != self._seen:
            self._seen = version
            self._catalog = None
            self._hits = {}
            self._spelling = None

    def procedure(self, code: str) -> Procedure | None:
        """The procedure of that code; None when unknown."""
        return self.catalog().procedure(code)

    def partner(self, code: str) -> Partner | None:
        """The partner of that code; None when unknown."""
        return self.catalog().partner(code)

    def partner_label(self, code: str) -> str:
        """The short French label of a partner; the code itself when unknown."""
        return self.catalog().partner_label(code)

    def partner_of(self, procedure: str, day: str) -> str | None:
        """The code of the partner in force on that day for a procedure; None when it is unknown."""
        catalog = self.catalog()
        known = catalog.procedure(procedure)
        return catalog.partner_on(known.partner, day) if known else None

    def _procedures(self) -> Iterator[Procedure]:
        found = rows(
            self.db,
            "SELECT code, title, partner, fiche, documents, channels, service_host, topic, active"
            " FROM procedures ORDER BY active DESC, position",
        )
        for code, title, partner, fiche, documents, channels, host, topic, active in found:
            yield Procedure(
                str(code), str(title), str(partner), str(fiche), parts(str(documents), ";"), parts(str(channels)),
                str(host), str(topic), self._words.aliases.get(str(code), ()), bool(active),
            )  # fmt: skip

    # --- search --------------------------------------------------------------------------------------------

    def search(self, text: str, limit: int = 20) -> list[Hit]:
        """Procedures first, then fiches; every word, else with one wrong letter put right, else any word. Any text is safe."""
        return list(self._search(text, limit, _EVERYTHING).values())

    def search_procedures(self, text: str, limit: int = 20, day: str | None = None) -> list[Hit]:
        """Procedures only, as one types; partners are told as of that day (``YYYY-MM-DD``) when given."""
        found = self._search(text, limit, FIRST_BOOSTED_FICHE).values()
        if not day:
            return list(found)
        catalog = self.catalog()
        told = {}
        for hit in found:
            owner = self.partner_of(hit.code, day)
            told[hit.code] = replace(hit, partner=catalog.partner_label(owner)) if owner else hit
        return list(told.values())

    def _search(self, text: str, limit: int, before: int) -> dict[int, Hit]:
        every, some = expressions(text, self._words.synonyms)
        if not every or limit < 1:
            return {}
        known = self._known_hits()
        found = self._numbers(every, before, limit)
        if not found:
            # A wrong letter before fewer words: « carte grsie » asks for nobody's identity card.
            right = expressions(self._corrected(text), self._words.synonyms)
            others = dict.fromkeys(one for one in (right[0], some, right[1]) if one != every)
            found = next(filter(None, (self._numbers(one, before, limit) for one in others)), [])
        # Another window may have imported a list in between: what is not known yet comes with the next key.
        return {number: known[number] for number in found if isinstance(number, int) and number in known}

    def _numbers(self, expression: str, before: int, limit: int) -> list[object]:
        return [number for (number,) in rows(self.db, SEARCH, (expression, before, limit))]

    def _corrected(self, text: str) -> str:
        """The text with its words of one wrong letter put right."""
        if self._spelling is None:
            catalog, terms = self.catalog(), self._words.synonyms
            names = [hit.title for hit in self._known_hits().values()]
            names += [alias for each in catalog.procedures for alias in each.aliases]
            names += [name for each in catalog.partners for name in (each.label, *each.aliases)]
            self._spelling = Spelling.of((*names, *(" ".join(term) for term in terms)))
        return " ".join(self._spelling.corrected(search_words(text), self._holds))

    def _holds(self, word: str, unfinished: bool) -> bool:
        return bool(self._numbers(f'"{word}"*' if unfinished else f'"{word}"', _EVERYTHING, 1))

    def _known_hits(self) -> Mapping[int, Hit]:
        """What each row of the index shows: kept here, so that ranking reads the index alone."""
        self._refresh()
        if not self._hits:
            label = self.catalog().partner_label
            self._hits = {
                int(str(number)): Hit(str(kind), str(code), str(title), label(str(owner)))
                for number, kind, code, title, owner in rows(self.db, "SELECT * FROM entries")
            }
        return self._hits

    # --- communes ------------------------------------------------------------------------------------------

    def search_communes(
        self, text: str, limit: int = 20, near_departement: str | None = None
    ) -> list[Commune]:
        """Communes whose words begin so, or of that postcode or INSEE code.

        The exact name first, then those of ``near_departement``, then the most populated.
        """
        words = search_words(text)
        if not words or limit < 1:
            return []
        match = " ".join(f'"{word}"*' for word in words)
        found: dict[str, Commune] = {}

        def take(where: str, parameters: tuple[object, ...]) -> None:
            if len(found) < limit:
                sql = f"SELECT {_COMMUNE} FROM communes WHERE {where} LIMIT ?"
                for row in rows(self.db, sql, (*parameters, limit)):
                    commune = _commune(row)
                    found.setdefault(commune.insee_code, commune)

        exact = " ".join(words)
        indexed = "rank IN (SELECT rowid FROM communes_search WHERE communes_search MATCH ? LIMIT ?)"
        near = normalise(near_departement or "").replace(" ", "")
        if near:
            take("folded = ? AND active AND departement_code = ?", (exact, near.upper()))
            take("folded = ? AND active ORDER BY rank", (exact,))
            take(f"{indexed} ORDER BY rank", (f'{match} "dep{near}"', limit))
        else:
            take("folded = ? AND active ORDER BY rank", (exact,))
        take(f"{indexed} ORDER BY rank", (match, limit))
        return list(found.values())[:limit]

    def commune(self, insee_code: str) -> Commune | None:
        """The commune of that INSEE code, merged ones too; None when unknown."""
        sql = f"SELECT {_COMMUNE} FROM communes WHERE insee_code = ?"
        return next((_commune(row) for row in rows(self.db, sql, (_known_text(insee_code),))), None)

    def is_commune(self, insee_code: str) -> bool:
        """Whether the commune exists, or existed in an edition that this laptop had."""
        # No edition takes a commune away, so one that was met once needs no second look.
        if insee_code not in self._met:
            sql = "SELECT 1 FROM communes WHERE insee_code = ?"
            if next(rows(self.db, sql, (_known_text(insee_code),)), None) is None:
                return False
            self._met.add(insee_code)
        return True

    # --- France Services -----------------------------------------------------------------------------------

    def structures(
        self,
        *,
        departement: str | None = None,
        itinerant: bool | None = None,
        text: str = "",
        limit: int = 200,
    ) -> list[Structure]:
        """Structures by name: of one département, that move or not, whose name holds a text."""
        sql = (
            f"SELECT {_STRUCTURE} FROM structures WHERE (?1 IS NULL OR departement_code = ?1)"
            " AND (?2 IS NULL OR (format IN ('Bus_équivalent', 'Itinérante')) = ?2)"
            " AND instr(folded, ?3) ORDER BY folded, id LIMIT ?4"
        )
        parameters = (departement and _known_text(departement), itinerant, normalise(text), limit)
        return [_structure(row) for row in rows(self.db, sql, parameters)]

    def structure(self, structure_id: str) -> Structure | None:
        """The structure of that number in the national list; None when unknown."""
        sql = f"SELECT {_STRUCTURE} FROM structures WHERE id = ?"
        return next((_structure(row) for row in rows(self.db, sql, (_known_text(structure_id),))), None)

    # --- fiches --------------------------------------------------------------------------------------------

    def fiche_title(self, code: str) -> str | None:
        """The title of a fiche; None when this laptop does not hold it."""
        sql = "SELECT title FROM fiches WHERE code = ?"
        return next((str(title) for (title,) in rows(self.db, sql, (_known_text(code),))), None)

    def fiche(self, code: str) -> Fiche | None:
        """A fiche to read, with its blocks; None when this laptop does not hold it."""
        sql = "SELECT title, kind, theme, updated_on, url, introduction, body FROM fiches WHERE code = ?"
        for title, kind, theme, day, url, introduction, body in rows(self.db, sql, (_known_text(code),)):
            if isinstance(body, bytes):
                return Fiche(
                    code,
                    str(title),
                    str(kind),
                    str(theme),
                    str(day),
                    str(url),
                    str(introduction),
                    read_blocks(body),
                )
        return None


def _ready(path: Path, key: bytes) -> Database:
    db = open_database(path, key)
    try:
        if not has_schema(db):
            if next(rows(db, "SELECT count(*) FROM sqlite_master"))[0]:
                raise StoreDamaged("Données de référence d’une autre version.")
            create_schema(db)
    except BaseException:
        close_database(db)
        raise
    return db


def _remove(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(name).unlink()


def _known_text(text: str) -> str:
    """The text, without the lone surrogates that no row can hold and that the driver refuses."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _number(value: object) -> float | None:
    return value if isinstance(value, float) else None


def _commune(row: tuple[object, ...]) -> Commune:
    code, name, postcodes, departement, region, epci, epci_name, population, latitude, longitude, active = row
    return Commune(
        str(code), str(name), tuple(str(postcodes).split()), str(departement), str(region), str(epci),
        str(epci_name), population if isinstance(population, int) else None, _number(latitude),
        _number(longitude), bool(active),
    )  # fmt: skip


def _structure(row: tuple[object, ...]) -> Structure:
    id_, departement, name, address, complement, insee, postcode, commune, latitude, longitude = row[:10]
    hours, by_appointment, comment, kind, format_, group, award = row[10:]
    return Structure(
        str(id_), str(departement), str(name), str(address), str(complement), str(insee), str(postcode),
        str(commune), _number(latitude), _number(longitude), tuple(str(hours).split("\n")),
        None if by_appointment is None else bool(by_appointment), str(comment), str(kind), str(format_),
        str(group), str(award),
    )  # fmt: skip
