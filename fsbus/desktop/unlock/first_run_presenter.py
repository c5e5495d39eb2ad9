"""Makes the store of a new laptop once everything asked for is there."""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from fsbus.core.errors import FsbusError
from fsbus.desktop.unlock.choosing import Phrases, TypedPhrase, problems_of

Opened = TypeVar("Opened")
Opened_co = TypeVar("Opened_co", covariant=True)


class FirstRunScreen(Protocol):
    """What the presenter needs of the screen."""

    def bus_name(self) -> str: ...
    def agent_name(self) -> str: ...
    def phrases(self) -> tuple[str, str]: ...
    def has_noted(self) -> bool: ...
    def show_phrase(self, phrase: str) -> None: ...
    def show_own(self, own: bool) -> None: ...
    def set_busy(self, busy: bool) -> None: ...
    def show_problems(self, problems: dict[str, str]) -> None: ...


class Maker(Protocol[Opened_co]):
    """Makes the store in the background; one of the callbacks is called once, on the screen's thread."""

    def __call__(
        self,
        passphrase: str,
        bus: str,
        agent: str,
        done: Callable[[Opened_co], None],
        failed: Callable[[Exception], None],
    ) -> None: ...


class FirstRunPresenter(Generic[Opened]):
    """Decides what the first screen does."""

    def __init__(
        self,
        view: FirstRunScreen,
        phrases: Phrases,
        maker: Maker[Opened],
        on_opened: Callable[[Opened], None],
        on_bug: Callable[[Exception], None],
    ) -> None:
        self._view = view
        self._phrases = phrases
        self._maker = maker
        self._on_opened = on_opened
        self._on_bug = on_bug
        self._own = False
        self._busy = False
        self._phrase = ""
        self.another_phrase()

    def another_phrase(self) -> None:
        """Propose a new generated phrase."""
        self._phrase = self._phrases.new()
        self._view.show_phrase(self._phrase)

    def choose_own(self, own: bool) -> None:
        """The agent's own phrase instead of the generated one."""
        self._own = own
        self._view.show_own(own)

    def create(self) -> None:
        """Make the store, or say everything that is missing."""
        if self._busy:
            return
        problems: dict[str, str] = {}
        bus, agent = self._view.bus_name().strip(), self._view.agent_name().strip()
        chosen, again = self._view.phrases()
        typed = TypedPhrase(self._own, chosen, again, self._view.has_noted())
        if not bus:
            problems["bus"] = "Comment s’appelle ce bus ?"
        if not agent:
            problems["agent"] = "Qui se sert de ce poste ?"
        problems |= problems_of(self._phrases, self._phrase, typed)
        self._view.show_problems(problems)
        if problems:
            return
        self._busy = True
        self._view.set_busy(True)
        self._maker(typed.wanted(self._phrase), bus, agent, self._done, self._failed)

    def _done(self, opened: Opened) -> None:
        self._busy = False
        self._view.set_busy(False)
        self._on_opened(opened)

    def _failed(self, error: Exception) -> None:
        self._busy = False
        self._view.set_busy(False)
        if isinstance(error, FsbusError):
            self._view.show_problems({"": str(error)})
            return
        self._view.show_problems({"": "Le registre n’a pas pu être créé. Un rapport a été écrit."})
        self._on_bug(error)
