"""The only place that makes a text on the screen: always plain text, never rich.

A text from data that looks like HTML would otherwise be shown as HTML, with its links and images.
"""

from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

_PLAIN_TEXT = 0
WRAPPED = frozenset({"body", "muted", "error", "success", "phrase"})


def label(text: str = "", role: str = "body", *, buddy: QWidget | None = None) -> QLabel:
    """A plain text; ``role`` chooses its look in the style sheet. With ``buddy``, « & » marks its shortcut."""
    made = QLabel()
    # Plain text, as a property: the name Qt.TextFormat would bring the whole namespace, 20 ms of the start.
    made.setProperty("textFormat", _PLAIN_TEXT)
    made.setProperty("role", role)
    made.setWordWrap(role in WRAPPED)
    made.setText(text)
    if buddy is not None:
        made.setBuddy(buddy)
    return made


def yielding(made: QLabel) -> None:
    """Let a text be narrower than its longest word: a word without end must not widen the window."""
    policy = made.sizePolicy()
    policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
    made.setSizePolicy(policy)


def plain_name(text: str) -> str:
    """The text of a label without its shortcut mark: the name for a screen reader."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip(" \u00a0:…*")
