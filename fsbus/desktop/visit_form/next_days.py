"""Proposes the days when what is left to do may be taken up: the next passages near the person."""

from datetime import date

from fsbus.actions import circuit, follow_ups
from fsbus.actions.session import Session
from fsbus.core import french, working_days
from fsbus.core.clock import local_day
from fsbus.core.follow_ups import ESCALATION_DAYS
from fsbus.core.passage_words import passage_in_words

PROPOSED = 3
OTHER_DAY = ""
ANOTHER = "Un autre jour"


def days_for(session: Session, outcome: str, stop: str | None, home: str) -> dict[str, str]:
    """Each day with its commune (`read` takes them apart) and its words, the day that is typed first.

    The passages are those of the stop and of the person's commune. A blockage that was reported is taken up once its
    answer is late.
    """
    today = local_day(session.clock.now())
    communes = dict.fromkeys(filter(None, (stop, home)))
    found = [
        one for code in communes for one in circuit.next_passages(session, code, today.isoformat(), PROPOSED)
    ]
    found.sort(key=lambda one: (one.day, one.opens_at or ""))
    proposed = {OTHER_DAY: ANOTHER}
    if outcome == "escalated":
        late = working_days.after(today, ESCALATION_DAYS, follow_ups.holidays_here(session))
        proposed[f"{late.isoformat()} "] = (
            f"Dans {ESCALATION_DAYS} jours ouvrés, {french.weekday_and_day(late)}"
        )
    for one in found[:PROPOSED]:
        commune = session.reference.commune(one.commune) if len(communes) > 1 else None
        words = passage_in_words(one, commune.name if commune else "")
        proposed.setdefault(f"{one.day} {one.commune}", f"{words[0].upper()}{words[1:]}")
    return proposed


def read(proposal: str) -> tuple[date, str]:
    """The day and the commune of a proposal; the commune is empty for that of the visit."""
    day, _, commune = proposal.partition(" ")
    return date.fromisoformat(day), commune
