"""Shows the report of a bug, whole and as it is: what was saved is safe, and nothing is sent."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.labels import label

HEADING = "fsbus a rencontré un défaut"
SAFE = (
    "Tout ce qui était « Enregistré » est en sécurité sur ce poste. "
    "Vérifiez la dernière saisie, puis continuez."
)
NOT_STARTED = (
    "fsbus n’a pas pu s’ouvrir. Tout ce qui était « Enregistré » est en sécurité sur ce poste. "
    "Réessayez ; si cela recommence, appelez le coordinateur."
)
LAST_TIME = (
    "La dernière fois, fsbus s’est arrêté d’un coup. Tout ce qui était « Enregistré » est en sécurité sur ce poste. "
    "Vérifiez la dernière saisie."
)
WHAT = (
    "Voici le compte rendu, en entier. Il ne contient ni nom ni rien de ce qui a été saisi, et rien n’est envoyé : "
    "vous pouvez le copier pour la personne qui vous aide."
)
COPIED = "Compte rendu copié"
WIDTH, HEIGHT = 660, 460
"""Logical pixels, where the screen has them; at 200 % on a small laptop it has not."""
MARGIN = 40


class CrashDialog(QDialog):
    """One report, below what is ``said`` of it. Escape, Enter and « Fermer » close it; nothing else happens by itself."""

    def __init__(self, report: str, folder: Path, window: QWidget | None, said: str) -> None:
        super().__init__(window)
        self._folder = folder
        self.setWindowTitle(f"fsbus — {HEADING}")
        self.heading = label(HEADING, "heading")
        self.safe = label(said)
        self.what = label(WHAT, "muted")
        self.report = QPlainTextEdit(report)
        self.report.setReadOnly(True)
        self.report.setTabChangesFocus(True)
        self.report.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.report.setAccessibleName("Compte rendu du défaut")
        self.report.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAccessibleName(HEADING)
        self.setAccessibleDescription(f"{self.safe.text()} {WHAT}")
        self.copied = label("", "success")
        self.copy = button("&Copier")
        self.open_folder = button("&Ouvrir le dossier", hint="Le dossier des comptes rendus")
        self.leave = button("&Fermer", "primary")
        self.leave.setDefault(True)
        self._lay_out()
        self.copy.clicked.connect(self.copy_report)
        self.open_folder.clicked.connect(self.show_folder)
        self.leave.clicked.connect(self.accept)
        room = (window.screen() if window is not None else QGuiApplication.primaryScreen()).availableSize()
        self.resize(min(WIDTH, room.width() - MARGIN), min(HEIGHT, room.height() - MARGIN))
        self.leave.setFocus()

    def copy_report(self) -> None:
        """Put the report on the clipboard, exactly as it is shown."""
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self.copied.setText(COPIED)
        announce(self, COPIED)

    def show_folder(self) -> None:
        """Open the folder of the reports in the system's own window."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))

    def _lay_out(self) -> None:
        down = QVBoxLayout(self)
        down.setContentsMargins(20, 16, 20, 16)
        down.setSpacing(8)
        for one in (self.heading, self.safe, self.what):
            down.addWidget(one)
        down.addWidget(self.report, 1)
        across = QHBoxLayout()
        across.addWidget(self.copy)
        across.addWidget(self.open_folder)
        across.addWidget(self.copied, 1)
        across.addStretch()
        across.addWidget(self.leave)
        down.addLayout(across)
