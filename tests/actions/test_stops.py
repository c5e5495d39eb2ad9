"""Today's stop is chosen each day, among the communes that exist."""

import pytest

from fsbus.actions import stops
from fsbus.actions.session import Session
from fsbus.core.errors import InvalidInput
from tests.fakes import HeldTime


def test_the_stop_is_of_today_and_proposed_again_tomorrow(device: Session, held_time: HeldTime) -> None:
    assert (stops.today(device), stops.last(device)) == (None, None)
    stops.set_today(device, "02361")
    assert (stops.today(device), stops.last(device)) == ("02361", "02361")
    held_time.advance(days=1)
    assert (stops.today(device), stops.last(device)) == (None, "02361")


def test_the_bus_moves_on_during_the_day(device: Session) -> None:
    stops.set_today(device, "02361")
    stops.set_today(device, "02558")
    assert stops.today(device) == "02558"


@pytest.mark.parametrize("code", ["", "2361", "99999", "Guise"])
def test_an_unknown_commune_is_refused_and_the_stop_stays(device: Session, code: str) -> None:
    stops.set_today(device, "02361")
    with pytest.raises(InvalidInput) as refused:
        stops.set_today(device, code)
    assert set(refused.value.problems) == {"stop_commune"}
    assert stops.today(device) == "02361"
