"""The figures of one month as they are shown, written and sent: totals and tables of counts."""

import re
from dataclasses import asdict, dataclass

from fsbus.core.redaction import redacted

VISITS = "visits"
RECORDS = "records"
WORKSHOPS, PARTICIPANTS, ARRIVALS = "workshops", "participants", "arrivals"
FORMAT = "fsbus.month_report/1"
"""Name and version of the JSON form."""


_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@redacted()
@dataclass(frozen=True)
class Row:
    """One line: ``count`` out of the table's total, ``share`` between 0 and 1 (4 decimals).

    A masked cell has neither. ``share`` is also None when the total is 0. ``code`` is empty for
    what was not said.
    """

    code: str
    label: str
    count: int | None
    share: float | None


@redacted()
@dataclass(frozen=True)
class Table:
    """Counts of ``unit`` (`VISITS`, `RECORDS`, `WORKSHOPS`, `PARTICIPANTS` or `ARRIVALS`) by one criterion.

    ``partition``: each one is counted in one row exactly, so the rows add up to ``total``.
    ``personal``: the criterion describes people, so small cells never leave (`fsbus.core.anonymity`).
    """

    name: str
    title: str
    unit: str
    total: int
    rows: tuple[Row, ...]
    partition: bool = True
    personal: bool = False


@dataclass(frozen=True)
class Totals:
    """The figures of the whole month; minutes as recorded; shares between 0 and 1, None when empty.

    ``to_answer`` counts records whose outcome is not an ending, ``answered`` those among them with
    a precise answer. ``mean_wait``: minutes, of those who were received; ``gave_up`` and ``booked`` left the queue
    before.
    """

    visits: int
    records: int
    minutes: int
    mean_minutes: float | None
    first_visits: int
    days_open: int
    stops: int
    resolved: int
    share_resolved: float | None
    to_answer: int
    answered: int
    share_answered: float | None
    workshops: int = 0
    participants: int = 0
    workshop_minutes: int = 0
    arrived: int = 0
    received: int = 0
    gave_up: int = 0
    booked: int = 0
    mean_wait: float | None = None


@redacted()
@dataclass(frozen=True)
class MonthReport:
    """One month of one bus (or feed); ``threshold`` is 0 while nothing is masked."""

    month: str
    bus: str
    generated_on: str
    totals: Totals
    tables: tuple[Table, ...]
    threshold: int = 0

    @property
    def masked(self) -> bool:
        """Whether small cells about people were masked, so that the report may leave."""
        return self.threshold > 0

    def table(self, name: str) -> Table:
        """The table of this name; KeyError when there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    def as_json(self) -> dict[str, object]:
        """One JSON object; the same report always gives the same one."""
        return {
            "format": FORMAT,
            "month": self.month,
            "bus": self.bus,
            "generated_on": self.generated_on,
            "masked": self.masked,
            "threshold": self.threshold,
            "totals": asdict(self.totals),
            "tables": [
                asdict(table) | {"rows": [asdict(row) for row in table.rows]} for table in self.tables
            ],
        }


def one_line(text: str) -> str:
    """The text as a label on one line, without what breaks a page, a file or its reading order.

    Control characters, surrogates and the non-characters that XML refuses become U+FFFD; marks
    that turn the direction of the text are left out; no-break spaces stay.
    """
    line = re.sub(r"[^\S\u00a0\u202f]+", " ", _TURNING.sub("", text)).strip()
    return _UNREADABLE.sub("\ufffd", line)


def share_of(count: int, total: int) -> float | None:
    """The share to 4 decimals, None of nothing."""
    return round(count / total, 4) if total else None
