"""Reads the shipped lists of partners, procedures and other names from the text of their CSV files."""

import csv
import io
from collections.abc import Iterator, Mapping

from fsbus.core.catalog import Catalog, Partner, Procedure, normalise, partner_words


def read_catalog(partners: str, procedures: str, aliases: str) -> Catalog:
    """The catalogue from the text of ``partners.csv``, ``procedures.csv`` and ``aliases.csv`` as shipped.

    For the files that a release ships, already checked: an edition that someone brings goes through
    `fsbus import catalog`. Raises KeyError on a missing column or an unknown partner.
    """
    known = read_partners(partners)
    words = partner_words(known)
    others = read_aliases(aliases)
    return Catalog(
        procedures=tuple(procedure_from(row, words, others) for row in _rows(procedures)),
        partners=known,
    )


def read_partners(text: str) -> tuple[Partner, ...]:
    """The partners of ``partners.csv``, in its order."""
    return tuple(
        Partner(
            code=row["code"],
            label=row["label"],
            short_label=row["short_label"],
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
            replaced_by=parts(row["replaced_by"]),
            national=row["national"] == "true",
            aliases=parts(row["aliases"]),
        )
        for row in _rows(text)
    )


def read_aliases(text: str) -> Mapping[str, tuple[str, ...]]:
    """The everyday names of procedures, by code."""
    return {row["code"]: parts(row["aliases"]) for row in _rows(text)}


def read_synonyms(text: str) -> tuple[tuple[str, ...], ...]:
    """Groups of terms that mean the same."""
    return tuple(parts(row["terms"]) for row in _rows(text))


def procedure_from(
    row: Mapping[str, str], partners: Mapping[str, str], aliases: Mapping[str, tuple[str, ...]]
) -> Procedure:
    """One procedure from a row of ``procedures.csv``; KeyError when its partner is unknown.

    ``partners`` comes from `fsbus.core.catalog.partner_words`.
    """
    return Procedure(
        code=row["code"],
        title=row["title_fr"],
        partner=partners[normalise(row["partner"])],
        fiche=row["vdd_fiche_id"],
        documents=parts(row["documents"], ";"),
        channels=parts(row["typical_channel"]),
        service_host=row["service_host"],
        topic=row["thematique"],
        aliases=aliases.get(row["code"], ()),
    )


def parts(cell: str, mark: str = "|") -> tuple[str, ...]:
    """The items of one cell, trimmed, empty ones left out."""
    return tuple(item.strip() for item in cell.split(mark) if item.strip())


def _rows(text: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(io.StringIO(text, newline=""))
