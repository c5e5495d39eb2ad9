"""What an agent types is in no file of a day, sealed or not: crash, lock, report, restoring."""

import contextlib
import json
import random
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import draft, referral_draft
from tests.devices import PASSPHRASE, Template
from tests.leaks.needles import MARK, found_in, needles, written
from tests.leaks.scratch import Scratch

YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date()
SHARED_MEMORY = Path("/dev/shm")
PHRASE = "phrase.txt"
"""The passphrase that the test itself gives to commands; no file of ours."""


@pytest.mark.parametrize("coding", written(needles(1, 0)[0]))
def test_the_search_finds_a_needle_in_each_coding(tmp_path: Path, coding: str) -> None:
    for number, needle in enumerate(needles(3, 1)):
        (tmp_path / "file").write_bytes(
            b"\x00\xff" * (5_000 + number) + written(needle)[coding] + b"\xfe\x01" * 99
        )
        assert found_in(tmp_path).hits != (), coding
    (tmp_path / "file").write_bytes(random.Random(0).randbytes(2_000_000))
    assert found_in(tmp_path).hits == ()
    (tmp_path / f"{MARK}.txt").touch()
    assert found_in(tmp_path).hits != ()


class Day:
    """One laptop, the needles that are left, and what was done with the others."""

    def __init__(self, folder: Path, template: Template, count: int) -> None:
        self.scratch = Scratch(folder)
        shutil.copytree(template.home, self.scratch.home)
        self._needles = needles(count, 20261124)
        self.used = 0
        self.seen_before = set(SHARED_MEMORY.iterdir()) if SHARED_MEMORY.exists() else set()
        self.phrase = folder.with_name(PHRASE)
        self.phrase.write_text(PASSPHRASE + "\n")

    def take(self, count: int) -> list[str]:
        """The next needles."""
        taken = self._needles[self.used : self.used + count]
        assert taken, "no needle is left: the day needs more"
        self.used += len(taken)
        return taken

    def type(self, part: str, count: int, *, kill_at: bytes | None = None, after: float = 0.0) -> int:
        """One run of the application; its status."""
        given = json.dumps({"passphrase": PASSPHRASE, "needles": self.take(count)}).encode()
        status, said = self.scratch.run(
            "-m", "tests.leaks.typing_child", str(self.scratch.home), part,
            given=given, kill_at=kill_at, after=after, NEEDLES_TO_TYPE=str(count),
        )  # fmt: skip
        assert b"typed" in said, said.decode()
        return status

    def command(self, *words: str, given: bytes = b"", home: str = "home") -> tuple[int, bytes]:
        """One command line."""
        before = (
            "-m",
            "fsbus",
            "--home",
            str(self.scratch.folder / home),
            "--passphrase-file",
            str(self.phrase),
        )
        return self.scratch.run(*before, *words, given=given)

    def drafts(self, count: int) -> bytes:
        """Visits for `fsbus record`, four needles in each."""
        lines = []
        for _ in range(count):
            note, answer, contact, document = self.take(4)
            referral = {"partner": "CNAV", "contact": contact, "channel": "phone"}
            one = referral_draft(precise_answer=answer, missing_documents=[document], referral=referral)
            lines.append(
                json.dumps(draft(note=note, started_at=f"{YESTERDAY}T11:20:00+01:00", procedures=[one]))
            )
        return "\n".join(lines).encode()

    def must_be_clean(self) -> str:
        """No needle anywhere; the figures."""
        folder = self.scratch.folder
        made = [
            path for path in SHARED_MEMORY.rglob("*") if path not in self.seen_before and path.is_file()
        ] if SHARED_MEMORY.exists() else []  # fmt: skip
        searched = found_in(folder)
        assert searched.hits == ()
        for path in made:
            # Other programs use this folder too, and take their files away.
            with contextlib.suppress(FileNotFoundError):
                assert MARK.encode() not in path.read_bytes(), path
        assert self.scratch.outside == set()
        # Not even for a moment, whatever it held.
        assert self.scratch.temporary == set()
        return (
            f"{self.used} needles, {searched.files} files, {searched.bytes} bytes: {len(searched.hits)} found"
        )


linux = pytest.mark.skipif(sys.platform != "linux", reason="signals, /proc and strace as Linux has them")


@linux
def test_a_file_that_is_written_elsewhere_is_seen_even_when_it_is_gone(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("there is no strace here")
    scratch = Scratch(tmp_path / "laptop")
    code = (
        "import os, sys, tempfile; from pathlib import Path; elsewhere = Path(sys.argv[1]);"
        " elsewhere.write_text('x'); os.replace(elsewhere, str(elsewhere) + '-2'); os.unlink(str(elsewhere) + '-2');"
        " tempfile.TemporaryFile().write(b'x')"
    )
    assert scratch.run("-c", code, str(tmp_path / "elsewhere"))[0] == 0
    assert {call.split("/")[0] for call in scratch.outside} == {"openat ", "rename "}
    assert len(scratch.temporary) >= 1


@linux
def test_nothing_of_a_visit_that_was_being_typed_is_left_by_a_kill(
    template: Template, tmp_path: Path
) -> None:
    day = Day(tmp_path / "laptop", template, 60)
    assert day.type("mid-typing", 30, kill_at=b"typed", after=0.2) < 0
    status, _ = day.command("record", "-", given=day.drafts(3))
    assert status == 0
    day.must_be_clean()


@linux
def test_the_preview_of_a_paper_writes_nothing_anywhere(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "laptop")
    words = " ".join(needles(20, 7))
    status, said = scratch.run("-m", "tests.leaks.preview_child", given=words.encode())
    assert status == 0, said.decode()
    assert int(said.split(b" pages")[0]) >= 3
    assert found_in(scratch.folder).hits == ()
    assert (scratch.outside, scratch.temporary) == (set(), set())


@linux
@pytest.mark.torture
def test_500_needles_of_a_day_are_found_nowhere(
    template: Template, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day, chance = Day(tmp_path / "laptop", template, 570), random.Random(20261124)
    home, export = day.scratch.home, day.scratch.folder / "export"
    assert day.type("mid-typing", 30, kill_at=b"typed", after=0.2) < 0
    assert day.type("day", 90) == 0
    for _ in range(3):
        day.type("mid-save", 30, kill_at=b"typed", after=chance.uniform(0.2, 3))
    day.type("paper", 10, kill_at=b"typed", after=0.2)
    day.type("crash", 30)
    assert day.type("fault", 30) != 0
    assert day.type("lock", 20) == 0
    assert day.command("record", "-", given=day.drafts(30))[0] == 0
    refused = json.dumps(draft(note=day.take(1)[0], minutes=-1, **{day.take(1)[0]: day.take(1)[0]}))
    assert day.command("record", "-", given=refused.encode())[0] != 0
    assert day.command("find", day.take(1)[0])[0] == 0
    for kind in ("pdf", "html", "csv", "xlsx", "json"):
        out = export / f"bilan.{kind}"
        assert (
            day.command("report", "--month", f"{YESTERDAY:%Y-%m}", "--format", kind, "--out", str(out))[0]
            == 0
        )
        assert out.stat().st_size > 200
    # An export that is given up, at any moment of it.
    for _ in range(3):
        words = (
            "--home",
            str(home),
            "--passphrase-file",
            str(day.phrase),
            "report",
            "--month",
            f"{YESTERDAY:%Y-%m}",
        )
        code = "import os, sys; print('pid', os.getpid(), flush=True); from fsbus.cli import main; sys.exit(main(sys.argv[1:]))"
        day.scratch.run(
            "-c", code, *words, "--format", "pdf", "--out", str(export / "abandon.pdf"), kill_at=b"pid", after=chance.uniform(0.8, 2.5),
        )  # fmt: skip
    assert day.command("backup", str(export / "cle"))[0] == 0
    copy = next((export / "cle").glob("bak-*.fsbak"))
    assert day.command("restore", str(copy))[0] == 0
    assert day.command("restore", str(copy), home="another")[0] == 0
    (home / "fsbus.db").write_bytes(b"not a database any more")
    status, said = day.command("check", "--repair")
    assert status == 0, said.decode()
    rotation = (
        "import sys; from pathlib import Path; from fsbus.actions import agents, session; from fsbus.core.clock import Clock;"
        " from fsbus.core.ids import Ids; home, phrase, name = Path(sys.argv[1]), *sys.stdin.read().split('|');"
        " one = session.open_session(home, phrase, clock=Clock(), ids=Ids());"
        " other = agents.add_agent(one, name, 'quai des tilleuls gris sous la pluie');"
        " agents.remove_agent(one, other.id, phrase).close()"
    )
    given = f"{PASSPHRASE}|{day.take(1)[0]}".encode()
    status, said = day.scratch.run("-c", rotation, str(home), given=given)
    assert status == 0, said.decode()
    assert day.used >= 400
    while day.used < 500:
        assert day.command("record", "-", given=day.drafts(12))[0] == 0
    figures = day.must_be_clean()
    with capsys.disabled():
        sys.stdout.write(f"\nneedles of a day: {figures}\n")
