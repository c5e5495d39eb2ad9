"""With a trust file, a laptop waits for a coordinator’s signature, proved before it is believed."""

import base64
from datetime import timedelta

import pytest

from fsbus.core.errors import DevicePending, DeviceRevoked, InvalidInput, NotAllowed
from fsbus.server import admin, tables
from fsbus.server.centre import Centre
from fsbus.server.database import select
from fsbus.server.direct import DirectApi
from fsbus.server.regions import set_region
from fsbus.server.serving import EmbeddedCentre
from fsbus.server.trusting import fingerprint_of, judge, newest_trust, take_statement, take_trust
from fsbus.wire.codec import encode_request
from fsbus.wire.signing import public_key_of
from fsbus.wire.statements import APPROVE, REVOKE, Signed, prove, sign_statement
from fsbus.wire.trust import TrustedCentre, TrustFile
from fsbus.wire.version import CONTENT_TYPE
from tests.server.laptop import (
    FEED,
    NOW,
    HttpLaptop,
    Notebook,
    enrol,
    numbered_id,
    still_clock,
    visit_body,
)  # fmt: skip
from tests.server.test_aside import READING
from tests.server.test_exchange import send
from tests.wire.trusted import COORDINATOR, ROOT, coordinator, signed_trust

OF_SOUTH = bytes([9]) * 32
STRANGER = bytes([10]) * 32


def file_of(centre: Centre, version: int = 1, **changes: object) -> bytes:
    key = base64.b64encode(public_key_of(centre.private_key)).decode()
    both = (coordinator(), coordinator(OF_SOUTH, region="sud"))
    parts = {"centres": (TrustedCentre(key, "", "https://centre.exemple.fr"),), "coordinators": both}
    return signed_trust(version, ROOT, **(parts | changes))


@pytest.fixture
def trusting(centre: Centre) -> TrustFile:
    """The file that the centre goes by."""
    raw = file_of(centre)
    return take_trust(centre, raw, fingerprint_of(raw))


def device(centre: Centre, feed: str = FEED, role: str = "agent") -> DirectApi:
    return DirectApi(centre, enrol(centre, feed, role=role).device, still_clock())


def states(centre: Centre) -> dict[str, str]:
    return {line.device: line.state for line in admin.devices(centre)}


def test_the_first_file_needs_its_fingerprint_and_this_centres_key(centre: Centre) -> None:
    raw = file_of(centre)
    for confirmed in (None, "", "aaaaa bbbbb ccccc ddddd eeeee"):
        with pytest.raises(InvalidInput, match="fingerprint"):
            take_trust(centre, raw, confirmed)
    with pytest.raises(InvalidInput, match="--fingerprint"):
        take_trust(centre, raw, None)
    with pytest.raises(InvalidInput, match="clé de ce centre"):
        take_trust(centre, signed_trust(1), fingerprint_of(raw))
    with pytest.raises(InvalidInput, match="file"):
        take_trust(centre, raw[:-1], None)
    with centre.database.read() as connection:
        assert newest_trust(connection) is None
    assert take_trust(centre, raw, fingerprint_of(raw).upper()).version == 1
    assert take_trust(centre, file_of(centre, 3), None).version == 3
    with pytest.raises(InvalidInput, match="plus récent"):
        take_trust(centre, file_of(centre, 2), None)


def test_a_new_laptop_waits_and_nothing_that_it_sends_is_read(centre: Centre, trusting: TrustFile) -> None:
    api, notes = device(centre), Notebook()
    notes.create(numbered_id(100), visit_body())
    with pytest.raises(DevicePending):
        api.hello(notes.replica)
    with pytest.raises(DevicePending):
        send(api, notes)
    assert states(centre) == {api.device: "pending"}
    with centre.database.read() as connection:
        for table in (tables.log, tables.aside, tables.replicas):
            assert connection.execute(select(table)).all() == []


def test_over_http_a_laptop_that_waits_is_answered_so_on_every_route(centre_url: str) -> None:
    with EmbeddedCentre(centre_url, clock=still_clock()) as running:
        raw = file_of(running.centre)
        take_trust(running.centre, raw, fingerprint_of(raw))
        laptop, notes = HttpLaptop(running.url, enrol(running.centre, FEED)), Notebook()
        notes.create(numbered_id(100), visit_body())
        sent = encode_request(notes.request(running.centre.epoch))
        for asked in (*READING, ("POST", "/v1/sync", "")):
            assert laptop.call(*asked, "application/json", b"") == (403, b'{"problem":"pending"}')
        assert laptop.call("POST", "/v1/sync", "", CONTENT_TYPE, sent)[0] == 403
        assert admin.check(running.centre).operations == 0


def test_a_laptop_that_was_there_before_the_file_goes_on(centre: Centre) -> None:
    api = device(centre)
    raw = file_of(centre)
    take_trust(centre, raw, fingerprint_of(raw))
    assert api.hello(Notebook().replica).trust == 1


def test_approved_it_exchanges_and_is_handed_its_own_approval(centre: Centre, trusting: TrustFile) -> None:
    api, notes = device(centre), Notebook()
    notes.create(numbered_id(100), visit_body())
    with pytest.raises(NotAllowed, match="région"):
        judge(centre, api.device, APPROVE, COORDINATOR, NOW)
    set_region(centre, FEED, "nord")
    assert judge(centre, api.device[:8].upper(), APPROVE, COORDINATOR, NOW).coordinator == "Coordination Nord"
    said = api.hello(notes.replica)
    assert said.approval is not None
    signed = Signed(*(base64.b64decode(one) for one in (said.approval.statement, said.approval.signature)))
    statement, _ = prove(signed, trusting)
    assert (statement.device, statement.feed, statement.do) == (api.device, FEED, "approve")
    assert send(api, notes).header.acked == 1


def test_only_a_coordinator_of_the_region_within_his_time_is_believed(
    centre: Centre, trusting: TrustFile
) -> None:
    api = device(centre)
    set_region(centre, FEED, "nord")
    for key, moment, words in (
        (STRANGER, NOW, "aucun coordinateur"),
        (OF_SOUTH, NOW, "région"),
        (COORDINATOR, NOW + timedelta(days=500), "pris fin"),
    ):
        with pytest.raises(NotAllowed, match=words):
            judge(centre, api.device, APPROVE, key, moment)
    for feed, role in (("bus-4", "agent"), (FEED, "coordinator")):
        signed = sign_statement(APPROVE, api.device, feed, role, at="2026-11-24T08:00:00Z", key=COORDINATOR)
        with pytest.raises(NotAllowed, match="aucun poste"):
            take_statement(centre, signed, NOW)
    take_trust(centre, file_of(centre, 2, revoked=(coordinator().key_id,)), None)
    with pytest.raises(NotAllowed, match="aucun coordinateur"):
        judge(centre, api.device, APPROVE, COORDINATOR, NOW)
    assert states(centre) == {api.device: "pending"}
    with centre.database.read() as connection:
        assert connection.execute(select(tables.statements)).all() == []


def test_a_coordinators_own_laptop_and_a_trainers_are_approved_too(
    centre: Centre, trusting: TrustFile
) -> None:
    office, school = device(centre, "nord", "coordinator"), device(centre, "training-nord", "trainer")
    set_region(centre, "training-nord", "nord")
    for api in (office, school):
        judge(centre, api.device, APPROVE, COORDINATOR, NOW)
    assert set(states(centre).values()) == {"active"}


def test_a_revocation_is_for_good(centre: Centre, trusting: TrustFile) -> None:
    api = device(centre)
    set_region(centre, FEED, "nord")
    judge(centre, api.device, APPROVE, COORDINATOR, NOW)
    judge(centre, api.device, REVOKE, COORDINATOR, NOW)
    with pytest.raises(DeviceRevoked):
        api.hello(Notebook().replica)
    with pytest.raises(NotAllowed, match="pour de bon"):
        judge(centre, api.device, APPROVE, COORDINATOR, NOW + timedelta(hours=1))
    # The very approval of before, replayed: known already, so it acts no more.
    with centre.database.read() as connection:
        kept = connection.execute(select(tables.statements).where(tables.statements.c.did == APPROVE)).one()
    with pytest.raises(NotAllowed):
        take_statement(centre, Signed(kept.statement.encode(), base64.b64decode(kept.signature)), NOW)
    assert states(centre) == {api.device: "revoked"}


def test_without_a_trust_file_no_statement_is_taken_and_a_code_is_enough(centre: Centre) -> None:
    api = device(centre)
    assert states(centre) == {api.device: "active"}
    with pytest.raises(NotAllowed, match="fichier de confiance"):
        judge(centre, api.device, APPROVE, COORDINATOR, NOW)
