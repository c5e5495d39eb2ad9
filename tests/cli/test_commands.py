"""The command line keeps its contract: data on standard output, words on standard error, statuses."""

import json
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from fsbus.cli import main
from fsbus.core.errors import DeviceRevoked, Offline, StoreDamaged
from fsbus.server import admin
from fsbus.server.serving import EmbeddedCentre
from fsbus.wire.enrolment import new_code
from tests.cli.conftest import PASSPHRASE, Runner

VISIT = {
    "started_at": "2026-11-20T09:20:00+01:00", "minutes": 25, "channel": "walk_in", "stop_commune": "02361",
    "age_band": "60_69",
    "procedures": [
        {"procedure": "FT-CG-OCC", "nature": "file_assistance", "mode": "assisted", "outcome": "resolved"},
        {
            "procedure": "CNAV-DEM", "nature": "information", "mode": "assisted", "outcome": "referred",
            "precise_answer": "Relevé de carrière incomplet : pièces listées et remises.",
            "referral": {"partner": "CNAV", "contact": "agence de Laon", "on": "2026-12-03"},
        },
    ],
}  # fmt: skip


def ndjson(*values: object) -> bytes:
    return b"\n".join(json.dumps(value).encode() for value in values)


def test_a_visit_that_is_recorded_is_listed_with_its_procedures(ready: Runner) -> None:
    saved = ready("record", "-", stdin=ndjson(VISIT))

    assert saved.status == 0
    assert saved.out[0]["line"] == 1
    (listed,) = ready("visits").out
    assert listed["visit_id"] == saved.out[0]["visit_id"]
    assert [one["procedure"] for one in listed["procedures"]] == ["FT-CG-OCC", "CNAV-DEM"]  # type: ignore[attr-defined]  # a list of objects


def test_each_bad_line_is_named_and_the_others_are_saved(ready: Runner) -> None:
    bad = {**VISIT, "minutes": 0, "colour": 1}
    saved = ready("record", "-", stdin=ndjson(VISIT, bad, VISIT) + b"\n{")

    assert saved.status == 2
    assert [line["line"] for line in saved.out] == [1, 2, 3, 4]
    assert set(saved.out[1]["problems"]) == {"minutes", "colour"}  # type: ignore[call-overload]  # an object
    assert len(ready("visits").out) == 2


def test_days_limit_what_is_listed(ready: Runner) -> None:
    ready("record", "-", stdin=ndjson(VISIT, {**VISIT, "started_at": "2026-11-21T09:20:00+01:00"}))

    assert len(ready("visits", "--from", "2026-11-21").out) == 1
    assert len(ready("visits", "--to", "2026-11-20").out) == 1
    assert ready("visits", "--from", "hier").status == 2


def test_a_correction_is_checked_like_the_form(ready: Runner) -> None:
    (saved,) = ready("record", "-", stdin=ndjson(VISIT)).out
    visit = saved["visit_id"]

    good = ready("amend", "-", stdin=ndjson({"visit_id": visit, "set": {"minutes": 40}}))
    bad = ready("amend", "-", stdin=ndjson({"visit_id": visit, "set": {"minutes": 4_000}}))

    assert (good.status, bad.status) == (0, 2)
    assert ready("visits").out[0]["minutes"] == 40


def test_what_is_found_comes_catalogue_first(ready: Runner) -> None:
    found = ready("find", "carte grise", "--limit", "30").out

    kinds = [str(hit["kind"]) for hit in found]
    assert kinds == sorted(kinds, reverse=True)
    assert kinds[0] == "procedure"
    assert set(found[0]) == {"kind", "code", "title", "partner"}
    assert ready("find", "d'identité \"NEAR(").status == 0


def test_status_and_check_tell_the_truth(ready: Runner) -> None:
    ready("record", "-", stdin=ndjson(VISIT))

    (status,) = ready("status").out
    assert (status["visits"], status["procedure_records"], status["pending"]) == (1, 2, 4)
    checked = ready("check")
    assert checked.status == 0
    assert checked.out[0]["sound"] is True


def test_the_wrong_passphrase_is_status_3(ready: Runner) -> None:
    ready.passphrase_file.write_text("une toute autre phrase que la bonne\n", encoding="utf-8")

    assert ready("status").status == 3


def test_after_many_failures_even_the_right_passphrase_waits_and_the_wait_is_said(ready: Runner) -> None:
    count = ready.folder / "home" / "throttle.json"
    count.write_text('{"v":1,"fails":8,"left":300,"seen":"2020-01-01T00:00:00Z"}')
    right = ready.passphrase_file.read_text(encoding="utf-8")
    ready.passphrase_file.write_text("une toute autre phrase que la bonne\n", encoding="utf-8")
    ninth = ready("status")
    ready.passphrase_file.write_text(right, encoding="utf-8")
    tried = ready("status")

    assert (ninth.status, tried.status) == (3, 3)
    assert "Prochain essai dans 15\u00a0minutes" in ninth.err
    assert "attendez 15\u00a0minutes" in tried.err
    count.write_text(count.read_text().replace(str(ninth_seen(count)), "2020-01-01T00:00:00Z"))
    assert ready("status").status == 0
    assert not count.exists()


def ninth_seen(count: Path) -> object:
    return json.loads(count.read_bytes())["seen"]


def test_a_weak_passphrase_is_refused_and_nothing_is_made(run: Runner, tmp_path: Path) -> None:
    run.passphrase_file.write_text("motdepasse2026\n", encoding="utf-8")

    refused = run("init", "--bus", "B", "--agent", "A")

    assert refused.status == 2
    assert "passphrase" in refused.out[0]["problems"]  # type: ignore[operator]  # an object
    assert not (tmp_path / "home").exists()
    assert PASSPHRASE not in refused.err


def test_no_store_is_status_6(run: Runner) -> None:
    assert run("status").status == 6


def test_a_laptop_that_is_not_enrolled_cannot_sync(ready: Runner) -> None:
    assert ready("sync").status == 5


def test_two_laptops_exchange_through_a_centre_and_an_erasure_reaches_both(
    ready: Runner, tmp_path: Path
) -> None:
    ready("record", "-", stdin=ndjson(VISIT))
    with EmbeddedCentre(f"sqlite:///{tmp_path / 'centre.db'}") as centre:
        codes = [admin.enroll_code(centre.centre, "bus-3").code for _ in range(2)]
        first = ready("enroll", "--server", centre.url, "--code", codes[0])
        second = ready("enroll", "--server", centre.url, "--code", codes[1], "--agent", "Bob", home="other")
        assert (first.status, second.status) == (0, 0)
        assert first.out[0]["feeds"] == ["bus-3"]
        assert f"rattaché au centre {centre.url}, pour bus-3" in first.err
        (known,) = [one for one in admin.devices(centre.centre) if one.device == first.out[0]["device"]]
        assert f"à comparer de vive voix avec le coordinateur\u00a0: {known.groups}" in first.err
        assert ready("status", home="other").out[0]["bus"] == "bus-3"
        assert ready("sync").out[0]["pushed"] == 4
        assert ready("sync", home="other").out[0]["pulled"] == 4
        (visit,) = ready("visits", home="other").out
        assert ready("erase", "--visit", str(visit["visit_id"]), home="other").out == [{"erased": 3}]
        ready("sync", home="other")
        ready("sync")
    assert ready("visits").out == []
    off_line = ready("sync")
    assert off_line.status == 4


@pytest.mark.parametrize("format_", ["csv", "xlsx", "html", "pdf", "json"])
def test_a_report_is_written_in_every_format(ready: Runner, tmp_path: Path, format_: str) -> None:
    ready("record", "-", stdin=ndjson(VISIT))
    path = tmp_path / f"bilan.{format_}"

    written = ready("report", "--month", "2026-11", "--format", format_, "--out", str(path))

    assert written.out == [{"path": str(path)}]
    assert path.stat().st_size > 300


@pytest.mark.parametrize(
    ("error", "status"),
    [(Offline("x"), 4), (DeviceRevoked("x"), 5), (StoreDamaged("x"), 6)],
)
def test_every_known_error_has_its_status(
    run: Runner, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    from fsbus.cli import running

    def fail(_: object) -> int:
        raise error

    monkeypatch.setitem(running.COMMANDS, "status", fail)
    assert run("status").status == status


def test_a_bug_says_where_its_report_is_and_the_report_holds_no_value(
    run: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from fsbus.cli import running

    def fail(_: object) -> int:
        raise KeyError("Madame Secrète")

    monkeypatch.setitem(running.COMMANDS, "status", fail)

    ran = run("status")

    assert ran.status == 1
    (report,) = (tmp_path / "home" / "logs").iterdir()
    assert str(report) in ran.err
    assert "KeyError" in report.read_text(encoding="utf-8")
    assert "Secrète" not in report.read_text(encoding="utf-8") + ran.err


def test_bad_words_are_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["report", "--format", "doc"])
    assert left.value.code == 2
    assert "--format" in capsys.readouterr().err


@pytest.mark.parametrize(("file", "keys"), [("fsbus.db", True), ("keys.fsk", False)])
def test_a_check_of_a_laptop_that_cannot_be_opened_says_so_as_data(
    ready: Runner, file: str, keys: bool
) -> None:
    path = ready.folder / "home" / file
    content = path.read_bytes()
    path.write_bytes(bytes(100) + content[100:])
    (ready.folder / "home" / "keys.fsk.prev").unlink(missing_ok=keys)
    shutil.rmtree(ready.folder / "home" / "backups")

    checked = ready("check", "--repair")

    assert checked.status == 6
    (found,) = checked.out
    told = [checked.err.strip()]
    assert (found["sound"], found["keys"], found["database"]) == (
        False,
        *(([], told) if keys else (told, [])),
    )
    assert path.read_bytes() == bytes(100) + content[100:]


def test_an_enrolment_out_of_reach_says_that_it_is_still_to_be_done(ready: Runner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    asked = ready("enroll", "--server", f"http://127.0.0.1:{port}", "--code", new_code())
    assert (asked.status, asked.out) == (4, [])
    assert "n’est pas encore rattaché" in asked.err
    assert "recommencez avec le même code" in asked.err


def test_a_report_is_not_written_over_a_folder(ready: Runner) -> None:
    written = ready("report", "--month", "2026-11", "--format", "csv", "--out", str(ready.folder))

    assert written.status == 2
    assert set(written.out[0]["problems"]) == {"out"}  # type: ignore[call-overload]  # an object


@pytest.mark.parametrize("status", [200, 302, 403, 404, 503])
def test_a_page_that_is_not_the_centre_is_told_as_off_line_and_never_blames_the_code(
    ready: Runner, status: int
) -> None:
    with a_page(status) as url:
        asked = ready("enroll", "--server", url, "--code", new_code())

    assert asked.status == 4
    assert "même code" in asked.err
    assert ready("status").out[0]["enrolled"] is False


@contextmanager
def a_page(status: int) -> Iterator[str]:
    """A web page that answers everything with this status and some HTML, as the portal of a Wi-Fi does."""

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            page = b"<html>Bienvenue</html>"
            self.send_response(status)
            self.send_header("content-length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing: standard error is read by the test."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
