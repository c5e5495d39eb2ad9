"""Facts to be read, as values; no Qt, so presenters may make them."""

from dataclasses import dataclass

from fsbus.core.redaction import redacted

Fact = tuple[str, str]
"""What it is about, and what is known of it, both in French."""


@redacted()
@dataclass(frozen=True)
class ToldCard:
    """A heading, a word beside it, and the facts below."""

    heading: str
    aside: str
    facts: tuple[Fact, ...]

    def in_words(self) -> str:
        """The facts as one text, for a screen reader."""
        return " ; ".join(f"{name} : {value}" for name, value in self.facts)
