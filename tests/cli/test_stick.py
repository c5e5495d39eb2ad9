"""The exchange by stick from the command line: there, back, and refused in plain words."""

from pathlib import Path

import pytest

from fsbus.core.clock import Clock
from fsbus.server import admin
from fsbus.server.serving import EmbeddedCentre
from tests.builders import draft
from tests.cli.conftest import Runner
from tests.cli.test_what_a_day_tells import ndjson

PAST = "2026-11-20T09:20:00+01:00"


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'centre.db'}"


@pytest.fixture
def enrolled(ready: Runner, database: str) -> Runner:
    """A laptop that met its centre once, and goes on without the network."""
    with EmbeddedCentre(database, clock=Clock()) as served:
        code = admin.enroll_code(served.centre, "bus-3", clock=Clock()).code
        assert ready("enroll", "--server", served.url, "--code", code).status == 0
        assert ready("sync").status == 0
    return ready


def test_a_day_goes_there_and_back_by_stick(enrolled: Runner, database: str, tmp_path: Path) -> None:
    stick, back = str(tmp_path / "bus-3.fsb"), str(tmp_path / "retour.fsb")
    assert enrolled("record", "-", stdin=ndjson(draft(note="par clé", started_at=PAST))).status == 0
    written = enrolled("bundle", "write", stick)
    assert written.status == 0
    assert written.out[0]["changes"] == 3
    assert written.out[0]["bytes"] == Path(stick).stat().st_size
    assert "3 saisies sur la clé USB, écrites et relues" in written.err
    answered = enrolled("server", "bundle", stick, "--out", back, "--database", database)
    assert (answered.status, answered.out[0]["changes"], answered.out[0]["refused"]) == (0, 3, {})
    taken = enrolled("bundle", "read", back)
    assert (taken.status, taken.out[0]["acked"], taken.out[0]["more"]) == (0, 3, False)
    assert "3 saisies reçues par le centre" in taken.err
    assert enrolled("status").out[0]["pending"] == 0
    assert [line["note"] for line in enrolled("server", "visits", "--database", database).out] == ["par clé"]
    # Read again, it changes nothing.
    again = enrolled("bundle", "read", back)
    assert (again.out[0]["acked"], "tout était déjà à jour" in again.err) == (0, True)
    exchanges = enrolled("status").out[0]["exchanges"]
    assert isinstance(exchanges, list)
    assert [(one["ended"], one["sent"]) for one in exchanges[:3]] == [
        ("stick_read", 0), ("stick_read", 0), ("stick_written", 3),
    ]  # fmt: skip


def test_what_was_not_carried_yet_is_replaced_only_when_it_is_asked_for(
    enrolled: Runner, database: str, tmp_path: Path
) -> None:
    stick, back = tmp_path / "bus-3.fsb", tmp_path / "retour.fsb"
    answer = ("server", "bundle", str(stick), "--out", str(back), "--database", database)
    assert enrolled("bundle", "write", str(stick)).status == 0
    assert enrolled(*answer).status == 0
    for path, words in ((stick, ("bundle", "write", str(stick))), (back, answer)):
        before = path.read_bytes()
        refused = enrolled(*words)
        assert (refused.status, "--force" in refused.err, path.read_bytes() == before) == (2, True, True)
        assert enrolled(*words, "--force").status == 0
        assert path.read_bytes() != before


def test_ones_own_file_is_known_and_sent_on_to_the_centre(enrolled: Runner, tmp_path: Path) -> None:
    stick = str(tmp_path / "bus-3.fsb")
    assert enrolled("bundle", "write", stick).status == 0
    ran = enrolled("bundle", "read", stick)
    assert (ran.status, "c’est votre propre envoi\u00a0: portez-le au centre" in ran.err) == (2, True)


def test_files_that_are_something_else_are_refused_in_plain_words(
    enrolled: Runner, database: str, tmp_path: Path
) -> None:
    stick, other = tmp_path / "bus-3.fsb", tmp_path / "autre.fsb"
    other.write_bytes(b"age-encryption.org/v1\nrien")
    for words in (
        ("bundle", "read", str(other)),
        ("bundle", "read", str(tmp_path / "absent.fsb")),
        ("server", "bundle", str(other), "--out", str(stick), "--database", database),
    ):
        ran = enrolled(*words)
        assert (ran.status, list(ran.out[0])) == (2, ["problems"])
        assert ran.err
    assert not stick.exists()
    assert enrolled("bundle", "write", str(stick)).status == 0
    # The answer goes beside the file, never over it.
    assert enrolled("server", "bundle", str(stick), "--out", str(stick), "--database", database).status == 2


def test_a_laptop_without_a_centre_is_told_what_to_do(ready: Runner, tmp_path: Path) -> None:
    ran = ready("bundle", "write", str(tmp_path / "bus.fsb"))
    assert ran.status == 5
    assert "coordinateur" in ran.err


def test_a_revoked_laptop_hears_it_by_stick_too(enrolled: Runner, database: str, tmp_path: Path) -> None:
    stick, back = str(tmp_path / "bus-3.fsb"), str(tmp_path / "retour.fsb")
    assert enrolled("record", "-", stdin=ndjson(draft(started_at=PAST))).status == 0
    assert enrolled("bundle", "write", stick).status == 0
    device = str(enrolled("server", "devices", "--database", database).out[0]["device"])
    assert enrolled("server", "revoke", device, "--database", database).status == 0
    answered = enrolled("server", "bundle", stick, "--out", back, "--database", database)
    refused = answered.out[0]["refused"]
    assert isinstance(refused, dict)
    assert (answered.status, set(refused)) == (5, {"revoked"})
    assert "ce poste est refusé pour de bon" in answered.err
    assert "revoked" not in answered.err
    assert enrolled("bundle", "read", back).status == 5
    assert enrolled("status").out[0]["pending"] == 3
