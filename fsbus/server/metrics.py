"""Counts what the centre does, for monitoring: no personal data, and labels of closed lists only."""

import os
from collections.abc import Mapping
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector

from fsbus.core.merge import CONFLICTED, ERASED, MERGED, QUARANTINED, UNCHANGED

CONTENT_TYPE = CONTENT_TYPE_LATEST
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable, of the library: where several processes keep their counters."""
_RESULTS = frozenset({UNCHANGED, MERGED, CONFLICTED, ERASED, QUARANTINED})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """The counters of one process; `text` tells those of all processes that share the folder."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = self._counter("requests", "Requests, by route and status.", "route", "status")
        self._problems = self._counter("refusals", "Refusals, by route and problem.", "route", "problem")
        self._bytes = self._counter("body_bytes", "Bytes of bodies, by route.", "route", "direction")
        self._operations = self._counter("operations", "Operations received, those sent again included.")
        self._states = self._counter("states", "Record states sent.")
        self._results = self._counter(
            "results", "Results told to laptops; plain ones are not told.", "result"
        )
        self._database = self._counter("database_errors", "Times that the database refused or was away.")
        self._seconds = Histogram(
            "fsbus_request_seconds", "Seconds from the first byte of a request to the last of its answer.",
            ["route"], buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip

    def request(self, route: str, status: int, seconds: float, received: int, sent: int) -> None:
        """One request that was answered; ``route`` is a template of the table."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        self._bytes.labels(route, "in").inc(received)
        self._bytes.labels(route, "out").inc(sent)

    def refusal(self, route: str, problem: str) -> None:
        """One refusal; ``problem`` is a code of PROTOCOL.md."""
        self._problems.labels(route, problem).inc()

    def exchange(self, counts: Mapping[str, int]) -> None:
        """What one exchange carried: ``operations``, ``states``, and each result by its name."""
        self._operations.inc(counts.get("operations", 0))
        self._states.inc(counts.get("states", 0))
        for result in _RESULTS & counts.keys():
            self._results.labels(result).inc(counts[result])

    def database_error(self) -> None:
        self._database.inc()

    def text(self) -> bytes:
        """Everything, in the format of Prometheus."""
        if FOLDER not in os.environ:
            return generate_latest(self._registry)
        whole = CollectorRegistry()
        MultiProcessCollector(whole)  # type: ignore[no-untyped-call]  # not typed by the library
        return generate_latest(whole)

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"fsbus_{name}", words, labels, registry=self._registry)


def share_counters(folder: Path, place: int) -> None:
    """Keep this process's counters in ``folder``, in the files of its place among the others.

    Before the first `Metrics`, once in a process. A process that takes a dead one's place goes on counting
    in its files, so the folder does not grow and no counter goes down.
    """
    os.environ[FOLDER] = str(folder)
    values.ValueClass = values.MultiProcessValue(lambda: place)  # type: ignore[no-untyped-call]  # not typed there
