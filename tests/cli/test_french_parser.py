"""All that the command line says of a wrong command, and its help, is French."""

import argparse
import re
from collections.abc import Iterator

import pytest

from fsbus.cli import build_parser, main
from fsbus.cli.french_parser import FrenchParser, in_french

ENGLISH = re.compile(
    r"\b(usage: |error|argument |arguments? are|required|invalid|unrecognized|expected|choose|could match|ambiguous"
    r"|not allowed|ignored|positional|show this|show program|this help|and exit)"
)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("init", "--bus", "x"), "fsbus init\u00a0: à indiquer\u00a0: --agent."),
        (("bundle",), "à indiquer\u00a0: write|read, FICHIER."),
        (("erase",), "l’un de ceux-ci est à indiquer\u00a0: --visit --resident."),
        (("erase", "--visit", "a", "--resident", "b"), "--resident\u00a0: ne va pas avec --visit."),
        (("status", "de", "trop"), "fsbus\u00a0: de trop, ou inconnu\u00a0: de trop."),
        (("status", "--inconnue"), "de trop, ou inconnu\u00a0: --inconnue."),
        (("nimporte",), "COMMANDE\u00a0: nimporte n’est pas un choix possible\u00a0; donnez open, demo, init,"),
        (("server", "nimporte"), "TÂCHE\u00a0: nimporte n’est pas un choix possible"),
        (("report", "--month", "2026-11", "--format", "doc"), "--format\u00a0: doc n’est pas un choix possible\u00a0; donnez csv, xlsx,"),
        (("find", "rsa", "--limit", "dix"), "--limit\u00a0: un nombre entier est attendu, dix n’en est pas un."),
        (("find", "rsa", "--limit"), "--limit\u00a0: une valeur est attendue."),
        (("check", "--repair=oui"), "--repair\u00a0: ne prend pas de valeur, et oui en est une."),
        (("server", "feed", "bus-3", "--re"), "--region\u00a0: une valeur est attendue."),
        (("enroll", "--s", "x", "--co"), "--code\u00a0: une valeur est attendue."),
        (("serve", "--l", "x"), "--l n’est pas assez précis\u00a0: --ledger, --listen\u202f?"),
    ],
)  # fmt: skip
def test_each_kind_of_refusal_is_french(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    said = refused(capsys, *words)
    assert said.startswith("usage\u00a0: fsbus")
    assert told in said
    assert ENGLISH.search(said) is None, said


def test_what_no_command_of_ours_says_yet_is_known_too() -> None:
    parser = FrenchParser(prog="x", exit_on_error=False)
    parser.add_argument("--two", nargs=2)
    parser.add_argument("--some", nargs="+")
    parser.add_argument("--one", nargs="?", type=float)
    told = []
    for words in (["--two", "a"], ["--some"], ["--one", "abc"]):
        with pytest.raises(argparse.ArgumentError) as caught:
            parser.parse_args(words)
        told.append(in_french(str(caught.value)))
    assert told == [
        "--two\u00a0: 2 valeurs sont attendues",
        "--some\u00a0: au moins une valeur est attendue",
        "--one\u00a0: abc ne peut pas être lu",
    ]
    # Python 3.12 and newer give the choices without quotes.
    newer = "argument --format: invalid choice: 'doc' (choose from csv, xlsx)"
    assert in_french(newer) == "--format\u00a0: doc n’est pas un choix possible\u00a0; donnez csv, xlsx"
    assert (
        in_french("argument --x: expected at most one argument")
        == "--x\u00a0: une valeur au plus est attendue"
    )
    assert in_french("unexpected option string: --x") == "option inconnue\u00a0: --x"


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from parsers(one)


def test_the_help_of_every_command_is_french() -> None:
    found = list(parsers(build_parser()))
    assert len(found) > 40
    for parser in found:
        shown = parser.format_help()
        assert shown.startswith("usage\u00a0: ")
        assert "montrer cette aide" in shown
        assert "options\u00a0:\n" in shown
        assert ENGLISH.search(shown) is None, shown
