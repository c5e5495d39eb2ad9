"""Nobody without the key reads a word: every byte that is left on the disk is searched."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fsbus.actions.session import Session
from fsbus.actions.visits import amend, erase_visit, record_visit
from fsbus.core.entities import VISIT
from fsbus.core.errors import InvalidInput
from fsbus.store import queries
from fsbus.store.database import rows
from tests import deciphered
from tests.builders import draft, referral_draft
from tests.devices import AGENT_NAME, BUS, PASSPHRASE, MakeDevice

NOTE = "Mimosa Élodie d’Artagnan reviendra"
ANSWER = "Dossier vermillon à rapporter jeudi."
CONTACT = "guichet pervenche de Laon"
SECRETS = (NOTE, ANSWER, CONTACT, AGENT_NAME, BUS, PASSPHRASE, "Mimosa", "vermillon", "pervenche", "Élodie")


def left_bytes(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below, and every file that this process still holds open after deleting it."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        return
    for link in descriptors.iterdir():
        try:
            if str(link.readlink()).endswith(" (deleted)"):
                yield f"{link} {link.readlink()}", link.read_bytes()
        except OSError:
            continue


def found_in_clear(folder: Path) -> list[str]:
    wanted = {text.encode(coding): text for text in SECRETS for coding in ("utf-8", "utf-16-le", "utf-16-be")}
    return [
        f"{name}: {text}"
        for name, content in left_bytes(folder)
        for needle, text in wanted.items()
        if needle in content
    ]


@pytest.fixture
def laptop(make_device: MakeDevice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    for name in ("TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    return make_device("laptop")


def test_the_search_for_plain_text_finds_it(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_bytes(b"\0" * 5_000 + NOTE.encode("utf-16-le"))
    assert any("Mimosa" in found for found in found_in_clear(tmp_path))
    if Path("/proc/self/fd").exists():
        with (tmp_path / "gone.txt").open("w+b") as file:
            file.write(ANSWER.encode())
            file.flush()
            (tmp_path / "note.txt").unlink()
            (tmp_path / "gone.txt").unlink()
            assert any("vermillon" in found for found in found_in_clear(tmp_path))


def test_no_word_is_readable_during_a_day_of_work(laptop: Session, tmp_path: Path) -> None:
    visit = record_visit(laptop, sensitive())
    assert found_in_clear(tmp_path) == []
    amend(laptop, VISIT, visit.id, {"note": f"{NOTE} !"})
    assert queries.search_visits(laptop.store.db, "mimosa vermillon pervenche", 5)
    with pytest.raises(InvalidInput):
        record_visit(laptop, sensitive(minutes=0))
    assert found_in_clear(tmp_path) == []
    laptop.store.save([], actor=laptop.agent.id)
    laptop.close()
    assert found_in_clear(tmp_path) == []
    assert list((tmp_path / "temporary").iterdir()) == []


def test_no_word_is_readable_while_a_transaction_is_open_and_memory_is_short(
    laptop: Session, tmp_path: Path
) -> None:
    record_visit(laptop, sensitive())
    db = laptop.store.db
    # So few pages that SQLite must write what is not committed, and sort on the disk if it may.
    db.conn.execute("PRAGMA cache_size = 10")
    with laptop.store.batch():
        for _ in range(60):
            record_visit(laptop, sensitive())
        sorting = db.conn.execute("SELECT note FROM visits ORDER BY note || n DESC")
        assert sorting.fetchone() is not None
        grouped = rows(db, "SELECT DISTINCT precise_answer || n FROM procedure_records")
        assert next(grouped)
        written = (laptop.home / "fsbus.db-wal").stat().st_size
        assert written > 100_000
        assert found_in_clear(tmp_path) == []
        grouped.close()
        sorting.close()
    assert found_in_clear(tmp_path) == []


def test_an_erased_note_is_in_no_page_even_with_the_key(laptop: Session) -> None:
    visit = record_visit(laptop, sensitive())
    assert erase_visit(laptop, visit.id) == 2
    dump = pages(laptop)
    assert b"vermillon" not in dump.lower()
    assert b"mimosa" not in dump.lower()


def test_a_note_that_is_kept_is_in_the_pages_with_the_key(laptop: Session) -> None:
    # Without this, the test above could not fail.
    record_visit(laptop, sensitive())
    assert b"mimosa" in pages(laptop).lower()


def sensitive(**changes: object) -> dict[str, object]:
    referral = {"partner": "CNAV", "contact": CONTACT}
    return draft(note=NOTE, procedures=[referral_draft(precise_answer=ANSWER, referral=referral)], **changes)


def pages(session: Session) -> bytes:
    """Every page of the store's file, free ones included, deciphered without SQLite's help."""
    session.store.close()
    return deciphered.pages(session.home / "fsbus.db", session.keys.subkey("db"))
