"""Writes a USB stick and reads the centre's answer from one, and says calmly how it went."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from fsbus.core.errors import FsbusError, InvalidInput
from fsbus.core.french import number
from fsbus.desktop.running import Runner

SUFFIX = ".fsb"
_NAMED = 5
"""Characters of the laptop's name in that of its file: two laptops may share a stick."""


class Written(Protocol):
    """What the presenter reads of a file that was written."""

    @property
    def changes(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    @property
    def left(self) -> int: ...


class Taken(Protocol):
    """What the presenter reads of an answer that was taken."""

    @property
    def changes(self) -> int: ...
    @property
    def acked(self) -> int: ...
    @property
    def conflicts(self) -> int: ...
    @property
    def quarantined(self) -> int: ...
    @property
    def more(self) -> bool: ...
    @property
    def kinds(self) -> frozenset[str]: ...


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


class StickPresenter:
    """The exchange by stick as the agent sees it. ``on_taken`` gets the kinds of record that an answer changed here."""

    def __init__(
        self,
        view: StickScreen,
        device: str,
        *,
        runner: Runner,
        stick: Stick,
        on_taken: Callable[[frozenset[str]], None],
        on_bug: Callable[[Exception], None],
    ) -> None:
        self._view = view
        self._proposed = f"fsbus-{device[:_NAMED]}{SUFFIX}"
        self._runner = runner
        self._stick = stick
        self._on_taken = on_taken
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
        self._begin("Écriture sur la clé USB… Ne la retirez pas encore.")
        self._runner.run(
            lambda _tell: self._stick.write(path),
            lambda done: self._end(written_in_words(done)),
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

    def _taken(self, taken: Taken) -> None:
        self._end(taken_in_words(taken))
        self._on_taken(taken.kinds)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, InvalidInput):
            self._end(" ".join(error.problems.values()))
        elif isinstance(error, FsbusError):
            self._end(str(error))
        else:
            self._end("La clé USB n’a pas pu servir. Un rapport a été écrit\u202f; rien n’est perdu.")
            self._on_bug(error)
            return
        # The centre may have said something of this laptop all the same.
        self._on_taken(frozenset())

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


def written_in_words(written: Written) -> str:
    """What to say of a stick that is ready to be carried."""
    told = (
        f"{_entries(written.changes)} sur la clé USB, écrites et relues"
        if written.changes > 1
        else (
            "1 saisie sur la clé USB, écrite et relue" if written.changes else "La demande est sur la clé USB"
        )
    )
    left = f" {_entries(written.left)} n’y tenaient pas et partiront ensuite." if written.left else ""
    return f"{told}\u202f: vous pouvez la retirer et la faire porter au centre.{left}"


def taken_in_words(taken: Taken) -> str:
    """What to say of an answer that was read."""
    if not taken.acked and not taken.changes:
        told = "Réponse du centre lue\u202f: elle n’apprend rien de plus, tout était déjà à jour."
    else:
        got = "1 saisie reçue" if taken.acked == 1 else f"{_entries(taken.acked)} reçues"
        new = "1 nouvelle" if taken.changes == 1 else f"{number(taken.changes)} nouvelles"
        told = f"Réponse du centre lue\u202f: {got} par le centre, {new} sur ce poste."
    check = taken.conflicts + taken.quarantined
    if check:
        told += " 1 est à vérifier." if check == 1 else f" {number(check)} sont à vérifier."
    return told + (" Le centre a encore à dire\u202f: écrivez une nouvelle clé USB." if taken.more else "")


def _entries(count: int) -> str:
    return f"{number(count)} saisies" if count != 1 else "1 saisie"
