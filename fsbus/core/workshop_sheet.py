"""The signing-in sheet of a workshop: title, day, place and empty lines; nobody's name is recorded."""

from fsbus.core.french import NO_BREAK
from fsbus.core.papers import A4
from fsbus.core.sheets import BY_HAND, Part, Sheet, Step

FEWEST_LINES, SPARE_LINES, MOST_LINES = 12, 3, 60
_ROOM = f"\u2028{NO_BREAK}"
"""Another line, empty: room to sign."""
FOOT = (
    "Cette feuille reste sur papier\u00a0: rien de ce qui y est écrit n’est saisi dans fsbus. Elle se garde dans le bus, "
    "sous clé, puis se détruit."
)


def signing_sheet(title: str, when: str, where: str, bus: str, expected: int) -> Sheet:
    """A4, with a line for each person who is expected and a few more."""
    lines = min(MOST_LINES, max(FEWEST_LINES, expected + SPARE_LINES))
    about = " – ".join(part for part in (bus, where, when) if part)
    return Sheet(
        title=f"Atelier{NO_BREAK}: {title}" if title else "Atelier numérique",
        about=about,
        parts=(
            Part(
                "Émargement",
                words="Nom et prénom, puis signature.",
                steps=tuple(Step(f"{BY_HAND}{NO_BREAK * 4}{BY_HAND}{_ROOM}") for _ in range(lines)),
            ),
        ),
        foot=FOOT,
        paper=A4,
    )
