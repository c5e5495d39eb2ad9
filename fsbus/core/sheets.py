"""A sheet to be read, printed and filed: headings, facts, steps, and the page that a browser shows."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from fsbus.core.french import NO_BREAK
from fsbus.core.papers import A4, Paper
from fsbus.core.redaction import redacted

BY_HAND = "…" * 22
"""Where something is to be written by hand on one line."""
Fact = tuple[str, str]
"""What it is about, and what is known of it, both in French."""
_STYLE = """
:root { color-scheme: light; }
body { font: 11pt/1.45 "Source Sans 3", "Segoe UI", Arial, sans-serif; color: #1d2733; background: #fff;
  max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.15rem; margin: 1.6rem 0 .4rem; border-bottom: 1px solid #7b8794; padding-bottom: .15rem; }
.about { color: #52606d; margin: 0; }
dl { display: grid; grid-template-columns: minmax(9rem, 15rem) 1fr; gap: .25rem 1rem; margin: 0; }
dt { color: #52606d; } dd { margin: 0; white-space: pre-wrap; }
h1, h2, p, dd, li { overflow-wrap: anywhere; }
ol, ul { margin: .3rem 0; padding-left: 1.4rem; } li { margin: .25rem 0; }
code { font-family: Consolas, "DejaVu Sans Mono", monospace; background: #f3f5f8; padding: .1rem .3rem; overflow-wrap: anywhere; }
.blank { border: 1px solid #7b8794; border-radius: 4px; height: 7rem; margin: .5rem 0; }
.boxes { list-style: none; padding-left: 1.7rem; }
.boxes li::before { content: ""; display: inline-block; width: .8em; height: .8em; border: 1px solid #1d2733;
  margin: 0 .75em 0 -1.55em; vertical-align: -.05em; }
.signatures { display: flex; flex-wrap: wrap; gap: 1rem; margin: .6rem 0; }
.signature { flex: 1 1 12rem; border: 1px solid #7b8794; border-radius: 4px; min-height: 7rem; padding: .3rem .6rem; }
.signature p { margin: 0; }
footer { margin-top: 2rem; color: #52606d; border-top: 1px solid #d8dee6; padding-top: .5rem; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
@media print { body { margin: 0; max-width: none; } section, li, .signatures { break-inside: avoid; }
  section.long { break-inside: auto; } h2 { break-after: avoid; } }
"""
_ROLL_PAGE_MM = 297
"""A browser has no page without an end: a roll is cut into pages of this length."""
_LONG = 1_200
"""Characters of a part that may go over to the next page."""


@dataclass(frozen=True, repr=False)
class Step:
    """Something to do, and the command to type for it, if any."""

    text: str
    command: str = ""

    def __repr__(self) -> str:
        return "Step(…)"


@redacted()
@dataclass(frozen=True)
class Boxes:
    """What they are for, and each thing with a box before it, to be ticked by hand."""

    words: str
    items: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Part:
    """One heading of a sheet: words, facts, boxes to tick, steps in their order, and what is filled in by hand."""

    heading: str
    words: str = ""
    facts: tuple[Fact, ...] = ()
    steps: tuple[Step, ...] = ()
    blank: str = ""
    """What is to be written by hand; empty when there is no box."""
    boxes: tuple[Boxes, ...] = ()
    signatures: tuple[str, ...] = ()
    """Who signs, each in a box of their own."""

    def in_words(self) -> str:
        """All of it as one text, for a screen reader that cannot see the drawing."""
        told = [self.heading, self.words, *(f"{name}{NO_BREAK}: {value}" for name, value in self.facts)]
        for boxes in self.boxes:
            told += [boxes.words, *boxes.items]
        told += [f"{number}. {step.text}" for number, step in enumerate(self.steps, start=1)]
        told += [self.blank, *self.signatures]
        return "\n".join(line for line in told if line)

    def __repr__(self) -> str:
        return "Part(…)"


@dataclass(frozen=True, repr=False)
class Sheet:
    """The whole sheet. ``about`` stands below the title, ``foot`` at the end."""

    title: str
    about: str
    parts: tuple[Part, ...]
    foot: str
    paper: Paper = A4

    def in_words(self) -> str:
        """All of it as one text."""
        return "\n".join((self.title, self.about, *(part.in_words() for part in self.parts), self.foot))

    def __repr__(self) -> str:
        return "Sheet(…)"

    def as_json(self) -> dict[str, object]:
        """The same for a program."""
        return {
            "title": self.title,
            "about": self.about,
            "parts": [
                {
                    "heading": part.heading,
                    "words": part.words,
                    "facts": [{"name": name, "value": value} for name, value in part.facts],
                    "steps": [{"text": step.text, "command": step.command or None} for step in part.steps],
                    "boxes": [{"words": one.words, "items": list(one.items)} for one in part.boxes],
                    "blank": part.blank or None,
                    "signatures": list(part.signatures),
                }
                for part in self.parts
            ],
            "foot": self.foot,
        }


def as_html(sheet: Sheet) -> bytes:
    """UTF-8, every text escaped, no script, nothing from elsewhere; fit for a screen reader and to print."""
    return ("\n".join(_page(sheet)) + "\n").encode()


def _page(sheet: Sheet) -> Iterator[str]:
    style = _STYLE + _print_style(sheet.paper)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    yield f"""<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(sheet.title)}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{escape(sheet.title)}</h1>
<p class="about" dir="auto">{escape(sheet.about)}</p>
</header>
<main>"""
    for number, part in enumerate(sheet.parts, start=1):
        yield from _section(part, f"partie-{number}")
    yield f"</main>\n<footer><p>{escape(sheet.foot)}</p></footer>\n</body>\n</html>"


def _section(part: Part, name: str) -> Iterator[str]:
    # dir="auto" keeps what was typed from right to left, and its marks, inside its own line.
    long = ' class="long"' if len(part.in_words()) > _LONG else ""
    yield f'<section{long} aria-labelledby="{name}">\n<h2 id="{name}" dir="auto">{escape(part.heading)}</h2>'
    if part.words:
        yield f'<p dir="auto">{escape(part.words)}</p>'
    if part.facts:
        yield "<dl>"
        for about, value in part.facts:
            yield f'<dt>{escape(about)}</dt><dd dir="auto">{escape(value)}</dd>'
        yield "</dl>"
    for number, boxes in enumerate(part.boxes, start=1):
        yield f'<p id="{name}-{number}">{escape(boxes.words)}</p>'
        # A list without marks is no list any more for some screen readers, unless its role is said.
        yield f'<ul class="boxes" role="list" aria-labelledby="{name}-{number}">'
        yield from (f'<li dir="auto">{escape(item)}</li>' for item in boxes.items)
        yield "</ul>"
    if part.steps:
        yield "<ol>"
        for step in part.steps:
            command = f"{NO_BREAK}: <br><code>{escape(step.command)}</code>" if step.command else ""
            yield f'<li dir="auto">{escape(step.text)}{command}</li>'
        yield "</ol>"
    if part.blank:
        yield f'<p>{escape(part.blank)}</p>\n<div class="blank" aria-hidden="true"></div>'
    if part.signatures:
        yield '<div class="signatures">'
        yield from (f'<div class="signature"><p>{escape(who)}</p></div>' for who in part.signatures)
        yield "</div>"
    yield "</section>"


def _print_style(paper: Paper) -> str:
    """How this paper is printed: its size, its margins, the size of the text. The screen is left as it is."""
    size = f"{paper.width:g}mm {paper.height or _ROLL_PAGE_MM:g}mm"
    narrow = " dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; }" if paper.narrow else ""
    return (
        f"@page {{ size: {size}; margin: {paper.along:g}mm {paper.across:g}mm; }}\n"
        f"@media print {{ html {{ font-size: {15 * paper.scale:g}px; }} "
        f"body {{ font-size: {10 * paper.scale:g}pt; padding: 0; }}{narrow} }}\n"
    )
