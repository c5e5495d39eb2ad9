"""Opens the store with the passphrase typed, in the background; says in French why it did not."""

import math
import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from fsbus.core import french
from fsbus.core.errors import FsbusError, TooSoon, WrongPassphrase

Opened = TypeVar("Opened")
Opened_co = TypeVar("Opened_co", covariant=True)
WRONG = "Cette phrase n’ouvre rien ici. Vérifiez les majuscules, les accents et les espaces, puis réessayez."
NOT_SHOWN = "Le registre s’est ouvert, mais n’a pas pu être montré\u00a0: fermez fsbus et relancez-le. Rien n’est perdu."


class UnlockScreen(Protocol):
    """What the presenter needs of the screen."""

    def typed(self) -> str: ...
    def forget(self) -> None: ...
    def set_busy(self, busy: bool) -> None: ...
    def show_error(self, text: str) -> None: ...
    def show_wait(self, text: str) -> None: ...
    def show_progress(self, text: str) -> None: ...


class Door(Protocol[Opened_co]):
    """Opens the store in the background; one of the callbacks is called once, on the screen's thread."""

    def __call__(
        self,
        passphrase: str,
        done: Callable[[Opened_co], None],
        failed: Callable[[Exception], None],
        progress: Callable[[str], None],
    ) -> None: ...


class UnlockPresenter(Generic[Opened]):
    """Decides what the unlock screen does."""

    def __init__(
        self,
        view: UnlockScreen,
        door: Door[Opened],
        on_opened: Callable[[Opened], None],
        on_bug: Callable[[Exception], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._until: float | None = None
        self._view = view
        self._door = door
        self._on_opened = on_opened
        self._on_bug = on_bug
        self._busy = False

    def open(self) -> None:
        """Try the passphrase; a second press while it is tried does nothing."""
        if self._busy:
            return
        left = self._left()
        if left:
            self._view.show_error(_wait(left))
            return
        passphrase = self._view.typed()
        if not passphrase.strip():
            self._view.show_error("Écrivez la phrase secrète de ce poste.")
            return
        self._busy = True
        self._view.set_busy(True)
        self._door(passphrase, self._done, self._failed, self._view.show_progress)

    def tick(self) -> None:
        """To be called each second: tells how long there is still to wait, and when it is over."""
        if self._until is None or self._busy:
            return
        left = self._left()
        if not left:
            self._until = None
        self._view.show_wait(_wait(left) if left else "Vous pouvez réessayer.")

    def _left(self) -> int:
        return 0 if self._until is None else max(0, math.ceil(self._until - self._monotonic()))

    def _done(self, opened: Opened) -> None:
        self._busy = False
        self._view.forget()
        self._view.set_busy(False)
        try:
            self._on_opened(opened)
        except Exception:
            # The same report is shown once: the second time the field would only be found empty again.
            self._view.show_error(NOT_SHOWN)
            raise

    def _failed(self, error: Exception) -> None:
        self._busy = False
        self._view.set_busy(False)
        if isinstance(error, WrongPassphrase):
            self._until = self._monotonic() + error.wait if error.wait else None
            told = [] if isinstance(error, TooSoon) else [WRONG]
            self._view.show_error(" ".join([*told, *([_wait(error.wait)] if error.wait else [])]))
        elif isinstance(error, FsbusError):
            self._view.show_error(str(error))
        else:
            self._view.show_error("Le registre n’a pas pu être ouvert. Un rapport a été écrit.")
            self._on_bug(error)


def _wait(seconds: int) -> str:
    return f"Trop d’essais : attendez encore {french.wait(seconds)}. Rien n’est effacé."
