"""The next edition of an official list is taken in full or not at all, and each refusal is named."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from fsbus import assets
from fsbus.actions.imports import import_reference
from fsbus.core.errors import InvalidInput
from fsbus.store.reference import ImportReport, Reference
from fsbus.store.reference.loading import ImportCancelled
from tests.reference_samples import KEY, archive, fiche, full_archive, open_reference

LISTS = {
    "catalog": "catalog/procedures.csv",
    "communes": "places/communes.csv.gz",
    "structures": "places/france-services.csv",
}


@pytest.fixture
def reference(tmp_path: Path) -> Iterator[Reference]:
    opened = open_reference(tmp_path)
    yield opened
    opened.close()


def lines_of(kind: str) -> list[str]:
    """The lines of a shipped list, its header first."""
    data = assets.resource(LISTS[kind]).read_bytes()
    text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode()
    return text.splitlines()


def written(folder: Path, lines: list[str], name: str = "edition-2027-01-01.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def everything(reference: Reference) -> tuple[object, ...]:
    """All that is kept, to show that nothing moved."""
    tables = ("editions", "procedures", "communes", "structures", "fiches", "entries")
    content = tuple(tuple(reference.db.conn.execute(f"SELECT * FROM {table}")) for table in tables)
    return (*content, tuple(reference.search("carte")), tuple(reference.search_communes("saint")))


def figures(report: ImportReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.dropped, len(report.refused)


# --- every list --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["catalog", "communes", "structures"])
def test_the_same_edition_again_changes_nothing(reference: Reference, kind: str, tmp_path: Path) -> None:
    report = import_reference(reference, kind, assets.resource(LISTS[kind]))
    assert figures(report) == (0, 0, 0, 0)
    assert len(report.warnings) == (71 if kind == "structures" else 0)
    assert reference.editions()[kind].origin == "imported"


def test_the_same_fiches_again_change_nothing(reference: Reference) -> None:
    before = reference.search("carte grise")
    report = import_reference(reference, "fiches", assets.resource("fiches/vosdroits.zip"))
    assert figures(report) == (0, 0, 0, 0)
    assert reference.search("carte grise") == before


@pytest.mark.parametrize("kind", ["catalog", "communes", "structures"])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "vide"),
        (b"\n\n", "vide"),
        (b"une,autre\n1,2\n", "colonnes absentes"),
        (b"\xff\xfe\x00c\x00o", "UTF-8"),
        (b"code,titre\nx,\xe9t\xe9\n", "ligne 2"),
        (b"a\x00b", "texte"),
        (b"\x1f\x8b\x08\x00tronque", "compress"),
        (b"PK\x03\x04 une archive", "colonnes absentes"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused_by_name_and_changes_nothing(
    reference: Reference, kind: str, content: bytes, why: str, tmp_path: Path
) -> None:
    path = tmp_path / "liste.csv"
    path.write_bytes(content)
    before = everything(reference)
    with pytest.raises(InvalidInput) as refused:
        import_reference(reference, kind, path)
    assert list(refused.value.problems) == ["liste.csv"]
    assert why in refused.value.problems["liste.csv"]
    assert everything(reference) == before


def test_a_missing_file_is_named(reference: Reference, tmp_path: Path) -> None:
    for kind in (*LISTS, "fiches"):
        with pytest.raises(InvalidInput, match=r"absent\.csv"):
            import_reference(reference, kind, tmp_path / "absent.csv")


def test_an_unknown_kind_is_refused(reference: Reference, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="inconnu"):
        import_reference(reference, "autre", tmp_path)


def test_a_header_alone_is_refused(reference: Reference, tmp_path: Path) -> None:
    for kind in LISTS:
        with pytest.raises(InvalidInput, match="rien à importer"):
            import_reference(reference, kind, written(tmp_path, lines_of(kind)[:1]))


@pytest.mark.parametrize("kind", ["catalog", "communes", "structures"])
def test_separator_byte_order_mark_and_compression_do_not_matter(
    reference: Reference, kind: str, tmp_path: Path
) -> None:
    header, *_ = lines = lines_of(kind)
    simple = [
        line for line in lines if '"' not in line and ";" not in line and line.count(",") == header.count(",")
    ]
    path = tmp_path / "edition.csv"
    path.write_bytes(("\r\n".join(line.replace(",", ";") for line in simple)).encode("utf-8-sig"))
    first = import_reference(reference, kind, path)
    assert figures(first)[:2] == (0, 0)
    assert first.refused == ()
    packed = tmp_path / "edition.csv.gz"
    packed.write_bytes(gzip.compress("\n".join(simple).encode()))
    assert figures(import_reference(reference, kind, packed)) == (0, 0, 0, 0)


def test_more_than_half_refused_refuses_the_whole_file(reference: Reference, tmp_path: Path) -> None:
    lines = lines_of("catalog")[:11]
    broken = [lines[0], *(f"?{line}" for line in lines[1:7]), *lines[7:]]
    before = everything(reference)
    with pytest.raises(InvalidInput, match=r"6 refus sur 10 ; le premier : ligne 2, code"):
        import_reference(reference, "catalog", written(tmp_path, broken))
    assert everything(reference) == before


def test_a_file_that_unpacks_without_end_is_refused(
    reference: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fsbus.store.reference.tables.MOST_BYTES", 2**20)
    path = tmp_path / "bombe.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" * 2**19))
    with pytest.raises(InvalidInput, match="dépasse 1 Mo"):
        import_reference(reference, "communes", path)


@pytest.mark.parametrize("kind", ["catalog", "communes", "structures", "fiches"])
def test_a_stopped_import_changes_nothing(reference: Reference, kind: str) -> None:
    path = assets.resource(LISTS.get(kind, "fiches/vosdroits.zip"))
    before = everything(reference)
    asked: list[None] = []

    def at_the_second_question() -> bool:
        asked.append(None)
        return len(asked) == 2

    with pytest.raises(ImportCancelled):
        import_reference(reference, kind, path, cancelled=at_the_second_question)
    assert everything(reference) == before


def test_the_edition_is_the_day_in_the_name_or_the_day_of_the_file(
    reference: Reference, tmp_path: Path
) -> None:
    lines = lines_of("catalog")
    assert (
        import_reference(reference, "catalog", written(tmp_path, lines, "liste-20270203.csv")).edition
        == "2027-02-03"
    )
    dated = import_reference(reference, "catalog", written(tmp_path, lines, "liste.csv")).edition
    assert len(dated) == 10
    assert reference.editions()["catalog"].edition == dated


# --- catalogue ---------------------------------------------------------------------------------------------


def test_bad_rows_are_named_and_the_rest_is_in(reference: Reference, tmp_path: Path) -> None:
    lines = lines_of("catalog")
    lines[2] = lines[2].replace("France Titres", "Guichet Inconnu")
    lines[3] = lines[3].replace("F1344", "X12")
    lines[4] += ",cellule de trop"
    lines.append(lines[1])
    lines.append('NEUF-1,CNAV,"Une démarche toute neuve, ici",,pièce d\'identité; RIB,guichet,,social_sante,')
    report = import_reference(reference, "catalog", written(tmp_path, lines))
    assert [(each.where, each.field) for each in report.refused] == [
        ("ligne 5", "ligne"), ("ligne 3", "partner"), ("ligne 4", "vdd_fiche_id"), ("ligne 123", "code"),
    ]  # fmt: skip
    assert "Guichet Inconnu" in str(report.refused[1])
    assert figures(report) == (1, 0, 3, 4)
    new = reference.procedure("NEUF-1")
    assert new is not None
    assert (new.documents, new.partner) == (("pièce d'identité", "RIB"), "CNAV")
    assert reference.search("toute neuve")[0].code == "NEUF-1"


def test_a_procedure_that_is_gone_is_no_longer_proposed_but_still_known(
    reference: Reference, tmp_path: Path
) -> None:
    lines = [line for line in lines_of("catalog") if not line.startswith("CAF-RSA,")]
    path = written(tmp_path, lines)
    report = import_reference(reference, "catalog", path)
    assert figures(report) == (0, 0, 1, 0)
    gone = reference.procedure("CAF-RSA")
    assert gone is not None
    assert not gone.active
    assert reference.partner_of("CAF-RSA", "2026-11-24") == "CNAF"
    assert "CAF-RSA" not in [hit.code for hit in reference.search("RSA")]
    # Gone already: not dropped twice. Back again: changed, and proposed.
    assert figures(import_reference(reference, "catalog", path)) == (0, 0, 0, 0)
    back = import_reference(reference, "catalog", assets.resource(LISTS["catalog"]))
    assert figures(back) == (0, 1, 0, 0)
    assert "CAF-RSA" in [hit.code for hit in reference.search("RSA")]


def test_another_window_sees_the_new_edition(reference: Reference, tmp_path: Path) -> None:
    other = Reference.open(tmp_path / "reference.db", KEY)
    assert other.catalog() is other.catalog()
    assert other.search("rsa")
    lines = [line.replace("RSA : demande", "RSA : demande en ligne") for line in lines_of("catalog")]
    import_reference(reference, "catalog", written(tmp_path, lines))
    for opened in (reference, other):
        procedure = opened.procedure("CAF-RSA")
        assert procedure is not None
        assert procedure.title == "RSA : demande en ligne"
        assert opened.search("rsa en ligne")[0].title == "RSA : demande en ligne"
    other.close()


# --- communes ----------------------------------------------------------------------------------------------


def test_a_merged_commune_is_known_but_no_longer_proposed(reference: Reference, tmp_path: Path) -> None:
    lines = [line for line in lines_of("communes") if not line.startswith("02361,")]
    lines.append("02999,Guise-la-Neuve,02120,02,32,200071983,CC Neuve,12,,")
    lines.append("2Z001,Nulle part,abc,02,32,,,beaucoup,x,y")
    report = import_reference(reference, "communes", written(tmp_path, lines))
    assert (report.added, report.dropped) == (1, 1)
    assert {each.field for each in report.refused} == {"insee_code", "codes_postaux", "population"}
    assert {each.where for each in report.refused} == {f"ligne {len(lines)}"}
    assert reference.is_commune("02361")
    old = reference.commune("02361")
    assert old is not None
    assert not old.active
    assert "02361" not in [each.insee_code for each in reference.search_communes("guise")]
    assert reference.search_communes("guise la")[0].insee_code == "02999"
    again = import_reference(reference, "communes", written(tmp_path, lines))
    assert (again.added, again.changed, again.dropped) == (0, 0, 0)
    assert reference.is_commune("02361")


def test_a_commune_without_a_readable_place_is_kept_and_told(reference: Reference, tmp_path: Path) -> None:
    lines = [
        *lines_of("communes"),
        "02999,Nouvelle,02120,02,32,,,12,nan,nan",
        "02998,Autre,02120,02,32,,,,91,200",
    ]
    report = import_reference(reference, "communes", written(tmp_path, lines))
    assert report.added == 2
    assert [each.where for each in report.warnings] == [f"ligne {len(lines) - 1}", f"ligne {len(lines)}"]
    found = reference.commune("02999")
    assert found is not None
    assert found.latitude is None


# --- structures --------------------------------------------------------------------------------------------


def test_untidy_hours_are_kept_and_told_and_closed_structures_are_dropped(
    reference: Reference, tmp_path: Path
) -> None:
    lines = [line for line in lines_of("structures") if not line.startswith("1,")]
    assert lines[1].startswith("2,")
    lines[1] = lines[1].replace("09:00 - 12:00 / 14:00 - 16:30", "le matin\\x20seulement", 1)
    report = import_reference(reference, "structures", written(tmp_path, lines))
    assert (report.added, report.changed, report.dropped, report.refused) == (0, 1, 1, ())
    assert len(report.warnings) == 72
    assert str(report.warnings[0]).startswith("ligne 2, h_")
    assert "le matin seulement" in str(report.warnings[0])
    kept = reference.structure("2")
    assert kept is not None
    assert "le matin seulement" in kept.hours
    assert reference.structure("1") is None


# --- fiches ------------------------------------------------------------------------------------------------


def test_an_archive_as_large_as_the_official_one_is_taken(reference: Reference, tmp_path: Path) -> None:
    told: list[int] = []
    path = full_archive(tmp_path / "vosdroits-latest.zip", fiches=404, resources=1_660)
    report = import_reference(reference, "fiches", path, progress=lambda done, total: told.append(done))
    assert figures(report) == (303, 0, 0, 0)
    assert report.skipped == 1_661
    assert reference.editions()["fiches"].rows == 404
    assert told == sorted(told)
    assert told[-1] == 404 + 1_661
    # What the catalogue names comes before its copies.
    fiches = [hit.code for hit in reference.search("pension de réversion", 40) if hit.kind == "fiche"]
    assert fiches[0] == "F13104"
    assert len(fiches) > 1


@pytest.mark.torture
def test_the_whole_official_size_is_taken_in_reasonable_time(reference: Reference, tmp_path: Path) -> None:
    path = full_archive(tmp_path / "vosdroits-latest.zip")
    report = import_reference(reference, "fiches", path)
    assert figures(report) == (3_112, 0, 0, 0)
    assert report.skipped == 1_661
    assert "F1050" in [hit.code for hit in reference.search("carte grise", 40)]


def test_hostile_fiches_are_named_and_the_others_are_in(reference: Reference, tmp_path: Path) -> None:
    good = {f"F{number}.xml": fiche(f"F{number}", f"Fiche numéro {number}") for number in range(1, 7)}
    laughs = b'<!DOCTYPE a [<!ENTITY b "rire">]>' + fiche("F90")
    outside = b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><Publication ID="F91"/>'
    report = import_reference(
        reference,
        "fiches",
        archive(
            tmp_path / "fiches.zip",
            {
                **good,
                "F90.xml": laughs,
                "F91.xml": outside,
                "F92.xml": b"<Publication ID='F92'><dc:title>",
                "F93.xml": fiche("F1", "Encore la première"),
                "../../F94.xml": fiche("F94", "Fiche au nom dangereux"),
                "menu.xml": b"<Menu/>",
                "R1.xml": laughs,
            },
        ),
    )
    assert {each.where: each.why.split(" ")[0] for each in report.refused} == {
        "F90.xml": "DTD", "F91.xml": "DTD", "F92.xml": "XML", "F93.xml": "fiche",
    }  # fmt: skip
    assert report.added + report.changed == 7
    assert report.dropped == 101 - report.changed
    assert report.skipped == 2
    assert report.edition == "2025-03-04"
    # Only its last part was used, and only as a name.
    assert reference.fiche("F94") is not None
    assert not list(tmp_path.parent.glob("F94.xml"))
    assert next(hit.code for hit in reference.search("numéro 3") if hit.kind == "fiche") == "F3"


def test_an_archive_of_rubble_changes_nothing(reference: Reference, tmp_path: Path) -> None:
    before = everything(reference)
    members = {"F1.xml": fiche("F1"), "F2.xml": b"<a", "F3.xml": b""}
    with pytest.raises(InvalidInput, match=r"2 refus sur 3 ; le premier : F2\.xml, fiche"):
        import_reference(reference, "fiches", archive(tmp_path / "fiches.zip", members))
    with pytest.raises(InvalidInput, match="rien à importer"):
        import_reference(reference, "fiches", archive(tmp_path / "vide.zip", {}))
    assert everything(reference) == before


def test_an_import_survives_the_next_start(reference: Reference, tmp_path: Path) -> None:
    import_reference(reference, "fiches", archive(tmp_path / "fiches.zip", {"F7.xml": fiche("F7", "Sept")}))
    again = Reference.open(tmp_path / "reference.db", KEY)
    assert again.editions()["fiches"].origin == "imported"
    assert again.fiche("F7") is not None
    assert again.fiche("F1050") is None
    again.close()
