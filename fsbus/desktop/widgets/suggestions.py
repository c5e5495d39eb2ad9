"""One entry that a type-ahead field proposes; no Qt, so presenters may make them."""

from dataclasses import dataclass

from fsbus.core.redaction import redacted


@redacted()
@dataclass(frozen=True)
class Suggestion:
    """What is kept (``code``), what is read (``title``), what tells it apart (``detail``)."""

    code: str
    title: str
    detail: str = ""
