"""Nothing that a person typed gets into the centre's log, its counters or its refusals."""

import json
import logging
from collections.abc import Iterator

import pytest
from backports import zstd

from fsbus.server.centre import Centre
from fsbus.server.enrolling import make_code
from fsbus.server.json_lines import JsonLines
from fsbus.wire import codec, signing
from fsbus.wire.enrolment import build_enroll_request
from fsbus.wire.version import CONTENT_TYPE
from tests.server.application import Answered, InProcess
from tests.server.laptop import (
    FEED,
    NOW,
    HttpLaptop,
    Notebook,
    enrol,
    numbered_id,
    still_clock,
    visit_body,
)  # fmt: skip

NEEDLE = "Zéphyrine"
ASCII = "Mirabelle"


@pytest.fixture
def application(centre: Centre) -> Iterator[InProcess]:
    made = InProcess(centre, metrics_port=80)
    yield made
    made.close()


def told(caplog: pytest.LogCaptureFixture) -> str:
    """Every line that the centre would have written, libraries included."""
    formatter = JsonLines(still_clock())
    return "\n".join(formatter.format(record) for record in caplog.records)


def clean(text: str) -> bool:
    """Whether neither word is there, as it is or escaped."""
    return not any(
        word in text or json.dumps(word)[1:-1] in text or word.lower() in text.lower()
        for word in (NEEDLE, ASCII)
    )


@pytest.mark.expects_log("bug")
@pytest.mark.expects_log("database")
def test_no_word_of_a_body_a_name_or_a_note_is_told(
    centre: Centre,
    application: InProcess,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    laptop = HttpLaptop("", enrol(centre, name=f"{NEEDLE} {ASCII}"))
    refused: list[Answered] = []

    def sync(body: bytes, query: str = "") -> Answered:
        headers = laptop.sign("POST", "/v1/sync", query, CONTENT_TYPE, body)
        answered = application.ask("POST", f"/v1/sync?{query}".rstrip("?"), headers, body)
        if answered.status != 200:
            refused.append(answered)
        return answered

    notes = Notebook()
    notes.create(numbered_id(100), visit_body(note=f"{NEEDLE} {ASCII}"), actor=ASCII, why=NEEDLE)
    notes.create(numbered_id(101), visit_body(**{ASCII: NEEDLE, "minutes": ASCII}))
    notes.create(numbered_id(102), {"name": NEEDLE}, "agent")
    notes.create(numbered_id(103), visit_body(), ASCII)
    notes.lines.append(f"{NEEDLE} {ASCII}".encode())
    good = notes.request(centre.epoch, pull={FEED: 0}, app=ASCII, nonce=NEEDLE)
    answer = codec.decode_answer(sync(codec.encode_request(good)).body)
    assert [result.r for result in answer.header.results] == ["quarantined"] * 3
    assert clean(repr(answer.header.results) + "".join(result.why for result in answer.header.results))

    sync(zstd.compress(f'{{"{ASCII}": "{NEEDLE}"}}'.encode()))
    sync(zstd.compress(f'{{"replica": "{ASCII}", "t": "{NEEDLE}"}}'.encode()))
    sync(codec.encode_request(Notebook().request(NEEDLE)))
    sync(ASCII.encode())
    sync(codec.encode_request(good), f"{ASCII}=1")
    refused.append(application.ask("POST", "/v1/sync", {"signature": ASCII, "cookie": ASCII}, ASCII.encode()))
    for target in (f"/v1/{ASCII}", f"/{ASCII}?{ASCII}={ASCII}", f"/v1/hello?replica={ASCII}"):
        path, _, query = target.partition("?")
        signed = laptop.sign("GET", path, query, "application/json", b"")
        refused.append(
            application.ask("GET", target, signed | {"user-agent": ASCII, "x-real-ip": ASCII}, b"")
        )
    code = make_code(centre, FEED, "agent", NOW).code
    request, _ = build_enroll_request(code, f"{NEEDLE} {ASCII}", signing.new_private_key())
    for raw in (
        {"ticket": request.ticket, "key": ASCII, "nonce": request.nonce, "name": NEEDLE, "mac": ASCII},
        {ASCII: NEEDLE},
        ASCII,
    ):
        refused.append(application.ask("POST", "/v1/enroll", {}, json.dumps(raw).encode()))

    def broken(*_: object) -> None:
        raise RuntimeError(f"{NEEDLE} {ASCII}")

    def locked(*_: object) -> None:
        from sqlalchemy.exc import OperationalError

        raise OperationalError(ASCII, {"name": NEEDLE}, Exception(NEEDLE))

    for fault in (broken, locked):
        monkeypatch.setattr("fsbus.server.sync.hello", fault)
        query = f"replica={Notebook().replica}"
        signed = laptop.sign("GET", "/v1/hello", query, "application/json", b"")
        refused.append(application.ask("GET", f"/v1/hello?{query}", signed, b""))

    counters = application.ask("GET", "/metrics", {}, b"").body.decode()
    assert "fsbus_requests_total" in counters
    assert clean(counters)
    lines = [json.loads(line) for line in told(caplog).splitlines()]
    assert sum(line["event"] == "request" for line in lines) >= 13
    assert {"bug", "database"} <= {line["event"] for line in lines}
    assert clean(told(caplog))
    assert {answered.status for answered in refused} >= {400, 401, 404, 409, 500, 503}
    assert all(clean(answered.body.decode() + str(answered.headers)) for answered in refused)


@pytest.mark.expects_log("uvicorn")
@pytest.mark.expects_log("sqlalchemy")
def test_words_of_libraries_are_dropped(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    try:
        raise ValueError(ASCII)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in %s", NEEDLE)
    logging.getLogger("sqlalchemy.engine").error(f"{NEEDLE} {ASCII}")
    lines = [json.loads(line) for line in told(caplog).splitlines()]
    assert lines == [
        {
            "at": "2026-11-24T08:00:00Z", "level": "error", "event": "Exception in %s", "logger": "uvicorn.error",
            "error": "ValueError",
        },
        {"at": "2026-11-24T08:00:00Z", "level": "error", "event": "foreign", "logger": "sqlalchemy.engine"},
    ]  # fmt: skip
