"""After how many minutes without a key this laptop locks itself."""

from fsbus.actions.session import Session
from fsbus.core.errors import InvalidInput

USUAL, LEAST, MOST = 5, 1, 15
"""Minutes. There is no « never »: the laptop of a bus is left open on a table."""
PROPOSED = (1, 2, 5, 10, 15)
"""Minutes that the screen proposes."""
_SETTING = "idle_minutes"


def idle_minutes(session: Session) -> int:
    """The minutes kept on this laptop, 5 unless somebody chose otherwise."""
    kept = session.store.setting(_SETTING)
    return min(MOST, max(LEAST, int(kept))) if kept is not None and kept.isdecimal() else USUAL


def set_idle_minutes(session: Session, minutes: int) -> None:
    """Choose them for this laptop, whoever opens it. Raises InvalidInput for less than 1 or more than 15."""
    if not LEAST <= minutes <= MOST:
        raise InvalidInput({"minutes": f"De {LEAST} à {MOST} minutes : le verrouillage ne s’éteint pas."})
    session.store.set_setting(_SETTING, str(minutes))
