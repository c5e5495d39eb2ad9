"""What is wrong with a passphrase being chosen on a screen: the proposed one or one's own, retyped."""

from dataclasses import dataclass
from typing import Protocol

from fsbus.core.redaction import redacted


class Phrases(Protocol):
    """Generated passphrases, and what is wrong with one's own."""

    def new(self) -> str: ...

    def weakness(self, phrase: str) -> str | None:
        """Why it is too easy to guess, in French; None when it is good."""


@redacted("own", "noted")
@dataclass(frozen=True)
class TypedPhrase:
    """What stands in the fields. ``own``: the agent's own phrase is chosen, not the proposed one."""

    own: bool
    chosen: str
    again: str
    noted: bool

    def wanted(self, proposed: str) -> str:
        """The passphrase that this stands for."""
        return self.chosen if self.own else proposed


def problems_of(phrases: Phrases, proposed: str, typed: TypedPhrase) -> dict[str, str]:
    """Field (``passphrase``, ``again``, ``noted``) to what is wrong with it; empty when all is well."""
    problems: dict[str, str] = {}
    wanted, again = typed.wanted(proposed), typed.again
    weakness = phrases.weakness(wanted) if typed.own else None
    if weakness:
        problems["passphrase"] = weakness
    elif again != wanted if typed.own else again.split() != wanted.split():
        problems["again"] = "Les deux phrases ne sont pas les mêmes\u00a0: retapez-la mot à mot."
    if not typed.own and not typed.noted:
        problems["noted"] = "Notez d’abord la phrase sur papier\u00a0: sans elle, rien ne s’ouvrira."
    return problems
