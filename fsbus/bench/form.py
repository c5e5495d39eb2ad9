"""Typing a visit with two procedures in the real form, and its suggestions beside the bare query."""

from collections.abc import Iterator

from fsbus.actions.visits import record_visit
from fsbus.bench import places
from fsbus.bench.measure import Figure, middle, pairs_in_turn, seconds, slowest_twentieth
from fsbus.bench.search import TYPED, answered, bare
from fsbus.store.reference.query import expressions
from fsbus.store.reference.schema import FIRST_BOOSTED_FICHE
from fsbus.store.reference.words import shipped_words
from fsbus.training.typed_visits import typing_visits

RUNS = 20
PASSES = 5
"""Times that each letter is typed in the field of the procedure."""
MOST_STROKES = 120
"""Keys for a visit with two procedures: the words of its texts are among them here."""


def bench(runs: int | None) -> Iterator[Figure]:
    """``form_visit``, seconds of the form alone for all the keys of a visit, beside a bare save of such a draft;
    ``form_strokes``, how many keys, beside the most allowed; ``form_suggestions_p95``, the 95th percentile from a key
    to its list painted, beside that of the bare query, which it may exceed by 30 ms."""
    runs = runs or RUNS
    with places.folder() as folder, places.laptop(folder / "home") as session:
        made = places.drafts(session, runs + 1, 2 * (runs + 1))
        synonyms, connection = shipped_words().synonyms, session.reference.db.conn
        texts = [whole[:length] for whole in TYPED for length in range(1, len(whole) + 1)]
        before = FIRST_BOOSTED_FICHE
        asked = [answered(connection, expressions(text, synonyms), before) for text in texts]
        with typing_visits(session) as typist:
            typist.visit()
            first = typist.strokes
            pairs = pairs_in_turn(
                lambda _: typist.visit(),
                lambda number: seconds(lambda: record_visit(session, made[number])),
                runs,
            )
            yield middle("form_visit", pairs)
            yield Figure("form_strokes", first, MOST_STROKES, first / MOST_STROKES, len(pairs))
            letters = []
            for _ in range(min(runs, PASSES)):
                for text, expression in zip(texts, asked, strict=True):
                    alone = bare(connection, [expression], before)(0)
                    letters.append((typist.letter(text[:-1], text[-1]), alone))
            yield slowest_twentieth("form_suggestions_p95", letters)
