"""The door over real HTTP: nothing unproved is heard, nothing swollen is read, every answer is signed."""

import http.client
import json
import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec
import pytest
from backports import zstd

from fsbus.server import tables
from fsbus.server.centre import Centre
from fsbus.server.database import func, select, update
from fsbus.server.lost_device import revoke
from fsbus.server.serving import EmbeddedCentre
from fsbus.wire import codec, signing
from fsbus.wire.api import Problem, Refused, RequestHeader
from fsbus.wire.version import CONTENT_TYPE
from tests.server.application import InProcess
from tests.server.laptop import (
    FEED,
    HttpLaptop,
    Notebook,
    enrol,
    numbered_id,
    record_body,
    send,
    still_clock,
    visit_body,
)  # fmt: skip

VISIT = numbered_id(100)


@pytest.fixture
def served(centre_url: str) -> Iterator[EmbeddedCentre]:
    with EmbeddedCentre(centre_url, clock=still_clock()) as running:
        yield running


@pytest.fixture
def laptop(served: EmbeddedCentre) -> HttpLaptop:
    return HttpLaptop(served.url, enrol(served.centre))


def operations(served: EmbeddedCentre) -> int:
    with served.centre.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.log)).scalar_one())


def one_visit(served: EmbeddedCentre) -> bytes:
    notes = Notebook()
    notes.create(VISIT, visit_body())
    return codec.encode_request(notes.request(served.centre.epoch))


def header(operations: int) -> bytes:
    return msgspec.json.encode(RequestHeader(Notebook().replica, 0, "x", 1, operations))


def problem(body: bytes) -> str:
    return msgspec.json.decode(body, type=Problem).problem


def refused(served: EmbeddedCentre, headers: dict[str, str], body: bytes, target: str = "/v1/sync") -> str:
    """The problem of a refused request, once its signature, its silence and its effect are checked."""
    status, answer, raw = send(served.url, "POST", target, headers, body)
    assert 400 <= status < 500
    found = problem(raw)
    if found in ("unknown_device", "revoked"):
        assert json.loads(raw) == {"problem": found}, "nothing more is said"
    answered = signing.request_signature(headers)
    if answered is not None:
        signing.verify_answer(
            status=status, headers=answer, body=raw, answered=answered, public_key=served.centre.public_key
        )
    assert operations(served) == 0
    return found


def test_a_day_goes_up_and_comes_down(served: EmbeddedCentre, laptop: HttpLaptop) -> None:
    other, notes = HttpLaptop(served.url, enrol(served.centre)), Notebook()
    assert laptop.hello(notes.replica).epoch == served.centre.epoch
    notes.create(VISIT, visit_body())
    notes.create(numbered_id(101), record_body(VISIT), "procedure_record")
    assert laptop.exchange(notes.request(served.centre.epoch)).header.acked == 2
    down = other.exchange(Notebook().request(served.centre.epoch, pull={FEED: 0}))
    assert [state.id for state in down.states] == [VISIT, numbered_id(101)]
    assert laptop.hello(notes.replica).last_seq == 2


def test_refusals_of_the_exchange_come_signed(served: EmbeddedCentre, laptop: HttpLaptop) -> None:
    notes = Notebook()
    notes.create(VISIT, visit_body())
    notes.create(VISIT, visit_body())
    with pytest.raises(Refused) as hole:
        laptop.exchange(notes.request(served.centre.epoch, first=2))
    assert hole.value.problem == Problem("expect", expect=1)
    with pytest.raises(Refused, match="epoch"):
        laptop.exchange(notes.request("another"))
    with pytest.raises(Refused, match="upgrade"):
        laptop.exchange(notes.request(served.centre.epoch, proto=0, pull={FEED: 0}))
    with pytest.raises(Refused, match="malformed"):
        laptop.hello("none")


def test_an_unsigned_request_is_refused_and_changes_nothing(served: EmbeddedCentre) -> None:
    assert refused(served, {"content-type": CONTENT_TYPE}, one_visit(served)) == "unknown_device"


def test_a_body_that_was_changed_is_refused(served: EmbeddedCentre, laptop: HttpLaptop) -> None:
    body = one_visit(served)
    headers = laptop.sign("POST", "/v1/sync", "", CONTENT_TYPE, body)
    assert refused(served, headers, body[:-1] + bytes([body[-1] ^ 1])) == "unknown_device"


def test_a_target_that_was_changed_is_refused(served: EmbeddedCentre, laptop: HttpLaptop) -> None:
    body = one_visit(served)
    headers = laptop.sign("POST", "/v1/sync", "", CONTENT_TYPE, body)
    assert refused(served, headers, body, "/v1/sync?a=1") == "unknown_device"


def test_a_request_for_another_centre_is_refused(served: EmbeddedCentre, laptop: HttpLaptop) -> None:
    body = one_visit(served)
    headers = signing.sign_request(
        method="POST",
        path="/v1/sync",
        query="",
        content_type=CONTENT_TYPE,
        body=body,
        audience="fsbus-000000000000",
        device=laptop.enrolled.device,
        private_key=laptop.enrolled.private_key,
        created=0,
    )
    assert refused(served, headers, body) == "unknown_device"


def test_an_unknown_device_is_refused(served: EmbeddedCentre) -> None:
    key = signing.new_private_key()
    body = one_visit(served)
    headers = signing.sign_request(
        method="POST",
        path="/v1/sync",
        query="",
        content_type=CONTENT_TYPE,
        body=body,
        audience=served.centre.audience,
        device=signing.device_id_of(signing.public_key_of(key)),
        private_key=key,
        created=0,
    )
    assert refused(served, headers, body) == "unknown_device"


def test_a_revoked_device_is_told_so(served: EmbeddedCentre, laptop: HttpLaptop) -> None:
    with served.centre.database.write() as connection:
        connection.execute(update(tables.devices).values(revoked_at="2026-11-24T08:00:00Z"))
    body = one_visit(served)
    assert refused(served, laptop.sign("POST", "/v1/sync", "", CONTENT_TYPE, body), body) == "revoked"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_is_turned_away_while_the_body_comes_is_told_nothing_any_more(
    method: str, centre: Centre
) -> None:
    """A body may take half an hour: what was so when its headers came proves nothing at its end."""
    laptop, application, notes = HttpLaptop("", enrol(centre)), InProcess(centre), Notebook()
    notes.create(VISIT, visit_body())
    body, path, query, kind = b"", "/v1/hello", f"replica={notes.replica}", "application/json"
    if method == "POST":
        path, query, kind = "/v1/sync", "", CONTENT_TYPE
        body = codec.encode_request(notes.request(centre.epoch, pull={FEED: 0}))
    headers = laptop.sign(method, path, query, kind, body)
    target = f"{path}?{query}".rstrip("?")
    answered = application.ask(
        method, target, headers, body, lambda: revoke(centre, laptop.enrolled.device, clock=still_clock())
    )
    application.close()
    assert (answered.status, problem(answered.body)) == (401, "revoked")
    with centre.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(tables.log)).scalar_one() == 0
        kept = connection.execute(select(func.count()).select_from(tables.aside)).scalar_one()
        assert kept == (method == "POST")


def test_one_header_given_twice_is_refused(served: EmbeddedCentre, laptop: HttpLaptop) -> None:
    body = one_visit(served)
    headers = laptop.sign("POST", "/v1/sync", "", CONTENT_TYPE, body)
    parts = urlsplit(served.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=20)
    connection.putrequest("POST", "/v1/sync")
    for name, value in [*headers.items(), ("content-type", "text/plain"), ("content-length", str(len(body)))]:
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    assert (answer.status, problem(answer.read())) == (401, "unknown_device")
    connection.close()
    assert operations(served) == 0


def test_a_replayed_request_takes_nothing_twice(served: EmbeddedCentre, laptop: HttpLaptop) -> None:
    body = one_visit(served)
    headers = laptop.sign("POST", "/v1/sync", "", CONTENT_TYPE, body)
    for _ in range(3):
        assert send(served.url, "POST", "/v1/sync", headers, body)[0] == 200
    assert operations(served) == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "malformed"),
        (b"not a frame", "malformed"),
        (zstd.compress(b"{}"), "malformed"),
        (zstd.compress(b"\n" * 200_000), "malformed"),
        (zstd.compress(header(200_000) + b"\n" * 200_000), "too_large"),
        (zstd.compress(header(2) + b"\n" * 200_000), "malformed"),
        (zstd.compress(bytes(300_000)), "too_large"),
        (zstd.compress(header(256) + (b"\n" + b"a" * 262_144) * 256), "too_large"),
        (zstd.compress(bytes(100_000_000)), "too_large"),
        (os.urandom(codec.LARGEST_BODY + 1), "too_large"),
    ],
    ids=[
        "empty",
        "garbage",
        "no header",
        "empty lines",
        "too many lines",
        "more lines than announced",
        "a large header",
        "large lines",
        "bomb",
        "large",
    ],
)
def test_a_signed_message_that_is_none_is_refused_in_words(
    body: bytes, expected: str, served: EmbeddedCentre, laptop: HttpLaptop
) -> None:
    assert refused(served, laptop.sign("POST", "/v1/sync", "", CONTENT_TYPE, body), body) == expected


def test_a_body_without_a_length_stops_at_the_cap(served: EmbeddedCentre, laptop: HttpLaptop) -> None:
    body = bytes(codec.LARGEST_BODY + 1)
    headers = laptop.sign("POST", "/v1/sync", "", CONTENT_TYPE, body)
    parts = urlsplit(served.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=20)
    connection.request(
        "POST", "/v1/sync", (body[at : at + 65_536] for at in range(0, len(body), 65_536)), headers
    )
    answer = connection.getresponse()
    assert (answer.status, problem(answer.read())) == (413, "too_large")
    connection.close()


def test_a_body_that_is_cut_changes_nothing(served: EmbeddedCentre, laptop: HttpLaptop) -> None:
    body = one_visit(served)
    headers = laptop.sign("POST", "/v1/sync", "", CONTENT_TYPE, body)
    for length in (0, 1, len(body) - 1):
        parts = urlsplit(served.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=20)
        connection.putrequest("POST", "/v1/sync")
        for name, value in [*headers.items(), ("content-length", str(len(body)))]:
            connection.putheader(name, value)
        connection.endheaders(body[:length])
        connection.close()
    assert laptop.hello(Notebook().replica).last_seq == 0
    assert operations(served) == 0


def test_hello_has_no_body(served: EmbeddedCentre, laptop: HttpLaptop) -> None:
    query = f"replica={Notebook().replica}"
    status, body = laptop.call("GET", "/v1/hello", query, "application/json", b"x")
    assert (status, problem(body)) == (400, "malformed")


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/", 404),
        ("GET", "/v1/sync", 405),
        ("POST", "/v1/hello", 405),
        ("GET", "/v1/../etc/passwd", 404),
    ],
)
def test_only_the_listed_routes_answer(method: str, target: str, status: int, served: EmbeddedCentre) -> None:
    assert send(served.url, method, target, {}, b"")[0] == status


@pytest.mark.expects_log("bug")
def test_a_bug_is_told_without_its_words(
    served: EmbeddedCentre,
    laptop: HttpLaptop,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("Madame Mirabelle")

    monkeypatch.setattr("fsbus.server.sync.hello", broken)
    status, body = laptop.call("GET", "/v1/hello", f"replica={Notebook().replica}", "application/json", b"")
    assert (status, json.loads(body)) == (500, {"problem": "bug"})
    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "Mirabelle" not in str(vars(record))
    assert laptop.enrolled.device in str(vars(record))


@pytest.mark.expects_log("database")
def test_a_database_that_does_not_answer_makes_laptops_wait(
    served: EmbeddedCentre, laptop: HttpLaptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    def locked(*_: object) -> None:
        raise OperationalError("select", {}, Exception("database is locked"))

    monkeypatch.setattr("fsbus.server.sync.hello", locked)
    headers = laptop.sign("GET", "/v1/hello", "replica=", "application/json", b"")
    status, answer, body = send(served.url, "GET", "/v1/hello?replica=", headers, b"")
    assert (status, problem(body), answer["retry-after"]) == (503, "busy", "5")
