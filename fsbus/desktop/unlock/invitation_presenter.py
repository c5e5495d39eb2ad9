"""Exchanges an invitation code for a passphrase of the agent's own, and opens."""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from fsbus.core import french
from fsbus.core.errors import FsbusError, InvalidInput, WrongPassphrase
from fsbus.desktop.unlock.choosing import Phrases, TypedPhrase, problems_of

Opened = TypeVar("Opened")
Opened_co = TypeVar("Opened_co", covariant=True)
CODE_SIGNS = 32
WRONG = "Ce code n’ouvre rien ici\u00a0: relisez-le. S’il a déjà servi, demandez-en un autre à un agent de ce poste."


class InvitationScreen(Protocol):
    """What the presenter needs of the screen."""

    def code(self) -> str: ...
    def typed(self) -> TypedPhrase: ...
    def show_phrase(self, phrase: str) -> None: ...
    def set_busy(self, words: str) -> None: ...
    def show_problems(self, problems: dict[str, str]) -> None: ...
    def forget(self) -> None: ...


class Accept(Protocol[Opened_co]):
    """Exchanges the code in the background; one of the callbacks is called once, on the screen's thread."""

    def __call__(
        self,
        code: str,
        passphrase: str,
        done: Callable[[Opened_co], None],
        failed: Callable[[Exception], None],
    ) -> None: ...


class InvitationPresenter(Generic[Opened]):
    """Decides what the screen of an invited agent does."""

    def __init__(
        self,
        view: InvitationScreen,
        phrases: Phrases,
        accept: Accept[Opened],
        on_opened: Callable[[Opened], None],
        on_bug: Callable[[Exception], None],
    ) -> None:
        self._view, self._phrases, self._accept = view, phrases, accept
        self._on_opened, self._on_bug = on_opened, on_bug
        self._busy = False
        self._proposed = ""
        self.another_phrase()

    def another_phrase(self) -> None:
        """Propose a new phrase."""
        self._proposed = self._phrases.new()
        self._view.show_phrase(self._proposed)

    def accept(self) -> None:
        """Exchange the code, or say everything that is missing."""
        if self._busy:
            return
        problems: dict[str, str] = {}
        signs = [sign for sign in self._view.code().lower() if not sign.isspace() and sign != "-"]
        if len(signs) != CODE_SIGNS or not set(signs) <= set("0123456789abcdef"):
            problems["code"] = (
                f"Le code a {CODE_SIGNS} signes, de 0 à 9 et de a à f\u00a0: recopiez-le en entier."
            )
        typed = self._view.typed()
        problems |= problems_of(self._phrases, self._proposed, typed)
        self._view.show_problems(problems)
        if problems:
            return
        self._busy = True
        self._view.set_busy("Ouverture…")
        self._accept("".join(signs), typed.wanted(self._proposed), self._done, self._failed)

    def _done(self, opened: Opened) -> None:
        self._busy = False
        self._proposed = ""
        self._view.set_busy("")
        self._view.forget()
        self._on_opened(opened)

    def _failed(self, error: Exception) -> None:
        self._busy = False
        self._view.set_busy("")
        if isinstance(error, WrongPassphrase):
            wait = (
                f" Trop d’essais\u00a0: attendez {french.wait(error.wait)}. Rien n’est effacé."
                if error.wait
                else ""
            )
            self._view.show_problems({"code": f"{WRONG}{wait}"})
        elif isinstance(error, InvalidInput):
            self._view.show_problems(error.problems)
        elif isinstance(error, FsbusError):
            self._view.show_problems({"": str(error)})
        else:
            self._view.show_problems({"": "Le registre n’a pas pu être ouvert. Un rapport a été écrit."})
            self._on_bug(error)
