"""The past exchanges are told as they were, and how long one still takes is guessed when it can be."""

from datetime import date

import pytest

from fsbus.actions.session import Session
from fsbus.actions.status import status_of
from fsbus.desktop.sync_panel.estimate import Estimate
from fsbus.desktop.sync_panel.history import history_rows, size_in_words
from fsbus.store.exchanges import PastExchange, past_exchanges, remember_exchange


def past(session: Session, minute: int, ended: str, sent: int = 0) -> None:
    moment = f"2026-11-24T08:{minute:02d}:00Z"
    remember_exchange(session.store, PastExchange(moment, sent, 0, 812, 12_400, 2.0, ended))


def test_the_past_is_told_newest_first_and_repeated_failures_once(device: Session) -> None:
    for minute in range(12):
        past(device, minute, "finished", sent=minute)
    past(device, 30, "Offline")
    past(device, 40, "Offline")
    past(device, 50, "Interrupted", sent=3)
    rows = [row.cells for row in history_rows(past_exchanges(device.store), date(2026, 11, 24))]
    assert len(rows) == 10
    assert rows[0][1:] == ("3", "0", "13,2\u00a0ko", "Liaison coupée")
    assert rows[1][4] == "Centre hors d’atteinte (2\u202f×)"
    assert rows[2][1:] == ("11", "0", "13,2\u00a0ko", "Terminé")
    assert all(cells[0].startswith("Aujourd’hui à ") for cells in rows)
    status = status_of(device)["exchanges"]
    assert isinstance(status, list)
    assert status[1] == {
        "at": "2026-11-24T08:40:00Z", "sent": 0, "received": 0, "bytes_up": 812, "bytes_down": 12_400,
        "seconds": 2.0, "ended": "Offline", "times": 2,
    }  # fmt: skip


def test_sticks_stand_among_the_exchanges(device: Session) -> None:
    for minute, ended in enumerate(("stick_written", "stick_read", "stick_read")):
        past(device, minute, ended)
    ends = [row.cells[4] for row in history_rows(past_exchanges(device.store), date(2026, 11, 24))]
    assert ends == ["Réponse lue sur clé USB", "Réponse lue sur clé USB", "Écrit sur clé USB"]


def test_a_past_that_another_release_wrote_is_no_obstacle(device: Session) -> None:
    device.store.set_setting("exchanges", '[{"unknown": 1}]')
    assert past_exchanges(device.store) == ()
    past(device, 1, "finished")
    assert len(past_exchanges(device.store)) == 1


@pytest.mark.parametrize(
    ("count", "words"), [(812, "812\u00a0o"), (64_900, "64,9\u00a0ko"), (3_140_000, "3,1\u00a0Mo")]
)
def test_sizes_are_read_as_french_readers_do(count: int, words: str) -> None:
    assert size_in_words(count) == words


def test_how_long_it_still_takes_is_guessed_once_it_can_be() -> None:
    now = [100.0]
    estimate = Estimate(lambda: now[0])
    estimate.begin()
    now[0] += 1
    assert estimate.in_words(100, 6_000) == "100 sur 6\u202f000"
    now[0] += 9
    assert estimate.seconds_left(1_000, 6_000) == pytest.approx(50)
    assert estimate.in_words(1_000, 6_000).endswith("encore 50\u00a0secondes environ")
    assert estimate.in_words(0, 0) == ""
    assert estimate.seconds_left(6_000, 6_000) is None
