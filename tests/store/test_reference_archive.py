"""An archive and its XML are never trusted: sizes are counted, names open nothing, DTDs are refused."""

import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.catalog import Block
from fsbus.core.errors import InvalidInput
from fsbus.store.reference.archive import Archive, Limits, Member
from fsbus.store.reference.fiche_text import body_text, is_technical, read_fiche
from fsbus.store.reference.fiche_xml import DEEPEST, HostileXml, parse_fiche
from tests.reference_samples import archive, fiche

SMALL = Limits(members=5, directory_bytes=2_000, member_bytes=10_000, total_bytes=30_000)


def members(path: Path, limits: Limits = SMALL) -> list[Member]:
    opened = Archive(path, limits)
    try:
        return list(opened)
    finally:
        opened.close()


# --- the archive -------------------------------------------------------------------------------------------


def test_a_member_that_unpacks_without_end_is_refused_as_it_unpacks(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {"F1.xml": b" " * 5_000_000, "F2.xml": b"<a/>"})
    assert path.stat().st_size < 10_000
    bomb, good = members(path)
    assert "démesuré" in bomb.problem
    assert len(bomb.data) == SMALL.member_bytes
    assert good == Member("F2.xml", b"<a/>")


def test_a_header_that_lies_about_the_size_deceives_nobody(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {"F1.xml": b" " * 5_000_000})
    data = bytearray(path.read_bytes())
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.index(signature)
        data[start + at : start + at + 4] = struct.pack("<I", 4)
    path.write_bytes(data)
    (member,) = members(path)
    assert member.problem
    assert len(member.data) <= SMALL.member_bytes


def test_many_members_that_unpack_too_much_together_refuse_the_archive(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {f"F{number}.xml": b" " * 9_000 for number in range(5)})
    with pytest.raises(InvalidInput, match="une fois décompressée"):
        members(path)


def test_too_many_members_refuse_the_archive_before_they_are_listed(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {f"F{number}.xml": b"" for number in range(6)})
    with pytest.raises(InvalidInput, match="trop de fichiers"):
        Archive(path, SMALL)
    long_names = archive(tmp_path / "b.zip", {"x" * 1_500 + str(number): b"" for number in range(3)})
    with pytest.raises(InvalidInput, match="trop de fichiers"):
        Archive(long_names, SMALL)


def test_an_archive_of_64_bit_records_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {"F1.xml": b"<a/>"})
    data = path.read_bytes()
    end = data.rindex(b"PK\x05\x06")
    path.write_bytes(data[:end] + b"PK\x06\x07" + b"\0" * 16 + data[end:])
    with pytest.raises(InvalidInput, match="trop de fichiers"):
        Archive(path, SMALL)


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {"F1.xml": b"<a/>"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match="chiffrée"):
        Archive(path, SMALL)


@pytest.mark.parametrize("content", [b"", b"PK", b"<html>portail</html>", b"PK\x05\x06" + b"\xff" * 18])
def test_a_file_that_is_no_archive_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "fiches.zip"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"fiches\.zip"):
        Archive(path)


@given(st.binary(max_size=300), st.integers(0, 400))
def test_no_damage_to_an_archive_is_ever_a_crash(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int
) -> None:
    path = archive(
        tmp_path_factory.getbasetemp() / "noise.zip", {"F1.xml": fiche("F1"), "F2.xml": fiche("F2")}
    )
    data = bytearray(path.read_bytes())
    data[at : at + len(noise)] = noise
    path.write_bytes(data)
    try:
        found = members(path, Limits())
    except InvalidInput:
        return
    assert all(member.data or member.problem or not member.name.startswith("F") for member in found)


def test_a_name_that_is_no_unicode_before_a_member_is_told(tmp_path: Path) -> None:
    path = archive(tmp_path / "fiches.zip", {"F1.xml": fiche("F1")})
    data = bytearray(path.read_bytes())
    data[7] |= 0x08  # its local header says that its name is UTF-8
    data[30] = 0x8E
    path.write_bytes(data)
    [found] = members(path, Limits())
    assert found.problem


def test_a_damaged_member_an_empty_one_and_a_second_of_the_same_name_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("F1.xml", b"<bon/>")
        made.writestr("F2.xml", b"")
        made.writestr("dossier/F1.xml", b"<autre/>")
        made.writestr("F3.xml", b"<abime/>")
        made.writestr("images/", b"")
    data = path.read_bytes().replace(b"<abime/>", b"<abimE/>")
    path.write_bytes(data)
    found = {(member.name, member.problem) for member in members(path)}
    assert found == {
        ("F1.xml", ""),
        ("F2.xml", "fichier vide."),
        ("F1.xml", "deux fichiers de ce nom."),
        ("F3.xml", "fichier abîmé dans l’archive."),
    }


def test_a_rare_compression_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("F1.xml", b"<a/>")
    (member,) = members(path)
    assert "compression" in member.problem


# --- the XML -----------------------------------------------------------------------------------------------

LAUGH = "&lN;"
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY l{n} "{(LAUGH * 10).replace("N", str(n - 1))}">' for n in range(1, 9))
    + ']><Publication ID="F1">&l8;</Publication>'
)


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS.encode(),
        LAUGHS.encode("utf-16"),
        LAUGHS.replace('"1.0"', '"1.0" encoding="UTF-16"').encode("utf-16"),
        LAUGHS.encode("utf-16-be"),
        b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd">%x;]><a/>',
        b"\xef\xbb\xbf<!DOCTYPE a><a/>",
        b"<a>&inconnue;</a>",
        b"<a>\x00</a>",
        b"<a",
        b"",
        b"rien",
        b"\xff\xfe",
        "<a>é</a>".encode("latin-1"),
        b"<a>" * (DEEPEST + 1) + b"</a>" * (DEEPEST + 1),
        b"<a>" * 150_000,
        b"<r>" + b"<a/>" * 200_001 + b"</r>",
    ],
    ids=range(17),
)
def test_hostile_xml_is_refused_in_french(data: bytes) -> None:
    with pytest.raises(HostileXml) as refused:
        parse_fiche(data)
    assert str(refused.value).endswith(".")


def test_an_encoding_that_the_file_declares_is_not_followed() -> None:
    # In UTF-7 this is a DTD; read as UTF-8 it is only text outside the root.
    with pytest.raises(HostileXml):
        parse_fiche(b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>')
    assert parse_fiche(b'<?xml version="1.0" encoding="ISO-8859-1"?>' + "<a>é</a>".encode()).text == "é"


@given(st.binary(max_size=200))
def test_no_bytes_are_ever_a_crash(data: bytes) -> None:
    try:
        read_fiche(parse_fiche(data))
    except HostileXml:
        return


# --- the text ----------------------------------------------------------------------------------------------


def blocks(body: str) -> tuple[Block, ...]:
    return read_fiche(parse_fiche(fiche("F1", "Titre", body))).blocks


def test_a_fiche_becomes_blocks_in_reading_order() -> None:
    found = blocks(
        """<Introduction><Texte><Paragraphe>Pour <MiseEnEvidence>commencer</MiseEnEvidence>.</Paragraphe></Texte>
        </Introduction>
        <Texte><Chapitre><Titre><Paragraphe>Le 1<Exposant>er</Exposant> chapitre</Paragraphe></Titre>
          <Paragraphe>Il coûte <Valeur>25\u00a0€</Valeur>,
             voir <LienInterne LienPublication="F2">ici</LienInterne>.</Paragraphe>
          <Liste type="puce"><Item><Paragraphe>un,</Paragraphe></Item>
             <Item><Paragraphe>deux :</Paragraphe><Liste><Item><Paragraphe>bis</Paragraphe></Item></Liste></Item></Liste>
          <Tableau><Titre>Tarifs</Titre><Colonne/><Rangée><Cellule><Paragraphe>A</Paragraphe></Cellule>
             <Cellule><Paragraphe>B</Paragraphe></Cellule></Rangée></Tableau>
          <ASavoir><Titre>À savoir</Titre><Paragraphe>C'est gratuit.</Paragraphe></ASavoir>
          <ServiceEnLigne URL="https://exemple.fr/x" numerocerfa="12345*01"><Titre>Demander</Titre>
             <Source ID="R1">Ministère</Source></ServiceEnLigne>
          <Nouveauté>Un mot <Inconnu>jamais</Inconnu> vu.</Nouveauté>
        </Chapitre></Texte>
        <Reference URL="javascript:alert(1)"><Titre>Code civil</Titre></Reference>
        <VoirAussi><Fiche ID="F2"><Titre>Autre fiche</Titre><Theme ID="N1"><Titre>Thème</Titre></Theme></Fiche></VoirAussi>"""
    )
    assert found == (
        Block("heading", 1, "Le 1er chapitre"),
        Block("paragraph", 2, "Il coûte 25\u00a0€, voir ici."),
        Block("list", 2, lines=("un,", "deux :", "– bis")),
        Block("table", 2, "Tarifs", rows=(("A", "B"),)),
        Block("note", 2, "À savoir", lines=("C'est gratuit.",)),
        Block("link", 2, "Demander", ("Ministère", "Cerfa n° 12345*01"), url="https://exemple.fr/x"),
        Block("paragraph", 2, "Un mot jamais vu."),
        Block("reference", 1, "Code civil"),
        Block("link", 1, "Autre fiche", url="F2"),
    )
    text = body_text(found)
    assert "gratuit" in text
    assert "Code civil" not in text


def test_the_introduction_and_the_day_are_read() -> None:
    found = read_fiche(
        parse_fiche(
            fiche("F1", "T", "<Introduction><Texte><Paragraphe>Bref.</Paragraphe></Texte></Introduction>")
        )
    )
    assert (found.introduction, found.updated_on, found.blocks) == ("Bref.", "2025-03-04", ())


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'<ServiceComplementaire ID="R1"/>', "Publication"),
        (b'<Publication ID="../F1"/>', "Publication"),
        (b'<Publication ID="F1"/>', "titre"),
    ],
)
def test_another_document_is_no_fiche(data: bytes, why: str) -> None:
    with pytest.raises(HostileXml, match=why):
        read_fiche(parse_fiche(data))


def test_fiches_made_for_the_site_itself_are_technical() -> None:
    assert is_technical(read_fiche(parse_fiche(fiche("F1", "**CNI Mineur"))))
    assert not is_technical(read_fiche(parse_fiche(fiche("F1", "CNI Mineur"))))
