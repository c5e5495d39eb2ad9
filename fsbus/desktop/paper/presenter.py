"""Decides what is printed, on which paper, and where its files go."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from fsbus.actions.paper import NAME
from fsbus.core.errors import FsbusError
from fsbus.core.privacy import name_refusal
from fsbus.core.sheets import Sheet
from fsbus.desktop.paper.choice import PaperChoice
from fsbus.desktop.paper.papers import Papers
from fsbus.desktop.running import Runner

PDF, HTML = ".pdf", ".html"
NO_PRINTER = (
    "Aucune imprimante n’est installée sur ce poste\u00a0: branchez-en une, ou enregistrez la feuille en PDF."
)
NOT_PRINTED = (
    "L’impression n’a pas pu commencer\u00a0: vérifiez l’imprimante, ou enregistrez la feuille en PDF."
)
THERE_ALREADY = "Ce fichier existe déjà. Le remplacer\u202f?"
FAILED = "La feuille n’a pas pu être écrite. Un rapport a été fait\u00a0; ce qui est enregistré le reste."


class PaperScreen(Protocol):
    """What the presenter needs of the page."""

    def start(self, title: str, kinds: Mapping[str, str], *, named: bool = True) -> None: ...
    def show_papers(self, papers: Mapping[str, str]) -> None: ...
    def choice(self) -> PaperChoice: ...
    def show_sheet(self, sheet: Sheet) -> None: ...
    def show_name_problem(self, text: str) -> None: ...
    def has_printer(self) -> bool: ...
    def print_sheet(self, sheet: Sheet) -> int | None: ...
    def ask_file(self, proposed: str) -> Path | None: ...
    def confirm_replace(self, question: str, words: str) -> bool: ...
    def set_busy(self, busy: bool) -> None: ...
    def say(self, text: str) -> None: ...


class Jobs(Protocol):
    """What is written on the worker."""

    def write(self, sheet: Sheet, path: Path) -> Path: ...


class PaperPresenter:
    """The sheets of one thing at a time, read from the store when they are shown."""

    def __init__(
        self,
        view: PaperScreen,
        *,
        runner: Runner,
        jobs: Jobs,
        on_bug: Callable[[Exception], None],
    ) -> None:
        self._view, self._runner, self._jobs = view, runner, jobs
        self._on_bug = on_bug
        self._told: Papers | None = None
        self._busy = False

    def show(self, papers: Papers) -> bool:
        """Show the first sheet of these; False when they are no longer here."""
        if not papers.read():
            self._told = None
            return False
        self._told = papers
        self._view.start(papers.title(), papers.kinds(), named=papers.takes_name)
        self.change_kind()
        return True

    def refresh(self) -> None:
        """Draw it anew if an exchange changed it; nothing of it stays when it was erased."""
        if self._told is not None and self._told.differs():
            self._whole_sheet()

    def leave(self) -> None:
        """Hold nothing of it, nor the name, any longer than the page is shown."""
        self._told = None
        self._view.start("", {})

    def change_kind(self) -> None:
        """Offer the papers of the sheet that was chosen, and draw it."""
        kind = self._view.choice().kind
        if kind and self._told is not None:
            self._view.show_papers({paper.code: paper.label for paper in self._told.papers_of(kind)})
        self.draw()

    def draw(self) -> Sheet | None:
        """Draw the sheet as chosen; None when its name cannot stay, which is said beside it."""
        told, choice = self._told, self._view.choice()
        if told is None:
            return None
        problems: dict[str, str] = {}
        name = NAME.read(choice.name, "name", problems).strip()
        self._view.show_name_problem(problems.get("name", ""))
        if problems:
            return None
        paper = next(one for one in told.papers_of(choice.kind) if one.code == choice.paper)
        sheet = told.sheet(choice.kind, paper, name)
        self._view.show_sheet(sheet)
        return sheet

    def print(self) -> None:
        """Print by the system's dialog."""
        sheet = self._whole_sheet()
        if sheet is None:
            return
        if not self._view.has_printer():
            self._view.say(NO_PRINTER)
            return
        count = self._view.print_sheet(sheet)
        if count is not None:
            pages = "1 page envoyée" if count == 1 else f"{count} pages envoyées"
            self._view.say(f"{pages} à l’imprimante." if count else NOT_PRINTED)

    def save_pdf(self) -> None:
        """As a PDF, where the agent says."""
        self._save(PDF)

    def save_html(self) -> None:
        """As a page for a browser and a screen reader, where the agent says."""
        self._save(HTML)

    def _save(self, suffix: str) -> None:
        sheet = self._whole_sheet()
        if sheet is None or self._busy or self._told is None:
            return
        kind = self._view.choice().kind
        asked = self._view.ask_file(f"{self._told.file_name(kind)}{suffix}")
        if asked is None:
            return
        if why := name_refusal(asked.name):
            self._view.say(why)
            return
        path = asked if asked.suffix.lower() == suffix else asked.with_name(asked.name + suffix)
        if path.exists() and not self._view.confirm_replace(THERE_ALREADY, path.name):
            return
        self._busy = True
        self._view.set_busy(True)
        self._runner.run(
            lambda _tell: self._jobs.write(sheet, path),
            lambda written: self._done(f"Enregistré\u00a0: {written.name}"),
            self._failed,
        )

    def _whole_sheet(self) -> Sheet | None:
        """The sheet as it is in the store now: it may have been changed or erased since."""
        told = self._told
        if told is None:
            return None
        if not told.read():
            self.leave()
            self._view.say(told.gone)
            return None
        return self.draw()

    def _done(self, text: str) -> None:
        self._busy = False
        self._view.set_busy(False)
        self._view.say(text)

    def _failed(self, error: Exception) -> None:
        known = isinstance(error, FsbusError)
        self._done(str(error) if known else FAILED)
        if not known:
            self._on_bug(error)
