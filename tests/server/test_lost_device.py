"""After a theft the centre says what the laptop sent and may hold, and turns it away."""

import pytest

from fsbus.core.entities import PROCEDURE_RECORD
from fsbus.core.errors import DeviceRevoked, InvalidInput
from fsbus.core.sheets import as_html
from fsbus.server.admin import devices
from fsbus.server.centre import Centre
from fsbus.server.lost_device import lost_device, lost_sheet, revoke
from tests.server.conftest import Door
from tests.server.laptop import FEED, Notebook, numbered_id, record_body, still_clock, visit_body


def test_what_one_laptop_sent_is_told_from_what_its_bus_holds(centre: Centre, door: Door) -> None:
    lost, other, mine, theirs = door(), door(), Notebook(), Notebook()
    mine.create(numbered_id(10), visit_body())
    mine.create(numbered_id(11), record_body(numbered_id(10)), kind=PROCEDURE_RECORD)
    theirs.create(numbered_id(20), visit_body(visited_on="2026-11-25", note="Mimosa"))
    for laptop, notes in ((lost, mine), (other, theirs)):
        laptop.exchange(notes.request(laptop.hello(notes.replica).epoch))
    known = lost_device(centre, lost.device[:8])
    assert (known.device, known.feed, known.operations) == (lost.device, FEED, 2)
    assert (known.sent_visits, known.sent_records, known.feed_visits, known.feed_records) == (1, 1, 2, 1)
    assert (known.first_day, known.last_day, known.revoked_at) == ("2026-11-24", "2026-11-25", None)
    page = as_html(lost_sheet(known, clock=still_clock())).decode()
    assert f"fsbus server revoke {lost.device}" in page
    assert "Mimosa" not in page


def test_a_revoked_laptop_is_turned_away_and_the_first_moment_stays(centre: Centre, door: Door) -> None:
    lost, other, notes = door(), door(), Notebook()
    assert revoke(centre, lost.device.upper(), clock=still_clock()) == lost.device
    revoke(centre, lost.device)
    with pytest.raises(DeviceRevoked):
        lost.exchange(notes.request(other.hello(notes.replica).epoch))
    assert lost_device(centre, lost.device).revoked_at == "2026-11-24T08:00:00Z"
    assert [line.device for line in devices(centre) if line.revoked_at is None] == [other.device]


@pytest.mark.parametrize("named", ["", "a", "%%%%%%", "0" * 25])
def test_a_name_that_is_not_one_laptop_is_refused(centre: Centre, door: Door, named: str) -> None:
    door()
    for work in (lost_device, revoke):
        with pytest.raises(InvalidInput) as raised:
            work(centre, named)
        assert set(raised.value.problems) == {"device"}
