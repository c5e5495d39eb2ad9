"""Which stops the bus makes on which days: the circuit, and what was changed of it on single days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from fsbus.core import recurrence
from fsbus.core.circuit import Passage, Stop
from fsbus.core.ids import derived_id
from fsbus.core.redaction import redacted


@redacted("passage_id", "stop_id", "day")
@dataclass(frozen=True)
class Planned:
    """One stop on one day; ``passage`` is what was recorded of it, None while nothing was.

    ``passage_id`` is the id that its record has or will have: the same on every laptop of a bus. ``stop_id`` is None
    for a stop that the circuit does not have.
    """

    passage_id: str
    day: str
    commune: str
    place: str
    opens_at: str | None
    closes_at: str | None
    stop_id: str | None
    passage: Passage | None = None

    @property
    def is_held(self) -> bool:
        """Whether the bus comes, as far as is known."""
        return self.passage is None or not (self.passage.cancelled or self.passage.postponed_to)


def passage_id(stop_id: str, day: str) -> str:
    """The id of a stop's passage on a day, so that two laptops of one bus fill the same record."""
    return derived_id(f"passage:{stop_id}:{day}")


def plan(stops: Iterable[Stop], passages: Iterable[Passage], first: str, last: str) -> list[Planned]:
    """What is planned from one day to another, both included, by day and hour; cancelled ones too (`Planned.is_held`).

    ``passages``: those recorded of these days, and those of other days that were postponed to one of them. What a
    passage says of itself goes before what its stop says today.
    """
    here = {stop.id: stop for stop in stops}
    found: dict[str, Planned] = {}
    for stop in here.values():
        for day in recurrence.days(stop, date.fromisoformat(first), date.fromisoformat(last)):
            one = _from_stop(stop, day.isoformat())
            found[one.passage_id] = one
    recorded = list(passages)
    for passage in recorded:
        if passage.postponed_to and first <= passage.postponed_to <= last:
            one = _moved(passage, passage.postponed_to, here.get(passage.stop_id or ""))
            found.setdefault(one.passage_id, one)
    for passage in recorded:
        if first <= passage.day <= last:
            found[passage.id] = _as_recorded(passage, found.get(passage.id))
    return sorted(found.values(), key=lambda one: (one.day, one.opens_at or "", one.place, one.passage_id))


def _from_stop(stop: Stop, day: str) -> Planned:
    return Planned(
        passage_id(stop.id, day), day, stop.commune, stop.place, stop.opens_at, stop.closes_at, stop.id
    )


def _moved(passage: Passage, day: str, stop: Stop | None) -> Planned:
    return Planned(
        passage_id(passage.stop_id or passage.id, day),
        day,
        passage.commune,
        passage.place or (stop.place if stop else ""),
        passage.opens_at or (stop.opens_at if stop else None),
        passage.closes_at or (stop.closes_at if stop else None),
        passage.stop_id,
    )


def _as_recorded(passage: Passage, planned: Planned | None) -> Planned:
    return Planned(
        passage.id,
        passage.day,
        passage.commune,
        passage.place or (planned.place if planned else ""),
        passage.opens_at or (planned.opens_at if planned else None),
        passage.closes_at or (planned.closes_at if planned else None),
        passage.stop_id,
        passage,
    )
