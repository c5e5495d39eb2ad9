"""A line of the sidebar, as values: the words of a page, its group, its keys; no Qt."""

from dataclasses import dataclass

from fsbus.core.redaction import redacted

DAY, PEOPLE, CENTRE = "day", "people", "centre"
"""Groups of the sidebar: a thin line stands between two of them."""


@redacted()
@dataclass(frozen=True)
class Entry:
    """One page: ``name`` is its name in the code, ``words`` what is read."""

    name: str
    words: str
    group: str
    digit: str = ""
    """Opens it with Alt. An entry without one is shown only while something is under way there."""
    also: str = ""
    """Another key that opens it, for what is wanted in the middle of something (``Ctrl+K``)."""

    @property
    def key(self) -> str:
        """The key that opens it; empty when it has none."""
        return f"Alt+{self.digit}" if self.digit else ""
