"""Whose session it is, always in sight, with the menu of what this agent may do about it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton

LONGEST = 24
"""Characters of a name shown whole."""


class AgentButton(QPushButton):
    """The agent's name; its menu leads to « Sécurité », or back to the unlock screen."""

    security_requested = Signal()
    lock_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._name, self._short = "", False
        self.setProperty("role", "quiet")
        self.setAutoDefault(False)
        menu = QMenu(self)
        menu.setAccessibleName("Agent")
        self.security = menu.addAction("&Sécurité")
        menu.addSeparator()
        self.switch = menu.addAction("&Changer d’agent")
        self.lock = menu.addAction("&Verrouiller")
        self.setMenu(menu)
        self.security.triggered.connect(self.security_requested)
        # Another agent opens with another passphrase: both lead to the unlock screen, without the key.
        self.switch.triggered.connect(self.lock_requested)
        self.lock.triggered.connect(self.lock_requested)

    def show_agent(self, name: str) -> None:
        """Whose session it is."""
        self._name = name
        self.setAccessibleName(f"Session de {name}")
        told = f"Session de {name}\u00a0: sécurité, changer d’agent, verrouiller"
        self.setToolTip(told)
        self.setAccessibleDescription("Sécurité, changer d’agent, verrouiller")
        self._show()

    def show_short(self, short: bool) -> None:
        """The first name alone, where there is little room."""
        if short != self._short:
            self._short = short
            self._show()

    def _show(self) -> None:
        shown = self._name.split()[0] if self._short and self._name.strip() else self._name
        shown = shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"
        # A name may hold « & », which a button would take for the mark of its Alt key.
        self.setText(f"{shown.replace('&', '&&')} ▾")
