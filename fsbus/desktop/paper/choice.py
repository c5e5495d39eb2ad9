"""What the agent chose on the « Imprimer » page, as values."""

from dataclasses import dataclass

from fsbus.core.redaction import redacted


@redacted()
@dataclass(frozen=True)
class PaperChoice:
    """Which sheet, on which paper (codes), and the person's name when the agent ticked that it is to be written."""

    kind: str
    paper: str
    name: str = ""
