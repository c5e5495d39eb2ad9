"""Says which feeds a role reads and changes, and which feeds hold nothing real."""

from fsbus.server import tables
from fsbus.server.database import Column, Condition, Connection, select

AGENT, COORDINATOR, TRAINER = "agent", "coordinator", "trainer"
ROLES = (AGENT, COORDINATOR, TRAINER)
TRAINING = "training-"
"""How the name of a feed begins where everything is made up."""


def is_training(feed: str) -> bool:
    """Whether nothing real is in this feed."""
    return feed.startswith(TRAINING)


def may_have(role: str, feed: str) -> bool:
    """Whether a device of this role may have this home feed: training feeds are for trainers, and only they."""
    return (role == TRAINER) == is_training(feed)


def granted(connection: Connection, role: str, feed: str) -> tuple[str, ...]:
    """The feeds that a device of this role and home feed reads and changes, its home first."""
    if role != COORDINATOR:
        return (feed,)
    table = tables.feeds
    of_region = connection.execute(
        select(table.c.name).where(table.c.region == feed, real(table.c.name)).order_by(table.c.name)
    ).scalars()
    return (feed, *(name for name in of_region if name != feed))


def real(column: "Column[str]") -> Condition:
    """The condition that a column of feed names holds a feed where something real is."""
    return ~column.startswith(TRAINING, autoescape=True)
