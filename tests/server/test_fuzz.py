"""Messages spoilt in any place are refused in words: never a bug, never a change."""

import copy
import random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsbus.server.admin import check
from fsbus.server.centre import Centre
from fsbus.server.direct import DirectApi
from fsbus.server.serving import EmbeddedCentre
from fsbus.wire import codec
from fsbus.wire.api import Refused
from fsbus.wire.version import CONTENT_TYPE
from tests.server.conftest import Door
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


def day() -> Notebook:
    notes = Notebook()
    for number in range(3):
        notes.create(numbered_id(100 + number), visit_body(), actor=numbered_id(1), hlc="1764000000000.0001")
        notes.create(numbered_id(200 + number), record_body(numbered_id(100 + number)), "procedure_record")
    notes.amend(numbered_id(100), 1, minutes=40)
    notes.add("erase", numbered_id(101), why="demande de la personne")
    return notes


def test_a_spoilt_message_is_refused_over_http(centre_url: str) -> None:
    chance = random.Random(2026)
    with EmbeddedCentre(centre_url, clock=still_clock()) as served:
        laptop = HttpLaptop(served.url, enrol(served.centre))
        good = codec.encode_request(day().request(served.centre.epoch, pull={FEED: 0}))
        statuses = set()
        for number in range(150):
            body = bytearray(good)
            for _ in range(chance.randint(1, 3)):
                body[chance.randrange(len(body))] = chance.randrange(256)
            if number % 3 == 0:
                del body[chance.randrange(len(body)) :]
            status, _ = laptop.call("POST", "/v1/sync", "", CONTENT_TYPE, bytes(body))
            statuses.add(status)
        for name in ("signature", "signature-input", "content-digest", "fsbus-audience", "content-type"):
            headers = laptop.sign("POST", "/v1/sync", "", CONTENT_TYPE, good)
            for _ in range(10):
                value = list(headers[name])
                value[chance.randrange(len(value))] = chr(chance.randrange(0x21, 0x7F))
                spoilt = headers | {name: "".join(value)}
                status, _, _ = send(served.url, "POST", "/v1/sync", spoilt, good)
                statuses.add(200 if spoilt == headers else status)
        assert max(statuses) < 500
        assert 400 in statuses
        assert 401 in statuses
        assert check(served.centre).problems == ()


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 7),
            st.sampled_from(["seq", "record", "kind", "verb", "base", "actor", "hlc", "schema", "why"]),
            values,
        )
        | st.tuples(st.integers(0, 7), st.sampled_from([*visit_body(), *record_body(""), "later"]), values),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_in_any_field_of_an_operation_is_taken_or_put_aside(
    centre: Centre, door: Door, spoils: list[tuple[int, str, object]]
) -> None:
    api, notes = door(), day()
    for number, name, value in spoils:
        line = msgspec.json.decode(notes.lines[number])
        into = (
            line
            if name in ("seq", "record", "kind", "verb", "base", "actor", "hlc", "schema", "why")
            else line.setdefault("set", {})
        )
        if isinstance(into, dict):
            into[name] = copy.deepcopy(value)
        notes.lines[number] = msgspec.json.encode(line)
    answer = api.exchange(notes.request(centre.epoch, pull={FEED: 0}))
    assert answer.header.acked == len(notes.lines)
    again = api.exchange(notes.request(centre.epoch, pull={FEED: 0}))
    assert again.header.results == answer.header.results
    assert check(centre).problems == ()


@given(
    st.dictionaries(
        st.sampled_from(["replica", "t", "epoch", "first", "pull", "proto", "max"]), values, min_size=1
    )
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_in_any_field_of_the_header_is_taken_or_refused(
    centre: Centre, door: Door, spoils: dict[str, object]
) -> None:
    api: DirectApi = door()
    notes = day()
    header = msgspec.to_builtins(notes.request(centre.epoch, pull={FEED: 0}).header) | spoils
    from backports import zstd

    body = zstd.compress(b"\n".join([msgspec.json.encode(header), *notes.lines]))
    try:
        api.exchange(codec.decode_request(body))
    except (codec.Malformed, Refused):
        return
    with pytest.raises(Refused, match="forked"):
        door().exchange(codec.decode_request(body))
