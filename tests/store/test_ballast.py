"""Room kept aside: really taken, given up once when the disk is full, taken again when there is room."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fsbus.core.errors import DiskFull
from fsbus.store import ballast
from fsbus.store.ballast import NAME, Ballast, retried


@dataclass
class Writing:
    """Something that is refused so many times."""

    folder: Path
    refusals: int
    is_writing: bool = False
    times: list[int] = field(default_factory=list)

    @retried
    def write(self, number: int) -> int:
        self.times.append(number)
        if len(self.times) <= self.refusals:
            raise DiskFull("plein")
        return number


def test_the_room_is_really_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ballast, "SIZE", 32 * 2**20)
    assert Ballast(tmp_path).keep()
    status = (tmp_path / NAME).stat()
    assert status.st_size == 32 * 2**20
    if sys.platform != "win32":
        assert status.st_blocks * 512 >= status.st_size
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_no_room_is_taken_that_others_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ballast, "free_bytes", lambda folder: ballast.AMPLE * ballast.SIZE - 1)
    assert not Ballast(tmp_path).keep()
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(ballast, "free_bytes", lambda folder: ballast.AMPLE * ballast.SIZE)
    assert Ballast(tmp_path).keep()


def test_what_was_refused_is_done_once_more_with_the_room(tmp_path: Path) -> None:
    Ballast(tmp_path).keep()
    work = Writing(tmp_path, refusals=1)
    assert work.write(7) == 7
    assert work.times == [7, 7]
    assert not Ballast(tmp_path).stands()


@pytest.mark.parametrize("case", ["twice", "no room", "inside"])
def test_what_is_refused_again_without_room_or_inside_a_transaction_is_told(
    tmp_path: Path, case: str
) -> None:
    if case != "no room":
        Ballast(tmp_path).keep()
    work = Writing(tmp_path, refusals=2, is_writing=case == "inside")
    with pytest.raises(DiskFull):
        work.write(7)
    assert len(work.times) == (2 if case == "twice" else 1)
    assert Ballast(tmp_path).stands() == (case == "inside")
