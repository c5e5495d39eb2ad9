"""Whose session it is, always in sight, with the menu of what this agent may do about it."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton

LONGEST = 24
"""Characters of a name shown whole."""


class AgentButton(QPushButton):
    """The agent's name; its menu leads to « Sécurité », or back to the unlock screen."""

    security_requested = Signal()
    lock_requested = Signal()
    minutes_chosen = Signal(int)
    """After how many minutes without a key this laptop is to lock itself."""

    def __init__(self) -> None:
        super().__init__()
        self._name, self._short = "", False
        self.setProperty("role", "quiet")
        self.setAutoDefault(False)
        self.security = QAction("&Sécurité", self)
        self.switch = QAction("&Changer d’agent", self)
        self.lock = QAction("&Verrouiller", self)
        self.security.triggered.connect(self.security_requested)
        # Another agent opens with another passphrase: both lead to the unlock screen, without the key.
        self.switch.triggered.connect(self.lock_requested)
        self.lock.triggered.connect(self.lock_requested)

    def show_agent(self, name: str) -> None:
        """Whose session it is."""
        self._name = name
        if self.menu() is None:
            self._make_menu()
        self.setAccessibleName(f"Session de {name}")
        told = f"Session de {name}\u00a0: sécurité, changer d’agent, verrouiller"
        self.setToolTip(told)
        self.setAccessibleDescription("Sécurité, changer d’agent, verrouiller")
        self._show()

    def show_minutes(self, choices: Sequence[int], chosen: int) -> None:
        """The minutes that may be chosen; those in use are ticked."""
        if self.menu() is None:
            self._make_menu()
        self.minutes.clear()
        for minutes in choices:
            action = self.minutes.addAction(f"{minutes}\u00a0minute{'s' if minutes > 1 else ''}")
            action.setCheckable(True)
            action.setChecked(minutes == chosen)
            action.triggered.connect(lambda _on=False, minutes=minutes: self.minutes_chosen.emit(minutes))

    def show_short(self, short: bool) -> None:
        """The first name alone, where there is little room."""
        if short != self._short:
            self._short = short
            self._show()

    def _make_menu(self) -> None:
        # Once it is of use: the unlock window must not wait for it.
        from PySide6.QtWidgets import QMenu

        menu = QMenu(self)
        menu.setAccessibleName("Agent")
        menu.addAction(self.security)
        menu.addSeparator()
        menu.addActions([self.switch, self.lock])
        self.minutes = menu.addMenu("Verrouiller &seul après")
        self.minutes.setAccessibleName("Verrouiller seul après")
        self.setMenu(menu)

    def _show(self) -> None:
        shown = self._name.split()[0] if self._short and self._name.strip() else self._name
        shown = shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"
        # A name may hold « & », which a button would take for the mark of its Alt key.
        self.setText(f"{shown.replace('&', '&&')} ▾")
