"""Turns the XML tree of an official fiche into blocks to read, and into text to search."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from fsbus.core.catalog import Block, Fiche
from fsbus.store.reference.fiche_xml import HostileXml

_DUBLIN = "{http://purl.org/dc/elements/1.1/}"
_SPACES = re.compile(r"[ \t\r\n]+")
_ID = re.compile(r"[FN]\d{1,7}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_WEB = re.compile(r"https?://[^\s<>\"]+")

_LEFT_OUT = frozenset({
    "SurTitre", "Audience", "Canal", "Cible", "FilDAriane", "Theme", "SousThemePere", "DossierPere",
    "SousDossierPere", "Condition", "Source", "PivotLocal", "RessourceWeb", "Partenaire", "estVrai",
    "estIndefini", "affecteVrai", "affecteFaux", "NoticeLiee",
})  # fmt: skip
_HEADINGS = frozenset({"Situation", "Chapitre", "SousChapitre", "Cas", "SousDossier", "Question", "Branche"})
_NOTES = frozenset({"ANoter", "ASavoir", "Attention", "Rappel", "Avertissement", "Definition", "Abreviation"})
_LINKS = frozenset(
    {
        "ServiceEnLigne",
        "ServiceEnLigneAnnexe",
        "PourEnSavoirPlus",
        "OuSAdresser",
        "CommentFaireSi",
        "Reference",
    }
)
_INSIDE = frozenset({"Fiche", "Dossier", "QuestionReponse"})
_BLOCKS = frozenset({"Paragraphe", "Liste", "Tableau"}) | _HEADINGS | _NOTES | _LINKS | _INSIDE


def read_fiche(root: Element) -> Fiche:
    """The fiche of a ``Publication``; HostileXml (its message in French) for any other document.

    Tags that are not known keep their text, so a newer schema loses no word.
    """
    code = root.get("ID", "")
    if root.tag != "Publication" or not _ID.fullmatch(code):
        raise HostileXml("ce n’est pas une « Publication » F ou N.")
    title = _text(root.find(f"{_DUBLIN}title"))
    if not title:
        raise HostileXml("fiche sans titre.")
    day = _DAY.search(_text(root.find(f"{_DUBLIN}date")))
    introduction = " ".join(_text(part) for part in root.findall("Introduction")).strip()
    blocks = tuple(block for child in root if child.tag != "Introduction" for block in _blocks(child, 1))
    return Fiche(
        code=code,
        title=title,
        kind=root.get("type", ""),
        theme=_text(root.find("Theme/Titre")) or _text(root.find(f"{_DUBLIN}subject")),
        updated_on=day.group() if day else "",
        url=_web(root.get("spUrl", "")),
        introduction=introduction or _text(root.find(f"{_DUBLIN}description")),
        blocks=blocks,
    )


def body_text(blocks: tuple[Block, ...]) -> str:
    """The words of a fiche that are worth finding: all but its references to law."""
    pieces: list[str] = []
    for block in blocks:
        if block.kind != "reference":
            pieces.append(block.text)
            pieces.extend(block.lines)
            pieces.extend(cell for row in block.rows for cell in row)
    return "\n".join(pieces)


def is_technical(fiche: Fiche) -> bool:
    """Whether it serves the publisher's own site, and answers nobody's question."""
    return fiche.title.startswith("**") or fiche.kind == "Recherche guidée"


def _blocks(element: Element, level: int) -> Iterator[Block]:
    tag = element.tag
    if tag in _LEFT_OUT or tag.startswith(_DUBLIN):
        return
    if tag == "Paragraphe":
        yield from _paragraph(_text(element), level)
    elif tag == "Liste":
        yield Block("list", level, lines=tuple(_items(element)))
    elif tag == "Tableau":
        yield Block("table", level, text=_text(element.find("Titre")), rows=tuple(_table_rows(element)))
    elif tag in _NOTES:
        yield Block("note", level, text=_text(element.find("Titre")), lines=tuple(_note_lines(element)))
    elif tag in _LINKS:
        yield from _links(element, level)
    elif tag in _INSIDE:
        yield from _inside(element, level)
    elif tag in _HEADINGS:
        yield from _section(element, level)
    else:
        yield from _unknown(element, level)


def _section(element: Element, level: int) -> Iterator[Block]:
    title = _text(element.find("Titre"))
    if title:
        yield Block("heading", level, text=title)
    for child in element:
        if child.tag not in {"Titre", "TitreAlternatif"}:
            yield from _blocks(child, level + 1)


def _unknown(element: Element, level: int) -> Iterator[Block]:
    if not any(child.tag in _BLOCKS for child in element.iter()):
        yield from _paragraph(_text(element), level)
        return
    yield from _paragraph(_clean(element.text), level)
    for child in element:
        yield from _blocks(child, level)
        yield from _paragraph(_clean(child.tail), level)


def _paragraph(text: str, level: int) -> Iterator[Block]:
    if text:
        yield Block("paragraph", level, text=text)


def _items(element: Element) -> Iterator[str]:
    for item in element:
        nested = [child for child in item.iter("Liste") if child is not item]
        own = " ".join(_text(child) for child in item if child.tag not in {"Liste", "Condition"})
        text = own or _clean(item.text)
        if text:
            yield text
        for each in nested:
            yield from (f"– {line}" for line in _items(each))


def _table_rows(element: Element) -> Iterator[tuple[str, ...]]:
    for row in element:
        # « Rangée » is spelt with its accent; other spellings are met half-way.
        if row.tag not in {"Titre", "Colonne"}:
            yield tuple(_text(cell) for cell in row)


def _note_lines(element: Element) -> Iterator[str]:
    for child in element:
        if child.tag != "Titre":
            yield from (line for line in (_text(part) for part in _leaves(child)) if line)


def _leaves(element: Element) -> Iterator[Element]:
    """Paragraphs and list items of a note, or the element itself when it holds none."""
    found = [part for part in element.iter() if part.tag == "Paragraphe"]
    yield from found or [element]


def _links(element: Element, level: int) -> Iterator[Block]:
    title = _text(element.find("Titre")) or _clean(element.text)
    near = element.find("RessourceWeb")
    if near is None:
        near = element.find("LienWeb")
    url = _web(element.get("URL", "")) or _web(near.get("URL", "") if near is not None else "")
    source = _text(element.find("Source"))
    form = element.get("numerocerfa", "")
    lines = tuple(line for line in (source, f"Cerfa n° {form}" if form else "") if line)
    if title or url:
        yield Block("reference" if element.tag == "Reference" else "link", level, title, lines, url=url)
    for child in element:
        if child.tag in {"Introduction", "Texte", "Complement", "ServiceEnLigneAnnexe"}:
            yield from _blocks(child, level + 1)


def _inside(element: Element, level: int) -> Iterator[Block]:
    """A link to another fiche: ``url`` is its code."""
    code = element.get("ID", "")
    title = _text(element.find("Titre")) or _text(element)
    if title and _ID.fullmatch(code):
        yield Block("link", level, title, url=code)
    else:
        yield from _paragraph(title, level)


def _text(element: Element | None) -> str:
    return "" if element is None else _clean(" ".join(_pieces(element)))


def _pieces(element: Element) -> Iterator[str]:
    # Blocks inside are set apart by a space; « 1<Exposant>er</Exposant> » and links are not.
    text = "".join(element.itertext()) if element.tag == "Paragraphe" else None
    if text is not None:
        yield text
        return
    inline = [element.text or ""]
    for child in element:
        if child.tag in _LEFT_OUT:
            inline.append(child.tail or "")
        elif child.tag in _BLOCKS or child.tag in {"Texte", "Titre", "Item", "Cellule"}:
            yield "".join(inline)
            yield from _pieces(child)
            inline = [child.tail or ""]
        else:
            inline.extend((" ".join(_pieces(child)), child.tail or ""))
    yield "".join(inline)


def _clean(text: str | None) -> str:
    # Only breaking white space: French typography keeps its non-breaking spaces.
    return _SPACES.sub(" ", text or "").strip()


def _web(url: str) -> str:
    return url if _WEB.fullmatch(url) else ""
