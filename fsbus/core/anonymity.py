"""Masks the small cells of a report that describe people, so that no one can work them out again.

Source: the rules of statistical secrecy (primary and complementary suppression). A criterion that
describes people (age, gender, autonomy, satisfaction, commune of residence) may single someone out
in a small place; counts of what the bus did (days, stops, procedures, partners…) stay whole.
"""

from collections.abc import Sequence
from dataclasses import replace

from fsbus.core.month_figures import MonthReport, Row, Table, share_of

THRESHOLD = 5
"""A count from 1 to 4 about people is never shown."""

OTHERS = "others"
MASKED = "masqué"
"""What stands in place of a masked figure."""


def anonymous(report: MonthReport, threshold: int = THRESHOLD) -> MonthReport:
    """The report as it may leave, in every format, from the bus and from the centre alike.

    Communes of residence under the threshold are rolled up into « Autres communes »; the other
    cells about people are masked, together with enough others that no masked one follows by
    subtraction. A report already masked as much is returned as it is. ValueError under 2: nothing
    would be hidden.
    """
    if threshold < 2:
        raise ValueError("a threshold of 2 at least")
    if report.threshold >= threshold:
        return report
    if report.masked:
        raise ValueError("already masked under a lower threshold: mask the whole report instead")
    return replace(
        report, threshold=threshold, tables=tuple(_protected(table, threshold) for table in report.tables)
    )


def _protected(table: Table, threshold: int) -> Table:
    if not table.personal:
        return table
    if table.name == "resident_commune":
        return _rolled_up(table, threshold)
    counts = [row.count or 0 for row in table.rows]
    hidden = _hidden(counts, threshold)
    if hidden is None:
        # Too few people in all: a zero beside them would tell as much as the figure.
        hidden = set(range(len(counts)))
    rows = (
        replace(row, count=None, share=None) if place in hidden else row
        for place, row in enumerate(table.rows)
    )
    return replace(table, rows=tuple(rows))


def _rolled_up(table: Table, threshold: int) -> Table:
    """Small communes under one name, with the next smallest when their sum would still tell."""
    named = [row for row in table.rows if row.code]
    unsaid = [row for row in table.rows if not row.code]
    counts = [row.count or 0 for row in named]
    hidden = _hidden(counts, threshold)
    if hidden is None:
        hidden = set(range(len(counts)))
        if 0 < sum(counts) < threshold and unsaid:
            # So few people in all that even « some other commune » is too much.
            return replace(
                table, rows=(_others("Non communiqué ou autres communes", table.total, table.total),)
            )
    if not hidden:
        return table
    rolled = sum(counts[place] for place in hidden)
    kept = [row for place, row in enumerate(named) if place not in hidden]
    return replace(table, rows=(*kept, _others("Autres communes", rolled, table.total), *unsaid))


def _others(label: str, count: int, total: int) -> Row:
    return Row(OTHERS, label, count, share_of(count, total))


def _hidden(counts: Sequence[int], threshold: int) -> set[int] | None:
    """The places to hide: the small cells, and the next smallest ones until nothing can be deduced.

    Each hidden cell is known to be 1 at least. The hidden sum is known too (total less what is
    shown), so it must leave each hidden cell able to be anything from 1 to the threshold.
    None when all the cells together are not enough.
    """
    hidden = {place for place, count in enumerate(counts) if 0 < count < threshold}
    if not hidden:
        return set()
    others = [place for place, count in enumerate(counts) if count >= threshold]
    others.sort(key=lambda place: counts[place], reverse=True)
    # A lone small cell is never enough by itself: its sum is under the threshold.
    while sum(counts[place] for place in hidden) < threshold + len(hidden) - 1:
        if not others:
            return None
        hidden.add(others.pop())
    return hidden
