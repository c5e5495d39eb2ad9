"""A sheet as a page for a browser: structure for a screen reader, paper, texts that stay texts."""

import re
from html.parser import HTMLParser

import pytest

from fsbus.core.papers import A4, A5, ROLL_80, Paper
from fsbus.core.sheets import Boxes, Part, Sheet, Step, as_html
from tests.month_samples import HOSTILE

NAUGHTY = [
    *HOSTILE,
    "\u202eشكرا لك",
    "Z\u0351\u0321\u0362a\u0337" * 40,
    "x" * 2_000,
    "a\nb\tc",
    "<b onclick='x'>&lt;</b>",
]


class Page(HTMLParser):
    """What a browser makes of a page: its tags with their attributes, its texts, what stands in what."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.inside: dict[str, set[str]] = {}
        self.feed(page.decode())
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside.setdefault(tag, set()).add(self.open[-1] if self.open else "")
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.texts.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def sheet(text: str = "Guise", paper: Paper = A5) -> Sheet:
    part = Part(
        text,
        words=text,
        facts=((text, text), ("Organisme", text)),
        steps=(Step(text),),
        boxes=(Boxes("À apporter :", (text, text)),),
        signatures=("La personne", text),
    )
    return Sheet("Votre reçu", text, (part, part), text, paper)


def test_a_screen_reader_finds_the_language_the_headings_the_lists_and_their_names() -> None:
    page = Page(as_html(sheet()))
    assert page.named("html") == [{"lang": "fr"}]
    assert [tag for tag, _ in page.tags if re.fullmatch(r"h\d", tag)] == ["h1", "h2", "h2"]
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    named = [attributes["aria-labelledby"] for _, attributes in page.tags if "aria-labelledby" in attributes]
    assert set(named) <= ids
    assert len(named) == len(set(named)) == 4
    assert [attributes["role"] for attributes in page.named("ul")] == ["list", "list"]
    assert page.inside["dt"] == page.inside["dd"] == {"dl"}
    assert page.inside["li"] == {"ul", "ol"}
    assert {"header", "main", "footer", "title"} <= set(page.inside)
    assert len(page.named("dt")) == len(page.named("dd"))


@pytest.mark.parametrize("text", NAUGHTY)
def test_texts_stay_texts_and_their_direction_stays_in_their_line(text: str) -> None:
    calm, naughty = (Page(as_html(sheet(one))) for one in ("Guise", text))
    assert [tag for tag, _ in naughty.tags] == [tag for tag, _ in calm.tags]
    assert "".join(naughty.texts).count(text) == "".join(calm.texts).count("Guise")
    assert all(one.get("dir") == "auto" for tag in ("dd", "li", "h2") for one in naughty.named(tag))


@pytest.mark.parametrize(
    ("paper", "size"),
    [(A5, "148mm 210mm"), (ROLL_80, "80mm 297mm"), (A4, "210mm 297mm")],
    ids=lambda one: getattr(one, "code", None),
)
def test_each_paper_is_told_to_the_printer_and_the_screen_is_the_same(paper: Paper, size: str) -> None:
    page = as_html(sheet(paper=paper)).decode()
    assert f"@page {{ size: {size};" in page
    assert ("grid-template-columns: 1fr; } dd" in page.rpartition("@media print")[2]) == paper.narrow
    assert "http" not in page.replace("http-equiv", "")


def test_a_sheet_in_words_and_for_a_program_leaves_nothing_out() -> None:
    whole = sheet("Laon")
    assert whole.in_words().count("Laon") == 2 + 2 * 9
    told = whole.as_json()["parts"]
    assert isinstance(told, list)
    first = told[0]
    assert first["boxes"] == [{"words": "À apporter :", "items": ["Laon", "Laon"]}]
    assert first["signatures"] == ["La personne", "Laon"]
    assert repr(whole.parts[0].boxes[0]) == "Boxes(…)"
