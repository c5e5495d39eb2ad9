"""An argument parser that speaks French: its headings, its help, and what it refuses."""

import argparse
import re
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

_HELP = "montrer cette aide, sans rien faire d’autre"
_SENTENCES: tuple[tuple[str, Callable[..., str]], ...] = (
    (r"the following arguments are required: (.+)", "à indiquer\u00a0: {}".format),
    (r"one of the arguments (.+) is required", "l’un de ceux-ci est à indiquer\u00a0: {}".format),
    (r"unrecognized arguments: (.+)", "de trop, ou inconnu\u00a0: {}".format),
    (r"ambiguous option: (.+) could match (.+)", "{} n’est pas assez précis\u00a0: {}\u202f?".format),
    (r"not allowed with argument (.+)", "ne va pas avec {}".format),
    (r"ignored explicit argument (.+)", "ne prend pas de valeur, et {} en est une".format),
    (r"expected one argument", "une valeur est attendue".format),
    (r"expected at most one argument", "une valeur au plus est attendue".format),
    (r"expected at least one argument", "au moins une valeur est attendue".format),
    (r"expected (\d+) arguments?", "{} valeurs sont attendues".format),
    (r"invalid int value: (.+)", "un nombre entier est attendu, {} n’en est pas un".format),
    (r"invalid \S+ value: (.+)", "{} ne peut pas être lu".format),
    (r"invalid choice: (.+) \(choose from (.+)\)", "{} n’est pas un choix possible\u00a0; donnez {}".format),
    (r"unexpected option string: (.+)", "option inconnue\u00a0: {}".format),
)
"""What argparse says of what was typed, Python 3.11 to 3.13, and the same in French."""


class FrenchParser(argparse.ArgumentParser):
    """As its parent; the parsers of its commands are of this class too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": _Formatter, **options})
        self._positionals.title, self._optionals.title = "arguments", "options"
        for action in self._actions:
            if action.dest == "help":
                action.help = _HELP

    def error(self, message: str) -> NoReturn:
        """Say in French what is wrong, with the usage, and end with status 2."""
        self.exit(2, f"{self.format_usage()}{self.prog}\u00a0: {in_french(message)}.\n")


class _Formatter(argparse.HelpFormatter):
    def start_section(self, heading: str | None) -> None:
        super().start_section(heading and f"{heading}\u00a0")

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: "Iterable[argparse._MutuallyExclusiveGroup]",
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, "usage\u00a0: " if prefix is None else prefix)


def in_french(message: str) -> str:
    """What argparse says, in French; as it is when nobody foresaw it."""
    named = re.fullmatch(r"argument (.+?): (.+)", message, re.DOTALL)
    if named is not None:
        return f"{named[1]}\u00a0: {in_french(named[2])}"
    for pattern, sentence in _SENTENCES:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found is not None:
            return sentence(*(part.replace("'", "") for part in found.groups()))
    return message
