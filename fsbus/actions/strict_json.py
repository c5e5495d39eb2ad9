"""Reads one JSON document that somebody brings, and refuses everything that is not plainly JSON."""

import json
from collections.abc import Mapping

DEEPEST = 16
"""Levels of objects and lists in one another; a draft needs four."""


class Unreadable(ValueError):
    """The bytes are not the JSON that is expected; the message is French and fit for the agent."""


def read_json(content: bytes) -> object:
    """The value of a document. Raises Unreadable.

    Refused: what is not UTF-8, keys given twice, NaN and Infinity, numbers too large to be kept,
    documents that are too deep.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("Texte illisible : le fichier doit être en UTF-8.") from None
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"JSON illisible, caractère {error.pos + 1} : vérifiez guillemets et virgules."
        ) from None
    except RecursionError:
        raise Unreadable(_TOO_DEEP) from None
    if _is_too_deep(value, DEEPEST):
        raise Unreadable(_TOO_DEEP)
    return value


def read_object(content: bytes) -> Mapping[str, object]:
    """The object of a document. Raises Unreadable for any other value too."""
    value = read_json(content)
    if not isinstance(value, dict):
        raise Unreadable("Un objet JSON est attendu : {…}.")
    return value


_TOO_DEEP = "JSON trop profond : trop d’objets les uns dans les autres."


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        shown = f" ({twice})" if twice.isascii() and twice.isidentifier() and len(twice) <= 40 else ""
        raise Unreadable(f"Un champ est donné deux fois{shown}.")
    return found


def _whole(text: str) -> int:
    if len(text) > 19:
        raise Unreadable("Nombre trop grand.")
    return int(text)


def _decimal(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise Unreadable("Nombre trop grand.")
    return value


def _no_constant(name: str) -> object:
    raise Unreadable(f"{name} n’est pas une valeur permise.")


def _is_too_deep(value: object, left: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return left == 0 or any(_is_too_deep(item, left - 1) for item in inner)


_decoder = json.JSONDecoder(
    object_pairs_hook=_once_each, parse_int=_whole, parse_float=_decimal, parse_constant=_no_constant
)
