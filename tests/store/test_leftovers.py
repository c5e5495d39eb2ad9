"""What killed processes left goes, and backups that weigh too much."""

from pathlib import Path

from fsbus.store.backup import too_heavy
from fsbus.store.leftovers import sweep


def test_what_was_left_half_made_goes_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    left = [".restore-ab", ".restore-ab-wal", ".essai-1", ".ballast.12", "backups/.part-1-ff"]
    kept = ["fsbus.db", "ballast", "ops-1-ab.fsj", "backups/bak-1-2-20261124T110000Z.fsbak", ".ouverture"]
    for name in (*left, *kept):
        (tmp_path / name).write_bytes(b"x")
    assert sweep(tmp_path) == len(left)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == set(kept)


def test_old_backups_go_while_all_but_the_last_two_weigh_too_much() -> None:
    assert too_heavy([50, 50, 10, 10, 10], 100) == []
    assert too_heavy([50, 50, 10, 10, 10], 20) == [4]
    assert too_heavy([50, 50, 10, 10, 10], 0) == [2, 3, 4]
    assert too_heavy([50], 0) == []
