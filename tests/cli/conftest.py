"""A laptop and a way to run the real command line on it, in this process."""

import io
import json
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fsbus.cli import main

PASSPHRASE = "verger cintre bassine lagune tiroir mesange"


@dataclass
class Ran:
    """What one command gave back."""

    status: int
    out: list[dict[str, object]] = field(default_factory=list)
    err: str = ""


class Runner:
    """Runs `fsbus WORDS…` on a home below one folder; standard output is read as NDJSON."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._monkeypatch = folder, monkeypatch
        self.passphrase_file = folder / "phrase.txt"
        self.passphrase_file.write_text(PASSPHRASE + "\n", encoding="utf-8")

    def __call__(self, *words: str, stdin: bytes = b"", home: str = "home") -> Ran:
        out, err = io.BytesIO(), io.BytesIO()
        before = ["--home", str(self.folder / home), "--passphrase-file", str(self.passphrase_file)]
        with self._monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="utf-8", write_through=True))
            patch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding="utf-8", write_through=True))
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
            status = main([*before, *words])
            lines = out.getvalue().splitlines()
            return Ran(status, [json.loads(line) for line in lines], err.getvalue().decode())


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """The command line, with nothing prepared."""
    return Runner(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that was prepared once, by the command line itself, to be copied."""
    folder = tmp_path_factory.mktemp("prepared")
    with pytest.MonkeyPatch.context() as patch:
        runner = Runner(folder, patch)
        made = runner("init", "--bus", "Bus d'essai", "--agent", "Ana")
        assert set(made.out[0]) == {"device", "replica", "agent_id"}
        # Asking builds the official lists too.
        assert runner("status").status == 0
    return folder / "home"


@pytest.fixture
def ready(run: Runner, prepared: Path) -> Runner:
    """The command line, on a laptop of its own that was prepared."""
    shutil.copytree(prepared, run.folder / "home")
    return run
