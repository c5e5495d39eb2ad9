"""The queue at the door in French: how long one waits, who waits, the paper that a person takes along."""

from datetime import date

from fsbus.core.french import NARROW, NO_BREAK, duration, weekday_and_full_day
from fsbus.core.papers import ROLL_80
from fsbus.core.sheets import Part, Sheet

_EXACT = 10


def about(minutes: int) -> str:
    """``environ 35 min`` for 32: by 5 minutes above ten; « sans attente » for none."""
    if minutes <= 0:
        return "sans attente"
    rounded = minutes if minutes <= _EXACT else -(-minutes // 5) * 5
    return f"environ {duration(rounded)}"


def who_waits(waiting: int) -> str:
    """``4 personnes attendent``."""
    if not waiting:
        return "Personne n’attend"
    return (
        f"{waiting}{NO_BREAK}personne attend" if waiting == 1 else f"{waiting}{NO_BREAK}personnes attendent"
    )


def in_one_line(waiting: int, wait: int) -> str:
    """The queue in one sentence, with what one more person would wait."""
    if not waiting and wait <= 0:
        return "Personne n’attend à la porte."
    return f"{who_waits(waiting)} — {about(wait)} pour qui arrive"


def last_ticket(closes_at: str) -> str:
    """Said once nobody more would be received before closing."""
    hour = closes_at.replace(":", f"{NO_BREAK}h{NO_BREAK}")
    return f"Dernier ticket{NO_BREAK}: qui arrive maintenant ne serait sans doute plus reçu avant {hour}."


def ticket_sheet(number: int, bus: str, day: date, hour: str, wait: int) -> Sheet:
    """The paper ticket: number, hour, expected wait; nothing of who the person is."""
    waits = f"{about(wait).capitalize()}, à ce qu’il semble." if wait else "C’est bientôt votre tour."
    return Sheet(
        title=f"Ticket n°{NO_BREAK}{number}",
        about=f"{bus}{NO_BREAK}– " * bool(bus) + f"{weekday_and_full_day(day)}, {hour}",
        parts=(Part("Votre attente", words=waits),),
        foot=f"Gardez ce ticket jusqu’à votre tour{NARROW}; il ne porte aucun nom.",
        paper=ROLL_80,
    )
