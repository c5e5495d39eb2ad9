"""The lease of a real laptop with a real centre: renewed by proof only, strict whatever is done."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

from fsbus.actions.agents import add_agent, remove_agent
from fsbus.actions.backups import back_up_to, restore_on_new_laptop
from fsbus.actions.lease import LeaseState, LeaseWatch, is_expired, lease_state, require_lease, use_code
from fsbus.actions.session import Session, enter, open_session
from fsbus.core.clock import parse_utc_text
from fsbus.core.errors import DeviceRevoked, InvalidInput, LeaseExpired, NotAllowed, Offline, StoreUnavailable
from fsbus.core.lease import AHEAD, DAY
from fsbus.server import admin, tables
from fsbus.server.database import update
from fsbus.server.serving import EmbeddedCentre
from fsbus.sync import http_api
from fsbus.sync.http_api import sync_by_http
from tests.devices import PASSPHRASE, MakeDevice
from tests.fakes import NOON, HeldTime
from tests.server.laptop import send


@pytest.fixture
def true_time() -> HeldTime:
    """The centre's clock; `held_time` is the laptops'."""
    return HeldTime()


@pytest.fixture
def served(tmp_path: Path, true_time: HeldTime) -> Iterator[EmbeddedCentre]:
    with EmbeddedCentre(f"sqlite:///{tmp_path / 'centre.db'}", clock=true_time.clock()) as centre:
        yield centre


def attach(session: Session, served: EmbeddedCentre, url: str = "") -> None:
    code = admin.enroll_code(served.centre, "bus-3", clock=session.clock)
    # Made by the laptop's clock, which a test may have moved: the code must still be good at the centre.
    enrolment = http_api.enroll(url or served.url, code.code, "Poste 1", session.signing_key)
    session.store.set_enrolment(enrolment)


@pytest.fixture
def attached(device: Session, served: EmbeddedCentre) -> Session:
    attach(device, served)
    return device


def state(session: Session) -> LeaseState:
    found = lease_state(session)
    assert found is not None
    return found


def sync(session: Session) -> None:
    sync_by_http(session.store, clock=session.clock)


def after(days: float, *times: HeldTime) -> None:
    for time in times:
        time.advance(days=days)


def challenge_answered(session: Session, served: EmbeddedCentre, days: int = 7) -> str:
    return admin.lease_code(served.centre, session.device, state(session).challenge, days).code


def test_a_laptop_of_its_own_has_no_lease(device: Session) -> None:
    LeaseWatch(device).tick()
    assert lease_state(device) is None
    assert device.store.lease() is None
    require_lease(device)
    with pytest.raises(NotAllowed):
        use_code(device, "1" * 12)


def test_an_enrolment_begins_the_lease_and_a_contact_renews_it_by_the_centres_clock(
    attached: Session, held_time: HeldTime, true_time: HeldTime
) -> None:
    assert state(attached).days_left == 14
    after(3, held_time, true_time)
    true_time.advance(hours=1)
    sync(attached)
    told = state(attached)
    assert (told.last_contact_at, told.until) == ("2026-11-27T12:00:00Z", "2026-12-11T12:00:00Z")
    assert (told.days_left, told.warns, told.notice()) == (14, False, "")


def test_it_warns_from_the_seventh_day_and_ends_after_the_fourteenth(
    attached: Session, held_time: HeldTime
) -> None:
    sync(attached)
    after(6.9, held_time)
    assert not state(attached).warns
    after(0.1, held_time)
    told = state(attached)
    assert (told.warns, told.days_without_contact, told.days_left) == (True, 7, 7)
    assert told.notice().startswith("Ce poste n’a pas joint le centre depuis 7 jours. Synchronisez")
    require_lease(attached)
    after(7, held_time)
    assert is_expired(attached)
    with pytest.raises(LeaseExpired, match="depuis 14 jours"):
        require_lease(attached)


@pytest.mark.parametrize(
    "wall",
    [
        "2026-11-24T10:00:00Z", "2026-11-24T12:00:00Z", "2026-11-23T11:00:00Z", "2026-11-25T11:00:00Z",
        "1970-01-01T00:00:00Z", "2038-01-19T03:14:08Z", "2036-11-24T11:00:00Z", "9999-12-31T23:59:59Z",
    ],
)  # fmt: skip
def test_every_clock_is_lived_with_and_a_contact_heals_the_lease(
    attached: Session, held_time: HeldTime, wall: str
) -> None:
    sync(attached)
    watch = LeaseWatch(attached)
    held_time.moment = parse_utc_text(wall)
    watch.tick()
    told = state(attached)
    assert told.as_json()["until"] == "2026-12-08T11:00:00Z"
    assert told.expired == (wall > "2027")
    assert bool(told.notice()) == told.expired
    watch.stop()
    sync(attached)
    assert (state(attached).days_left, state(attached).last_contact_at) == (14, NOON)
    after(13.5, held_time) if wall < "9999" else None
    assert not is_expired(attached)


def test_a_laptop_that_was_turned_away_is_not_renewed(
    attached: Session, served: EmbeddedCentre, held_time: HeldTime, true_time: HeldTime
) -> None:
    sync(attached)
    with served.centre.database.write() as connection:
        connection.execute(update(tables.devices).values(revoked_at=NOON))
    after(13, held_time, true_time)
    before = attached.store.lease()
    with pytest.raises(DeviceRevoked):
        sync(attached)
    assert attached.store.lease() == before
    after(1, held_time, true_time)
    with pytest.raises(DeviceRevoked):
        sync(attached)
    assert is_expired(attached)
    with pytest.raises(NotAllowed):
        challenge_answered(attached, served)


class Recorder(BaseHTTPRequestHandler):
    """Between a laptop and its centre: passes everything on, or plays again what it recorded."""

    centre: ClassVar[str]
    recorded: ClassVar[dict[str, tuple[int, dict[str, str], bytes]]]
    replaying: ClassVar[bool]

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        key = f"{self.command} {self.path.partition('?')[0]}"
        if not self.replaying:
            self.recorded[key] = send(self.centre, self.command, self.path, dict(self.headers), body)
        status, headers, answer = self.recorded[key]
        self.send_response(status)
        for name in ("content-type", "content-digest", "signature", "signature-input"):
            if name in headers:
                self.send_header(name, headers[name])
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = _pass  # noqa: N815 -- the names that the standard library calls

    def log_request(self, *_: object) -> None:
        """Silent."""


@contextmanager
def recorder(centre: str) -> Iterator[tuple[str, type[Recorder]]]:
    kind = type("Between", (Recorder,), {"centre": centre, "recorded": {}, "replaying": False})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", kind
        finally:
            server.shutdown()
            thread.join()


def test_an_answer_played_again_renews_nothing_even_at_the_same_second_by_the_same_clock(
    device: Session, served: EmbeddedCentre, held_time: HeldTime
) -> None:
    with recorder(served.url) as (url, between):
        attach(device, served, url)
        sync(device)
        device.store.maintain(lambda db: db.conn.execute("UPDATE link SET epoch = ''"))
        sync(device)
        sync(
            device
        )  # a hello and an exchange that say nothing new, at the very second that comes again below
        moment = held_time.moment
        after(20, held_time)
        between.replaying = True
        held_time.moment = moment
        before = device.store.lease()
        for ask_hello in (False, True):
            if ask_hello:
                device.store.maintain(lambda db: db.conn.execute("UPDATE link SET epoch = ''"))
            with pytest.raises(Offline):
                sync(device)
            assert device.store.lease() == before
        between.replaying = False
        sync(device)
        assert device.store.lease() != before


def test_a_code_by_telephone_opens_once_and_the_fourth_not_at_all(
    attached: Session, served: EmbeddedCentre, held_time: HeldTime
) -> None:
    sync(attached)
    after(15, held_time)
    LeaseWatch(attached)
    code = challenge_answered(attached, served, 2)
    assert use_code(attached, code).days_left == 2
    require_lease(attached)
    with pytest.raises(InvalidInput, match="ne répond pas"):
        use_code(attached, code)
    for _ in range(2):
        use_code(attached, challenge_answered(attached, served))
    assert (state(attached).days_left, state(attached).codes_left, state(attached).challenge) == (16, 0, "")
    with pytest.raises(NotAllowed, match="doit joindre le centre"):
        use_code(attached, "7" * 12)
    sync(attached)
    assert (state(attached).days_left, state(attached).codes_left) == (14, 3)


def test_a_copy_made_before_a_code_does_not_take_it_again_later(
    make_device: MakeDevice, served: EmbeddedCentre, held_time: HeldTime, tmp_path: Path
) -> None:
    device = make_device("poste")
    attach(device, served)
    after(15, held_time)
    LeaseWatch(device).stop()
    device.store.close()
    copy = shutil.copytree(device.home, tmp_path / "copie")
    with enter(device.home, device.keys, clock=held_time.clock(), ids=held_time.ids()) as used:
        code = challenge_answered(used, served)
        assert use_code(used, code).days_left == 7
    after(8, held_time)
    with enter(copy, device.keys, clock=held_time.clock(), ids=held_time.ids()) as older:
        with pytest.raises(InvalidInput, match="de la veille"):
            use_code(older, code)
        LeaseWatch(older)
        with pytest.raises(InvalidInput, match="ne répond pas"):
            use_code(older, code)
        assert is_expired(older)


def test_wrong_codes_are_counted_across_openings_and_make_wait(
    attached: Session, served: EmbeddedCentre, held_time: HeldTime
) -> None:
    first = state(attached).challenge
    for _ in range(4):
        with pytest.raises(InvalidInput):
            use_code(attached, "7" * 12)
    again = attached.reopen()
    with pytest.raises(InvalidInput, match="attendez 10"):
        use_code(again, "7" * 12)
    assert state(again).challenge != first
    good = challenge_answered(again, served)
    with pytest.raises(NotAllowed, match="réessayez dans 10"):
        use_code(again, good)
    again.close()
    held_time.advance(minutes=10)
    assert use_code(attached, good).days_left == 21


def test_what_is_no_code_counts_for_nothing(attached: Session) -> None:
    for typed in ("", "12", "abc", "1" * 13):
        with pytest.raises(InvalidInput):
            use_code(attached, typed)
    lease = attached.store.lease()
    assert lease is not None
    assert lease.wrong == 0


class Seconds:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_use_counts_double_while_the_clock_stands_still_and_a_kill_gains_nothing(attached: Session) -> None:
    sync(attached)
    seconds = Seconds()
    watch = LeaseWatch(attached, seconds)
    for _ in range(12):
        seconds.at += 3600.5
        watch.tick()
    watch.stop()
    lease = attached.store.lease()
    assert lease is not None
    assert (lease.run, lease.paid) == (12 * 3600 + 6, 0)
    assert lease.without_contact == DAY + 12
    LeaseWatch(attached, seconds)  # and killed
    LeaseWatch(attached, seconds).stop()
    lease = attached.store.lease()
    assert lease is not None
    assert lease.run == 12 * 3600 + 6 + AHEAD


def test_a_change_of_keys_keeps_the_lease(attached: Session, held_time: HeldTime) -> None:
    other = add_agent(attached, "Denis Exemple", "sept merles noirs sur la haie du quai nord")
    sync(attached)
    after(3, held_time)
    LeaseWatch(attached).stop()
    before = attached.store.lease()
    with remove_agent(attached, other.id, PASSPHRASE) as rotated:
        assert rotated.store.lease() == before
        assert state(rotated).days_left == 11


def test_an_older_copy_counts_on_from_its_own_days(
    make_device: MakeDevice, served: EmbeddedCentre, held_time: HeldTime, tmp_path: Path
) -> None:
    device = make_device("poste")
    attach(device, served)
    sync(device)
    after(5, held_time)
    LeaseWatch(device).stop()
    device.store.close()
    copy = shutil.copytree(device.home, tmp_path / "copie")
    with open_session(device.home, PASSPHRASE, clock=held_time.clock(), ids=held_time.ids()) as later:
        after(2, held_time)
        sync(later)
        assert (state(later).days_left, state(later).last_contact_at) == (14, NOON)
    # The centre's clock stood still, so both were told the same; the copy counts on from its own days.
    with enter(copy, device.keys, clock=held_time.clock(), ids=held_time.ids()) as older:
        LeaseWatch(older).stop()
        assert (state(older).days_left, state(older).until) == (7, "2026-12-08T11:00:00Z")
        after(7, held_time)
        assert is_expired(older)


def test_a_full_disk_does_not_shut_the_agent_out(attached: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_change: object) -> None:
        raise StoreUnavailable("Le disque est plein.")

    monkeypatch.setattr(attached.store, "change_lease", full)
    LeaseWatch(attached).stop()
    require_lease(attached)
    assert state(attached).days_left == 14


def test_a_laptop_made_anew_from_a_copy_has_what_was_left_of_the_lease(
    attached: Session, tmp_path: Path, held_time: HeldTime
) -> None:
    sync(attached)
    copy = Path(str(back_up_to(attached, tmp_path / "stick")["file"]))
    held_time.advance(days=15)
    made = restore_on_new_laptop(tmp_path / "new", PASSPHRASE, copy, clock=attached.clock)
    assert made["visits"] == 0
    with open_session(tmp_path / "new", PASSPHRASE, clock=attached.clock, ids=attached.ids) as session:
        assert session.store.link().enrolment is None
        assert state(session).expired
        with pytest.raises(LeaseExpired, match="enroll"):
            require_lease(session)
