"""Opening, keeping and checking a centre: its file, its key, its schema, its figures."""

import json
import logging
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fsbus.core.clock import Clock
from fsbus.core.errors import InvalidInput, StoreDamaged, StoreTooNew, StoreUnavailable
from fsbus.core.reports import Names, month_report
from fsbus.server import admin
from fsbus.server.centre import KEY_VARIABLE, Centre, open_centre
from fsbus.server.direct import DirectApi
from fsbus.server.json_lines import JsonLines
from fsbus.server.serving import EmbeddedCentre
from tests.server.conftest import Door
from tests.server.laptop import (
    FEED,
    NOW,
    Notebook,
    enrol,
    numbered_id,
    record_body,
    send,
    still_clock,
    visit_body,
)  # fmt: skip

VISIT = numbered_id(100)


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'centre.db'}"


def record_a_day(api: DirectApi) -> None:
    notes = Notebook()
    for number in range(3):
        visit = numbered_id(100 + 10 * number)
        notes.create(visit, visit_body(visited_on=f"2026-1{number % 2}-24", note="à relire"))
        notes.create(
            numbered_id(101 + 10 * number),
            record_body(visit, blockers=["account_access"]),
            "procedure_record",
        )
    api.exchange(notes.request(api.centre.epoch))


def test_a_centre_is_the_same_when_it_is_opened_again(tmp_path: Path) -> None:
    first = open_centre(url(tmp_path))
    first.close()
    again = open_centre(url(tmp_path))
    again.close()
    assert (again.epoch, again.audience, again.private_key) == (
        first.epoch,
        first.audience,
        first.private_key,
    )


def test_its_files_are_its_owners_alone(tmp_path: Path) -> None:
    centre = open_centre(url(tmp_path))
    with centre.database.read():
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    centre.close()
    assert {"centre.db", "centre.key"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_its_key_is_never_in_the_database_nor_shown(tmp_path: Path) -> None:
    centre = open_centre(url(tmp_path))
    centre.close()
    text = (tmp_path / "centre.key").read_bytes().strip()
    assert text not in (tmp_path / "centre.db").read_bytes()
    assert centre.private_key not in (tmp_path / "centre.db").read_bytes()
    assert repr(centre.private_key) not in repr(centre)


def test_a_lost_or_foreign_key_is_said_and_nothing_is_changed(tmp_path: Path) -> None:
    open_centre(url(tmp_path)).close()
    key = tmp_path / "centre.key"
    right, before = key.read_bytes(), (tmp_path / "centre.db").read_bytes()
    key.unlink()
    with pytest.raises(StoreDamaged, match="manque"):
        open_centre(url(tmp_path))
    for wrong in (b"", b"AAAA", right[:20]):
        key.write_bytes(wrong)
        with pytest.raises(StoreDamaged, match="octets"):
            open_centre(url(tmp_path))
    foreign = {KEY_VARIABLE: "A" * 43 + "="}
    with pytest.raises(StoreDamaged, match="celle de cette base"):
        open_centre(url(tmp_path), environment=foreign)
    assert (tmp_path / "centre.db").read_bytes() == before
    key.write_bytes(right)
    open_centre(url(tmp_path)).close()


def test_the_key_may_come_from_the_environment(tmp_path: Path) -> None:
    given = {KEY_VARIABLE: "A" * 43 + "="}
    centre = open_centre(url(tmp_path), environment=given)
    centre.close()
    assert centre.private_key == bytes(32)
    assert not (tmp_path / "centre.key").exists()


@pytest.mark.parametrize(
    "wrong",
    ["nonsense", "sqlite://", "sqlite:///:memory:", "mysql://localhost/x", "sqlite:////no/such/folder/x.db"],
)
def test_an_address_that_cannot_be_used_is_said(wrong: str) -> None:
    with pytest.raises(StoreUnavailable):
        open_centre(wrong)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "centre.db").write_bytes(
        b"a shopping list, much longer than a header of a hundred bytes " * 9
    )
    before = (tmp_path / "centre.db").read_bytes()
    with pytest.raises(StoreDamaged):
        open_centre(url(tmp_path))
    assert (tmp_path / "centre.db").read_bytes() == before


def test_a_database_of_a_newer_fsbus_is_left_alone(tmp_path: Path) -> None:
    open_centre(url(tmp_path)).close()
    bare = sqlite3.connect(tmp_path / "centre.db")
    bare.execute("UPDATE alembic_version SET version_num = 'v9999'")
    bare.commit()
    bare.close()
    with pytest.raises(StoreTooNew):
        open_centre(url(tmp_path))


def test_every_commit_is_durable(centre: Centre) -> None:
    with centre.database.read() as connection:
        if centre.database.is_sqlite:
            asked = (
                "PRAGMA journal_mode",
                "PRAGMA synchronous",
                "PRAGMA foreign_keys",
                "PRAGMA secure_delete",
            )
            expected = ["wal", 2, 1, 1]
        else:
            asked = (
                "SHOW synchronous_commit",
                "SHOW statement_timeout",
                "SHOW lock_timeout",
                "SHOW transaction_isolation",
            )
            expected = ["on", "1min", "5s", "repeatable read"]
        found = [connection.exec_driver_sql(statement).scalar_one() for statement in asked]
    assert found == expected


def test_visits_are_listed_as_a_laptop_lists_them(centre: Centre, door: Door) -> None:
    record_a_day(door())
    lines = list(admin.visits(centre))
    assert [line["visit_id"] for line in lines] == [numbered_id(100 + 10 * number) for number in range(3)]
    assert lines[0] == {"visit_id": VISIT} | visit_body(visited_on="2026-10-24", note="à relire") | {
        "procedures": [
            {"record_id": numbered_id(101)}
            | {
                name: value
                for name, value in record_body(VISIT, blockers=["account_access"]).items()
                if name != "visit_id"
            }
        ]
    }
    assert list(admin.visits(centre, feed="bus-9")) == []
    assert len(list(admin.visits(centre, feed=FEED))) == 3


def test_a_month_is_counted_from_its_facts_alone(centre: Centre, door: Door) -> None:
    record_a_day(door())
    with admin.month_facts(centre, "2026-10") as facts:
        report = month_report(
            "2026-10",
            facts.visits,
            facts.records,
            names=Names(),
            bus=FEED,
            generated_on=NOW.date(),
        )
    assert (report.totals.visits, report.totals.records) == (2, 2)
    with admin.month_facts(centre, "2026-10", feed="bus-9") as facts:
        assert (list(facts.visits), list(facts.records)) == ([], [])
    with pytest.raises(InvalidInput, match="month"), admin.month_facts(centre, "octobre"):
        pass


def test_devices_are_listed_with_what_they_sent(centre: Centre, door: Door) -> None:
    record_a_day(door())
    door("bus-1")
    assert [(line.feed, line.operations, line.last_seen_at) for line in admin.devices(centre)] == [
        ("bus-1", 0, None),
        (FEED, 6, "2026-11-24T08:00:00Z"),
    ]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("DELETE FROM log WHERE seq = 3", "6 sont attendues"),
        ("UPDATE log SET seq = 9 WHERE seq = 6", "6 sont attendues"),
        ("UPDATE log SET replica = 'x'", "n’est pas un poste connu"),
        ("UPDATE log SET line = 'autre' WHERE seq = 2", "a changé"),
        (f"DELETE FROM visits WHERE id = '{VISIT}'", "n’a plus de contenu"),
        (f"DELETE FROM records WHERE id = '{VISIT}'", "ne devrait plus exister"),
        ("UPDATE feeds SET seq = 5", "jamais donné"),
    ],
)
def test_a_check_sees_every_disagreement(damage: str, told: str, centre: Centre, door: Door) -> None:
    record_a_day(door())
    sound = admin.check(centre)
    assert (sound.ok, sound.operations, sound.records, sound.quarantined) == (True, 6, 6, 0)
    with centre.database.write() as connection:
        connection.exec_driver_sql(
            damage.replace("'autre'", "CAST('autre' AS BLOB)") if centre.database.is_sqlite else damage
        )
    found = admin.check(centre)
    assert not found.ok
    assert any(told in problem for problem in found.problems), found.problems


def test_a_write_that_fails_leaves_nothing(
    centre: Centre, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    api = door()
    with monkeypatch.context() as patched:
        patched.setattr("fsbus.server.sync.number_and_write", broken)
        with pytest.raises(RuntimeError):
            record_a_day(api)
    found = admin.check(centre)
    assert (found.operations, found.records, found.replicas, found.problems) == (0, 0, 0, ())


def test_logs_are_json_and_tell_ids_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "fsbus.server")
    with EmbeddedCentre(url(tmp_path), clock=still_clock()) as served:
        from tests.server.laptop import HttpLaptop

        laptop, notes = HttpLaptop(served.url, enrol(served.centre)), Notebook()
        notes.create(VISIT, visit_body(note="Mirabelle"))
        laptop.exchange(notes.request(served.centre.epoch))
    [record] = [record for record in caplog.records if record.name == "fsbus.server"]
    line = json.loads(JsonLines(still_clock()).format(record))
    assert len(line.pop("request")) == 16
    assert line.pop("ms") > 0
    assert line.pop("bytes_in") > 100
    assert line.pop("bytes_out") > 50
    assert line == {
        "at": "2026-11-24T08:00:00Z",
        "level": "info",
        "event": "request",
        "device": laptop.enrolled.device,
        "route": "/v1/sync",
        "status": 200,
        "operations": 1,
        "states": 0,
    }


def test_two_centres_cannot_listen_at_one_place(tmp_path: Path) -> None:
    with EmbeddedCentre(url(tmp_path)) as served:
        port = int(served.url.rpartition(":")[2])
        with pytest.raises(StoreUnavailable, match=str(port)):
            EmbeddedCentre(f"sqlite:///{tmp_path / 'other.db'}", port).__enter__()


@pytest.fixture
def process(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    program = (
        "import sys; from fsbus.server.serving import serve; "
        "serve(sys.argv[1], '127.0.0.1', 0, lambda url: print(url, flush=True)); print('stopped')"
    )
    started = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program, url(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield started
    started.kill()
    started.communicate()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to a process")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serving_says_when_it_is_ready_and_stops_when_told(
    number: signal.Signals, process: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    assert send(address, "GET", "/readyz", {}, b"")[0] == 200
    process.send_signal(number)
    out, errors = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "stopped\n"), errors
    assert {path.name for path in tmp_path.iterdir()} == {
        "centre.db", "centre.key", "centre.erased", "centre.life",
    }, "the file was closed"  # fmt: skip


def test_the_clock_of_the_centre_is_what_it_tells(centre: Centre) -> None:
    api = DirectApi(centre, enrol(centre).device, Clock(now=lambda: NOW))
    assert api.hello(Notebook().replica).t == int(NOW.timestamp() * 1000)
