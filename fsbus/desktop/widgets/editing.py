"""Tells that something in one of many editors changed, by a key, by a click or by the program."""

from collections.abc import Iterable

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from fsbus.desktop.widgets.choices import CheckList


def on_edit(editors: Iterable[QWidget], told: SignalInstance) -> None:
    """Emit ``told``, a signal without arguments, at each change in one of these."""
    for editor in editors:
        if isinstance(editor, QComboBox):
            editor.currentIndexChanged.connect(lambda _index: told.emit())
        elif isinstance(editor, QLineEdit):
            editor.textChanged.connect(lambda _text: told.emit())
        elif isinstance(editor, QPlainTextEdit):
            editor.textChanged.connect(told)
        elif isinstance(editor, CheckList):
            editor.changed.connect(told)
        elif isinstance(editor, QAbstractButton) and editor.isCheckable():
            editor.toggled.connect(lambda _on: told.emit())
