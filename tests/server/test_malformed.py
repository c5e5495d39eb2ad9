"""Whatever is asked, however spoilt, the centre refuses it in words: no bug, no memory, no change."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fsbus.server.admin import check
from fsbus.server.centre import Centre
from fsbus.wire import signing
from fsbus.wire.codec import decode_answer
from tests.server.application import InProcess
from tests.server.laptop import FEED, Notebook, numbered_id, visit_body
from tests.server.spoilt import Spoiler

MEGABYTE = 1024 * 1024


@pytest.fixture
def application(centre: Centre) -> Iterator[InProcess]:
    made = InProcess(centre)
    yield made
    made.close()


def resident() -> int:
    """Bytes of memory that this process really holds; 0 where the system does not tell."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return 1024 * int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def campaign(
    centre: Centre, application: InProcess, seed: int, count: int
) -> tuple[Counter[int], float, int]:
    """Ask ``count`` spoilt requests: statuses, the longest seconds, and how far the memory grew."""
    spoiler = Spoiler(centre, random.Random(seed))
    statuses: Counter[int] = Counter()
    slowest, most, before = 0.0, 0, 0
    for number in range(count):
        method, target, headers, body = spoiler.request()
        started = time.perf_counter()
        answered = application.ask(method, target, headers, body)
        slowest = max(slowest, time.perf_counter() - started)
        assert answered.status < 500, (seed, number, method, target, answered.status)
        signature = signing.request_signature({name.lower(): value for name, value in headers.items()})
        if signature is not None and answered.headers.get("signature"):
            signing.verify_answer(
                status=answered.status,
                headers=answered.headers,
                body=answered.body,
                answered=signature,
                public_key=centre.public_key,
            )
        statuses[answered.status] += 1
        if number == count // 10:
            before = resident()
        most = max(most, resident() if number % 50 == 0 else 0)
    return statuses, slowest, most - before


def test_hundreds_of_spoilt_requests_are_refused(centre: Centre, application: InProcess) -> None:
    statuses, _, _ = campaign(centre, application, 1, 400)
    assert {200, 400, 401, 403, 404, 413} <= set(statuses)
    still_works(centre, application)


@pytest.mark.torture
def test_twenty_thousand_spoilt_requests_are_refused(
    centre: Centre, application: InProcess, figures: Callable[[str], None]
) -> None:
    statuses, slowest, grown = campaign(centre, application, 2026, 20_000)
    figures(
        f"spoilt requests: {dict(sorted(statuses.items()))}, slowest {slowest:.2f} s, memory +{grown / MEGABYTE:.1f} MiB"
    )
    assert grown <= 64 * MEGABYTE
    assert slowest <= 10.0
    still_works(centre, application)


def still_works(centre: Centre, application: InProcess) -> None:
    """The database agrees with itself, and an honest laptop is served."""
    assert check(centre).problems == ()
    spoiler = Spoiler(centre, random.Random(0))
    notes = Notebook()
    notes.create(numbered_id(2**40), visit_body())
    from fsbus.wire.codec import encode_request

    asked = spoiler.signed("POST", "/v1/sync", encode_request(notes.request(centre.epoch, pull={FEED: 0})))
    answered = application.ask(*asked)
    assert answered.status == 200
    assert decode_answer(answered.body).header.acked == 1
