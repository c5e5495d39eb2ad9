"""The colours that the agent chose, kept outside the encrypted store: they are needed before it opens."""

from pathlib import Path

from fsbus.desktop.palettes import THEMES

FILE = "appearance"
SYSTEM = "system"
THEME_LABELS = {
    SYSTEM: "Comme le système",
    "light": "Clair",
    "dark": "Sombre",
    "high-contrast": "Contraste élevé",
}


def kept_theme(home: Path) -> str:
    """The theme kept in this folder; ``system`` when there is none that is known."""
    try:
        name = (home / FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return SYSTEM
    return name if name in THEMES else SYSTEM


def keep_theme(home: Path, name: str) -> None:
    """Keep the choice; a full disk or a read-only folder only loses this choice."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        (home / FILE).write_text(f"{name}\n", encoding="utf-8")
    except OSError:
        return
