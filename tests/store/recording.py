"""Records, with `strace`, every change that a process makes in a folder, in order.

Seen: content (write, pwrite64, ftruncate, O_TRUNC), names (creation, rename, link, unlink, mkdir, rmdir), fsync of
files and of folders. Not seen: pages written through shared memory. Of a laptop that is the `-shm` file alone, which
SQLite builds anew from the log after a crash; any other such mapping, and any call that is not
modelled, fails the recording.
"""

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_CHANGES = "openat,creat,write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir,close,lseek,mmap"
_UNKNOWN = ["truncate", "copy_file_range", "sendfile", "splice", "symlink", "symlinkat"]
_UNKNOWN_FIRST = [
    "writev",
    "pwritev",
    "pwritev2",
    "fallocate",
    "dup",
    "dup2",
    "dup3",
    "fcntl",
    "sync_file_range",
]
_LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True)
class Written:
    """Bytes at a place of a file, numbered in the order of creation."""

    file: int
    offset: int
    content: bytes


@dataclass(frozen=True)
class Sized:
    """A file cut, or drawn out, to so many bytes."""

    file: int
    size: int


@dataclass(frozen=True)
class Synced:
    """The content of a file made durable."""

    file: int


@dataclass(frozen=True)
class Named:
    """A change of names: `create`, `rename`, `link`, `unlink`, `mkdir` or `rmdir`. Paths are below the folder."""

    how: str
    path: str
    other: str = ""
    file: int = -1

    @property
    def folders(self) -> frozenset[str]:
        """Where it changes a name."""
        paths = [self.path, self.other] if self.other else [self.path]
        return frozenset(str(Path(path).parent) for path in paths)


@dataclass(frozen=True)
class FolderSynced:
    """The names in a folder made durable."""

    folder: str


Step = Written | Sized | Synced | Named | FolderSynced


@dataclass
class Recording:
    """What was there, what was done, and how many lines were told before each step (by its number)."""

    content: dict[int, bytes] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    steps: list[Step] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    told_by: list[int] = field(default_factory=list)

    def told_before(self, moment: int) -> list[str]:
        """The lines of the oracle at a cut before this step."""
        return self.told[: self.told_by[moment]] if moment < len(self.told_by) else self.told


def record(
    command: Sequence[str], folder: Path, oracle: Path, trace: Path, *, cwd: Path | None = None
) -> Recording:
    """Run a command of one thread that changes ``folder`` and tells, line by line, in ``oracle``."""
    recording = Recording()
    for number, path in enumerate(sorted(folder.rglob("*"))):
        name = str(path.relative_to(folder))
        if path.is_dir():
            recording.folders.add(name)
        else:
            recording.names[name], recording.content[number] = number, path.read_bytes()
    recording.folders.add(".")
    traced = "trace=" + ",".join([_CHANGES, *_UNKNOWN, *_UNKNOWN_FIRST])
    words = [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-xx",
        "-s",
        "10000000",
        "-e",
        traced,
        "-e",
        "signal=none",
        "-o",
        str(trace),
    ]
    subprocess.run([*words, *command], check=True, cwd=cwd)
    _Reader(recording, str(folder), str(oracle)).read(trace)
    return recording


@dataclass
class _Open:
    """A descriptor: the file behind it, where it writes next, or the folder."""

    file: int = -1
    place: int = 0
    appends: bool = False
    mixes: bool = False
    folder: str | None = None
    is_oracle: bool = False


class _Reader:
    def __init__(self, recording: Recording, folder: str, oracle: str) -> None:
        self.recording, self._folder, self._oracle = recording, folder, oracle
        self._names, self._folders = dict(recording.names), set(recording.folders)
        self._ends = {number: len(content) for number, content in recording.content.items()}
        self._files = len(recording.names) + len(recording.folders)
        self._opened: dict[int, _Open] = {}

    def read(self, trace: Path) -> None:
        for call, arguments, result in _calls(trace):
            if call in ("openat", "creat"):
                self._open(arguments, result)
            elif call in _BY_NAME:
                self._rename(call, arguments)
            else:
                self._change(call, arguments, result)

    def _add(self, step: Step) -> None:
        self.recording.steps.append(step)
        self.recording.told_by.append(len(self.recording.told))

    def _below(self, path: str) -> str | None:
        if path == self._folder:
            return "."
        return path[len(self._folder) + 1 :] if path.startswith(f"{self._folder}/") else None

    def _open(self, arguments: str, number: int) -> None:
        path = _texts(arguments)[0]
        name = self._below(path)
        self._opened.pop(number, None)
        if path == self._oracle:
            self._opened[number] = _Open(is_oracle=True)
        elif name in self._folders:
            self._opened[number] = _Open(folder=name)
        elif name is not None:
            if name not in self._names:
                self._names[name], self._ends[self._files] = self._files, 0
                self._add(Named("create", name, file=self._files))
                self._files += 1
            file = self._names[name]
            if "O_TRUNC" in arguments and self._ends[file]:
                self._ends[file] = 0
                self._add(Sized(file, 0))
            self._opened[number] = _Open(file, 0, "O_APPEND" in arguments, "O_RDWR" in arguments)

    def _rename(self, call: str, arguments: str) -> None:
        names = [self._below(path) for path in _texts(arguments)]
        if names[0] is None:
            return
        how = _BY_NAME[call]
        if how == "unlink" and "AT_REMOVEDIR" in arguments:
            how = "rmdir"
        if how in ("rename", "link"):
            assert names[1] is not None, "a name leaves the folder"
            assert names[0] in self._names, "a folder is renamed"
            file = self._names[names[0]] if how == "link" else self._names.pop(names[0])
            self._names[names[1]] = file
            self._add(Named(how, names[0], names[1], file))
            return
        if how == "mkdir":
            self._folders.add(names[0])
        elif how == "rmdir":
            self._folders.discard(names[0])
        else:
            self._names.pop(names[0])
        self._add(Named(how, names[0]))

    def _change(self, call: str, arguments: str, result: int) -> None:
        first, _, rest = arguments.partition(",")
        if call in _UNKNOWN:
            numbers = re.findall(r"\b\d+\b", arguments)
            assert not any(self._below(path) for path in _texts(arguments)), f"{call} is not modelled"
            assert not any(int(number) in self._opened for number in numbers), f"{call} is not modelled"
            return
        number = int(arguments.split(",")[4]) if call == "mmap" else int(first)
        opened = self._opened.get(number)
        if opened is None:
            return
        if call == "close":
            del self._opened[number]
        elif opened.is_oracle:
            if call == "write":
                self.recording.told += _text(rest)[:result].decode().splitlines()
        elif call in ("fsync", "fdatasync"):
            self._add(Synced(opened.file) if opened.folder is None else FolderSynced(opened.folder))
        elif call == "lseek":
            opened.place = result
        elif call == "ftruncate":
            self._ends[opened.file] = size = int(rest)
            self._add(Sized(opened.file, size))
        elif call in ("write", "pwrite64"):
            self._write(
                opened, _text(rest)[:result], None if call == "write" else int(rest.rpartition(",")[2])
            )
        elif call == "mmap":
            name = next((name for name, file in self._names.items() if file == opened.file), "")
            assert "MAP_SHARED" not in arguments or name.endswith("-shm"), f"{name} is mapped"
        elif call != "fcntl" or "F_DUPFD" in arguments:
            raise AssertionError(f"{call} is not modelled")

    def _write(self, opened: _Open, content: bytes, at: int | None) -> None:
        assert at is not None or not opened.mixes or opened.appends, "reads may have moved the place"
        if at is None:
            at = self._ends[opened.file] if opened.appends else opened.place
            opened.place = at + len(content)
        self._ends[opened.file] = max(self._ends[opened.file], at + len(content))
        self._add(Written(opened.file, at, content))


_BY_NAME = {
    "rename": "rename", "renameat": "rename", "renameat2": "rename", "link": "link", "linkat": "link",
    "unlink": "unlink", "unlinkat": "unlink", "rmdir": "rmdir", "mkdir": "mkdir", "mkdirat": "mkdir",
}  # fmt: skip


def _calls(trace: Path) -> Iterator[tuple[str, str, int]]:
    with trace.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            found = _LINE.match(line)
            if found is not None:
                result = int(found[3], 0)
                if result >= 0:
                    yield found[1], found[2], result
            elif "unfinished" in line or "resumed" in line:
                raise AssertionError("the recorded process has several threads")


def _decoded(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _texts(arguments: str) -> list[str]:
    return [_decoded(text).decode() for text in _TEXT.findall(arguments)]


def _text(arguments: str) -> bytes:
    found = _TEXT.search(arguments)
    return _decoded(found[1]) if found else b""
