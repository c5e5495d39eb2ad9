"""Builds the reference data of resources/ from a folder of source files: `make data`.

Run twice, it writes the same bytes. What people write by hand (partners, other names, synonyms) is
left as it is, and checked.
"""

import argparse
import csv
import gzip
import hashlib
import io
import re
import sys
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
ESCAPE = re.compile(r"\\x([0-9A-F]{2})|\\u([0-9A-F]{4})")
ZIP_DAY = (1980, 1, 1, 0, 0, 0)
EDITIONS = {
    # kind: (file under resources/, day of the edition)
    "words": ("catalog", "2026-11-23"),
    "catalog": ("catalog/procedures.csv", "2026-11-23"),
    "communes": ("places/communes.csv.gz", "2026-01-01"),
    "structures": ("places/france-services.csv", "2024-08-01"),
    "fiches": ("fiches/vosdroits.zip", "2020-11-12"),
}
WORDS = ("aliases.csv", "partners.csv", "synonyms.csv")


def main() -> int:
    """Build everything; exit 2 with the reason when a source file is missing or wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="where the source files are")
    parser.add_argument("--from", dest="source", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--to", type=Path, default=REPOSITORY / "resources")
    options = parser.parse_args()
    try:
        build(options.folder or options.source, options.to)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        print(f"build_data: {error}", file=sys.stderr)
        return 2
    return 0


def build(source: Path, target: Path) -> None:
    """Write catalog/procedures.csv, places/*, fiches/vosdroits.zip and editions.csv under `target`."""
    for name in WORDS:
        if not (target / "catalog" / name).is_file():
            raise OSError(f"{target / 'catalog' / name} is written by hand and is missing")
    for folder in ("places", "fiches"):
        (target / folder).mkdir(parents=True, exist_ok=True)
    counts = {
        "words": 0,
        "catalog": _catalog(source, target),
        "communes": _communes(source, target),
        "structures": _structures(source, target),
        "fiches": _fiches(source, target),
    }
    _copy(source / "departements.csv", target / "places" / "departements.csv")
    _copy(source / "departements.geojson", target / "places" / "departements.geojson")
    _editions(target, counts)


def _catalog(source: Path, target: Path) -> int:
    header, rows = _read(source / "procedures.csv")
    labels = {row["partner"] for row in rows}
    _, partners = _read(target / "catalog" / "partners.csv")
    known = {
        name
        for row in partners
        for name in (row["code"], row["label"], row["short_label"], *row["aliases"].split("|"))
    }
    if labels - known:
        raise ValueError(f"partners.csv does not name: {', '.join(sorted(labels - known))}")
    codes = {row["code"] for row in rows}
    _, aliases = _read(target / "catalog" / "aliases.csv")
    strangers = sorted(row["code"] for row in aliases if row["code"] not in codes)
    if strangers:
        raise ValueError(f"aliases.csv names procedures that do not exist: {', '.join(strangers)}")
    _write(target / "catalog" / "procedures.csv", header, rows)
    return len(rows)


def _communes(source: Path, target: Path) -> int:
    text = gzip.decompress((source / "communes.csv.gz").read_bytes()).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    rows.sort(key=lambda row: row["insee_code"])
    for row in rows:
        if "nan" in (row["latitude"], row["longitude"]):  # two town halls without a place
            row["latitude"] = row["longitude"] = ""
    body = _csv_text(list(rows[0]), rows).encode()
    # No date and no name in the header: the same rows give the same bytes.
    (target / "places" / "communes.csv.gz").write_bytes(gzip.compress(body, compresslevel=9, mtime=0))
    return len(rows)


def _structures(source: Path, target: Path) -> int:
    (found,) = sorted(source.glob("france-services-*.csv"))[-1:]
    header, rows = _read(found)
    for row in rows:
        for name, cell in row.items():
            row[name] = unescape(cell).strip()
    _write(target / "places" / "france-services.csv", header, rows)
    return len(rows)


def unescape(cell: str) -> str:
    r"""Turn the ``\x20`` and ``\u2019`` of some published cells back into their characters."""
    return ESCAPE.sub(lambda match: chr(int(match.group(1) or match.group(2), 16)), cell)


def _fiches(source: Path, target: Path) -> int:
    (found,) = sorted(source.glob("vosdroits-*.zip"))[-1:]
    path = target / "fiches" / "vosdroits.zip"
    count = 0
    with zipfile.ZipFile(found) as read, zipfile.ZipFile(path, "w") as write:
        for name in sorted(read.namelist()):
            if re.fullmatch(r"[FN]\d+\.xml", name):
                info = zipfile.ZipInfo(name, date_time=ZIP_DAY)
                info.external_attr = 0o644 << 16
                info.create_system = 3
                write.writestr(info, read.read(name), zipfile.ZIP_DEFLATED, compresslevel=9)
                count += 1
    return count


def _editions(target: Path, counts: dict[str, int]) -> None:
    rows = []
    for kind, (name, day) in EDITIONS.items():
        files = [target / name / word for word in WORDS] if kind == "words" else [target / name]
        digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
        rows.append({"kind": kind, "file": name, "edition": day, "rows": str(counts[kind]), "digest": digest})
    _write(target / "editions.csv", list(rows[0]), rows)


def _read(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    if not rows:
        raise ValueError(f"{path} is empty")
    return list(rows[0]), rows


def _csv_text(header: list[str], rows: list[dict[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _write(path: Path, header: list[str], rows: list[dict[str, str]]) -> None:
    path.write_bytes(_csv_text(header, rows).encode())


def _copy(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes())


if __name__ == "__main__":
    sys.exit(main())
