"""Dresses the whole application in one theme: font, palette and style sheet."""

from pathlib import Path
from string import Template

from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from fsbus.desktop.palettes import DARK, HIGH_CONTRAST, LIGHT, THEMES, Theme

POINT_SIZE = 11.0
HALF_LIGHT = 128
FAMILY = "Source Sans 3"
FONTS = ("SourceSans3_400Regular.ttf", "SourceSans3_600SemiBold.ttf")
_FONTS_LOADED = "fsbus_fonts_loaded"
# Borders drawn by a style sheet replace Qt's own focus ring, so each control says its :focus.
_SHEET = Template("""
QWidget { color: $text; }
QMainWindow, QDialog, QScrollArea, QWidget#page, QFrame#page { background: $window; border: none; }
QFrame#bar { background: $surface; border-bottom: 1px solid $line; }
QFrame#card, QFrame#tile { background: $surface; border: 1px solid $line; border-radius: 8px; }
QFrame#card:focus { border: 2px solid $focus; }
QFrame#alert { background: $surface; border: 1px solid $error; border-left: 5px solid $error; border-radius: 6px; }
QFrame#banner { background: $surface; border: 1px solid $line; border-left: 5px solid $accent; }
QFrame#banner:focus { border: 2px solid $focus; border-left: 5px solid $focus; }
QFrame#suggestions { background: $surface; border: 1px solid $edge; border-radius: 6px; }
QLabel { background: transparent; }
QLabel[role="title"] { font-size: 18pt; font-weight: 600; }
QLabel[role="heading"] { font-size: 12.5pt; font-weight: 600; }
QLabel[role="figure"] { font-size: 19pt; font-weight: 600; }
QLabel[role="brand"] { font-size: 13pt; font-weight: 600; color: $accent; }
QLabel[role="field"], QLabel[role="muted"] { color: $muted; font-size: 10pt; }
QLabel[role="error"] { color: $error; font-size: 10pt; font-weight: 600; }
QLabel[role="success"] { color: $success; font-weight: 600; }
QLabel[role="phrase"] { font-size: 15pt; font-weight: 600; padding: 10px 14px; background: $window;
    border: 1px solid $edge; border-radius: 6px; }
QLabel[role="phrase"]:focus { border: 2px solid $focus; padding: 9px 13px; }
QLineEdit, QPlainTextEdit, QComboBox, QListWidget#checks {
    background: $surface; color: $text; border: 1px solid $edge; border-radius: 5px;
    selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit, QPlainTextEdit { placeholder-text-color: $muted; }
QLineEdit, QComboBox { padding: 4px 8px; min-height: 20px; }
QPlainTextEdit { padding: 3px 5px; }
QGraphicsView { border: 3px solid $window; }
QGraphicsView:focus { border: 3px solid $focus; }
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus, QListWidget#checks:focus {
    border: 2px solid $focus; }
QLineEdit:focus, QComboBox:focus { padding: 3px 7px; }
QPlainTextEdit:focus { padding: 2px 4px; }
*[problem="true"] { border: 2px solid $error; }
QLineEdit[problem="true"], QComboBox[problem="true"] { padding: 3px 7px; }
*[problem="true"]:focus { border: 2px solid $focus; }
QComboBox { combobox-popup: 0; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$icons/chevron-$ink.svg"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $edge; outline: none;
    selection-background-color: $chosen; selection-color: $on_chosen; }
QListWidget#checks { padding: 2px 4px; outline: none; }
QListWidget#checks::item { padding: 1px 4px 1px 2px; border: 1px solid transparent; border-radius: 4px; }
QListWidget#checks::item:selected { color: $text; background: transparent; }
QListWidget#checks::item:focus { background: $chosen; color: $on_chosen; border: 1px solid $focus; }
QListWidget#answers, QTextEdit#answer { background: $surface; color: $text; border: 1px solid $line; padding: 2px;
    border-radius: 6px; outline: none; selection-background-color: $accent; selection-color: $on_accent; }
QListWidget#answers:focus, QTextEdit#answer:focus { border: 3px solid $focus; padding: 0; }
QListWidget#answers::item { padding: 6px 8px; border-radius: 4px; }
QListWidget#answers::item:selected { background: $chosen; color: $on_chosen; }
QListWidget#found { border: none; background: transparent; outline: none; }
QListWidget#found::item { padding: 4px 8px; border-radius: 4px; }
QListWidget#found::item:selected { background: $chosen; color: $on_chosen; }
QCheckBox { spacing: 8px; padding: 3px; border: 2px solid transparent; border-radius: 5px; }
QCheckBox:focus { border: 2px solid $focus; }
QCheckBox::indicator, QListWidget#checks::indicator { width: 14px; height: 14px; border: 1px solid $edge;
    border-radius: 3px; background: $surface; }
QCheckBox::indicator:checked, QListWidget#checks::indicator:checked {
    image: url("$icons/check-$ink.svg"); border: 1px solid $text; }
QPushButton { background: $surface; color: $text; border: 1px solid $edge; border-radius: 6px;
    padding: 6px 14px; min-height: 18px; }
QPushButton:hover { border-color: $accent; }
QPushButton:pressed, QPushButton:checked { background: $chosen; color: $on_chosen; }
QPushButton { outline: none; }
QPushButton:disabled { color: $muted; border-style: dashed; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: 600;
    min-height: 30px; }
QPushButton[role="primary"]:hover { background: $accent_strong; }
QPushButton[role="primary"]:disabled { background: $surface; color: $muted; border: 1px dashed $edge; }
QPushButton[touch="true"] { min-height: 30px; }
QPushButton[role="quiet"] { background: transparent; border: 1px solid transparent; color: $accent; padding: 5px 10px; }
QPushButton[role="quiet"]:hover { border: 1px solid $edge; }
QPushButton[role="quiet"]:checked { color: $on_chosen; background: $chosen; }
QPushButton[role="slim"] { background: transparent; border: 1px solid $edge; color: $accent; padding: 0 10px; min-height: 22px; }
QPushButton[role="slim"]:hover { border-color: $accent; }
QFrame#sidebar, QScrollArea#sidebar { background: $surface; }
QScrollArea#sidebar { border-right: 1px solid $line; }
QFrame#line { background: $line; }
QLabel[role="digit"] { color: $muted; font-size: 9pt; }
QLabel[role="badge"] { background: $accent; color: $on_accent; font-size: 9pt; font-weight: 600; border-radius: 8px;
    padding: 0 6px; min-height: 16px; }
QPushButton[role="page"] { background: transparent; border: 2px solid transparent; border-left: 4px solid transparent;
    padding: 6px 8px 6px 30px; min-height: 28px; text-align: left; }
QPushButton[role="page"]:hover { border: 2px solid $line; border-left: 4px solid $line; }
QPushButton[role="page"]:checked { background: $chosen; color: $on_chosen; font-weight: 600; border-left: 4px solid $accent; }
QPushButton:focus { border: 2px solid $focus; padding: 5px 13px; }
QPushButton[role="quiet"]:focus { border: 2px solid $focus; padding: 4px 9px; }
QPushButton[role="slim"]:focus { border: 2px solid $focus; padding: 0 9px; min-height: 20px; }
QPushButton[role="page"]:focus { border: 2px solid $focus; border-left: 4px solid $focus; padding: 6px 8px 6px 30px; }
QPushButton[role="primary"]:focus { border: 3px double $on_accent; padding: 4px 12px; }
QTableView { background: $surface; alternate-background-color: $surface; border: 2px solid transparent;
    gridline-color: $line; selection-background-color: $chosen; selection-color: $on_chosen; outline: none; }
QTableView:focus { border: 2px solid $focus; }
QTableView::item { padding: 3px 8px; border: none; border-bottom: 1px solid $line; }
QTableView::item:selected { background: $chosen; color: $on_chosen; }
QHeaderView { background: $surface; border: none; }
QHeaderView::section { background: $surface; color: $muted; border: none; border-bottom: 1px solid $edge;
    padding: 6px 8px 6px 11px; font-size: 10pt; font-weight: 600; }
QProgressBar { background: $surface; border: 1px solid $edge; border-radius: 5px; min-height: 16px; text-align: center; }
QProgressBar::chunk { background: $chosen; border-radius: 4px; }
QStatusBar { background: $surface; border-top: 1px solid $line; }
QStatusBar::item { border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $edge; border-radius: 4px; margin: 2px; min-height: 28px; min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QPushButton::menu-indicator { width: 0; }
QMenu { background: $surface; color: $text; border: 1px solid $edge; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 28px; border: 1px solid transparent; border-radius: 4px; }
QMenu::item:selected { background: $chosen; color: $on_chosen; border: 1px solid $focus; }
QMenu::indicator { width: 14px; height: 14px; left: 8px; }
QMenu::indicator:checked { image: url("$icons/check-$ink.svg"); }
QToolTip { background: $surface; color: $text; border: 1px solid $edge; padding: 4px; }
""")


def application() -> QApplication:
    """The application, made when there is none yet: Fusion, the same on the three systems.

    The style is asked for by argument: `QApplication.style` would bring 12 ms of enumerations.
    """
    app = QApplication.instance() or QApplication(["fsbus", "-style", "fusion"])
    if not isinstance(app, QApplication):
        raise TypeError("another kind of Qt application already runs")
    return app


def dress(app: QApplication, theme: Theme, resources: Path) -> None:
    """The theme's palette, the shipped font and the sheet; may be called again to change."""
    wanted = sheet(theme, resources)
    if app.styleSheet() == wanted:
        return  # setting it again would polish every widget again
    if not app.property(_FONTS_LOADED):
        for name in FONTS:
            QFontDatabase.addApplicationFont(str(resources / "fonts" / name))
        app.setProperty(_FONTS_LOADED, True)
    font = QFont(FAMILY)
    font.setPointSizeF(POINT_SIZE)
    app.setFont(font)
    app.setPalette(palette(theme))
    app.setStyleSheet(wanted)


def wished_theme(name: str | None) -> Theme:
    """The theme by name; else light or dark as the system's own palette is. Asked before `dress`."""
    if name in THEMES:
        return THEMES[str(name)]
    # Not styleHints().colorScheme(): its answer would bring the whole Qt namespace, 20 ms of the start.
    return DARK if QGuiApplication.palette().window().color().lightness() < HALF_LIGHT else LIGHT


def system_theme() -> Theme:
    """What the system asks for, high contrast first; at any time, once a window is there."""
    from PySide6.QtCore import Qt

    hints = QGuiApplication.styleHints()
    if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        return HIGH_CONTRAST
    return DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT


def sheet(theme: Theme, resources: Path) -> str:
    """The style sheet of a theme."""
    colours = {
        name: value for name, value in vars(theme).items() if isinstance(value, str) and name != "icons"
    }
    return _SHEET.substitute(colours, icons=(resources / "icons").as_posix(), ink=theme.icons)


def palette(theme: Theme) -> QPalette:
    """The palette of a theme, for what the style sheet does not draw."""
    roles = QPalette.ColorRole
    made = QPalette()
    for role, colour in (
        (roles.Window, theme.window),
        (roles.Base, theme.surface),
        (roles.AlternateBase, theme.window),
        (roles.Button, theme.surface),
        (roles.ToolTipBase, theme.surface),
        (roles.WindowText, theme.text),
        (roles.Text, theme.text),
        (roles.ButtonText, theme.text),
        (roles.ToolTipText, theme.text),
        (roles.PlaceholderText, theme.muted),
        (roles.Highlight, theme.accent),
        (roles.HighlightedText, theme.on_accent),
        (roles.Link, theme.accent),
        (roles.Mid, theme.line),
        (roles.Dark, theme.edge),
    ):
        made.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    return made
