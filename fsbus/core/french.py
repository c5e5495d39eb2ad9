"""Writes days, months, numbers and shares the way French readers expect them."""

from datetime import date

NARROW = "\u202f"
"""Narrow no-break space: between thousands, before « % », « ; », « ! », « ? »."""
NO_BREAK = "\u00a0"

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def day_of_month(day: date) -> str:
    """``1er novembre``, ``24 novembre``."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}{NO_BREAK}{MONTHS[day.month - 1]}"


def weekday_and_day(day: date) -> str:
    """``mardi 24 novembre``."""
    return f"{WEEKDAYS[day.weekday()]} {day_of_month(day)}"


def weekday_and_full_day(day: date) -> str:
    """``mardi 24 novembre 2026``."""
    return f"{weekday_and_day(day)} {day.year}"


def full_day(day: date) -> str:
    """``24 novembre 2026``."""
    return f"{day_of_month(day)} {day.year}"


def month_and_year(month: str) -> str:
    """``novembre 2026`` for ``2026-11``."""
    return f"{MONTHS[int(month[5:7]) - 1]} {int(month[:4])}"


def number(value: int | float, decimals: int = 0) -> str:
    """``1 234`` or ``12,5``: narrow no-break space between thousands, decimal comma."""
    text = f"{value:,.{decimals}f}"
    return text.replace(",", NARROW).replace(".", ",")


def percent(share: float | None) -> str:
    """``42,3 %`` for 0.423, ``100 %`` for 1; a dash when there is nothing to share out."""
    if share is None:
        return "–"
    return f"{number(share * 100, 0 if share in (0, 1) else 1)}{NO_BREAK}%"


def duration(minutes: int) -> str:
    """``12 h 05`` for 725, ``40 min`` for 40."""
    hours, left = divmod(minutes, 60)
    if not hours:
        return f"{left}{NO_BREAK}min"
    return f"{number(hours)}{NO_BREAK}h{NO_BREAK}{left:02d}"


def wait(seconds: int) -> str:
    """``5 secondes``, ``1 minute``, ``12 minutes``, ``1 heure``: rounded up, for who has to wait."""
    if seconds < 60:
        count, unit = seconds, "seconde"
    elif seconds <= 59 * 60:
        count, unit = -(-seconds // 60), "minute"
    else:
        count, unit = -(-seconds // 3600), "heure"
    return f"{count}{NO_BREAK}{unit}{'s' if count > 1 else ''}"


def hour(clock: str) -> str:
    """``9 h 30`` for « 09:30 », ``9 h`` on the hour."""
    left = f"{NO_BREAK}{clock[3:5]}" if clock[3:5] != "00" else ""
    return f"{int(clock[:2])}{NO_BREAK}h{left}"
