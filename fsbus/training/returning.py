"""The evening: a bad link for one laptop, a stick for the other, a conflict that they settle."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fsbus.actions.choosing import choose
from fsbus.core.clock import Clock
from fsbus.core.entities import LOCAL
from fsbus.server.bundles import answer_bundle
from fsbus.server.centre import open_centre
from fsbus.store import queries
from fsbus.sync.bundles import read_bundle, write_bundle
from fsbus.training.account import Step, files_with
from fsbus.training.laptops import sync

if TYPE_CHECKING:
    from fsbus.actions.session import Session

BITS, ROUND_TRIP = 256_000, 0.6
"""Bits a second each way, and seconds there and back: a bus at the edge of the network."""
CUTS = (2_500, 5_000)
"""Bytes after which the returning link breaks, once each."""
CHOSEN_FIELD = "note"


def by_bad_link(session: "Session", step: Step) -> None:
    """The first laptop sends its morning; the link breaks twice meanwhile."""
    exchange = dict(sync(session))
    step.figures |= {"bits_per_second": BITS, "round_trip": ROUND_TRIP, "exchange": exchange}
    # After a cut less is tried at once: there may be more requests than cuts and the first.
    step.check("la liaison s’est coupée", int(exchange["requests"]) - 1 >= len(CUTS), True)
    waited = exchange["seconds"] >= int(exchange["requests"]) * ROUND_TRIP
    step.check("chaque demande a attendu son aller-retour", waited, True)
    step.check("plus rien n’attend sur ce poste", session.store.pending_count(), 0)


@dataclass(frozen=True)
class Carrier:
    """Who carries the stick between a laptop without network and the centre behind ``url``."""

    folder: Path
    url: str
    clock: Clock
    needles: Sequence[str] = field(repr=False)

    def there_and_back(self, session: "Session", step: Step) -> None:
        """Write, answer at the centre, read; then everything once more, which changes nothing."""
        self.folder.mkdir(exist_ok=True)
        asked, given = self.folder / "fsbus.fsb", self.folder / "reponse.fsb"
        waiting = session.store.pending_count()
        written = write_bundle(session.store, asked, clock=self.clock)
        with closing(open_centre(self.url)) as centre:
            answered = answer_bundle(centre, asked.read_bytes(), clock=self.clock)
            again = answer_bundle(centre, asked.read_bytes(), clock=self.clock)
        given.write_bytes(answered.sealed)
        taken = read_bundle(session.store, given, clock=self.clock)
        given.write_bytes(again.sealed)
        twice = read_bundle(session.store, given, clock=self.clock)
        step.figures |= {
            "written": {"changes": written.changes, "bytes": written.bytes},
            "read": {"changes": taken.changes, "acked": taken.acked, "bytes": taken.bytes},
        }
        step.check("tout ce qui attendait est sur la clé USB", written.changes, waiting)
        step.check("le centre a tout pris", (dict(answered.refused), taken.acked), ({}, waiting))
        step.check("lue deux fois, elle n’apprend plus rien", (twice.acked, twice.conflicts), (0, 0))
        step.check("plus rien n’attend sur ce poste", session.store.pending_count(), 0)
        step.check("aucun texte lisible sur la clé USB", files_with(list(self.needles), self.folder), [])


def settle(
    first: "Session",
    second: "Session",
    step: Step,
    *,
    told: tuple[object, object],
    exchange: Callable[["Session"], object],
    look: Callable[[Sequence["Session"]], None],
) -> None:
    """Both laptops show the same conflict with both values, ``told`` as (kept, proposed); the first takes the
    proposed one, and both then show it. ``look`` is called while the conflict stands."""
    both = (first, second)
    seen = [
        [(one.id, one.field, one.central, one.local) for one in queries.open_conflicts(session.store.db)]
        for session in both
    ]
    step.figures["conflict"] = {"field": CHOSEN_FIELD, "central": told[0], "local": told[1]}
    step.check("les deux postes montrent le même désaccord", seen[0], seen[1])
    step.check("avec ses deux valeurs", [one[1:] for one in seen[0]], [(CHOSEN_FIELD, *told)])
    look(both)
    for conflict_id, *_ in seen[0]:
        choose(first, conflict_id, LOCAL)
    for session in both:
        exchange(session)
    left = [len(queries.open_conflicts(session.store.db)) for session in both]
    step.check("une fois choisi, rien ne reste à départager", left, [0, 0])
