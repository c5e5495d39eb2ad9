"""Reads the articles of the help, and finds those that hold some words; no Qt."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from fsbus import assets
from fsbus.core.catalog import normalise
from fsbus.core.redaction import redacted
from fsbus.desktop.answers.pages import HEADING, LIST, TEXT, AnswerPage, Part

FOLDER = "help"
ALWAYS = ""
"""The page of an article that is of no page: it is always listed."""


@redacted()
@dataclass(frozen=True)
class Article:
    """One file: ``# title``, then ``page:`` and ``mots:``, then its text in paragraphs, ``## headings`` and ``- lines``."""

    code: str
    page: str
    words: str
    shown: AnswerPage

    def holds(self, asked: Iterable[str]) -> int:
        """2 when title or key words hold every word asked for, 1 when the whole text does, else 0."""
        head = _words_of(f"{self.shown.title} {self.words}")
        whole = head + _words_of(" ".join(" ".join((part.text, *part.lines)) for part in self.shown.parts))
        for rank, text in ((2, head), (1, whole)):
            if all(f" {word}" in text for word in asked):
                return rank
        return 0


@cache
def articles() -> tuple[Article, ...]:
    """Every article, in the order of the names of their files."""
    files = sorted((assets.resources() / FOLDER).glob("[0-9]*.md"))
    return tuple(read(path.stem, path.read_text(encoding="utf-8")) for path in files)


def listed(pages: Iterable[str]) -> tuple[Article, ...]:
    """The articles of these pages, and those of none."""
    known = {ALWAYS, *pages}
    return tuple(one for one in articles() if one.page in known)


def find(among: Iterable[Article], text: str) -> tuple[Article, ...]:
    """Those that hold every word, or its beginning: what is in the title comes first; all of them without a word."""
    asked = normalise(text).split()
    ranked = [(one.holds(asked), one) for one in among]
    return tuple(one for rank in (2, 1) for found, one in ranked if found == rank)


def read(code: str, text: str) -> Article:
    """One article from its text. Raises ValueError when it has no title."""
    title, page, words = "", ALWAYS, ""
    parts: list[Part] = []
    for block in text.strip().split("\n\n"):
        lines = block.split("\n")
        if not title:
            if not lines[0].startswith("# "):
                raise ValueError(f"an article without a title: {code}")
            title = lines[0][2:]
            told = dict(line.split(": ", 1) for line in lines[1:])
            page, words = told.get("page", ALWAYS), told.get("mots", "")
        elif lines[0].startswith("## "):
            parts.append(Part(HEADING, lines[0][3:], level=2))
            parts += _part(lines[1:])
        else:
            parts += _part(lines)
    return Article(code, page, words, AnswerPage(title, "", tuple(parts)))


def _part(lines: list[str]) -> list[Part]:
    if not lines:
        return []
    if lines[0].startswith("- "):
        # A long line goes on in the next one, set in.
        items = "\n".join(lines).removeprefix("- ").split("\n- ")
        return [Part(LIST, lines=tuple(" ".join(item.split("\n  ")) for item in items))]
    return [Part(TEXT, " ".join(lines))]


def _words_of(text: str) -> str:
    return f" {normalise(text)} "
