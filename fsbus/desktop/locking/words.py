"""The French words about the lock, for the window: nothing else is loaded before the unlock screen."""

WARNED_FOR = 30
"""Seconds before the lock during which the agent is warned."""
PANIC_WORDS = "F12 ou Ctrl+Maj+L"
WARNING = f"Sans activité, fsbus se verrouille dans {WARNED_FOR} secondes : appuyez sur une touche."
