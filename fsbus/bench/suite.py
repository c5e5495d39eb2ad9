"""The measurements that `fsbus bench` knows, by name."""

from collections.abc import Callable, Iterator, Mapping

from fsbus.bench import day, form, road, save, search, start, storm, unlock, visits
from fsbus.bench.measure import Figure

BENCHES: Mapping[str, Callable[[int | None], Iterator[Figure]]] = {
    "start": start.bench,
    "save": save.bench,
    "search": search.bench,
    "form": form.bench,
    "day": day.bench,
    "road": road.bench,
    "visits": visits.bench,
    "unlock": unlock.bench,
    "storm": storm.bench,
}
