"""A sheet to be read, printed and filed: headings, facts, steps, and the page that a browser shows."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from fsbus.core.french import NO_BREAK

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
dt { color: #52606d; } dd { margin: 0; overflow-wrap: anywhere; }
ol, ul { margin: .3rem 0; padding-left: 1.4rem; } li { margin: .25rem 0; }
code { font-family: Consolas, "DejaVu Sans Mono", monospace; background: #f3f5f8; padding: .1rem .3rem; overflow-wrap: anywhere; }
.blank { border: 1px solid #7b8794; border-radius: 4px; height: 7rem; margin: .5rem 0; }
footer { margin-top: 2rem; color: #52606d; border-top: 1px solid #d8dee6; padding-top: .5rem; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
@media print { body { margin: 0; max-width: none; } section { break-inside: avoid; } }
"""


@dataclass(frozen=True, repr=False)
class Step:
    """Something to do, and the command to type for it, if any."""

    text: str
    command: str = ""

    def __repr__(self) -> str:
        return "Step(…)"


@dataclass(frozen=True, repr=False)
class Part:
    """One heading of a sheet: words, facts, steps in their order, and a box to write in by hand."""

    heading: str
    words: str = ""
    facts: tuple[Fact, ...] = ()
    steps: tuple[Step, ...] = ()
    blank: str = ""
    """What is to be written by hand; empty when there is no box."""

    def __repr__(self) -> str:
        return "Part(…)"


@dataclass(frozen=True, repr=False)
class Sheet:
    """The whole sheet. ``about`` stands below the title, ``foot`` at the end."""

    title: str
    about: str
    parts: tuple[Part, ...]
    foot: str

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
                    "blank": part.blank or None,
                }
                for part in self.parts
            ],
            "foot": self.foot,
        }


def as_html(sheet: Sheet) -> bytes:
    """UTF-8, every text escaped, no script, nothing from elsewhere; fit for a screen reader and to print."""
    return ("\n".join(_page(sheet)) + "\n").encode()


def _page(sheet: Sheet) -> Iterator[str]:
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    yield f"""<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(sheet.title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
<h1>{escape(sheet.title)}</h1>
<p class="about">{escape(sheet.about)}</p>
</header>
<main>"""
    for number, part in enumerate(sheet.parts, start=1):
        yield f'<section aria-labelledby="partie-{number}">\n<h2 id="partie-{number}">{escape(part.heading)}</h2>'
        if part.words:
            yield f"<p>{escape(part.words)}</p>"
        if part.facts:
            yield "<dl>"
            for name, value in part.facts:
                yield f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
            yield "</dl>"
        if part.steps:
            yield "<ol>"
            for step in part.steps:
                command = f"{NO_BREAK}: <br><code>{escape(step.command)}</code>" if step.command else ""
                yield f"<li>{escape(step.text)}{command}</li>"
            yield "</ol>"
        if part.blank:
            yield f'<p>{escape(part.blank)}</p>\n<div class="blank" aria-hidden="true"></div>'
        yield "</section>"
    yield f"</main>\n<footer><p>{escape(sheet.foot)}</p></footer>\n</body>\n</html>"
