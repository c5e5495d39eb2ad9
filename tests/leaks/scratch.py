"""Runs programs of ours where all that they may write is seen: folders of their own, and strace."""

import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
CALLS = (
    "open,openat,openat2,creat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mkdir,mkdirat,"
    "mknod,mknodat,memfd_create,truncate"
)
_CALL = re.compile(r"^\d+\s+(\w+)\((.*)\)\s+=\s+(-?\d+)")
_TEXT = re.compile(r'(?:AT_FDCWD|\d+)?(?:<([^>]*)>)?(?:, )?"((?:[^"\\]|\\.)*)"')
ALLOWED = (
    re.compile(r"/dev/(null|tty|urandom|dri/.*)"),
    re.compile(r"/proc/.*"),  # a process says of itself what it is, to itself
)
"""What may be opened for writing outside of the folders, and holds nothing when the process has ended."""


@dataclass
class Scratch:
    """The folders of one laptop and its user. ``outside``: what was written elsewhere, whatever became of it."""

    folder: Path
    outside: set[str] = field(default_factory=set)
    temporary: set[str] = field(default_factory=set)
    """What was written in the folder of temporary files, be it for a moment."""
    number: int = 0

    def __post_init__(self) -> None:
        for name in ("user", "tmp", "config", "cache", "data", "state", "run", "export"):
            (self.folder / name).mkdir(parents=True, mode=0o700)

    @property
    def home(self) -> Path:
        """The folder of the laptop."""
        return self.folder / "home"

    def environment(self, **more: str) -> dict[str, str]:
        """All that programs are told of the machine."""
        named = {name: str(self.folder / "tmp") for name in ("TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR")}
        for name in ("CONFIG", "CACHE", "DATA", "STATE"):
            named[f"XDG_{name}_HOME"] = str(self.folder / name.lower())
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.folder / "user"),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            **named,
            **more,
        }

    def run(
        self, *words: str, given: bytes = b"", kill_at: bytes | None = None, after: float = 0.0, **more: str
    ) -> tuple[int, bytes]:
        """Run our Python with these words; killed -9 some seconds after a line that begins with ``kill_at``.

        Its status (negative when a signal ended it) and what it said.
        """
        self.number += 1
        log = self.folder.with_name(f"{self.folder.name}-{self.number}.strace")
        program = [sys.executable, *words]
        if shutil.which("strace"):
            options = ["-f", "-qq", "-y", "-s", "4096", "-e", f"trace={CALLS}", "-e", "signal=none"]
            program = ["strace", *options, "-o", str(log), *program]
        # A core file, if the program lets the system make one, falls where it is searched.
        child = subprocess.Popen(
            ["sh", "-c", 'ulimit -c unlimited; exec "$@"', "sh", *program],
            cwd=self.folder / "user",
            env=self.environment(**more),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(given)
        child.stdin.close()
        child.stdin = None
        said, pid = b"", 0
        if kill_at is not None:
            for line in child.stdout:
                said += line
                if line.startswith(b"pid "):
                    pid = int(line[4:])
                if line.startswith(kill_at):
                    try:
                        child.wait(after)
                    except subprocess.TimeoutExpired:
                        os.kill(pid, signal.SIGKILL)
                    break
        out, err = child.communicate(timeout=300)
        if child.returncode and kill_at is None and b"never came" in said + out:
            raise AssertionError((said + out + err).decode())
        self._look(log)
        return child.returncode, said + out + err

    def _look(self, log: Path) -> None:
        """What was made or opened for writing, from the list of strace."""
        if not log.exists():
            return
        for line in log.read_text(errors="replace").splitlines():
            call = _CALL.match(line)
            if call is None or int(call[3]) < 0:
                continue
            if call[1].startswith("open") and not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE", call[2]):
                continue
            if call[1] == "memfd_create":
                continue  # in memory, gone with the process
            for base, name in _TEXT.findall(call[2]):
                path = Path(base or self.folder / "user", name)
                path = Path(os.path.normpath(path))
                if path.is_relative_to(self.folder / "tmp"):
                    self.temporary.add(str(path.relative_to(self.folder)))
                elif not path.is_relative_to(self.folder) and not any(
                    one.fullmatch(str(path)) for one in ALLOWED
                ):
                    self.outside.add(f"{call[1]} {path}")
        log.unlink()
