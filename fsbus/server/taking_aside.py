"""Takes in what a revoked laptop had sent, as its own, by the ordinary path and in its order."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fsbus.core.redaction import redacted
from fsbus.server import aside, tables
from fsbus.server.centre import Centre
from fsbus.server.database import select
from fsbus.server.devices import Device, the_device
from fsbus.server.sync import push
from fsbus.wire.api import Refused, Request, RequestHeader

_AT_ONCE = 1_000
"""Operations of one transaction."""


@redacted()
@dataclass(frozen=True)
class Hole:
    """Operations of a replica that never came: those after it stay aside."""

    replica: str
    first: int
    last: int


@redacted("taken")
@dataclass(frozen=True)
class TakenIn:
    """What became of what was kept of one laptop. ``results`` counts the operations that were not plain."""

    device: str
    taken: int
    results: Mapping[str, int]
    holes: tuple[Hole, ...]
    refused: tuple[str, ...]
    """Replicas of which the centre holds other operations under the same numbers, or that are another laptop's."""


def take(centre: Centre, device: str, now: datetime) -> TakenIn:
    """Take in what is kept of this laptop; what cannot be, stays. Raises InvalidInput (``device``)."""
    with centre.database.read() as connection:
        known = the_device(connection, device)
        kept = aside.kept_of(connection, known.id)
    taken, results = 0, Counter[str]()
    holes, refused = [], []
    for replica, runs in kept.items():
        begun = last = _last_of(centre, replica)
        try:
            for first, lines in runs:
                if first > last + 1:
                    holes.append(Hole(replica, last + 1, first - 1))
                    break
                for place in range(0, len(lines), _AT_ONCE):
                    part = lines[place : place + _AT_ONCE]
                    last = _push(centre, known, replica, first + place, part, results, now)
        except Refused:
            refused.append(replica)
            continue
        taken += last - begun
        aside.forget_up_to(centre.database, known.id, replica, last)
    centre.database.forget_erased()
    return TakenIn(known.id, taken, dict(results), tuple(holes), tuple(refused))


def _push(
    centre: Centre,
    device: Device,
    replica: str,
    first: int,
    lines: list[bytes],
    results: Counter[str],
    now: datetime,
) -> int:
    header = RequestHeader(replica, 0, first=first, n=len(lines))
    before = _last_of(centre, replica)
    reached, _, told = push(centre, device, Request(header, lines), now)
    results.update(one.r for one in told if one.seq > before)
    return reached


def _last_of(centre: Centre, replica: str) -> int:
    """The highest operation of this replica that the centre holds; 0 for one that it never met."""
    with centre.database.read() as connection:
        table = tables.replicas
        return int(connection.execute(select(table.c.last_seq).where(table.c.id == replica)).scalar() or 0)
