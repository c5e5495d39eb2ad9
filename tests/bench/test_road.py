"""The works of the road run at a small size, and count what travels."""

import json

import pytest

from fsbus.bench import databases, road
from fsbus.bench.counting import Messages
from fsbus.bench.measure import Figure


def test_every_work_gives_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in {
        "VISITS": 12,
        "RECORDS": 24,
        "HISTORY": 90,
        "NEW": 6,
        "CHANGED": 2,
        "LAPTOPS": 3,
        "EACH": 6,
    }.items():
        monkeypatch.setattr(road, name, size)
    # One kind is enough here: the centre's own tests run on both.
    monkeypatch.setattr(databases, "find_spec", lambda _: None)
    monkeypatch.delenv(databases.GIVEN, raising=False)
    figures: dict[str, Figure] = {figure.name: figure for figure in road.bench(1)}
    assert len(figures) == 5 * 4
    assert all(figure.median > 0 for figure in figures.values())
    assert figures["w4_idle_sqlite_requests"].median == figures["w2_increment_sqlite_requests"].median == 1
    assert figures["w4_idle_sqlite_up"].median <= 1_100
    assert figures["w4_idle_sqlite_down"].median <= 800
    assert json.dumps(figures["w1_week_sqlite"].as_json())


@pytest.mark.parametrize("size", [1, 7, 64, 1_000])
def test_messages_are_counted_wherever_they_are_cut(size: int) -> None:
    message = (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n\r\n\r\n!"
        + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    messages, sent = Messages(), message * 3
    count = sum(messages.feed(sent[at : at + size]) for at in range(0, len(sent), size))
    assert count == 6
