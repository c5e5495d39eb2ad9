"""What the agent asked of the list, as typed; and the words of its orders."""

from dataclasses import dataclass

from fsbus.core.redaction import redacted
from fsbus.store.visit_list import BY_AGENT, LONGEST, NEWEST, OLDEST, SHORTEST

ORDERS = {
    NEWEST: "Les plus récentes",
    OLDEST: "Les plus anciennes",
    LONGEST: "Les plus longues",
    SHORTEST: "Les plus courtes",
    BY_AGENT: "Par agent",
}


@redacted()
@dataclass(frozen=True)
class Typed:
    """The fields of the page, as they stand; days as written, the others as codes."""

    first: str = ""
    last: str = ""
    commune: str = ""
    procedure: str = ""
    outcome: str = ""
    agent_id: str = ""
    order: str = NEWEST
