"""Writes a USB stick and reads the centre's answer from one, and says calmly how it went."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from fsbus.actions.stick_words import Taken, Written, taken_in_words, written_in_words
from fsbus.core.errors import FsbusError
from fsbus.desktop.running import Runner

SUFFIX = ".fsb"
_NAMED = 5
"""Characters of the laptop's name in that of its file: two laptops may share a stick."""


class Stick(Protocol):
    """The two jobs with a stick; they run in the background, on their own store connection."""

    def write(self, path: Path) -> Written: ...
    def read(self, path: Path) -> Taken: ...


class StickScreen(Protocol):
    """What the presenter needs of the screen."""

    def show_use(self, *, usable: bool, busy: bool) -> None: ...
    def say(self, text: str) -> None: ...
    def ask_where_to_write(self, proposed: str) -> Path | None: ...
    def ask_what_to_read(self) -> Path | None: ...
    def ask_to_replace(self, name: str) -> bool: ...


class StickPresenter:
    """The exchange by stick as the agent sees it. ``on_done`` is called after each, with the kinds of record that an
    answer changed here."""

    def __init__(
        self,
        view: StickScreen,
        device: str,
        *,
        runner: Runner,
        stick: Stick,
        on_done: Callable[[frozenset[str]], None],
        on_bug: Callable[[Exception], None],
    ) -> None:
        self._view = view
        self._proposed = f"fsbus-{device[:_NAMED]}{SUFFIX}"
        self._runner = runner
        self._stick = stick
        self._on_done = on_done
        self._on_bug = on_bug
        self._usable = self._busy = False

    def allow(self, usable: bool) -> None:
        """Whether this laptop has a centre to write to."""
        self._usable = usable
        self._show()

    def write(self) -> None:
        """Ask where, then write what waits there."""
        if self._busy:
            return
        chosen = self._view.ask_where_to_write(self._proposed)
        if chosen is None:
            return
        path = chosen if chosen.suffix else chosen.with_suffix(SUFFIX)
        # The dialog asked about the name that was typed, not about the one that it becomes.
        if path != chosen and path.exists() and not self._view.ask_to_replace(path.name):
            return
        self._begin("Écriture sur la clé USB… Ne la retirez pas encore.")
        self._runner.run(
            lambda _tell: self._stick.write(path),
            self._written,
            self._failed,
        )

    def read(self) -> None:
        """Ask which file, then take the centre's answer from it."""
        if self._busy:
            return
        path = self._view.ask_what_to_read()
        if path is None:
            return
        self._begin("Lecture de la réponse du centre…")
        self._runner.run(lambda _tell: self._stick.read(path), self._taken, self._failed)

    def _written(self, written: Written) -> None:
        self._end(written_in_words(written))
        self._on_done(frozenset())

    def _taken(self, taken: Taken) -> None:
        self._end(taken_in_words(taken))
        self._on_done(taken.kinds)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, FsbusError):
            self._end(error.words)
        else:
            self._end("La clé USB n’a pas pu servir. Un rapport a été écrit\u202f; rien n’est perdu.")
            self._on_bug(error)
            return
        # The centre may have said something of this laptop all the same.
        self._on_done(frozenset())

    def _begin(self, words: str) -> None:
        self._busy = True
        self._show()
        self._view.say(words)

    def _end(self, words: str) -> None:
        self._busy = False
        self._show()
        self._view.say(words)

    def _show(self) -> None:
        self._view.show_use(usable=self._usable, busy=self._busy)
