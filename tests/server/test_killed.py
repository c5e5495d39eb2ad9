"""The centre and its database are killed at any moment: nothing that was told is lost or doubled."""

import base64
import os
import random
import secrets
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from fsbus.core.changes import CREATE, SET
from fsbus.core.clock import Clock
from fsbus.core.entities import AGENT, PROCEDURE_RECORD, VISIT, as_line
from fsbus.core.errors import Offline
from fsbus.core.ids import Ids
from fsbus.server import admin
from fsbus.server.centre import KEY_VARIABLE, open_centre
from fsbus.server.database import select
from fsbus.server.ledger import LEDGER_VARIABLE
from fsbus.server.tables import log
from fsbus.store import queries
from fsbus.store.store import Edit, Store
from fsbus.sync import http_api
from fsbus.sync.backoff import Backoff
from fsbus.wire.signing import new_private_key
from tests.postgresql import Mortal, mortal_server
from tests.server.mortal import DATA, kill_postgresql
from tests.sync.world import record_body, visit_body

DEATHS = ("answer", "answer", "commit", "never")
NO_PAUSE = Backoff(first=0.001, longest=0.01, fraction=lambda: 0.5)


class Lives:
    """The lives of one centre, one after the other, at one address."""

    def __init__(self, database: str, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        with (folder / "centre.log").open("ab") as heard:
            self._mother = subprocess.Popen(
                [sys.executable, "-m", "tests.server.mortal", database, str(self.port)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=heard, text=True, bufsize=1,
            )  # fmt: skip

    @contextmanager
    def one(self, death: str) -> Iterator[int]:
        """A life, until it is killed: here when it was not before. Its process id."""
        assert self._mother.stdin is not None
        self._mother.stdin.write(f"{death}\n")
        pid = int(self._heard())
        assert self._heard() == "ready"
        try:
            yield pid
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, 9)
            assert self._heard() == "dead"

    def end(self) -> None:
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        self._mother.stdin.close()
        self._mother.wait(20)
        self._mother.stdout.close()

    def _heard(self) -> str:
        assert self._mother.stdout is not None
        return self._mother.stdout.readline().strip()


class Laptop:
    """A real laptop's store, and every line that it ever queued."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.create(folder / "laptop.db", secrets.token_bytes(32), clock=Clock())
        self.ids, self.lines = Ids(), dict[int, bytes]()
        self.agent, self.visits = self.ids.new(), list[str]()
        self._save(Edit(AGENT, self.agent, CREATE, {"name": "Camille"}))

    def record(self, chance: random.Random) -> None:
        """A visit with a procedure record, and sometimes a change to an older one."""
        visit = self.ids.new()
        self._save(
            Edit(VISIT, visit, CREATE, visit_body(self.agent, f"n° {len(self.visits)}")),
            Edit(PROCEDURE_RECORD, self.ids.new(), CREATE, record_body(visit)),
        )
        self.visits.append(visit)
        if chance.random() < 0.5:
            self._save(Edit(VISIT, chance.choice(self.visits), SET, {"minutes": chance.randint(1, 90)}))

    def sync(self) -> bool:
        """Whether the centre confirmed everything; False when it died before."""
        with suppress(Offline):
            http_api.sync_by_http(self.store, clock=Clock(), pauses=NO_PAUSE)
            return self.store.pending_count() == 0
        return False

    def _save(self, *edits: Edit) -> None:
        self.store.save(list(edits), actor=self.agent)
        link = self.store.link()
        self.lines |= dict(self.store.pending(after=link.acked, max_bytes=2**30))


class Accident:
    """One centre, one laptop, and how they come through."""

    def __init__(self, database: str, folder: Path, postgresql: Mortal | None) -> None:
        self.database, self.postgresql, self.laptop = database, postgresql, Laptop(folder)
        self.lives = Lives(database, folder)
        self.told: Counter[str] = Counter()
        with closing(open_centre(database)) as centre:
            code = admin.enroll_code(centre, "bus-3", clock=Clock()).code
        with self.lives.one("never"):
            self.laptop.store.set_enrolment(
                http_api.enroll(self.lives.url, code, "Portable", new_private_key())
            )

    def happen(self, death: str, chance: random.Random) -> None:
        self.laptop.record(chance)
        with self.lives.one(death) as pid:
            timer = None
            if death == "never":
                # At any moment: before the request, within it, after the answer.
                victim = chance.choice(["centre", "database"]) if self.postgresql else "centre"
                timer = threading.Timer(chance.uniform(0, 0.4), self._kill, (victim, pid))
                timer.start()
            self.told["heard" if self.laptop.sync() else "cut"] += 1
            if timer is not None:
                timer.join()
        if self.postgresql is not None:
            self.postgresql.revive()
        self.check_acknowledged()

    def check_acknowledged(self) -> None:
        """What the laptop was told is held, to the byte; no number is missing or there twice."""
        store = self.laptop.store
        acked, replica = store.link().acked, store.replica
        with closing(open_centre(self.database)) as centre, centre.database.read() as connection:
            mine = select(log.c.seq, log.c.line).where(log.c.replica == replica).order_by(log.c.seq)
            held = [(row.seq, bytes(row.line)) for row in connection.execute(mine)]
        assert [seq for seq, _ in held] == list(range(1, len(held) + 1))
        assert len(held) >= acked
        assert all(line == self.laptop.lines[seq] for seq, line in held)

    def check_all(self) -> None:
        """In peace at last: both sides have the same, once."""
        with self.lives.one("never"):
            assert self.laptop.sync()
        with closing(open_centre(self.database)) as centre:
            found = admin.check(centre)
            lines = sorted(admin.visits(centre), key=lambda line: str(line["visit_id"]))
        assert (found.problems, found.quarantined) == ((), 0)
        assert found.operations == len(self.laptop.lines)
        mine = queries.visits_between(self.laptop.store.db, "0001-01-01", "9999-12-31")
        assert lines == sorted((as_line(*one) for one in mine), key=lambda line: str(line["visit_id"]))
        assert len(lines) == len(self.laptop.visits)

    def end(self) -> None:
        self.lives.end()
        self.laptop.store.close()

    def _kill(self, victim: str, pid: int) -> None:
        if victim == "database" and self.postgresql is not None:
            kill_postgresql(self.postgresql.data)
        else:
            with suppress(ProcessLookupError):
                os.kill(pid, 9)


@pytest.fixture(params=["sqlite", "postgresql"])
def accident(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Accident]:
    with mortal_server() if request.param == "postgresql" else no_server() as server:
        database = f"sqlite:///{tmp_path / 'centre.db'}"
        if server is not None:
            monkeypatch.setenv(KEY_VARIABLE, base64.b64encode(new_private_key()).decode())
            monkeypatch.setenv(LEDGER_VARIABLE, str(tmp_path / "centre.erased"))
            monkeypatch.setenv(DATA, str(server.data))
            database = server.url
        made = Accident(database, tmp_path, server)
        yield made
        made.end()


@contextmanager
def no_server() -> Iterator[None]:
    yield None


def killed(accident: Accident, times: int) -> None:
    chance = random.Random(13)
    deaths = (*DEATHS, "database") if accident.postgresql is not None else DEATHS
    for number in range(times):
        accident.happen(deaths[number % len(deaths)], chance)
    accident.check_all()
    # Both happened: some answers came although something died, others did not.
    assert accident.told["cut"] > times // 4


def test_nothing_acknowledged_is_lost_or_doubled_when_the_centre_is_killed(accident: Accident) -> None:
    killed(accident, 8)


@pytest.mark.torture
def test_killed_five_hundred_times(accident: Accident, figures: Callable[[str], None]) -> None:
    killed(accident, 500)
    figures(f"500 deaths: {dict(accident.told)}, {len(accident.laptop.lines)} operations")
