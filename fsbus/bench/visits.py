"""The list of 60,000 visits, narrowed and sorted in the real page, beside its bare statements."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from fsbus.actions.session import Session
from fsbus.bench import places
from fsbus.bench.measure import Figure, Pairs, seconds, slowest_twentieth
from fsbus.desktop.visits.narrowing import ORDERS, Typed
from fsbus.desktop.visits.presenter import AT_ONCE
from fsbus.store.visit_list import Wanted, counting, selecting

RUNS = 5
VISITS, WEEK = 60_000, 300
"""A made-up week holds no more: the list has as many as it takes."""
OUTCOMES = ("", "resolved", "follow_up", "referred")


def bench(runs: int | None) -> Iterator[Figure]:
    """``visits_p95``: the 95th percentile from asking to the list painted, beside that of its two bare statements,
    over every order and outcome, with and without a procedure."""
    with places.folder() as folder, places.laptop(folder / "home") as session:
        for _ in range(0, VISITS, WEEK):
            places.record_all(session, WEEK, 2 * WEEK)
        yield slowest_twentieth("visits_p95", _pairs(session, _asked(session), runs or RUNS))


def _asked(session: Session) -> list[Typed]:
    connection: Any = session.store.db.conn
    most = "SELECT procedure FROM procedure_records GROUP BY procedure ORDER BY count(*) DESC LIMIT 1"
    (used,) = connection.execute(most).fetchone()
    return [
        Typed(procedure=procedure, outcome=outcome, order=order)
        for procedure in ("", used)
        for outcome in OUTCOMES
        for order in ORDERS
    ]


def _pairs(session: Session, asked: Sequence[Typed], runs: int) -> Pairs:
    # Imported late: it brings Qt, which no other measurement needs.
    from fsbus.training.narrowed_visits import narrowing

    connection: Any = session.store.db.conn
    pairs: Pairs = []

    def bare(typed: Typed) -> None:
        wanted = Wanted(procedure=typed.procedure, outcome=typed.outcome)
        for sql, given in (counting(wanted), selecting(wanted, typed.order, 0, AT_ONCE)):
            connection.execute(sql, given).fetchall()

    with narrowing(session) as narrow:
        narrow(asked[0])
        for _ in range(runs):
            for typed in asked:
                limit = seconds(partial(bare, typed))
                pairs.append((narrow(typed), limit))
    return pairs
