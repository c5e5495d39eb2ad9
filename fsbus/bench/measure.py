"""Runs two ways of doing the same thing in turn, so that the machine's moods fall on both."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """Medians, in seconds, or in what the name ends with (bytes, requests); ``ratio`` is the median of the pairs'
    ratios, ours over the limit."""

    name: str
    median: float
    limit: float
    ratio: float
    runs: int

    def as_json(self) -> dict[str, object]:
        """As `fsbus bench` prints it, seconds to the microsecond."""
        return {
            "name": self.name,
            "median": round(self.median, 6),
            "limit": round(self.limit, 6),
            "ratio": round(self.ratio, 3),
            "runs": self.runs,
        }


def seconds(work: Callable[[], object]) -> float:
    """How long it took, by the monotonic clock."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


Pairs = list[tuple[float, float]]
"""(ours, the limit), in seconds."""


def in_turn(name: str, ours: Callable[[int], float], limit: Callable[[int], float], runs: int) -> Figure:
    """Measure ``ours(n)`` and ``limit(n)`` for n = 0 … runs, alternating who goes first.

    Each gives its own seconds; the first pair warms up and is not counted.
    """
    return middle(name, pairs_in_turn(ours, limit, runs))


def pairs_in_turn(ours: Callable[[int], float], limit: Callable[[int], float], runs: int) -> Pairs:
    """The pairs that `in_turn` takes the middle of."""
    pairs: Pairs = []
    for number in range(runs + 1):
        if number % 2:
            theirs = limit(number)
            pair = (ours(number), theirs)
        else:
            pair = (ours(number), limit(number))
        if number:
            pairs.append(pair)
    return pairs


def middle(name: str, pairs: Pairs) -> Figure:
    """The medians of the pairs."""
    return Figure(
        name=name,
        median=median(mine for mine, _ in pairs),
        limit=median(theirs for _, theirs in pairs),
        ratio=median(mine / theirs for mine, theirs in pairs),
        runs=len(pairs),
    )


def slowest_twentieth(name: str, pairs: Pairs) -> Figure:
    """The 95th percentile of each side, as ``median`` and ``limit``, and the ratio of the two."""
    mine, theirs = (sorted(side)[(95 * len(pairs) + 99) // 100 - 1] for side in zip(*pairs, strict=True))
    return Figure(name=name, median=mine, limit=theirs, ratio=mine / theirs, runs=len(pairs))
