"""Parses the XML of one official fiche, refusing everything that could harm."""

import codecs
from xml.etree.ElementTree import Element, ParseError, XMLParser

MOST_ELEMENTS = 200_000
DEEPEST = 60
"""Official fiches go 18 deep."""
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY", b"<!doctype", b"<!entity")


class HostileXml(ValueError):
    """This XML is not taken; the message says why, in French."""


def parse_fiche(data: bytes) -> Element:
    """The root of one fiche. Raises HostileXml for a DTD, an entity, another encoding, or XML cut short.

    Only UTF-8 is read, whatever the file declares: in it a DTD can be spelt in one way only, so looking
    for its bytes is enough, and expat never sees one.
    """
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    if any(mark in data for mark in _FORBIDDEN):
        raise HostileXml("DTD ou entité interdite dans une fiche.")
    if data.count(b"<") > MOST_ELEMENTS:
        raise HostileXml("trop d’éléments.")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise HostileXml("le texte n’est pas en UTF-8.") from error
    parser = XMLParser(encoding="utf-8")  # noqa: S314 - no DTD can reach it, see above
    try:
        parser.feed(data)
        root = parser.close()
    except ParseError as error:
        line, column = error.position
        raise HostileXml(f"XML illisible à la ligne {line}, colonne {column + 1}.") from error
    _check_depth(root)
    return root


def _check_depth(root: Element) -> None:
    # Without recursion: the file chooses the depth.
    level = [root]
    for _ in range(DEEPEST):
        level = [child for element in level for child in element]
        if not level:
            return
    raise HostileXml(f"éléments imbriqués sur plus de {DEEPEST} niveaux.")
