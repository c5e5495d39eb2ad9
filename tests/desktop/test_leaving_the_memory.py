"""The application in its own process, locked, killed or hung: what stays, what comes back."""

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median

import pytest

from fsbus.actions.session import Session
from fsbus.desktop.visit_form.typed import from_plain
from fsbus.store.drafts import path_of, read_draft
from fsbus.store.link import Enrolment
from tests.desktop.driven import Driven, application, at_work
from tests.desktop.memory import found_in, written_as
from tests.devices import PASSPHRASE, MakeDevice, Template

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="reads the memory as Linux shows it"
)
NEEDLE = "ZQ aiguille Kérouac-Ltd 93 ZQ"
LABELS = ("db", "reference", "draft", "journal", "backup", "erased")
ONE_SECOND = 1.0
"""What the unlock screen may take more than at an ordinary start."""


@pytest.fixture
def home(make_device: MakeDevice, tmp_path: Path) -> Path:
    make_device("locked").store.close()
    return tmp_path / "locked"


@pytest.fixture
def driven(home: Path, tmp_path: Path) -> Iterator[Driven]:
    with application(home, tmp_path / "events") as one:
        yield one


def secrets_of(template: Template) -> dict[str, str | bytes]:
    keys = template.keys
    subkeys: dict[str, str | bytes] = {label: keys.subkey(label) for label in LABELS}
    return {"master": keys._master, "passphrase": PASSPHRASE, "needle": NEEDLE, **subkeys}


def type_a_needle(driven: Driven) -> None:
    driven.open(PASSPHRASE)
    driven.do("control", "N")
    driven.do("alt", "D")
    driven.do("write", NEEDLE)


def look_or_skip(process: int, secrets: dict[str, str | bytes]) -> set[str]:
    try:
        return found_in(process, secrets)
    except PermissionError:
        pytest.skip("this system lets nobody look into the memory of a process")


def test_what_was_typed_outlives_a_kill_and_a_lock_leaves_no_process_with_a_key_or_a_word(
    home: Path, driven: Driven, tmp_path: Path, template: Template
) -> None:
    type_a_needle(driven)
    # What is promised: a second after the last key, it is kept.
    time.sleep(ONE_SECOND)
    driven.process.kill()
    driven.ended()
    readable = [path for path in home.rglob("*") if path.is_file() and NEEDLE.encode() in path.read_bytes()]
    assert readable == []
    secrets = secrets_of(template)
    with application(home, tmp_path / "again") as again:
        again.open(PASSPHRASE)
        page, notice, entry = again.entry()
        assert (page, "reprise" in notice) == ("visit", True)
        assert entry["procedures"][0]["procedure"]["text"] == NEEDLE
        # What is looked for can be found: it is there while the window is open.
        before = look_or_skip(again.process.pid, secrets)
        assert {"master", "db", "needle"} <= before, before
        again.send("press", "F12")
        again.wait("painted", other=True)
        again.ended()
        nothing_of_it_is_left(again, secrets)
    draft = read_draft(home, template.keys, template.agent.id)
    assert draft is not None
    assert from_plain(draft.form).entry.procedures[0].procedure.text == NEEDLE


def nothing_of_it_is_left(driven: Driven, secrets: dict[str, str | bytes]) -> None:
    """One process is left, the next one, and neither its memory, its words nor its environment tell anything."""
    [other] = at_work(driven.home)
    assert other != driven.process.pid
    assert look_or_skip(other, secrets) == set()
    given = Path(f"/proc/{other}/environ").read_bytes() + Path(f"/proc/{other}/cmdline").read_bytes()
    assert not [name for name, one in secrets.items() if any(way in given for way in written_as(one))]


def test_a_sync_that_hangs_on_a_dead_link_keeps_neither_the_screen_nor_the_key(
    driven: Driven, device_to_enroll: Session, template: Template
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        device_to_enroll.store.set_enrolment(
            Enrolment(
                server_url=f"http://127.0.0.1:{silent.getsockname()[1]}",
                device=device_to_enroll.device,
                audience="essai",
                server_key=bytes(32),
                signing_key=device_to_enroll.signing_key,
                feeds=("bus-3",),
                writes="bus-3",
            )
        )
        type_a_needle(driven)
        driven.do("press", "F5")
        silent.settimeout(20)
        connection, _ = silent.accept()
        with connection:
            assert connection.recv(10)  # the exchange is under way, and will never be answered
            asked = time.monotonic()
            driven.send("press", "F12")
            painted = driven.wait("painted", other=True).at
            assert driven.ended() - asked < 8
    assert painted - asked < 5
    nothing_of_it_is_left(driven, secrets_of(template))


@pytest.fixture
def device_to_enroll(make_device: MakeDevice, home: Path, template: Template) -> Iterator[Session]:
    """The same laptop, opened beside for its enrolment."""
    session = make_device("beside")
    other = Session(
        home, session.keys, type(session.store).open(home / "fsbus.db", session.keys.subkey("db"), clock=session.clock),
        clock=session.clock, ids=session.ids, agent=template.agent,
    )  # fmt: skip
    with other:
        yield other


@pytest.mark.torture
def test_ten_locks_in_time_and_without_a_trace(home: Path, tmp_path: Path, template: Template) -> None:
    starts, returns, ends = list[float](), list[float](), list[float]()
    for number in range(10):
        asked = time.monotonic()
        with application(home, tmp_path / f"events-{number}") as driven:
            starts.append(driven.wait("painted").at - asked)
            type_a_needle(driven) if number == 0 else driven.open(PASSPHRASE)
            asked = time.monotonic()
            driven.send("press", "F12")
            returns.append(driven.wait("painted", other=True).at - asked)
            ends.append(driven.ended() - asked)
            nothing_of_it_is_left(driven, secrets_of(template))
    print(  # noqa: T201 -- the figures that this test is for
        f"start to unlock screen {median(starts):.2f} s; lock to unlock screen {median(returns):.2f} s "
        f"(worst {max(returns):.2f}); lock to the end of the process {median(ends):.2f} s (worst {max(ends):.2f})"
    )
    assert median(returns) < median(starts) + ONE_SECOND


@pytest.mark.torture
def test_kills_while_typing_lose_less_than_the_last_second(
    home: Path, tmp_path: Path, template: Template
) -> None:
    chance, behind = Random(93), list[float]()
    for number in range(25):
        path_of(home, template.keys, template.agent.id).unlink(missing_ok=True)
        with application(home, tmp_path / f"events-{number}") as driven:
            driven.open(PASSPHRASE)
            driven.do("control", "N")
            driven.do("alt", "D")
            text, typed = "", list[tuple[str, float]]()
            until = time.monotonic() + 1.0 + chance.random()
            while time.monotonic() < until and len(text) < 100:
                text += chr(chance.randrange(97, 123))
                driven.do("write", text[-1])
                typed.append((text, time.monotonic()))
            driven.process.kill()
            killed = driven.ended()
        draft = read_draft(home, template.keys, template.agent.id)
        assert draft is not None
        kept = from_plain(draft.form).entry.procedures[0].procedure.text
        assert text.startswith(kept)
        behind.append(max((killed - at for one, at in typed if len(one) > len(kept)), default=0.0))
    print(f"{len(behind)} kills: the draft was {max(behind):.2f} s behind the keys at most")  # noqa: T201 -- the figure
    assert max(behind) < ONE_SECOND
