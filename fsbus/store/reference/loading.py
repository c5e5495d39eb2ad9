"""Loads one file of reference data, in full or not at all, and says what it refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from fsbus.core.catalog import Commune, Procedure, Structure, partner_words
from fsbus.core.errors import FsbusError
from fsbus.store.database import Database, rows, transaction
from fsbus.store.reference import rows as row_readers
from fsbus.store.reference import writing
from fsbus.store.reference.archive import Archive
from fsbus.store.reference.fiche_text import read_fiche
from fsbus.store.reference.fiche_xml import HostileXml, parse_fiche
from fsbus.store.reference.rows import Reader
from fsbus.store.reference.tables import edition_of, file_problem, read_rows
from fsbus.store.reference.values import Cancelled, Counts, Edition, ImportReport, Progress, Refusal
from fsbus.store.reference.words import Words

EVERY = 500
"""Rows between two calls of the progress."""
_Value = TypeVar("_Value", Procedure, Commune, Structure)


class ImportCancelled(FsbusError):
    """The import was stopped. Nothing changed; it can be started again."""


@dataclass(frozen=True)
class Job:
    """One file to load into one database, and whom to tell; ``shipped`` when the program brings it itself."""

    db: Database
    path: Path
    words: Words
    shipped: Edition | None = None
    progress: Progress | None = None
    cancelled: Cancelled | None = None

    def step(self, done: int, total: int) -> None:
        """Tell how far it is; ImportCancelled when it was stopped meanwhile."""
        if self.cancelled is not None and self.cancelled():
            raise ImportCancelled("Import interrompu : rien n’a été changé.")
        if self.progress is not None:
            self.progress(done, total)


def load(kind: str, job: Job) -> ImportReport:
    """Load ``job.path`` as a new edition of one kind, in one transaction.

    Raises InvalidInput for a file that cannot be taken as a whole, ImportCancelled when stopped.
    """
    return _LOADERS[kind](job)


def _load_catalog(job: Job) -> ImportReport:
    partners = partner_words(job.words.partners)
    table = _Table(
        job,
        row_readers.PROCEDURE_COLUMNS,
        "code",
        lambda reader: row_readers.read_procedure(reader, partners),
    )
    with transaction(job.db):
        counts = writing.write_procedures(job.db, table.values)
        index_words(job.db, job.words)
        return _report(job, "catalog", counts, table.refused, rows=len(table.values))


def index_words(db: Database, words: Words) -> None:
    """Write the index of procedures again, after the catalogue or its words changed."""
    writing.index_procedures(db, {partner.code: partner for partner in words.partners}, words.aliases)


def _load_communes(job: Job) -> ImportReport:
    table = _Table(job, row_readers.COMMUNE_COLUMNS, "insee_code", row_readers.read_commune)
    with transaction(job.db):
        counts = writing.write_communes(job.db, table.values)
        return _report(
            job, "communes", counts, table.refused, rows=len(table.values), warnings=tuple(table.warnings)
        )


def _load_structures(job: Job) -> ImportReport:
    table = _Table(job, row_readers.STRUCTURE_COLUMNS, "id_fs", row_readers.read_structure)
    with transaction(job.db):
        counts = writing.write_structures(job.db, table.values)
        return _report(
            job, "structures", counts, table.refused, rows=len(table.values), warnings=tuple(table.warnings)
        )


def _load_fiches(job: Job) -> ImportReport:
    archive = Archive(job.path)
    try:
        favourites = frozenset(
            str(fiche) for (fiche,) in rows(job.db, "SELECT fiche FROM procedures WHERE active = 1")
        )
        refused: list[Refusal] = []
        skipped = 0
        with transaction(job.db):
            writer = writing.FicheWriter(job.db, favourites)
            for number, member in enumerate(archive):
                if number % 20 == 0:
                    job.step(number, len(archive))
                if not member.data and not member.problem:
                    skipped += 1
                elif why := member.problem or _add_fiche(writer, member.data):
                    refused.append(Refusal(member.name, "fiche", why))
            _refuse_rubble(job.path, len(writer.codes), refused)
            index_words(job.db, job.words)
            report = _report(
                job,
                "fiches",
                writer.counts(),
                refused,
                rows=len(writer.codes),
                skipped=skipped,
                newest=writer.newest,
            )
        job.step(len(archive), len(archive))
        return report
    finally:
        archive.close()


def _add_fiche(writer: writing.FicheWriter, data: bytes) -> str:
    try:
        fiche = read_fiche(parse_fiche(data))
    except HostileXml as error:
        return str(error)
    if fiche.code in writer.codes:
        return f"fiche {fiche.code} déjà lue dans un autre fichier."
    writer.add(fiche, data)
    return ""


class _Table(Generic[_Value]):
    """The values of a CSV file, each key once, with what was refused and what is doubtful."""

    def __init__(
        self, job: Job, columns: Sequence[str], key: str, read: Callable[[Reader], _Value | None]
    ) -> None:
        self.values: list[_Value] = []
        self.refused: list[Refusal] = []
        self.warnings: list[Refusal] = []
        lines: dict[str, int] = {}
        found = list(read_rows(job.path, columns, self.refused))
        for number, (line, cells) in enumerate(found):
            if number % EVERY == 0:
                job.step(number, len(found))
            where = f"ligne {line}"
            first = lines.setdefault(cells[key], line)
            if first != line:
                self.refused.append(Refusal(where, key, f"déjà donné à la ligne {first}."))
                continue
            reader = Reader(cells)
            value = read(reader)
            self.refused += (Refusal(where, name, why) for name, why in reader.problems.items())
            if value is not None:
                self.values.append(value)
                self.warnings += (Refusal(where, name, why) for name, why in reader.doubts.items())
        _refuse_rubble(job.path, len(self.values), self.refused)
        job.step(len(found), len(found))


def _refuse_rubble(path: Path, taken: int, refused: Sequence[Refusal]) -> None:
    """More than half refused: it is another file, or a broken one."""
    bad = len({refusal.where for refusal in refused})
    if bad > taken:
        raise file_problem(path, f"{bad} refus sur {bad + taken} ; le premier : {refused[0]}")
    if not taken:
        raise file_problem(path, "Le fichier ne contient rien à importer.")


def _report(
    job: Job,
    kind: str,
    counts: Counts,
    refused: Sequence[Refusal],
    *,
    rows: int,
    warnings: tuple[Refusal, ...] = (),
    skipped: int = 0,
    newest: str = "",
) -> ImportReport:
    edition = job.shipped or Edition(kind, newest or edition_of(job.path), "imported", rows)
    writing.write_edition(job.db, replace(edition, rows=rows))
    return ImportReport(
        kind, edition.edition, counts.added, counts.changed, counts.dropped, tuple(refused), warnings, skipped
    )


_LOADERS: Mapping[str, Callable[[Job], ImportReport]] = {
    "catalog": _load_catalog,
    "communes": _load_communes,
    "structures": _load_structures,
    "fiches": _load_fiches,
}
