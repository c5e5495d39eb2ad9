"""What is shipped is what the source files hold, and says where it comes from."""

import csv
import gzip
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from fsbus import assets

ROOT = Path(__file__).resolve().parent.parent


def rows(text: str) -> list[dict[str, str]]:
    """The rows of a CSV text."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def editions() -> dict[str, dict[str, str]]:
    """The declared editions, by kind."""
    return {row["kind"]: row for row in rows(assets.text("editions.csv"))}


def test_the_shipped_files_hold_what_they_declare() -> None:
    declared = {kind: int(row["rows"]) for kind, row in editions().items()}
    assert declared == {"words": 0, "catalog": 121, "communes": 34_969, "structures": 2_845, "fiches": 101}
    assert len(rows(assets.text("catalog/procedures.csv"))) == 121
    packed = assets.resource("places/communes.csv.gz").read_bytes()
    communes = rows(gzip.decompress(packed).decode())
    assert len({row["insee_code"] for row in communes}) == 34_969
    structures = rows(assets.text("places/france-services.csv"))
    assert len(structures) == 2_845
    assert not any("\\x" in cell for row in structures for cell in row.values())
    with zipfile.ZipFile(assets.resource("fiches/vosdroits.zip")) as archive:
        assert len(archive.namelist()) == 101
    departements = {row["departement_code"] for row in rows(assets.text("places/departements.csv"))}
    assert len(departements) == 109
    assert {row["departement_code"] for row in communes} <= departements
    outlines = json.loads(assets.text("places/departements.geojson"))["features"]
    assert {outline["properties"]["insee_dep"] for outline in outlines} <= departements


@pytest.mark.parametrize("kind", ["catalog", "communes", "structures", "fiches"])
def test_the_digest_of_each_file_is_the_declared_one(kind: str) -> None:
    row = editions()[kind]
    digest = hashlib.sha256(assets.resource(row["file"]).read_bytes()).hexdigest()
    assert row["digest"] == digest[:16]


def test_the_words_written_by_hand_are_dated_by_their_content() -> None:
    names = ("aliases.csv", "partners.csv", "synonyms.csv")
    content = b"".join(assets.resource(f"catalog/{name}").read_bytes() for name in names)
    assert editions()["words"]["digest"] == hashlib.sha256(content).hexdigest()[:16], "run make data"


@pytest.mark.parametrize("folder", ["catalog", "places", "fiches"])
def test_every_shipped_file_has_its_origin_and_its_licence(folder: str) -> None:
    sources = assets.text(f"{folder}/SOURCES.md")
    for path in (assets.resources() / folder).iterdir():
        assert path.name == "SOURCES.md" or f"`{path.name}`" in sources
    assert "Licence Ouverte 2.0" in sources


def test_building_the_data_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    source = source_folder(tmp_path)
    built = []
    for name in ("one", "two"):
        target = tmp_path / name
        (target / "catalog").mkdir(parents=True)
        for words in ("aliases.csv", "partners.csv", "synonyms.csv"):
            (target / "catalog" / words).write_bytes(assets.resource(f"catalog/{words}").read_bytes())
        done = build(source, target)
        assert done.returncode == 0, done.stderr
        built.append({p.relative_to(target): p.read_bytes() for p in target.rglob("*") if p.is_file()})
    assert built[0] == built[1]
    assert len(built[0]) == 10
    shipped = assets.resources()
    # What is shipped was built by this very script.
    for path in ("catalog/procedures.csv", "places/france-services.csv", "editions.csv"):
        assert built[0][Path(path)] == (shipped / path).read_bytes()


def test_a_missing_source_is_named_and_nothing_is_built(tmp_path: Path) -> None:
    done = build(tmp_path / "nowhere", tmp_path / "out")
    assert done.returncode == 2
    assert "aliases.csv" in done.stderr
    assert not (tmp_path / "out" / "places").exists()


@pytest.mark.parametrize("place", ["fsbus/_resources", "resources"])
def test_resources_are_found_in_a_checkout_and_in_an_installed_program(tmp_path: Path, place: str) -> None:
    (tmp_path / "fsbus").mkdir()
    (tmp_path / place).mkdir()
    (tmp_path / place / "editions.csv").write_text("ici", encoding="utf-8")
    code = Path(assets.__file__).read_text(encoding="utf-8")
    (tmp_path / "fsbus" / "assets.py").write_text(code, encoding="utf-8")
    (tmp_path / "fsbus" / "__init__.py").touch()
    command = [sys.executable, "-c", "from fsbus import assets; print(assets.text('editions.csv'))"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "ici\n", done.stderr


def test_a_frozen_program_finds_its_own_resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "editions.csv").touch()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assets.resources.cache_clear()
    try:
        assert assets.resources() == tmp_path / "resources"
    finally:
        assets.resources.cache_clear()


def test_a_resource_that_is_not_shipped_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.csv"):
        assets.resource("nothing.csv")


def source_folder(tmp_path: Path) -> Path:
    """A folder of source files, made again from what is shipped."""
    source = tmp_path / "source"
    source.mkdir()
    shipped = {
        "procedures.csv": "catalog/procedures.csv",
        "communes.csv.gz": "places/communes.csv.gz",
        "france-services-2024-08-01.csv": "places/france-services.csv",
        "vosdroits-extract-2020-11-12.zip": "fiches/vosdroits.zip",
        "departements.csv": "places/departements.csv",
        "departements.geojson": "places/departements.geojson",
    }
    for name, path in shipped.items():
        (source / name).write_bytes(assets.resource(path).read_bytes())
    return source


def build(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """Run the script of `make data`."""
    script = ROOT / "installers" / "build_data.py"
    command = [sys.executable, str(script), "--from", str(source), "--to", str(target)]
    return subprocess.run(command, capture_output=True, text=True, check=False)
