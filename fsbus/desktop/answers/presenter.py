"""Decides what the page of official answers finds, says and opens."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from fsbus.actions.session import Session
from fsbus.core.clock import local_day
from fsbus.core.errors import FsbusError
from fsbus.core.french import NARROW, NO_BREAK
from fsbus.desktop.answers.composing import FICHE, PROCEDURE, data_line, page_of
from fsbus.desktop.answers.pages import AnswerPage
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.store import queries
from fsbus.store.reference import Hit, Reference

T = TypeVar("T")
MOST_FOUND = 40
MOST_USUAL = 12
NOTHING_TYPED = (
    f"Tapez un mot, un sigle ou un ancien nom{NO_BREAK}: «{NO_BREAK}carte grise{NO_BREAK}», «{NO_BREAK}APL{NO_BREAK}», "
    f"«{NO_BREAK}Pôle emploi{NO_BREAK}»."
)
NOTHING_FOUND = (
    "Essayez un seul mot, un autre nom ou celui de l’organisme. Sinon, notez la question dans la visite, "
    f"«{NO_BREAK}à suivre{NO_BREAK}», et reprenez-la avec le réseau."
)
NOT_HERE = "Cette réponse n’est pas sur ce poste."
KINDS = {PROCEDURE: "Démarche", FICHE: "Fiche officielle"}


class AnswersScreen(Protocol):
    """What the presenter needs of the screen."""

    def text(self) -> str: ...
    def show_data(self, line: str) -> None: ...
    def show_found(self, found: tuple[Suggestion, ...], told: str, advice: str) -> None: ...
    def show_page(self, page: AnswerPage) -> None: ...
    def marked(self) -> str: ...
    def mark(self, code: str) -> None: ...


class Lookup(Protocol):
    """Asks the official lists elsewhere; only the answer to the latest question comes back."""

    def ask(
        self,
        question: Callable[[Reference], T],
        done: Callable[[T], None],
        failed: Callable[[FsbusError], None],
    ) -> None: ...


class AnswersPresenter:
    """Finds as one types, and opens what is chosen. What is on the screen always answers the latest key."""

    def __init__(self, view: AnswersScreen, session: Session, lookup: Lookup) -> None:
        self._view, self._session, self._lookup = view, session, lookup
        self._searching = self._is_wanted = False

    def refresh(self) -> None:
        """Tell of which day the data are; without a search, propose what this laptop uses most."""
        self._view.show_data(data_line(self._session.reference, local_day(self._session.clock.now())))
        if not self._view.text().strip():
            self._show_usual()

    def search(self, text: str) -> None:
        """Find procedures and fiches for what is typed so far."""
        self._is_wanted = False
        if not text.strip():
            self._searching = False
            # Otherwise the answer to the question before would come back here.
            self._lookup.ask(lambda _lists: None, lambda _none: None, self._failed)
            self._show_usual()
            return
        self._searching = True
        self._lookup.ask(
            lambda lists: lists.search(text, MOST_FOUND), lambda hits: self._found(text, hits), self._failed
        )

    def take(self) -> None:
        """Open what is marked; the best of what is being searched, when Enter was faster."""
        if self._searching:
            self._is_wanted = True
        elif code := self._view.marked():
            self.read(code)

    def read(self, code: str) -> None:
        """Open one answer, by its kind and code."""
        self._lookup.ask(
            lambda lists: page_of(lists, code), lambda page: self._opened(code, page), self._failed
        )

    def read_procedure(self, code: str) -> None:
        """Open the answer of a procedure of the catalogue."""
        self.read(f"{PROCEDURE}:{code}")

    def _found(self, text: str, hits: list[Hit]) -> None:
        self._searching = False
        found = tuple(
            Suggestion(
                f"{hit.kind}:{hit.code}", hit.title, " · ".join(filter(None, (KINDS[hit.kind], hit.partner)))
            )
            for hit in hits
        )
        if found:
            self._view.show_found(found, _counted(len(found)), "")
        else:
            told = f"Aucun résultat pour «{NO_BREAK}{text.strip()}{NO_BREAK}»."
            self._view.show_found((), told, NOTHING_FOUND)
        if self._is_wanted and found:
            self.read(found[0].code)
        self._is_wanted = False

    def _show_usual(self) -> None:
        reference = self._session.reference
        codes = queries.recent_procedures(self._session.store.db, MOST_USUAL)
        known = [procedure for code in codes if (procedure := reference.procedure(code)) is not None]
        found = tuple(
            Suggestion(
                f"{PROCEDURE}:{each.code}",
                each.title,
                f"{KINDS[PROCEDURE]} · {reference.partner_label(each.partner)}",
            )
            for each in known
        )
        self._view.show_found(found, "Les plus utilisées sur ce poste" if found else "", NOTHING_TYPED)

    def _opened(self, code: str, page: AnswerPage | None) -> None:
        if page is None:
            self._view.show_found((), NOT_HERE, NOTHING_FOUND)
        else:
            self._view.mark(code)
            self._view.show_page(page)

    def _failed(self, error: FsbusError) -> None:
        self._searching = self._is_wanted = False
        self._view.show_found((), f"Les réponses ne peuvent pas être lues{NO_BREAK}: {error}", "")


def _counted(count: int) -> str:
    if count == MOST_FOUND:
        return f"{MOST_FOUND} premières réponses{NARROW}; un mot de plus en laisse moins"
    return f"{count} réponse{'s' if count > 1 else ''}"
