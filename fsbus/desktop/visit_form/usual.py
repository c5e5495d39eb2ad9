"""Puts the most used first among answers of a search that the text means equally."""

from collections.abc import Sequence

from fsbus.core.catalog import normalise
from fsbus.store.reference import Hit


def most_used_first(hits: Sequence[Hit], text: str, usual: Sequence[str]) -> list[Hit]:
    """The hits in their order, but those whose title holds the beginning of each word typed change places among
    themselves: ``usual`` ones (codes, most used first) before the others."""
    words = normalise(text).split()
    ranks = {code: rank for rank, code in enumerate(usual)}

    def is_called_so(hit: Hit) -> bool:
        title = normalise(hit.title).split()
        return all(any(word.startswith(typed) for word in title) for typed in words)

    equals = iter(sorted(filter(is_called_so, hits), key=lambda hit: ranks.get(hit.code, len(ranks))))
    return [next(equals) if is_called_so(hit) else hit for hit in hits]
