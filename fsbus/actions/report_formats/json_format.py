"""Writes a report as one JSON object, for programs."""

import msgspec

from fsbus.core.month_figures import MonthReport


def as_json(report: MonthReport) -> bytes:
    """UTF-8, two spaces of indent, one newline at the end; the same bytes for the same report."""
    return msgspec.json.format(msgspec.json.encode(report.as_json()), indent=2) + b"\n"
