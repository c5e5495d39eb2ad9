"""The real window on a real screen, as a screen reader of the system hears it over AT-SPI."""

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.desktop.driven import Driven, application
from tests.devices import PASSPHRASE, MakeDevice
from tests.real_screen import real_screen

LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
SYSTEM_PYTHON = "/usr/bin/python3"
A_WHILE = 30.0
CONTROLS = {"push button", "text", "combo box", "check box", "page tab", "table", "list", "password text"}

TYPED = (
    ("alt", "D"), ("write", "cni"), ("press", "Tab"), ("write", "aa"), ("press", "Tab"), ("write", "f"),
    ("press", "Tab"), ("write", "t"), ("control", "Return"),
)  # fmt: skip
"""A procedure: its name, help with the file, with the person, settled; then it is saved."""


def missing() -> str:
    """What this system lacks, in the names of Debian; empty when nothing is."""
    if not sys.platform.startswith("linux"):
        return "AT-SPI"
    lacking = [name for name in ("Xvfb", "dbus-daemon", "dbus-send") if shutil.which(name) is None]
    if not any(Path(one).exists() for one in LAUNCHERS):
        lacking.append("at-spi2-core")
    asked = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"
    if (
        not Path(SYSTEM_PYTHON).exists()
        or subprocess.run(
            [SYSTEM_PYTHON, "-c", asked], capture_output=True, env={"PATH": "/usr/bin"}
        ).returncode
    ):
        lacking.append("python3-gi gir1.2-atspi-2.0")
    return " ".join(lacking)


@pytest.fixture
def running() -> Iterator[ExitStack]:
    """Whatever is started is ended, the last one first."""
    with ExitStack() as stack:
        yield stack


def start(stack: ExitStack, words: list[str], env: dict[str, str], **more: Any) -> "subprocess.Popen[bytes]":
    """A process in a group of its own, which goes with all its children."""
    process = subprocess.Popen(
        words, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True, **more
    )

    def end() -> None:
        try:
            os.killpg(process.pid, 15)
            process.wait(5)
        except ProcessLookupError:
            pass
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
        process.wait(A_WHILE)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    stack.callback(end)
    return process


def line_of(process: "subprocess.Popen[bytes]") -> str:
    """The next line that it prints."""
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], A_WHILE)[0], "it prints nothing"
    return process.stdout.readline().decode().strip()


@pytest.fixture
def screen(running: ExitStack, tmp_path: Path) -> dict[str, str]:
    """A screen, a session bus and the bus of screen readers, all private; the environment that leads there."""
    if lacking := missing():
        # A machine of CI installs it: there, it is a fault and no reason.
        assert "CI" not in os.environ, f"installers/machine.py did not install {lacking}"
        pytest.skip(f"this system has no {lacking}")
    env = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AT_SPI", "DBUS", "WAYLAND"))
        },
        **running.enter_context(real_screen()),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
    }
    bus = start(running, ["dbus-daemon", "--session", "--nofork", "--print-address"], env)
    env["DBUS_SESSION_BUS_ADDRESS"] = line_of(bus)
    launcher = next(one for one in LAUNCHERS if Path(one).exists())
    start(running, [launcher, "--launch-immediately"], env)
    on = [
        "dbus-send", "--session", "--print-reply", "--dest=org.a11y.Bus", "/org/a11y/bus",
        "org.freedesktop.DBus.Properties.Set", "string:org.a11y.Status", "string:IsEnabled", "variant:boolean:true",
    ]  # fmt: skip
    until = time.monotonic() + A_WHILE
    while subprocess.run(on, env=env, capture_output=True).returncode:
        assert time.monotonic() < until, "the bus of screen readers does not come"
        time.sleep(0.05)
    return env


@dataclass
class Reader:
    """What the screen reader hears."""

    process: "subprocess.Popen[bytes]"
    said: list[str] = field(default_factory=list)
    focused: list[tuple[str, str]] = field(default_factory=list)
    rest: bytes = b""

    def hear(self, seconds: float) -> dict[str, Any] | None:
        """The next thing told, kept where it belongs; None when nothing comes."""
        assert self.process.stdout is not None
        while b"\n" not in self.rest:
            if not select.select([self.process.stdout], [], [], seconds)[0]:
                return None
            read = os.read(self.process.stdout.fileno(), 65_536)
            assert read, "the screen reader has ended"
            self.rest += read
        line, _, self.rest = self.rest.partition(b"\n")
        told: dict[str, Any] = json.loads(line)
        if "said" in told:
            self.said.append(told["said"])
        elif "focus" in told:
            self.focused.append((told["focus"][0], told["focus"][1]))
        return told

    def tree(self) -> list[dict[str, Any]]:
        """All that is shown now."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"tree\n")
        self.process.stdin.flush()
        while (told := self.hear(A_WHILE)) is not None:
            if "tree" in told:
                found: list[dict[str, Any]] = told["tree"]
                return found
        raise AssertionError("no tree")

    def waits_for(self, words: str) -> str:
        """The first announcement with these words."""
        until = time.monotonic() + A_WHILE
        while time.monotonic() < until:
            found = next((one for one in self.said if words in one), None)
            if found is not None:
                return found
            self.hear(0.5)
        raise AssertionError(f"never announced: {words}; announced: {self.said}")

    def waits_for_focus(self, name: str) -> str:
        """The role of what has the keyboard, once it is this."""
        until = time.monotonic() + A_WHILE
        while time.monotonic() < until:
            for one in self.tree():
                if "FOCUSED" in one["states"] and name in (one["name"], *one["labels"]):
                    return str(one["role"])
        raise AssertionError(f"the keyboard never came to {name}")

    def keyboard(self) -> list[tuple[str, str, list[str]]]:
        """(role, name, labels) of the control that has the keyboard."""
        return [
            (one["role"], one["name"], one["labels"])
            for one in self.tree()
            if "FOCUSED" in one["states"] and one["role"] in CONTROLS
        ]

    def waits_for_move(self, before: list[tuple[str, str, list[str]]]) -> None:
        """Until another control than this one has the keyboard."""
        until = time.monotonic() + A_WHILE
        while time.monotonic() < until:
            if self.keyboard() not in ([], before):
                return
        raise AssertionError(f"the keyboard never left {before}")


def nameless(tree: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Controls that the screen reader could not name."""
    return [one for one in tree if one["role"] in CONTROLS and not (one["name"] or one["labels"])]


def told(tree: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """(role, name) of all that is shown."""
    return {(one["role"], name) for one in tree for name in (one["name"], *one["labels"])}


def test_a_visit_is_recorded_by_keyboard_and_heard(
    screen: dict[str, str], running: ExitStack, make_device: MakeDevice, tmp_path: Path
) -> None:
    make_device("heard").store.close()
    reader = Reader(
        start(
            running,
            [SYSTEM_PYTHON, str(Path(__file__).with_name("screen_reader_child.py"))],
            {**screen, "PATH": "/usr/bin"},
            stdin=subprocess.PIPE,
        )
    )
    assert reader.hear(A_WHILE) == {"ready": True}
    driven: Driven = running.enter_context(application(tmp_path / "heard", tmp_path / "events", screen))
    driven.wait("painted")
    locked = reader.tree()
    assert nameless(locked) == []
    assert ("password text", "Phrase secrète") in told(locked)
    assert reader.waits_for_focus("Phrase secrète") == "password text"
    driven.open(PASSPHRASE)
    reader.waits_for("Bonjour Camille.")

    heard = told(reader.tree())
    assert {("chart", "Résultats des démarches du jour"), ("push button", "Nouvelle visite")} <= heard
    [shown] = [one for one in reader.tree() if one["role"] == "page tab" and "SELECTED" in one["states"]]
    assert shown["name"] == "Aujourd’hui"

    driven.do("control", "N")
    form = reader.tree()
    assert nameless(form) == []
    assert ("combo box", "Résultat, démarche 1") in told(form) or ("combo box", "Résultat") in told(form)
    driven.do("control", "Return")
    # Said with the first field that is wrong, which has the keyboard and tells it as its description.
    assert "à corriger" in reader.waits_for("Rien n’est encore enregistré.")
    [refused] = [one for one in reader.tree() if "FOCUSED" in one["states"] and one["role"] in CONTROLS]
    assert refused["description"]
    for order in TYPED:
        before = reader.keyboard()
        driven.do(*order)
        if order == ("press", "Tab"):
            # The next key is for the next field, and for no other.
            reader.waits_for_move(before)
    reader.waits_for("Enregistré")
    assert ("table", "Visites") in told(reader.tree())

    driven.do("press", "F5")
    # Not attached to a centre: nothing is done, and what to do has the keyboard.
    [advice] = [one for one in reader.tree() if "FOCUSED" in one["states"] and "FOCUSABLE" in one["states"]]
    assert "rattach" in f"{advice['name']} {advice['description']}", advice
    for digit in "2356890":
        driven.do("alt", digit)
        page = reader.tree()
        assert nameless(page) == []
        assert [one["name"] for one in page if one["role"] == "page tab" and "SELECTED" in one["states"]]
    driven.do("press", "F1")
    assert ("comment", "Partout") in told(reader.tree()), told(reader.tree())
