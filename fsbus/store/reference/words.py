"""The names by which people call things: partners, other names of procedures, synonyms; as shipped."""

from collections.abc import Mapping
from dataclasses import dataclass

from fsbus import assets
from fsbus.core.catalog import Partner
from fsbus.core.catalog_files import read_aliases, read_partners, read_synonyms
from fsbus.store.reference.query import Synonyms, read_synonym_groups


@dataclass(frozen=True)
class Words:
    """Partners in their order, other names by procedure code, and synonyms ready for searching."""

    partners: tuple[Partner, ...]
    aliases: Mapping[str, tuple[str, ...]]
    synonyms: Synonyms


def shipped_words() -> Words:
    """The words that this release ships; written by hand, never imported."""
    return Words(
        partners=read_partners(assets.text("catalog/partners.csv")),
        aliases=read_aliases(assets.text("catalog/aliases.csv")),
        synonyms=read_synonym_groups(read_synonyms(assets.text("catalog/synonyms.csv"))),
    )
