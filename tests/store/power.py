"""Records what a process writes, syncs and renames, and builds what a power cut may leave of it.

The process runs under `strace`. After the cut, what was synced is there; of what was not, each write is there,
absent or torn at a multiple of 512 bytes, in any order; names that were not synced are old or new.
"""

import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CALLS = "openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,unlink,close"
SECTOR = 512
_LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True)
class Step:
    """One call that changed the files: its name, its file, and what it wrote where."""

    call: str
    file: int
    offset: int = 0
    content: bytes = b""


@dataclass
class Recording:
    """The steps in order; ``names`` maps a moment to the file of each name from then on."""

    steps: list[Step] = field(default_factory=list)
    names: dict[int, dict[str, int]] = field(default_factory=dict)
    told: dict[int, list[str]] = field(default_factory=dict)
    start: dict[int, bytes] = field(default_factory=dict)


def record(command: Sequence[str], folder: Path, oracle: Path, trace: Path) -> Recording:
    """Run a command that changes ``folder`` and tells in ``oracle`` what it was told is safe."""
    names: dict[str, int] = {}
    recording = Recording()
    for number, path in enumerate(sorted(path for path in folder.rglob("*") if path.is_file())):
        names[str(path)] = number
        recording.start[number] = path.read_bytes()
    recording.names[0] = dict(names)
    subprocess.run(
        [
            "strace",
            "-f",
            "-xx",
            "-s",
            "10000000",
            "-e",
            f"trace={CALLS}",
            "-e",
            "signal=none",
            "-o",
            str(trace),
            *command,
        ],
        check=True,
    )
    _read(trace, folder, oracle, recording, names)
    return recording


def _read(trace: Path, folder: Path, oracle: Path, recording: Recording, names: dict[str, int]) -> None:
    opened: dict[int, tuple[int, bool]] = {}
    ends = {number: len(content) for number, content in recording.start.items()}
    told: list[str] = []
    oracles: set[int] = set()
    for call, arguments, result in _calls(trace):
        steps = recording.steps
        if call == "openat":
            path = _text(arguments).decode()
            if path == str(oracle):
                oracles.add(result)
            elif path.startswith(str(folder)) and "O_DIRECTORY" not in arguments and not Path(path).is_dir():
                if path not in names:
                    names[path] = len(ends)
                    ends[names[path]] = 0
                    recording.names[len(steps)] = dict(names)
                opened[result] = (names[path], "O_APPEND" in arguments)
            else:
                oracles.discard(result)
                opened.pop(result, None)
        elif call in ("rename", "unlink"):
            paths = [_decoded(text).decode() for text in _TEXT.findall(arguments)]
            if paths[0] in names:
                file = names.pop(paths[0])
                if call == "rename":
                    names[paths[1]] = file
                recording.names[len(steps)] = dict(names)
        else:
            number = int(arguments.partition(",")[0])
            if call == "write" and number in oracles:
                told.extend(_text(arguments).decode().split())
                recording.told[len(steps)] = list(told)
            elif number in opened:
                file, appends = opened[number]
                if call == "close":
                    del opened[number]
                elif call in ("fsync", "fdatasync"):
                    steps.append(Step("sync", file))
                elif call == "ftruncate":
                    ends[file] = int(arguments.rpartition(",")[2])
                    steps.append(Step("cut", file, ends[file]))
                else:
                    content = _text(arguments)[:result]
                    offset = int(arguments.rpartition(",")[2]) if call == "pwrite64" else ends[file]
                    if call == "write" and not appends and offset:
                        raise AssertionError("a plain write in the middle of a file is not modelled")
                    ends[file] = max(ends[file], offset + len(content))
                    steps.append(Step("write", file, offset, content))


def _calls(trace: Path) -> Iterator[tuple[str, str, int]]:
    with trace.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            found = _LINE.match(line)
            if found is not None and int(found[3]) >= 0:
                yield found[1], found[2], int(found[3])
            elif "unfinished" in line or "resumed" in line:
                raise AssertionError("the recorded process has several threads")


def _decoded(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _text(arguments: str) -> bytes:
    found = _TEXT.search(arguments)
    return _decoded(found[1]) if found else b""


def after_cut(
    recording: Recording,
    moment: int,
    chance: random.Random,
    target: Path,
    source: Path,
    *,
    heeds_syncs: bool = True,
) -> set[str]:
    """Write in ``target`` one state that a cut before step ``moment`` may leave; what was told by then.

    Without ``heeds_syncs``, the disk lied: what was synced may be gone as well.
    """
    files = {number: bytearray(content) for number, content in recording.start.items()}
    synced = {
        step.file: number
        for number, step in enumerate(recording.steps[:moment])
        if heeds_syncs and step.call == "sync"
    }
    for number, step in enumerate(recording.steps[:moment]):
        content = files.setdefault(step.file, bytearray())
        is_safe = number < synced.get(step.file, -1)
        if step.call == "cut" and (is_safe or chance.random() < 0.5):
            del content[step.offset :]
            content.extend(bytes(step.offset - len(content)))
        elif step.call == "write":
            for start in range(0, len(step.content), SECTOR):
                if is_safe or chance.random() < 0.5:
                    piece = step.content[start : start + SECTOR]
                    at = step.offset + start
                    content.extend(bytes(max(0, at - len(content))))
                    content[at : at + len(piece)] = piece
    names = recording.names[max(at for at in recording.names if at <= moment)]
    shutil.rmtree(target, ignore_errors=True)
    for name, number in names.items():
        if not name.endswith("-shm"):
            path = target / os.path.relpath(name, source)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files.get(number, b""))
    return set(recording.told.get(max((at for at in recording.told if at <= moment), default=-1), []))
