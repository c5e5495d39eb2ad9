"""Decides which articles of the help are found and read."""

from collections.abc import Iterable
from typing import Protocol

from fsbus.desktop.answers.pages import AnswerPage
from fsbus.desktop.help.articles import Article, find, listed
from fsbus.desktop.widgets.suggestions import Suggestion

NOTHING = "Essayez un seul mot, ou un autre nom."


class HelpScreen(Protocol):
    """What the presenter needs of the screen."""

    def text(self) -> str: ...
    def marked(self) -> str: ...
    def show_found(self, found: tuple[Suggestion, ...], told: str, advice: str) -> None: ...
    def show_page(self, page: AnswerPage) -> None: ...


class HelpPresenter:
    """The articles of the pages that this window has."""

    def __init__(self, view: HelpScreen, pages: Iterable[str]) -> None:
        self._view, self._articles = view, listed(pages)

    def article_of(self, page: str) -> Article:
        """The article of a page; of one that has none, the first."""
        return next((one for one in self._articles if one.page == page), self._articles[0])

    def search(self, text: str) -> None:
        """Show what holds these words; all articles without a word."""
        found = find(self._articles, text)
        told = f"{len(found)} article{'s' if len(found) > 1 else ''}" if text.strip() and found else ""
        self._view.show_found(
            tuple(Suggestion(one.code, one.shown.title) for one in found),
            told or ("" if found else "Aucun article ne contient ces mots."),
            "" if found else NOTHING,
        )

    def take(self) -> None:
        """Read what is marked."""
        self.read(self._view.marked())

    def read(self, code: str) -> None:
        """Read this article; nothing happens without one."""
        for one in self._articles:
            if one.code == code:
                self._view.show_page(one.shown)
