"""A centre that runs heals by itself when its PostgreSQL was away, or only read for a while."""

import base64
import random
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from fsbus.server.centre import KEY_VARIABLE
from fsbus.server.database import Connection, Database, connect, is_away
from fsbus.server.ledger import LEDGER_VARIABLE
from fsbus.server.serving import EmbeddedCentre
from fsbus.wire.api import Refused
from fsbus.wire.signing import new_private_key
from tests.postgresql import Mortal, TestServer, mortal_server
from tests.server.laptop import FEED, HttpLaptop, Notebook, enrol, numbered_id, send, still_clock, visit_body
from tests.server.mortal import kill_postgresql
from tests.server.test_killed import Accident
from tests.waiting import until


@pytest.fixture(autouse=True)
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a centre keeps outside of PostgreSQL."""
    monkeypatch.setenv(KEY_VARIABLE, base64.b64encode(new_private_key()).decode())
    monkeypatch.setenv(LEDGER_VARIABLE, str(tmp_path / "centre.erased"))


@pytest.fixture
def mortal() -> Iterator[Mortal]:
    with mortal_server() as server:
        yield server


@contextmanager
def closing_of(made: Accident) -> Iterator[Accident]:
    try:
        yield made
    finally:
        made.end()


def ready(url: str) -> tuple[int, bytes]:
    status, _, body = send(url, "GET", "/readyz", {}, b"")
    return status, body


def ready_at_last(url: str, wanted: int) -> bool:
    """Whether it says so within half a minute."""
    return until(lambda: ready(url)[0] == wanted, seconds=30)


@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "stopped in order"])
def test_a_server_that_was_restarted_is_found_again(mortal: Mortal, tmp_path: Path, is_killed: bool) -> None:
    with closing_of(Accident(mortal.url, tmp_path, mortal)) as made, made.lives.one("never"):
        assert ready(made.lives.url)[0] == 200
        assert made.laptop.sync()
        if is_killed:
            kill_postgresql(mortal.data)
        else:
            mortal.stop()
        assert ready_at_last(made.lives.url, 503)
        assert send(made.lives.url, "GET", "/healthz", {}, b"")[0] == 200
        made.laptop.record(random.Random(9))
        assert not made.laptop.sync()
        mortal.revive()
        assert ready_at_last(made.lives.url, 200)
        assert made.laptop.sync()
        made.check_acknowledged()


@pytest.mark.expects_log("database")
def test_a_standby_is_not_ready_and_writes_nothing_until_it_is_promoted(mortal: Mortal) -> None:
    with EmbeddedCentre(mortal.url, clock=still_clock()) as running:
        laptop, notes = HttpLaptop(running.url, enrol(running.centre, FEED)), Notebook()
        notes.create(numbered_id(100), visit_body())
        epoch = laptop.hello(notes.replica).epoch
        mortal.stop()
        mortal.revive_as_standby()
        for _ in range(3):
            with pytest.raises(Refused) as told:
                laptop.exchange(notes.request(epoch))
            assert told.value.problem.problem == "busy"
        assert ready_at_last(running.url, 503)
        # Nothing is waited for: it stays so.
        time.sleep(1)
        assert ready(running.url) == (503, b"the database takes no writes\n")
        with psycopg.connect(mortal.url, autocommit=True) as connection:
            connection.execute("SELECT pg_promote()")
        assert ready_at_last(running.url, 200)
        assert laptop.exchange(notes.request(epoch)).header.acked == 1


def test_connections_to_a_server_that_only_reads_are_given_up(postgresql: TestServer) -> None:
    with postgresql.database() as url, closing(connect(url)) as database:
        with database.write() as connection:
            before = server_process(connection)
        with pytest.raises(Exception, match="read-only") as refused:
            write_to_reader(database)
        assert is_away(refused.value)
        with database.write() as connection:
            assert server_process(connection) != before


def write_to_reader(database: Database) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql("CREATE TABLE nothing (id integer)")


def server_process(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
