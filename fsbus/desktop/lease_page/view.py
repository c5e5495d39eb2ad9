"""The screen of an ended lease: why, the exchange, and the code by telephone."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QProgressBar, QVBoxLayout, QWidget

from fsbus.desktop.lease_page.presenter import LeaseWords
from fsbus.desktop.stick.view import StickView
from fsbus.desktop.unlock.view import centred_card
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Following
from fsbus.desktop.widgets.texts import Line


class LeaseView(Following):
    """Says what is the matter and what to do, in the order in which it is tried."""

    sync_requested = Signal()
    code_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        page = QFrame()
        self.sync = button("É&changer maintenant", "primary", hint="F5")
        self.code = Line("12 chiffres", 30)
        self.use = button("&Ouvrir avec ce code", hint="Entrée")
        self.row = FieldRow("Code &dicté par le coordinateur", self.code)
        self.why, self.kept = label(""), label("", "muted")
        self.challenge, self.device = label("", "phrase"), label("", "body")
        for shown in (self.device, self.challenge):
            # What is dictated may be read by a screen reader, digit after digit.
            shown.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByKeyboard | Qt.TextInteractionFlag.TextSelectableByMouse
            )
        self.stick = StickView(as_row=True)
        self._said = label("", "error")
        self._no_code = label("")
        self._by_code = QWidget()
        self._progress = QProgressBar()
        self._progress.setAccessibleName("Avancement de l’échange")
        self._progress.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._lay_out(page)
        self.setWidget(page)
        self.sync.clicked.connect(self.sync_requested)
        self.use.clicked.connect(self.code_requested)
        self.code.returnPressed.connect(self.code_requested)
        self.setFocusProxy(self.sync)

    def show_words(self, words: LeaseWords) -> None:
        """Show where things stand."""
        self.why.setText(words.why)
        self.kept.setText(words.kept)
        self.device.setText(words.device)
        self.device.setAccessibleName(f"Identifiant de ce poste\u00a0: {words.device}")
        self.challenge.setText(words.challenge)
        self.challenge.setAccessibleName(f"Question à dicter\u00a0: {words.challenge}")
        self._no_code.setText(words.by_phone)
        self._by_code.setVisible(bool(words.challenge))
        self._no_code.setVisible(bool(words.by_phone))

    def show_busy(self, busy: bool) -> None:
        """Say that the exchange is under way."""
        # Not disabled: the keyboard would go elsewhere. A second press does nothing.
        self.sync.setText("Échange en cours…" if busy else "É&changer maintenant")
        self._progress.setVisible(busy)

    def show_progress(self, done: int, total: int) -> None:
        """Operations acknowledged, of how many."""
        self._progress.setRange(0, max(total, 0))
        self._progress.setValue(done)
        self._progress.setFormat(f"{done} sur {total}" if total else "")

    def say(self, text: str) -> None:
        """Tell how the exchange ended, on the screen and to the screen reader."""
        self._said.setText(text)
        self._said.setVisible(bool(text))
        if text:
            announce(self.sync, text)

    def said(self) -> str:
        """What was told last of the exchange."""
        return self._said.text()

    def typed(self) -> str:
        """The code as typed."""
        return self.code.text()

    def show_problem(self, text: str) -> None:
        """Say what is wrong with the code, beside it; the keyboard goes back to it."""
        if self._by_code.isHidden():
            self.say(text)
            return
        self.row.set_problem(text)
        self.code.selectAll()
        self.code.setFocus()
        announce(self.code, text)

    def _lay_out(self, page: QFrame) -> None:
        layout = centred_card(page, 600)
        layout.addWidget(label("fsbus", "brand"))
        title = label("Ce poste doit reprendre contact", "title")
        title.setWordWrap(True)
        layout.addWidget(title)
        layout.addWidget(self.why)
        layout.addWidget(self.kept)
        layout.addWidget(self.sync)
        layout.addWidget(self._progress)
        layout.addWidget(self._said)
        layout.addWidget(self._no_code)
        by_code = QVBoxLayout(self._by_code)
        by_code.setContentsMargins(0, 8, 0, 0)
        by_code.setSpacing(10)
        by_code.addWidget(label("Sans réseau\u00a0: appelez le coordinateur", "heading"))
        by_code.addWidget(
            label(
                "Dictez-lui la question et le début du poste (cinq signes suffisent). "
                "Il vous donne en retour un code de 12\u00a0chiffres.",
                "muted",
            )
        )
        dictated = QGridLayout()
        dictated.setHorizontalSpacing(16)
        dictated.setColumnStretch(1, 1)
        for line, (name, shown) in enumerate((("Poste", self.device), ("Question", self.challenge))):
            dictated.addWidget(label(name, "field"), line, 0)
            dictated.addWidget(shown, line, 1)
        by_code.addLayout(dictated)
        by_code.addWidget(self.row)
        by_code.addWidget(self.use)
        layout.addWidget(self._by_code)
        layout.addWidget(self.stick)
        for hidden in (self._progress, self._said, self._no_code):
            hidden.hide()
