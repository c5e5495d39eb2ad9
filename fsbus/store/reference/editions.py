"""Builds what is missing from the files that the program ships, and what a newer release renews."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from fsbus import assets
from fsbus.store.database import Database, rows, transaction
from fsbus.store.reference.loading import Job, index_words, load
from fsbus.store.reference.values import Edition, Progress
from fsbus.store.reference.words import Words
from fsbus.store.reference.writing import write_edition

WORDS = "words"
"""Partners, aliases and synonyms have an edition too: their index follows them."""
_FICHE_COST = 40
"""A fiche takes as long as so many rows of a list: the progress bar moves evenly."""


@dataclass(frozen=True)
class Shipped:
    """One line of `resources/editions.csv`."""

    edition: Edition
    path: Path


def shipped_editions() -> tuple[Shipped, ...]:
    """What this release ships, in the order in which it is built."""
    table = csv.DictReader(io.StringIO(assets.text(assets.MARK), newline=""))
    return tuple(
        Shipped(
            Edition(row["kind"], row["edition"], "shipped", int(row["rows"]), row["digest"], row["edition"]),
            assets.resources() / row["file"],
        )
        for row in table
    )


def editions_in(db: Database) -> dict[str, Edition]:
    """The editions in use, by kind."""
    found = rows(db, "SELECT kind, edition, origin, rows, digest, shipped FROM editions")
    return {
        str(kind): Edition(str(kind), str(edition), str(origin), int(str(count)), str(digest), str(shipped))
        for kind, edition, origin, count, digest, shipped in found
    }


def renew(db: Database, words: Words, progress: Progress | None = None) -> None:
    """Build every kind that is missing or older than what is shipped; each in its own transaction.

    An imported edition stays unless the shipped one is of a later day than it, and than the one it came over.
    """
    todo = [each for each in shipped_editions() if _is_due(each.edition, editions_in(db))]
    costs = [_cost(each.edition) for each in todo]
    for number, each in enumerate(todo):
        step = _part_of(progress, sum(costs[:number]), costs[number], sum(costs))
        with transaction(db):
            # Another window may have built it while this one waited.
            if _is_due(each.edition, editions_in(db)):
                _build(db, each, words, step)


def _build(db: Database, shipped: Shipped, words: Words, step: Progress | None) -> None:
    edition = shipped.edition
    if edition.kind == WORDS:
        index_words(db, words)
        write_edition(db, edition)
        return
    load(
        edition.kind,
        Job(db, shipped.path, words, edition, progress=step),
    )


def _is_due(shipped: Edition, known: dict[str, Edition]) -> bool:
    mine = known.get(shipped.kind)
    if mine is None:
        return True
    if mine.origin == "imported":
        return shipped.edition > max(mine.edition, mine.shipped)
    return mine.digest != shipped.digest and shipped.edition >= mine.edition


def _cost(edition: Edition) -> int:
    return max(1, edition.rows * (_FICHE_COST if edition.kind == "fiches" else 1))


def _part_of(progress: Progress | None, before: int, cost: int, total: int) -> Progress | None:
    if progress is None:
        return None
    return lambda done, all_of_it: progress(before + cost * done // max(1, all_of_it), total)
