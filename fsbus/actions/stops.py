"""Where the bus stands today: the commune that new visits are given."""

from fsbus.actions.session import Session
from fsbus.core.clock import local_day
from fsbus.core.errors import InvalidInput
from fsbus.core.fields import Insee

_STOP = "stop"


def today(session: Session) -> str | None:
    """The INSEE code of today's stop; None until it is chosen, anew each day."""
    day, _, commune = (session.store.setting(_STOP) or "").partition(" ")
    return commune if day == _today(session) and commune else None


def last(session: Session) -> str | None:
    """The INSEE code of the last stop chosen, today or before, to be proposed; None when there was none."""
    return (session.store.setting(_STOP) or "").partition(" ")[2] or None


def set_today(session: Session, insee_code: str) -> str | None:
    """Choose today's stop; what stood before, for `put_back`. Raises InvalidInput for a commune that is unknown."""
    problems: dict[str, str] = {}
    commune = Insee().read(insee_code, "stop_commune", problems)
    if not problems and (commune is None or not session.reference.is_commune(commune)):
        problems["stop_commune"] = "Commune inconnue : choisissez-la dans la liste."
    if problems:
        raise InvalidInput(problems)
    before = session.store.setting(_STOP)
    session.store.set_setting(_STOP, f"{_today(session)} {commune}")
    return before


def put_back(session: Session, before: str | None) -> None:
    """Take back a choice: the stop is what it was."""
    session.store.set_setting(_STOP, before)


def _today(session: Session) -> str:
    return local_day(session.clock.now()).isoformat()
