"""The catalogue's values: who works under which name on which day, and the one folding of text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus import assets
from fsbus.core.catalog import Catalog, Commune, Partner, hours_are_tidy, normalise, opening_ranges
from fsbus.core.catalog_files import read_aliases, read_catalog, read_partners, read_synonyms

OLD, NEW = "2021-01-15", "2026-11-24"


def shipped() -> Catalog:
    """The catalogue of this release."""
    return read_catalog(
        assets.text("catalog/partners.csv"),
        assets.text("catalog/procedures.csv"),
        assets.text("catalog/aliases.csv"),
    )


def test_january_2021_has_the_nine_operators_of_the_first_charter() -> None:
    assert [each.code for each in shipped().partners_on(OLD, national_only=True)] == [
        "LA-POSTE", "POLE-EMPLOI", "CNAF", "CNAM", "CNAV", "MSA", "ANTS", "JUSTICE", "DGFIP",
    ]  # fmt: skip


def test_today_has_the_operators_of_today() -> None:
    today = {each.code for each in shipped().partners_on(NEW, national_only=True)}
    assert {"FRANCE-TRAVAIL", "FRANCE-TITRES", "URSSAF", "ASP", "ANAH", "BDF"} <= today
    assert not {"POLE-EMPLOI", "ANTS"} & today


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("FRANCE-TITRES", "2023-12-31", "ANTS"),
        ("FRANCE-TITRES", "2024-01-01", "FRANCE-TITRES"),
        ("ANTS", "2024-01-01", "FRANCE-TITRES"),
        ("INTERIEUR", OLD, "ANTS"),
        ("FRANCE-TRAVAIL", OLD, "POLE-EMPLOI"),
        ("POLE-EMPLOI", NEW, "FRANCE-TRAVAIL"),
        ("ANAH", OLD, "ANAH"),
        ("MAIRIE", OLD, "MAIRIE"),
        ("CNAF", "1999-01-01", "CNAF"),
        ("INCONNU", NEW, "INCONNU"),
    ],
)
def test_a_partner_is_named_as_on_the_day(code: str, day: str, expected: str) -> None:
    assert shipped().partner_on(code, day) == expected


def test_partners_that_replace_each_other_in_a_ring_do_not_hang() -> None:
    ring = Catalog(
        (),
        (
            Partner("A", "A", "A", valid_to="2000-01-01", replaced_by=("B",)),
            Partner("B", "B", "B", valid_to="2000-01-01", replaced_by=("A",)),
        ),
    )
    assert ring.partner_on("A", NEW) == "A"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("pole emploi", "POLE-EMPLOI"), ("France Travail", "FRANCE-TRAVAIL"), ("ants", "ANTS"), ("caf", "CNAF"),
        ("CPAM", "CNAM"), ("Sécu", "CNAM"), ("secu", "CNAM"), ("carsat", "CNAV"), ("IMPOTS", "DGFIP"),
        ("Mairie / DILA", "MAIRIE"), ("CNAF / MDPH", "CNAF"), ("MDPH", "MDPH"), ("CNAV", "CNAV"),
        ("DGFiP", "DGFIP"), ("Anah / France Rénov'", "ANAH"), ("", None), ("nulle part", None),
    ],
)  # fmt: skip
def test_a_partner_is_found_by_code_label_or_alias(text: str, code: str | None) -> None:
    assert shipped().resolve_partner(text) == code


def test_every_procedure_has_a_partner_and_every_successor_exists() -> None:
    catalog = shipped()
    codes = {each.code for each in catalog.partners}
    assert len(catalog.procedures) == 121
    assert {each.partner for each in catalog.procedures} <= codes
    assert {code for each in catalog.partners for code in each.replaced_by} <= codes
    assert read_aliases(assets.text("catalog/aliases.csv")).keys() <= {p.code for p in catalog.procedures}


def test_a_procedure_keeps_its_documents_channels_and_other_names() -> None:
    found = shipped().procedure("FT-CG-OCC")
    assert found is not None
    assert found.documents[0] == "ancienne carte grise barrée"
    assert found.channels == ("teleservice", "professionnel_habilite")
    assert "certificat d’immatriculation" in found.aliases
    assert (found.partner, found.fiche, found.topic) == ("FRANCE-TITRES", "F1050", "transports_mobilite")
    assert shipped().procedure("NOTHING") is None


def test_no_two_groups_of_synonyms_are_alike_and_none_is_alone() -> None:
    groups = read_synonyms(assets.text("catalog/synonyms.csv"))
    assert all(len(group) > 1 for group in groups)
    assert len({frozenset(group) for group in groups}) == len(groups)


def test_reading_the_catalogue_takes_less_than_ten_milliseconds() -> None:
    texts = [assets.text(f"catalog/{name}.csv") for name in ("partners", "procedures", "aliases")]
    durations = []
    for _ in range(5):
        before = time.perf_counter()
        read_catalog(*texts)
        durations.append(time.perf_counter() - before)
    assert min(durations) < 0.010


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Pruillé-l’Éguillé", "pruille l eguille"),
        ("Pruillé-l'Éguillé", "pruille l eguille"),
        ("ŒUVRE æ", "oeuvre ae"),
        ("  N° 12 ", "n 12"),
        ("CMU‑C", "cmu c"),
        ("\x00\ud800😀*", ""),
        ("snake_case", "snake case"),
    ],
)
def test_folding_keeps_words_only(text: str, folded: str) -> None:
    assert normalise(text) == folded


@given(st.text(alphabet=st.characters(), max_size=60))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert "  " not in once
    assert '"' not in once


def test_homonyms_show_their_departement() -> None:
    assert Commune("97411", "Saint-Denis", ("97400",), "974").label == "Saint-Denis (974)"


@pytest.mark.parametrize(
    ("cell", "tidy", "ranges"),
    [
        ("", True, ()),
        ("09:00 - 12:00 / 14:00 - 16:30", True, (("09:00", "12:00"), ("14:00", "16:30"))),
        ("09:00 - 12:00 / 09:00 - 16:30 / 14:00 - 16:30", False, (("09:00", "16:30"),)),
        ("00:00 - 00:00 / 00:00 - 00:00 / 08:30 - 16:00", False, (("08:30", "16:00"),)),
        ("sur rendez-vous", False, ()),
        ("25:00 - 26:00", False, ()),
    ],
)
def test_opening_hours_are_read_even_when_untidy(
    cell: str, tidy: bool, ranges: tuple[tuple[str, str], ...]
) -> None:
    assert hours_are_tidy(cell) is tidy
    assert opening_ranges(cell) == ranges


def test_partners_are_read_with_their_dates() -> None:
    old = next(each for each in read_partners(assets.text("catalog/partners.csv")) if each.code == "ANTS")
    assert old.in_force("2023-12-31")
    assert not old.in_force("2024-01-01")
    assert old.replaced_by == ("FRANCE-TITRES", "INTERIEUR")
