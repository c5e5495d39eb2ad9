"""Searching as one types, in the engine and in the real page, beside the bare full-text query."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fsbus.actions.session import Session
from fsbus.bench import places
from fsbus.bench.measure import Figure, Pairs, in_turn, seconds, slowest_twentieth
from fsbus.store.reference.query import expressions
from fsbus.store.reference.reference import SEARCH
from fsbus.store.reference.schema import FIRST_BOOSTED_FICHE
from fsbus.store.reference.words import shipped_words
from fsbus.training.typed_answers import typing

RUNS = 30
PASSES = 5
"""Times that each letter is typed in the page."""
LIMIT = 20
TYPED = (
    "carte grise", "passeport mineur", "pension de réversion", "cheque energie", "apl",
    "d'identité", "pole emploi", "carte vitale perdue", "quotient familial", "retraite",
)  # fmt: skip
"""What agents look for; each is measured at each letter."""
_EVERY_FICHE = 10**12


def bench(runs: int | None) -> Iterator[Figure]:
    """``search`` over catalogue and fiches, ``search_procedures`` over the catalogue, and ``answers_p95``: the 95th
    percentile from a key in the page of answers to its list painted, beside that of the bare query."""
    texts = [whole[:length] for whole in TYPED for length in range(1, len(whole) + 1)]
    with places.folder() as folder, places.laptop(folder / "home") as session:
        reference = session.reference
        synonyms = shipped_words().synonyms
        connection = reference.db.conn
        for name, search, before in (
            ("search", reference.search, _EVERY_FICHE),
            ("search_procedures", reference.search_procedures, FIRST_BOOSTED_FICHE),
        ):
            # Ready beforehand: the limit is the engine alone, asked the same thing.
            asked = [answered(connection, expressions(text, synonyms), before) for text in texts]
            yield in_turn(name, _ours(search, texts), bare(connection, asked, before), runs or RUNS)
        asked = [answered(connection, expressions(text, synonyms), _EVERY_FICHE) for text in texts]
        yield slowest_twentieth("answers_p95", _in_the_page(session, texts, asked, min(runs or RUNS, PASSES)))


def _in_the_page(session: Session, texts: Sequence[str], asked: Sequence[str], passes: int) -> Pairs:
    connection: Any = session.reference.db.conn
    pairs: Pairs = []
    with typing(session) as type_one:
        type_one("", texts[0])  # the thread and its connection are there from the first key on
        for _ in range(passes):
            for text, expression in zip(texts, asked, strict=True):
                alone = bare(connection, [expression], _EVERY_FICHE)(0)
                pairs.append((type_one(text[:-1], text[-1]), alone))
    return pairs


def _ours(search: Callable[[str, int], object], texts: Sequence[str]) -> Callable[[int], float]:
    return lambda _: seconds(lambda: [search(text, LIMIT) for text in texts]) / len(texts)


def bare(connection: Any, asked: Sequence[str], before: int) -> Callable[[int], float]:
    """Asks the index these expressions and nothing else; seconds for each."""

    def ask() -> None:
        for expression in asked:
            connection.execute(SEARCH, (expression, before, LIMIT)).fetchall()

    return lambda _: seconds(ask) / len(asked)


def answered(connection: Any, two: tuple[str, str], before: int) -> str:
    """Which of the two expressions (every word, any word) gives the answer."""
    every, some = two
    return every if connection.execute(SEARCH, (every, before, LIMIT)).fetchall() else some
