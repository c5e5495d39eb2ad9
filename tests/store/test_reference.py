"""The official lists of a laptop: built from what is shipped, encrypted, found as one types."""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fsbus.core.errors import StoreUnavailable
from fsbus.store.database import close_database, open_database
from fsbus.store.reference import Reference
from fsbus.store.reference.editions import shipped_editions
from fsbus.store.reference.query import expressions, read_synonym_groups
from tests.reference_samples import KEY, open_reference

TODAY = "2026-11-24"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    """What the program ships, opened once: these tests only read it."""
    reference = open_reference(tmp_path_factory.mktemp("reference"))
    yield reference
    reference.close()


def codes(reference: Reference, text: str, limit: int = 20) -> list[str]:
    return [hit.code for hit in reference.search(text, limit)]


# --- what is built -----------------------------------------------------------------------------------------


def test_a_missing_file_is_built_from_what_is_shipped_and_says_how_far_it_is(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    reference = Reference.open(
        tmp_path / "reference.db", KEY, progress=lambda done, total: seen.append((done, total))
    )
    assert {kind: (each.origin, each.rows) for kind, each in reference.editions().items()} == {
        "catalog": ("shipped", 121),
        "communes": ("shipped", 34_969),
        "structures": ("shipped", 2_845),
        "fiches": ("shipped", 101),
    }
    reference.close()
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert len({total for _, total in seen}) == 1
    assert seen[-1][0] == seen[-1][1]


def test_nothing_of_it_is_readable_without_the_key(tmp_path: Path) -> None:
    reference = open_reference(tmp_path)
    reference.search("carte grise")
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert b"Carte grise" not in content
        assert b"SQLite format 3" not in content
    reference.close()


@pytest.mark.parametrize("damage", ["other key", "rubbish", "other version"])
def test_a_file_that_cannot_be_used_is_built_again(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "reference.db"
    open_reference(tmp_path).close()
    if damage == "rubbish":
        path.write_bytes(b"\x55" * 8192)
    elif damage == "other version":
        db = open_database(path, KEY)
        db.conn.execute("PRAGMA user_version = 99")
        close_database(db)
    key = KEY[::-1] if damage == "other key" else KEY
    reference = Reference.open(path, key)
    assert reference.commune("02361") is not None
    reference.close()


def test_a_folder_that_does_not_exist_is_an_error_of_the_store(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        Reference.open(tmp_path / "nowhere" / "reference.db", KEY)


@pytest.mark.parametrize(
    ("held", "origin", "over", "due"),
    [
        ("2019-01-01", "shipped", "2019-01-01", True),  # an older release built it
        ("2026-01-01", "shipped", "2026-01-01", True),  # same day, other bytes: corrected
        ("2030-01-01", "shipped", "2030-01-01", False),  # a newer release built it
        ("2019-01-01", "imported", "2018-01-01", True),
        ("2019-01-01", "imported", "2026-01-01", False),  # someone chose an older edition: it stays
        ("2030-01-01", "imported", "2018-01-01", False),
    ],
)
def test_a_shipped_edition_replaces_only_an_older_one(
    tmp_path: Path, held: str, origin: str, over: str, due: bool
) -> None:
    reference = open_reference(tmp_path)
    reference.db.conn.execute(
        "UPDATE editions SET edition = ?, origin = ?, shipped = ?, digest = 'x' WHERE kind = 'communes'",
        (held, origin, over),
    )
    reference.db.conn.execute("UPDATE communes SET name = 'Ailleurs' WHERE insee_code = '02361'")
    reference.close()
    again = Reference.open(tmp_path / "reference.db", KEY)
    commune = again.commune("02361")
    assert commune is not None
    assert (commune.name == "Guise") is due
    again.close()


def test_words_written_anew_by_a_release_renew_the_index(tmp_path: Path) -> None:
    reference = open_reference(tmp_path)
    reference.db.conn.execute("DELETE FROM search WHERE rowid < 1000")
    reference.db.conn.execute("UPDATE editions SET digest = 'x' WHERE kind = 'words'")
    assert "CPAM-C2S" not in codes(reference, "cmu-c")
    reference.close()
    again = Reference.open(tmp_path / "reference.db", KEY)
    assert codes(again, "cmu-c")[0] == "CPAM-C2S"
    again.close()


def test_two_windows_that_open_at_once_build_it_once(tmp_path: Path) -> None:
    counts: list[int] = []

    def work() -> None:
        reference = Reference.open(tmp_path / "reference.db", KEY)
        counts.append(len(reference.structures(limit=5_000)))
        reference.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [2_845, 2_845]


def test_every_shipped_edition_has_a_day() -> None:
    for each in shipped_editions():
        assert date.fromisoformat(each.edition.edition) >= date(2020, 1, 1)
        assert each.path.exists()


# --- search ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("APL", "CAF-APL"), ("apl", "F12006"), ("RSA", "CAF-RSA"), ("rsa", "F19778"), ("réversion", "CNAV-REV"),
        ("reversion", "F13104"), ("chèque énergie", "ASP-CHEQ"), ("cheque energie", "F33667"),
        ("CHÈQUE ÉNERGIE", "F33667"), ("non-gage", "FT-CSA"), ("non gage", "F1360"), ("QF", "CAF-SITU"),
        ("quotient familial attestation caf", "CAF-SITU"), ("réexpédition courrier la poste", "LP-REEX"),
        ("CMU-C", "CPAM-C2S"), ("cmu c", "F10027"), ("pôle emploi", "FTR-INS"), ("france travail", "F1636"),
        ("carte vitale perdue", "CPAM-VIT"), ("carte d'identité", "FT-CNI-1"), ("carte d’identité", "F1341"),
        ("CNI", "FT-CNI-1"), ("casier", "JUS-CJ"), ("15776", "FT-CG-CES"), ("vendre voiture", "F1707"),
        ("certificat d'immatriculation", "FT-CG-OCC"), ("immatriculation", "FT-CG-OCC"),
    ],
)  # fmt: skip
def test_an_everyday_question_finds_its_answer(shipped: Reference, text: str, code: str) -> None:
    assert code in codes(shipped, text)


def test_the_catalogue_comes_before_the_fiches(shipped: Reference) -> None:
    hits = shipped.search("carte grise")
    kinds = [hit.kind for hit in hits]
    assert kinds == sorted(kinds, reverse=True)
    assert {"procedure", "fiche"} == set(kinds)
    assert hits[0].partner == "France Titres"
    assert all(hit.partner == "" for hit in hits if hit.kind == "fiche")


def test_each_letter_typed_keeps_the_answer_in_sight(shipped: Reference) -> None:
    text = "carte grise occ"
    for length in range(7, len(text) + 1):
        assert "FT-CG-OCC" in codes(shipped, text[:length]), text[:length]


def test_a_word_that_nothing_holds_does_not_hide_the_others(shipped: Reference) -> None:
    assert "CNAV-REV" in codes(shipped, "réversion zzzzz")
    assert codes(shipped, "zzzzz") == []


def test_singular_and_plural_meet(shipped: Reference) -> None:
    assert "CAF-AF" in codes(shipped, "allocation familiale")
    assert "FT-PAS-1" in codes(shipped, "passeports majeurs")


def test_technical_fiches_are_not_found(shipped: Reference) -> None:
    indexed = {
        str(code) for (code,) in shipped.db.conn.execute("SELECT code FROM entries WHERE kind = 'fiche'")
    }
    technical = {
        str(code)
        for (code,) in shipped.db.conn.execute(
            "SELECT code FROM fiches WHERE title LIKE '**%' OR kind = 'Recherche guidée'"
        )
    }
    assert technical
    assert not technical & indexed
    assert len(technical | indexed) == 101


def test_the_form_proposes_procedures_only_under_the_partner_of_the_day(shipped: Reference) -> None:
    today = shipped.search_procedures("chômage", 5, TODAY)
    then = shipped.search_procedures("chômage", 5, "2021-01-15")
    assert [hit.code for hit in today] == [hit.code for hit in then]
    assert {hit.kind for hit in today} == {"procedure"}
    assert {hit.partner for hit in today} == {"France Travail"}
    assert {hit.partner for hit in then} == {"Pôle emploi"}


def test_the_number_of_answers_is_the_one_asked_for(shipped: Reference) -> None:
    assert len(shipped.search("carte", 3)) == 3
    assert shipped.search("carte", 0) == []
    assert shipped.search("", 5) == []


HARMFUL = [
    "d'identité", "O'Brien", '"', '""', "*", "a*", "NEAR(", "NEAR(a b, 2)", "a AND", "OR", "NOT a", "title:a", "-a",
    "^a", "a + b", "{title}: a", "\x00", "a\x00b", "\ud800", "\udfff a", "😀", "é" * 10_000, "a " * 10_000, "'; --",
    "(((", "%", "_", "\u202e", "\ufeff", "ﬁche", "½", "İ",
]  # fmt: skip


@pytest.mark.parametrize("text", HARMFUL)
def test_no_text_is_ever_an_error(shipped: Reference, text: str) -> None:
    shipped.search(text)
    shipped.search_procedures(text, 5, TODAY)
    shipped.search_communes(text, 5, "02")
    shipped.structures(text=text, departement=text, limit=1)
    assert shipped.commune(text) is None
    assert shipped.fiche(text) is None
    assert shipped.structure(text) is None


@given(st.text(alphabet=st.characters(), max_size=80))
@example("AND")
@example("passeport \ud800")
def test_any_text_may_be_searched(shipped: Reference, text: str) -> None:
    assert len(shipped.search(text, 3)) <= 3
    assert len(shipped.search_communes(text, 3, text)) <= 3


@given(
    st.lists(
        st.sampled_from(["carte", "grise", "d'", '"', "AND", "NEAR(", "*", "apl", "é", "\x00", "😀", "'"]),
        max_size=12,
    )
)
def test_any_mixture_of_words_and_operators_may_be_searched(shipped: Reference, pieces: list[str]) -> None:
    shipped.search(" ".join(pieces), 3)


def test_every_word_is_quoted_and_synonyms_stand_beside_it() -> None:
    synonyms = read_synonym_groups([("carte grise", "certificat d’immatriculation")])
    every, some = expressions("Carte grise d'occasion", synonyms)
    assert (
        every
        == '((("carte" OR "cartes") AND ("grise" OR "grises")) OR "certificat d immatriculation") AND "occasion"*'
    )
    assert some == every.replace(') AND "occasion', ') OR "occasion')
    assert expressions("le", synonyms) == ('"le"*', '"le"*')
    assert expressions(" '\" ", synonyms) == ("", "")


# --- catalogue, communes, structures, fiches -----------------------------------------------------------------


def test_the_rules_of_a_visit_find_partner_and_commune(shipped: Reference) -> None:
    assert shipped.partner_of("FT-CG-OCC", TODAY) == "FRANCE-TITRES"
    assert shipped.partner_of("FT-CG-OCC", "2021-01-15") == "ANTS"
    assert shipped.partner_of("NOTHING", TODAY) is None
    assert shipped.is_commune("02361")
    assert not shipped.is_commune("99999")
    assert shipped.commune("99999") is None
    assert shipped.partner_label("CNAV") == "CNAV"
    procedure = shipped.procedure("CAF-RSA")
    assert procedure is not None
    assert procedure == shipped.catalog().procedure("CAF-RSA")


@pytest.mark.parametrize(
    ("text", "near", "first"),
    [
        ("guise", None, "Guise (02)"), ("02120", None, "Guise (02)"), ("02361", None, "Guise (02)"),
        ("pruille l'eguille", None, "Pruillé-l'Éguillé (72)"), ("pruillé-l’ég", None, "Pruillé-l'Éguillé (72)"),
        ("saint denis", None, "Saint-Denis (974)"), ("saint denis", "93", "Saint-Denis (93)"),
        ("SAINT-DENIS", "11", "Saint-Denis (11)"), ("y", None, "Y (80)"), ("paris", None, "Paris (75)"),
        ("saint", "02", "Saint-Quentin (02)"), ("ajacc", "2A", "Ajaccio (2A)"), ("marseil", None, "Marseille (13)"),
    ],
)  # fmt: skip
def test_a_commune_is_found_as_one_types(shipped: Reference, text: str, near: str | None, first: str) -> None:
    found = shipped.search_communes(text, 8, near)
    assert found[0].label == first
    assert len({each.insee_code for each in found}) == len(found)


def test_big_communes_come_first_and_homonyms_show_their_departement(shipped: Reference) -> None:
    people = [each.population or 0 for each in shipped.search_communes("vil", 20)]
    assert people == sorted(people, reverse=True)
    labels = [each.label for each in shipped.search_communes("saint denis", 4)]
    assert len(set(labels)) == 4


def test_a_commune_has_its_place_and_its_intercommunality(shipped: Reference) -> None:
    guise = shipped.commune("02361")
    assert guise is not None
    assert (guise.postcodes, guise.departement_code, guise.region_code) == (("02120",), "02", "32")
    assert guise.population is not None
    assert 4_000 < guise.population < 6_000
    assert guise.latitude is not None
    assert 49 < guise.latitude < 51
    lanester = shipped.commune("56098")
    assert lanester is not None
    assert lanester.latitude is None


def test_the_bus_of_the_national_list_is_there(shipped: Reference) -> None:
    bus = shipped.structure("3")
    assert bus is not None
    assert bus.name == "Bus France services Thiérache Sambre et Oise"
    assert bus.itinerant
    assert bus.hours == ("09:30 - 16:30",) * 5 + ("",)
    assert bus.by_appointment is False
    assert len(shipped.structures(itinerant=True)) == 163
    assert {each.departement_code for each in shipped.structures(departement="02")} == {"02"}
    assert [each.id for each in shipped.structures(text="thierache sambre")] == ["3"]
    assert shipped.structure("0") is None


def test_the_escapes_of_the_national_list_are_decoded(shipped: Reference) -> None:
    assert not [each for each in shipped.structures(limit=5_000) if "\\x" in each.comment]


def test_a_fiche_can_be_read(shipped: Reference) -> None:
    fiche = shipped.fiche("F1050")
    assert fiche is not None
    assert fiche.title == "Carte grise : immatriculer un véhicule d'occasion".replace(" :", "\u00a0:")
    assert (fiche.theme, fiche.updated_on) == ("Transports", "2020-07-28")
    assert fiche.introduction.startswith("Si vous achetez une voiture en France")
    kinds = {block.kind for block in fiche.blocks}
    assert kinds >= {"heading", "paragraph", "list", "note", "link", "reference"}
    assert fiche.blocks[0].text == "Véhicule immatriculé en France"
    links = [block.url for block in fiche.blocks if block.kind == "link"]
    assert "https://ants.gouv.fr/services/demande-immatriculation-chgt" in links
    assert shipped.fiche("F0") is None


def test_every_shipped_fiche_has_text_and_safe_links_only(shipped: Reference) -> None:
    for (code,) in shipped.db.conn.execute("SELECT code FROM fiches"):
        fiche = shipped.fiche(str(code))
        assert fiche is not None
        assert fiche.title
        assert fiche.blocks, fiche.code
        assert fiche.updated_on
        for block in fiche.blocks:
            assert block.text or block.lines or block.rows or block.url
            assert not block.url or block.url.startswith(("https://", "http://")) or block.url[0] in "FN"
