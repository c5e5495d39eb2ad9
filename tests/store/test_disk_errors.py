"""The disk fails one call, whichever it is: nothing confirmed is lost, nothing is told as saved."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fsbus.actions.session import Session
from fsbus.core.errors import DiskFailing
from fsbus.store.journal import Journals, Writer
from tests.builders import AGENT_ID, edits_of, recorded
from tests.devices import Template
from tests.store.test_full_disk import child, opened, told, used_home, visits_in

ROOT = Path(__file__).parents[2]
CALLS = ("fdatasync", "fsync", "pwrite64", "write", "ftruncate", "rename", "unlink", "pread64")
SAVES = 4
needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")


@dataclass
class Figures:
    """What a campaign met."""

    faults: int = 0
    refused: int = 0
    confirmed: int = 0
    by_call: dict[str, int] = field(default_factory=dict)


def calls_of(source: Path, template: Template, folder: Path) -> dict[str, range]:
    """Which of each call a day without a fault makes, counted from the start of the process.

    Python itself makes the first ones, before there is anybody to tell of an error.
    """
    home = shutil.copytree(source, folder / "counted")
    before = counted([sys.executable, "-c", "import tests.store.disk_child"], folder)
    whole = counted(child(home, template.keys, folder / "counted.txt", SAVES), folder)
    return {call: range(before[call] + 1, whole[call] + 1) for call in CALLS}


def counted(command: list[str], folder: Path) -> dict[str, int]:
    trace = folder / "calls.txt"
    subprocess.run(
        ["strace", "-f", "-o", str(trace), "-e", f"trace={','.join(CALLS)}", *command], cwd=ROOT, check=True
    )
    text = trace.read_text(errors="replace")
    return {call: len(re.findall(rf"^\d+ +{call}\(", text, re.MULTILINE)) for call in CALLS}


def one_fault(source: Path, template: Template, folder: Path, call: str, when: str, figures: Figures) -> None:
    home, oracle = folder / "home", folder / "oracle.txt"
    shutil.rmtree(home, ignore_errors=True)
    oracle.unlink(missing_ok=True)
    shutil.copytree(source, home)
    fault = ["strace", "-f", "-o", "/dev/null", "-e", f"inject={call}:error=EIO:when={when}"]
    ended = subprocess.run(
        [*fault, *child(home, template.keys, oracle, SAVES)], cwd=ROOT, capture_output=True, text=True
    )
    assert ended.returncode in (0, 6), (call, when, ended.stderr)
    kept, erased, begun = told(oracle)
    session = opened(home, template.keys)
    assert session.read_only is None
    found = visits_in(session)
    session.close()
    assert kept - begun <= found, (call, when)
    assert not erased & found, (call, when)
    figures.faults += 1
    figures.refused += ended.returncode == 6
    figures.confirmed += len(kept)
    figures.by_call[call] = figures.by_call.get(call, 0) + 1


def campaign(template: Template, folder: Path, chosen: Iterable[tuple[str, str]] | None = None) -> Figures:
    """Each call of a day once, and each of them for good; or those that are chosen."""
    source, figures = used_home(template, folder), Figures()
    if chosen is None:
        chosen = [
            (call, f"{number}{more}")
            for call, numbers in calls_of(source, template, folder).items()
            for number in numbers[:: max(1, len(numbers) // 60)]
            for more in ("", "+")
        ]
    for call, when in chosen:
        one_fault(source, template, folder, call, when, figures)
    return figures


@needs_strace
def test_an_error_of_the_disk_loses_nothing(template: Template, tmp_path: Path) -> None:
    figures = campaign(
        template, tmp_path, [("fdatasync", "3"), ("fsync", "2+"), ("pwrite64", "9+"), ("pread64", "20")]
    )
    assert figures.refused


@needs_strace
@pytest.mark.torture
def test_an_error_of_the_disk_at_each_call_loses_nothing(
    template: Template, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = campaign(template, tmp_path)
    with capsys.disabled():
        sys.stdout.write(f"\nDisk errors at each call: {figures}\n")


def test_after_a_failed_sync_nothing_is_told_as_saved_and_another_connection_goes_on(
    device: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An fsync that is tried again says that all is well although nothing was written."""
    before = device.store.db
    one, two = recorded(), recorded()

    def fail(self: Writer, replica: str, number: int, lines: object) -> None:
        raise DiskFailing("le disque ne répond pas")

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "append", fail)
        with pytest.raises(DiskFailing):
            device.store.save(edits_of(one), actor=AGENT_ID)
    device.store.save(edits_of(two), actor=AGENT_ID)
    assert device.store.db is not before
    assert visits_in(device) == {two.visit.id}
    assert len(Journals.of(device.home, device.keys).paths()) == 1
