"""Who was turned away stays so, whatever backup the centre is put back from."""

from dataclasses import replace
from pathlib import Path

import pytest

from fsbus.core.errors import DeviceRevoked, StoreUnavailable
from fsbus.server import backups, restoring, tables
from fsbus.server.admin import devices
from fsbus.server.aside import listed
from fsbus.server.centre import Centre, open_centre
from fsbus.server.checking import check
from fsbus.server.database import delete, update
from fsbus.server.direct import DirectApi
from fsbus.server.enrolling import enroll, make_code
from fsbus.server.ledger import Ledger
from fsbus.server.lost_device import revoke
from fsbus.server.regions import set_region
from fsbus.server.trusting import fingerprint_of, judge, take_trust
from fsbus.wire import signing
from fsbus.wire.api import Refused
from fsbus.wire.enrolment import build_enroll_request, read_enroll_answer
from fsbus.wire.statements import REVOKE
from tests.server.laptop import FEED, NOW, Notebook, enrol, numbered_id, still_clock, visit_body
from tests.server.test_backups import key_file
from tests.server.test_exchange import send
from tests.server.test_trusting import file_of
from tests.wire.trusted import COORDINATOR


def ledger_of(centre: Centre) -> Ledger:
    assert centre.ledger is not None
    return centre.ledger


def states(centre: Centre) -> dict[str, str]:
    return {line.device: line.state for line in devices(centre)}


def put_back(centre: Centre, url: str, backup: Path, folder: Path) -> tuple[Centre, int]:
    """A centre made on another machine from this backup and the ledger of the first; how many it revoked again."""
    key, own = key_file(centre, folder), folder / "new.erased"
    done = restoring.restore(
        url, backup, NOW, key_file=key, ledger=own, others=[ledger_of(centre).path], environment={}
    )
    return open_centre(url, key_file=key, ledger=own, environment={}), done.revoked


def test_a_restored_centre_turns_away_again_whoever_was_revoked_after_the_backup(
    centre: Centre, tmp_path: Path, empty_url: str
) -> None:
    kept, lost = (DirectApi(centre, enrol(centre).device, still_clock()) for _ in range(2))
    path = Path(backups.back_up(centre, tmp_path, NOW).path)
    key = signing.new_private_key()
    request, pending = build_enroll_request(make_code(centre, FEED, "agent", NOW).code, "Portable 9", key)
    newer = read_enroll_answer(pending, enroll(centre, request, NOW)).device
    revoke(centre, lost.device, clock=still_clock())
    revoke(centre, newer, clock=still_clock())

    back, revoked = put_back(centre, empty_url, path, tmp_path)
    try:
        assert revoked == 2
        assert states(back) == {kept.device: "active", lost.device: "revoked", newer: "revoked"}
        assert [line.revoked_at for line in devices(back) if line.revoked_at] == ["2026-11-24T08:00:00Z"] * 2
        for device in (lost.device, newer):
            notes = Notebook()
            notes.create(numbered_id(100), visit_body())
            with pytest.raises(DeviceRevoked):
                send(DirectApi(back, device, still_clock()), notes)
        assert {line.device: line.operations for line in listed(back.database)} == {lost.device: 1, newer: 1}
        # Its backup has never met it: a fresh code does not take the same key in again.
        request, _ = build_enroll_request(make_code(back, FEED, "agent", NOW).code, "Portable 9", key)
        with pytest.raises(Refused, match="bad_code"):
            enroll(back, request, NOW)
        assert DirectApi(back, kept.device, still_clock()).hello("ab" * 16).last_seq == 0
        assert check(back).problems == ()
    finally:
        back.close()


def test_a_database_put_back_behind_our_back_turns_them_away_at_its_opening(
    centre: Centre, centre_url: str
) -> None:
    lost = enrol(centre).device
    revoke(centre, lost, clock=still_clock())
    with centre.database.write() as connection:
        connection.execute(update(tables.devices).values(revoked_at=None))
    assert any("pas refusés" in problem for problem in check(centre).problems)
    centre.close()
    back = open_centre(centre_url)
    assert states(back) == {lost: "revoked"}
    with back.database.write() as connection:
        connection.execute(delete(tables.devices))
    back.close()
    again = open_centre(centre_url)
    assert states(again) == {lost: "revoked"}
    again.close()


def test_what_a_coordinator_signed_is_in_the_ledger_too(centre: Centre) -> None:
    lost, raw = enrol(centre).device, file_of(centre)
    take_trust(centre, raw, fingerprint_of(raw))
    set_region(centre, FEED, "nord")
    judge(centre, lost, REVOKE, COORDINATOR, NOW)
    assert ledger_of(centre).read_revoked()[lost].feed == FEED
    assert ledger_of(centre).read() == (set(), 0)


def test_without_a_ledger_nobody_is_turned_away_for_a_while_only(centre: Centre) -> None:
    lost = enrol(centre).device
    with pytest.raises(StoreUnavailable, match="--ledger"):
        revoke(replace(centre, ledger=None), lost)
    assert states(centre) == {lost: "active"}


def test_a_ledger_that_is_lost_is_made_again_with_the_first_moment_of_each(
    centre: Centre, centre_url: str
) -> None:
    lost = enrol(centre, feed="bus à 3 places").device
    revoke(centre, lost, clock=still_clock())
    held = ledger_of(centre).read_revoked()
    assert (held[lost].feed, held[lost].at) == ("bus à 3 places", "2026-11-24T08:00:00Z")
    ledger_of(centre).path.unlink()
    centre.close()
    back = open_centre(centre_url)
    assert ledger_of(back).read_revoked() == held
    ledger_of(back).append_revoked([replace(held[lost], at="2027-01-01T00:00:00Z")])
    assert ledger_of(back).read_revoked() == held
    back.close()
