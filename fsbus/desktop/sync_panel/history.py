"""Says in French what the last exchanges gave."""

from datetime import date

from fsbus.core.clock import local_day, parse_utc_text
from fsbus.core.french import NARROW, NO_BREAK, number
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.written_days import short_day, short_time
from fsbus.store.exchanges import FINISHED, STICK_READ, STICK_WRITTEN, STOPPED, PastExchange

_ENDS = {
    FINISHED: "Terminé",
    STOPPED: "Arrêté à votre demande",
    STICK_WRITTEN: "Écrit sur clé USB",
    STICK_READ: "Réponse lue sur clé USB",
    "Offline": "Centre hors d’atteinte",
    "Interrupted": "Liaison coupée",
    "ClockDoubted": "Date de ce poste refusée",
    "DevicePending": "En attente de l’accord du coordinateur",
    "DeviceRevoked": "Poste refusé par le centre",
    "DeviceUnknown": "Poste inconnu du centre",
    "UpgradeRequired": "Version trop ancienne",
    "DiskFull": "Disque plein",
}
_OTHERWISE = "Arrêté par une erreur"


def moment_in_words(at: str, today: date) -> str:
    """« aujourd’hui à 09:20 », « le 03/12/2026 à 09:20 », for UTC text; ``today`` is the local day."""
    moment = parse_utc_text(at)
    day = local_day(moment)
    when = "aujourd’hui" if day == today else f"le {short_day(day)}"
    return f"{when} à {short_time(moment)}"


def size_in_words(count: int) -> str:
    """« 812 o », « 12,4 ko », « 3,1 Mo » for so many bytes."""
    if count < 1_000:
        return f"{count}{NO_BREAK}o"
    if count < 1_000_000:
        return f"{number(count / 1_000, 1)}{NO_BREAK}ko"
    return f"{number(count / 1_000_000, 1)}{NO_BREAK}Mo"


def history_rows(past: tuple[PastExchange, ...], today: date) -> tuple[TableRow, ...]:
    """When, sent, received, weight and end of each; the newest first."""
    return tuple(
        TableRow(
            str(place),
            (
                moment_in_words(one.at, today).capitalize(),
                number(one.sent),
                number(one.received),
                size_in_words(one.bytes_up + one.bytes_down),
                _end_of(one),
            ),
        )
        for place, one in enumerate(past)
    )


def _end_of(one: PastExchange) -> str:
    end = _ENDS.get(one.ended, _OTHERWISE)
    return end if one.times == 1 else f"{end} ({number(one.times)}{NARROW}×)"
