"""Opens the store with the passphrase typed, in the background; says in French why it did not."""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from fsbus.core.errors import FsbusError, WrongPassphrase

Opened = TypeVar("Opened")
Opened_co = TypeVar("Opened_co", covariant=True)
WRONG = "Cette phrase n’ouvre rien ici. Vérifiez les majuscules, les accents et les espaces, puis réessayez."


class UnlockScreen(Protocol):
    """What the presenter needs of the screen."""

    def typed(self) -> str: ...
    def forget(self) -> None: ...
    def set_busy(self, busy: bool) -> None: ...
    def show_error(self, text: str) -> None: ...


class Door(Protocol[Opened_co]):
    """Opens the store in the background; one of the callbacks is called once, on the screen's thread."""

    def __call__(
        self, passphrase: str, done: Callable[[Opened_co], None], failed: Callable[[Exception], None]
    ) -> None: ...


class UnlockPresenter(Generic[Opened]):
    """Decides what the unlock screen does."""

    def __init__(
        self,
        view: UnlockScreen,
        door: Door[Opened],
        on_opened: Callable[[Opened], None],
        on_bug: Callable[[Exception], None],
    ) -> None:
        self._view = view
        self._door = door
        self._on_opened = on_opened
        self._on_bug = on_bug
        self._busy = False

    def open(self) -> None:
        """Try the passphrase; a second press while it is tried does nothing."""
        if self._busy:
            return
        passphrase = self._view.typed()
        if not passphrase.strip():
            self._view.show_error("Écrivez la phrase secrète de ce poste.")
            return
        self._busy = True
        self._view.set_busy(True)
        self._door(passphrase, self._done, self._failed)

    def _done(self, opened: Opened) -> None:
        self._busy = False
        self._view.forget()
        self._view.set_busy(False)
        self._on_opened(opened)

    def _failed(self, error: Exception) -> None:
        self._busy = False
        self._view.set_busy(False)
        if isinstance(error, WrongPassphrase):
            self._view.show_error(WRONG)
        elif isinstance(error, FsbusError):
            self._view.show_error(str(error))
        else:
            self._view.show_error("Le registre n’a pas pu être ouvert. Un rapport a été écrit.")
            self._on_bug(error)
