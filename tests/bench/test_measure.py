"""The measurements: pairs in turn, a ratio of pairs, and figures that can be read."""

import pytest

from fsbus.bench import unlock, visits
from fsbus.bench.measure import in_turn, slowest_twentieth
from fsbus.bench.suite import BENCHES
from fsbus.store import key_cost
from fsbus.store.key_slots import FLOOR


def test_who_goes_first_alternates_and_the_first_pair_is_not_counted() -> None:
    order: list[str] = []

    def ours(number: int) -> float:
        order.append(f"o{number}")
        return 100.0 if number == 0 else 3.0

    def limit(number: int) -> float:
        order.append(f"l{number}")
        return 2.0

    figure = in_turn("x", ours, limit, 3)

    assert order == ["o0", "l0", "l1", "o1", "o2", "l2", "l3", "o3"]
    assert figure.as_json() == {"name": "x", "median": 3.0, "limit": 2.0, "ratio": 1.5, "runs": 3}


def test_each_measurement_runs_and_gives_its_figure() -> None:
    figures = [figure for name in ("save", "search") for figure in BENCHES[name](2)]

    names = [figure.name for figure in figures]
    assert names == ["save", "save_p95", "search", "search_procedures", "answers_p95"]
    assert all(figure.median > 0 and figure.limit > 0 for figure in figures)


def test_the_list_of_visits_is_measured_in_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "VISITS", 150)
    monkeypatch.setattr(visits, "WEEK", 75)
    [figure] = BENCHES["visits"](1)

    assert (figure.name, figure.runs) == ("visits_p95", 40)
    assert figure.median > 0
    assert figure.limit > 0


def test_the_slowest_twentieth_leaves_five_in_a_hundred_above() -> None:
    figure = slowest_twentieth("x", [(float(number), 2.0) for number in range(1, 101)])

    assert figure.as_json() == {"name": "x", "median": 95.0, "limit": 2.0, "ratio": 47.5, "runs": 100}


def test_unlocking_is_measured_with_one_agent_and_with_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_cost, "measured_cost", lambda: FLOOR)
    monkeypatch.setattr(unlock, "AGENTS", (1, 2))
    figures = list(BENCHES["unlock"](1))

    assert [figure.name for figure in figures] == ["unlock-1", "unlock-2"]
    assert all(figure.median > 0 and figure.limit > 0 for figure in figures)
