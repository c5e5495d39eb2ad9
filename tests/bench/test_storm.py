"""A small storm on PostgreSQL gives its figures, and one that lost something gives none."""

import pytest

from fsbus.bench import databases, storm
from fsbus.bench.storm_clients import Outcome
from fsbus.bench.suite import BENCHES
from tests.postgresql import TestServer


def test_a_small_storm_gives_its_figures(postgresql: TestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(databases.GIVEN, postgresql.url)
    monkeypatch.setattr(storm, "DEVICES", 6)
    monkeypatch.setattr(storm, "VISITS", 3)
    monkeypatch.setattr(storm, "RECORDS", 5)
    figures = list(BENCHES["storm"](1))

    name = "storm-postgresql"
    assert [figure.name for figure in figures] == [
        name, f"{name}-requests_per_second", f"{name}-processor", f"{name}-push_p99", f"{name}-pull_p99",
    ]  # fmt: skip
    assert all(figure.median > 0 and figure.limit > 0 for figure in figures)


@pytest.mark.parametrize("lost", ["proved", "acked", "states"])
def test_a_storm_that_lost_something_gives_no_figure(lost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storm, "DEVICES", 2)
    whole = {"proved": 4, "acked": 20, "states": 20}
    storm._check([Outcome([], [], **whole)], 10)
    with pytest.raises(RuntimeError, match="lost"):
        storm._check([Outcome([], [], **(whole | {lost: whole[lost] - 1}))], 10)
