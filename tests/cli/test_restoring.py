"""The commands on a laptop that is damaged, put back, or whose disk is full."""

import json
from pathlib import Path

import pytest

from fsbus.actions import session as sessions
from fsbus.core.errors import DiskFull
from tests.cli.conftest import Runner
from tests.cli.test_commands import VISIT, ndjson


def test_a_damaged_laptop_is_restored_by_the_next_command_which_says_so(ready: Runner) -> None:
    made = ready("record", "-", stdin=json.dumps(VISIT).encode())
    assert made.status == 0
    (ready.folder / "home" / "fsbus.db").write_bytes(b"nothing of it is left")

    shown = ready("visits")

    assert [line["visit_id"] for line in shown.out] == [made.out[0]["visit_id"]]
    assert "rétablie depuis la copie" in shown.err
    assert "1\N{NO-BREAK SPACE}visite " in shown.err
    assert "rétablie" not in ready("visits").err


def test_damage_deep_in_the_database_is_found_at_the_next_opening_and_mended(ready: Runner) -> None:
    ready("record", "-", stdin=json.dumps(VISIT).encode())
    path = ready.folder / "home" / "fsbus.db"
    content = bytearray(path.read_bytes())
    content[-2000] ^= 1
    path.write_bytes(content)

    checked = ready("check")

    assert (checked.status, checked.out[0]["sound"]) == (0, True)
    assert "rétablie depuis la copie" in checked.err
    assert checked.out[0]["counts"] == {
        "visits": 1, "procedure_records": 2, "pending": 4, "conflicts": 0, "quarantined": 0,
    }  # fmt: skip


def test_a_backup_is_made_elsewhere_and_put_back_with_what_came_after(ready: Runner, tmp_path: Path) -> None:
    ready("record", "-", stdin=json.dumps(VISIT).encode())
    made = ready("backup", str(tmp_path / "stick"))
    assert (made.status, made.out[0]["visits"], made.out[0]["procedure_records"]) == (0, 1, 2)
    copy = Path(str(made.out[0]["file"]))
    assert sorted((tmp_path / "stick").iterdir()) == [copy, copy.with_suffix(".fsk")]
    assert str(ready("status").out[0]["last_backup"]).endswith("Z")
    ready("record", "-", stdin=json.dumps(VISIT).encode())
    before = ready("visits").out

    back = ready("restore", str(made.out[0]["file"]))

    assert (back.status, back.out[0]["visits"], back.out[0]["added"]) == (0, 2, 3)
    assert ready("visits").out == before
    assert ready("check").status == 0


def test_a_lost_laptop_is_made_anew_from_its_copy_under_another_name(ready: Runner, tmp_path: Path) -> None:
    ready("record", "-", stdin=json.dumps(VISIT).encode())
    lost, visits = ready("status").out[0], ready("visits").out
    copy = Path(str(ready("backup", str(tmp_path / "stick")).out[0]["file"]))
    new = ("--home", str(tmp_path / "new"))

    assert ready(*new, "restore", str(tmp_path / "stick" / "absent.fsbak")).status == 6
    assert not (tmp_path / "new").exists()
    back = ready(*new, "restore", str(copy))

    assert (back.status, back.out[0]["visits"]) == (0, 1)
    assert "faites révoquer l’ancien" in back.err
    assert ready(*new, "visits").out == visits
    found = ready(*new, "status").out[0]
    assert (found["pending"], found["device"] != lost["device"], found["replica"] != lost["replica"]) == (
        lost["pending"], True, True,
    )  # fmt: skip
    assert ready(*new, "check").status == 0


def test_what_is_no_backup_of_this_laptop_is_refused_and_changes_nothing(
    ready: Runner, tmp_path: Path
) -> None:
    other = tmp_path / "other.fsbak"
    other.write_bytes(b"\x01" + bytes(5000))
    before = (ready.folder / "home" / "fsbus.db").read_bytes()

    assert ready("restore", str(other)).status == 6
    assert ready("restore", str(tmp_path / "absent.fsbak")).status == 6

    assert (ready.folder / "home" / "fsbus.db").read_bytes() == before


def test_on_a_full_disk_everything_is_read_and_what_records_is_status_6(
    ready: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ready("record", "-", stdin=ndjson(VISIT))

    def refuse(folder: Path, *files: Path) -> None:
        raise DiskFull("plein")

    monkeypatch.setattr(sessions, "require_writable", refuse)
    assert len(ready("visits").out) == 1
    told = ready("status")
    assert (told.status, told.out[0]["visits"]) == (0, 1)
    assert "Lecture seule" in told.err
    refused = ready("record", "-", stdin=ndjson(VISIT))
    assert (refused.status, refused.out) == (6, [])
    assert "Rien n’a été enregistré" in refused.err
    checked = ready("check", "--repair")
    assert (checked.status, checked.out[0]["sound"]) == (6, False)
    assert "plein" in str(checked.out[0]["read_only"])
    assert ready("backup", str(tmp_path / "stick")).status == 0
    monkeypatch.undo()
    assert len(ready("visits").out) == 1
