"""The « Imprimer » page: which sheet, on which paper, its preview, and where it goes."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from fsbus.core.sheets import Sheet
from fsbus.desktop.paper.choice import PaperChoice
from fsbus.desktop.paper.preview import RESOLUTION, Preview
from fsbus.desktop.sheet_drawing import draw, fit
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.choices import Choice, chain
from fsbus.desktop.widgets.confirming import confirm
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Page

NAME_WORDS = "Écrire le &nom de la personne"
FILE_WORDS = (
    "Un fichier enregistré n’est pas chiffré\u00a0: une fois remis ou imprimé, effacez-le. La page HTML se lit "
    "avec un lecteur d’écran."
)
_CHOICES = 300
"""Logical pixels of the column of choices."""


class PaperView(Page):
    """Tab goes through the choices, the preview, then the doors; Escape goes back."""

    back_requested = Signal()
    left = Signal()
    """Another page is shown, however the agent went there."""
    kind_changed = Signal()
    changed = Signal()
    print_requested = Signal()
    pdf_requested = Signal()
    html_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.back = button("&Retour", keys=("Esc",), hint="Revenir où l’on était")
        self.kind, self.paper = Choice({}), Choice({})
        self.named = QCheckBox(NAME_WORDS)
        self.named.setAccessibleName(NAME_WORDS.replace("&", ""))
        self.name = QLineEdit()
        self.preview = Preview()
        self.print_it = button(
            "Im&primer…", "primary", hint="Par la fenêtre d’impression du système — Ctrl+P"
        )
        self.pdf = button("Enregistrer en P&DF…")
        self.html = button("Enregistrer en &HTML…", hint="Pour un lecteur d’écran ou un navigateur")
        self._title, self._said = label("", "muted"), label("", "success")
        self._kind_row = FieldRow("Feui&lle", self.kind)
        self._paper_row = FieldRow("Forma&t", self.paper)
        self._name_row = FieldRow(
            "No&m et prénom, pour ce papier seulement", self.name, hint="Il n’est enregistré nulle part"
        )
        self._lay_out()
        self.back.clicked.connect(self.back_requested)
        self.kind.currentIndexChanged.connect(self.kind_changed)
        self.paper.currentIndexChanged.connect(self.changed)
        self.named.toggled.connect(self._ask_name)
        self.name.editingFinished.connect(self.changed)
        for door, signal in (
            (self.print_it, self.print_requested),
            (self.pdf, self.pdf_requested),
            (self.html, self.html_requested),
        ):
            door.clicked.connect(signal)
        self.setFocusProxy(self.print_it)

    def start(self, title: str, kinds: Mapping[str, str], *, named: bool = True) -> None:
        """Other sheets; no name, no sheet drawn yet. ``named``: whether a name may be written on them."""
        self._title.setText(title)
        self._said.hide()
        for part in (self.kind, self.paper, self.named, self.name):
            part.blockSignals(True)
        _replace(self.kind, kinds)
        _replace(self.paper, {})
        self.named.setChecked(False)
        self.name.clear()
        for part in (self.kind, self.paper, self.named, self.name):
            part.blockSignals(False)
        self._name_row.hide()
        self.named.setVisible(named)
        self.show_name_problem("")
        self.preview.show_sheet(None)

    def show_papers(self, papers: Mapping[str, str]) -> None:
        """The papers of this sheet; the one chosen stays when it can."""
        before = self.paper.code()
        self.paper.blockSignals(True)
        _replace(self.paper, papers)
        self.paper.set_code(before)
        self.paper.blockSignals(False)

    def choice(self) -> PaperChoice:
        """What is chosen and typed."""
        name = self.name.text() if self.named.isChecked() else ""
        return PaperChoice(self.kind.code(), self.paper.code(), name)

    def show_sheet(self, sheet: Sheet) -> None:
        """Draw the preview."""
        self.preview.show_sheet(sheet)

    def show_name_problem(self, text: str) -> None:
        """What is wrong with the name; nothing when empty."""
        self._name_row.set_problem(text)
        if text:
            self.name.setFocus()

    def has_printer(self) -> bool:
        """Whether the system knows any."""
        return bool(QPrinterInfo.availablePrinterNames())

    def print_sheet(self, sheet: Sheet) -> int | None:
        """Print; how many pages, 0 when the printer did not start, None when the agent gave up."""
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setResolution(RESOLUTION)
        # What the queue of the system shows to everybody, and keeps.
        printer.setDocName("fsbus")
        printer.setCreator("fsbus")
        fit(sheet, printer)
        return draw(sheet, printer) if self.ask_printer(printer) else None

    def ask_printer(self, printer: QPrinter) -> bool:
        """The system's dialog; whether the agent said yes."""
        dialog = QPrintDialog(printer, self)
        dialog.setWindowTitle("Imprimer")
        dialog.setOption(QPrintDialog.PrintDialogOption.PrintToFile, on=False)
        dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange, on=False)
        try:
            return dialog.exec() == QPrintDialog.DialogCode.Accepted
        finally:
            dialog.deleteLater()

    def ask_file(self, proposed: str) -> Path | None:
        """Where to write; None when the agent gave up. Whether to replace a file is asked once, by the presenter."""
        from PySide6.QtWidgets import QFileDialog

        kind = "PDF (*.pdf)" if proposed.endswith(".pdf") else "Page HTML (*.html)"
        options = QFileDialog.Option.DontConfirmOverwrite
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Où écrire la feuille\u202f?", proposed, kind, options=options
        )
        return Path(chosen) if chosen else None

    def confirm_replace(self, question: str, words: str) -> bool:
        """Ask before a file is replaced."""
        return confirm(self, "Enregistrer", question, words, yes="&Remplacer")

    def set_busy(self, busy: bool) -> None:
        """No second file while one is being written; the keyboard stays where it was."""
        pressed = next((door for door in (self.pdf, self.html) if door.hasFocus()), None)
        for door in (self.pdf, self.html):
            door.setEnabled(not busy or door is pressed)

    def say(self, text: str) -> None:
        """Tell how it ended, beside the doors and to the screen reader."""
        self._said.setText(text)
        self._said.show()
        announce(self, text)

    def said(self) -> str:
        """What was told last."""
        return "" if self._said.isHidden() else self._said.text()

    def follow(self) -> None:
        """Scroll to the widget with the keyboard; to the whole preview, of which Qt would show a corner."""
        super().follow()
        if self.preview.pages.hasFocus():
            self.ensureWidgetVisible(self.preview, 0, 0)

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that the page was left; not when the whole window is put away."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.left.emit()

    def _ask_name(self, wanted: bool) -> None:
        self._name_row.setVisible(wanted)
        if wanted:
            self.name.setFocus()
        self.changed.emit()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label("Imprimer", "title"))
        words.addWidget(self._title)
        head = QHBoxLayout()
        head.addLayout(words, 1)
        head.addWidget(self.back)
        side = QWidget()
        side.setMinimumWidth(_CHOICES)
        down = QVBoxLayout(side)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(10)
        for part in (self._kind_row, self._paper_row, self.named, self._name_row):
            down.addWidget(part)
        down.addSpacing(6)
        for door in (self.print_it, self.pdf, self.html):
            down.addWidget(door)
        down.addWidget(self._said)
        down.addWidget(label(FILE_WORDS, "muted"))
        down.addStretch(1)
        self._said.hide()
        self._name_row.hide()
        self.body.addLayout(head)
        self.body.addLayout(self.columns((side, 1), (self.preview, 3)), 1)
        chain(
            self.kind,
            self.paper,
            self.named,
            self.name,
            self.print_it,
            self.pdf,
            self.html,
            self.preview.pages,
            self.preview.before,
            self.preview.after,
            self.preview.larger,
            self.preview.smaller,
            self.back,
        )


def _replace(choice: Choice, labels: Mapping[str, str]) -> None:
    choice.clear()
    for code, text in labels.items():
        choice.addItem(text, code)
