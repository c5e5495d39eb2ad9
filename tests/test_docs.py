"""Check that every path and every command that the documents name exists, so that none of them lies."""

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from fsbus.cli import build_parser

ROOT = Path(__file__).resolve().parent.parent
REQUIRED = [
    "README.md",
    "CHANGELOG.md",
    "fsbus/ARCHITECTURE.md",
    "fsbus/wire/PROTOCOL.md",
    "fsbus/server/DEPLOYMENT.md",
]
DOCUMENTS = [
    *REQUIRED,
    *(path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob("installers/**/README.md"))),
]

# Made by a command (or signed by a coordinator), so absent from a fresh checkout; and the source data that `make data` is given.
MADE = ("trust.json", "demo-out", ".venv", "fsbus-ready", "../shared/data", "dist/", "build/")
SUFFIXES = (".py", ".md", ".toml", ".txt", ".json", ".png", ".svg", ".csv", ".xml", ".sqlite", ".yml")


def code_in(document: str) -> Iterator[tuple[int, str, bool]]:
    """Line number, code, and whether it stands in a block of its own, for all code of a Markdown text."""
    fenced = False
    for number, line in enumerate(document.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced:
            yield number, line.strip().removeprefix("$ "), True
        else:
            yield from ((number, span, False) for span in re.findall(r"`([^`]+)`", line))


def looks_like_path(word: str) -> bool:
    if re.search(r"[\s<>{}*?…=|:%\"'()]", word) or word.startswith(("/", "~", "-", "$", "@")):
        return False
    if word.endswith(SUFFIXES):
        return True
    return "/" in word and (ROOT / word.split("/", maxsplit=1)[0]).exists()


def path_exists(word: str, document: str) -> bool:
    """A path starts at the top, in the document's folder, in a package (`core/visits.py`), or is a name."""
    if word.startswith(MADE):
        return True
    word = word.replace("\\", "/")
    return any(
        (base / word).exists() for base in (ROOT, (ROOT / document).parent, ROOT / "fsbus", ROOT / "tests")
    )


def make_targets() -> set[str]:
    found = re.search(r"^TARGETS := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    return set(found[1].split())


def prepare_targets() -> set[str]:
    text = (ROOT / "installers/prepare.py").read_text(encoding="utf-8")
    return set(re.findall(r'^    "(\w+)": Target\(', text, re.MULTILINE))


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def wrong_in_fsbus(words: list[str], parser: argparse.ArgumentParser) -> str:
    """What is not so in `fsbus WORDS…`, or "": commands and options are compared with the parser."""
    options = dict(parser._option_string_actions)
    words = [word.strip("[]") for word in words]
    while words:
        word = words.pop(0)
        name = word.partition("=")[0]
        if name.startswith("-") and len(name) > 1:
            if name not in options:
                return f"no option {name}"
            if options[name].nargs != 0 and "=" not in word and words:
                words.pop(0)
        elif choices := subcommands(parser):
            if word.isupper() or word == "…":
                return ""
            alternatives = word.split("|")
            if unknown := [choice for choice in alternatives if choice not in choices]:
                return f"no command {unknown[0]}"
            parser = choices[alternatives[0]]
            options |= parser._option_string_actions
    return ""


def wrong_in_command(code: str, parser: argparse.ArgumentParser) -> str:
    """What is not so in one line of code, or "" when it is right or no command of ours."""
    line = re.sub(r"\s{2,}#.*| # .*", "", code).replace("\\", "/")
    try:
        words = [word for word in shlex.split(line) if not re.fullmatch(r"[A-Z_]+=.*", word)]
    except ValueError:
        return ""
    if not words:
        return ""
    if words[0] == "make" and len(words) > 1:
        unknown = [word for word in words[1:] if not word.startswith("-") and word not in make_targets()]
        return f"no target {unknown[0]}" if unknown else ""
    if words[0] in {"py", "python", "python3"} and len(words) > 2 and words[1] == "installers/prepare.py":
        return "" if words[2] in prepare_targets() else f"no target {words[2]}"
    if words[0] == "fsbus":
        return wrong_in_fsbus(words[1:], parser)
    return ""


def wrong_in(document: str, text: str, parser: argparse.ArgumentParser) -> list[str]:
    wrong = []
    for number, code, block in code_in(text):
        where = f"{document}:{number}: `{code}`"
        if problem := wrong_in_command(code, parser):
            wrong.append(f"{where}: {problem}")
        words = [word for word in code.split() if "/" in word] if block else [code]
        wrong += [
            f"{where}: no such path"
            for word in words
            if looks_like_path(word) and not path_exists(word, document)
        ]
    for number, line in enumerate(text.splitlines(), 1):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
            if "://" not in target and not path_exists(target, document):
                wrong.append(f"{document}:{number}: ({target}): no such path")
    return wrong


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_and_command_it_names_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    assert text.startswith("# "), f"{document} has no title"
    assert wrong_in(document, text, build_parser()) == []


def test_the_readme_can_be_read_in_one_go() -> None:
    assert (ROOT / "README.md").read_text(encoding="utf-8").count("\n") <= 120


def test_make_and_the_script_know_the_same_commands() -> None:
    assert make_targets() == prepare_targets()


def sample_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fsbus")
    parser.add_argument("--home")
    commands = parser.add_subparsers()
    commands.add_parser("demo").add_argument("--headless", action="store_true")
    commands.add_parser("server").add_subparsers().add_parser("devices").add_argument("--database")
    return parser


@pytest.mark.parametrize(
    "bad",
    [
        "`make nothing`",
        "`fsbus nothing`",
        "`fsbus --home DIR nothing`",
        "`fsbus demo --nothing`",
        "`fsbus server nothing`",
        "`tests/nothing.py`",
        "`core/nothing.py`",
        "[a](nothing.md)",
        "```\npy installers\\prepare.py nothing\n```",
        "```\nmake nothing\n```",
        "```\nfsbus nothing | less\n```",
        "```\ncat tests/nothing.py\n```",
    ],
)
def test_a_lie_is_found(bad: str) -> None:
    assert wrong_in("README.md", bad, sample_parser())


@pytest.mark.parametrize(
    "good",
    [
        '`make demo`, `make test ARGS="-k visits"`, `tests/test_docs.py`, `installers/locks/`',
        "`fsbus --home DIR demo --headless`, `fsbus COMMAND`, `fsbus [--home DIR] demo`, `application/json`",
        "`fsbus server devices --database sqlite:///centre.sqlite`, `core/clock.py`, `/v1/sync`",
        "```\npy installers\\prepare.py demo   # opens it\n$ make bench\n```",
    ],
)
def test_what_is_true_is_let_through(good: str) -> None:
    assert wrong_in("README.md", good, sample_parser()) == []
