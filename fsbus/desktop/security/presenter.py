"""Shows how this laptop is guarded; has it backed up and checked; prepares the lost-laptop sheet."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from fsbus.actions.lost_device import lost_sheet
from fsbus.actions.security import security_of
from fsbus.actions.session import Session
from fsbus.core.errors import FsbusError
from fsbus.core.sheets import Sheet
from fsbus.desktop.running import Runner
from fsbus.desktop.security.words import content_card, guard_card
from fsbus.desktop.widgets.told import ToldCard

T = TypeVar("T")
FAILED = "Cela n’a pas pu se faire. Un rapport a été écrit\u00a0; rien n’est perdu."


class GuardScreen(Protocol):
    """What the presenter needs of the page."""

    def show_cards(self, guard: ToldCard, content: ToldCard) -> None: ...
    def set_busy(self, words: str) -> None: ...
    def say(self, text: str) -> None: ...
    def ask_folder(self) -> Path | None: ...
    def ask_file(self, proposed: str) -> Path | None: ...


class GuardJobs(Protocol):
    """What takes long, on the worker."""

    def check(self) -> tuple[bool, bool]: ...
    def back_up(self, folder: Path | None) -> str: ...
    def write_sheet(self, sheet: Sheet, path: Path) -> tuple[Path, Path]: ...


class SecurityPresenter:
    """Decides what the cards of the page do."""

    def __init__(
        self,
        view: GuardScreen,
        session: Session,
        *,
        runner: Runner,
        jobs: GuardJobs,
        on_bug: Callable[[Exception], None],
    ) -> None:
        self._view, self._session, self._runner, self._jobs = view, session, runner, jobs
        self._on_bug = on_bug
        self._busy = False

    def refresh(self) -> None:
        """Read everything again and show it."""
        try:
            state = security_of(self._session)
        except FsbusError as error:
            self._view.say(str(error))
            return
        self._view.show_cards(guard_card(state, self._session.clock.now()), content_card(state))

    def check(self) -> None:
        """Verify everything in the background."""
        self._start("Vérification en cours…", lambda _tell: self._jobs.check(), self._checked)

    def back_up(self) -> None:
        """A backup with the others."""
        self._back_up(None)

    def back_up_elsewhere(self) -> None:
        """A backup on a stick, or in any folder."""
        folder = self._view.ask_folder()
        if folder is not None:
            self._back_up(folder)

    def prepare_sheet(self) -> None:
        """The lost-laptop sheet as PDF and HTML, where the agent says."""
        if self._busy:
            return
        try:
            state = security_of(self._session)
        except FsbusError as error:
            self._view.say(str(error))
            return
        path = self._view.ask_file(f"fiche-poste-perdu-{state.device[:5]}.pdf")
        if path is not None:
            drawn = lost_sheet(state, self._session.clock)
            self._start(
                "Préparation de la fiche…", lambda _tell: self._jobs.write_sheet(drawn, path), self._written
            )

    def _back_up(self, folder: Path | None) -> None:
        where = "" if folder is None else f" dans «\u00a0{folder}\u00a0»"
        self._start(
            "Sauvegarde en cours…",
            lambda _tell: self._jobs.back_up(folder),
            lambda name: self._done(f"Sauvegarde faite et relue{where}\u00a0: {name}."),
        )

    def _start(
        self, words: str, job: Callable[[Callable[[object], None]], T], done: Callable[[T], None]
    ) -> None:
        if self._busy:
            return
        self._busy = True
        self._view.set_busy(words)
        self._runner.run(job, done, self._failed)

    def _checked(self, found: tuple[bool, bool]) -> None:
        sound, repaired = found
        if not sound:
            self._done(
                "Des défauts ont été trouvés\u00a0: rien n’a été effacé. Synchronisez et appelez le coordinateur."
            )
        elif repaired:
            self._done("Vérification faite\u00a0: un index était à refaire, il l’est. Tout est en ordre.")
        else:
            self._done("Vérification faite\u00a0: tout est en ordre.")

    def _written(self, paths: tuple[Path, Path]) -> None:
        self._done(
            f"Fiche prête\u00a0: {paths[0].name} à imprimer, {paths[1].name} à lire. Gardez-la hors du bus, et refaites-la "
            "quand les agents changent."
        )

    def _done(self, text: str) -> None:
        self._busy = False
        self._view.set_busy("")
        self.refresh()
        self._view.say(text)

    def _failed(self, error: Exception) -> None:
        known = isinstance(error, FsbusError)
        self._done(str(error) if known else FAILED)
        if not known:
            self._on_bug(error)
