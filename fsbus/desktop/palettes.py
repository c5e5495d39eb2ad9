"""The colours of the application as data: light, dark and high contrast."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """One set of colours, ``#rrggbb``.

    Text on its ground keeps a contrast of 4.5:1 at least, edges and focus rings 3:1 (a test
    computes them). ``ink`` tells which icons are used: dark strokes (``ink``) or light ones (``paper``).
    """

    name: str
    window: str
    surface: str
    text: str
    muted: str
    edge: str
    line: str
    accent: str
    on_accent: str
    accent_strong: str
    chosen: str
    on_chosen: str
    focus: str
    error: str
    success: str
    icons: str


LIGHT = Theme(
    name="light",
    window="#f3f5f8",
    surface="#ffffff",
    text="#1d2733",
    muted="#52606d",
    edge="#7b8794",
    line="#d8dee6",
    accent="#1f4e79",
    on_accent="#ffffff",
    accent_strong="#163a5b",
    chosen="#d3e4f5",
    on_chosen="#14273a",
    focus="#1769d2",
    error="#b3001b",
    success="#1b6a3a",
    icons="ink",
)
DARK = Theme(
    name="dark",
    window="#151a21",
    surface="#1e2630",
    text="#e8edf2",
    muted="#a9b6c3",
    edge="#78879a",
    line="#333e4b",
    accent="#85bdf0",
    on_accent="#0c1722",
    accent_strong="#a9d2f7",
    chosen="#2c4a66",
    on_chosen="#ffffff",
    focus="#f2c14e",
    error="#ff9c9c",
    success="#8fd9a8",
    icons="paper",
)
HIGH_CONTRAST = Theme(
    name="high-contrast",
    window="#000000",
    surface="#000000",
    text="#ffffff",
    muted="#ffffff",
    edge="#ffffff",
    line="#ffffff",
    accent="#ffd800",
    on_accent="#000000",
    accent_strong="#ffe96b",
    chosen="#ffd800",
    on_chosen="#000000",
    focus="#00e5ff",
    error="#ffb0b0",
    success="#a8f5b8",
    icons="paper",
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK, HIGH_CONTRAST)}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
