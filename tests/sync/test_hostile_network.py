"""Whatever answers in the centre's place, nothing moves on the laptop, soon told, in bounded memory."""

import ipaddress
import resource
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fsbus.core.clock import Clock
from fsbus.core.errors import ClockDoubted, Offline, SyncError
from fsbus.server.direct import DirectApi
from fsbus.server.serving import EmbeddedCentre
from tests.fakes import HeldTime
from tests.sync.equal import central_states, differences, replica_states, whole_hash
from tests.sync.hostile import MODES, HostileServer, forward
from tests.sync.road import RoadLaptop, scaled

FASTER = 50.0
"""How many times shorter than real the patience of the ordinary run is; the hostile second as well."""
BUSY = 4.0
"""Seconds that this machine may lose to its other work; the campaign by the real constants allows one."""
MOST_MEMORY = 96 * 2**20
"""Bytes that all modes together may add to the process; one bomb let in would be 300 MiB."""


class Road:
    """A centre, a hostile server before it, a laptop with entries that wait, and another one that does not."""

    def __init__(self, folder: Path, clock: Clock, second: float) -> None:
        self.clock = clock
        self.served = EmbeddedCentre(f"sqlite:///{folder / 'centre.db'}", clock=clock).__enter__()
        self.centre = self.served.centre
        self.hostile = HostileServer(self.served.url, second=second).__enter__()
        self.laptop, self.other = RoadLaptop(folder, "un", clock), RoadLaptop(folder, "deux", clock)
        for one in (self.laptop, self.other):
            one.enrol(self.centre, self.hostile.url)
        self.other.record("de l’autre")
        self.other.sync()
        self.hostile.other = b"".join(forward(self.served.url, self.hostile.recorded[-1]))
        self.laptop.record("avant")
        self.laptop.sync()
        self.hostile.stale = b"".join(forward(self.served.url, self.hostile.recorded[-1]))
        self.hostile.epoch, self.hostile.centre_key = self.centre.epoch, self.centre.private_key
        self.laptop.record("en attente", procedures=3)
        # Somebody else's change waits at the centre: an answer that is let in would show.
        self.other.record("depuis")
        self.other.sync()

    def close(self) -> None:
        self.hostile.__exit__()
        for one in (self.laptop, self.other):
            one.close()
        self.served.__exit__(None, None, None)


@pytest.fixture
def road(tmp_path: Path) -> Iterator[Road]:
    one = Road(tmp_path, HeldTime().clock(), 1 / FASTER)
    yield one
    one.close()


def resident() -> int:
    """Bytes of memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def refused(road: Road, mode: str, faster: float) -> float:
    """One exchange by this mode; the seconds it took. Nothing may have moved."""
    road.hostile.mode = mode
    before, link = whole_hash(road.laptop.store.db), road.laptop.store.link()
    began = time.monotonic()
    with pytest.raises(SyncError) as told:
        road.laptop.sync(scaled(faster), by=faster)
    took = time.monotonic() - began
    assert mode == "another epoch" or isinstance(told.value, Offline), mode
    assert str(told.value).endswith(".")
    assert whole_hash(road.laptop.store.db) == before, mode
    assert road.laptop.store.link() == link
    return took


def all_modes(road: Road, runs: int, faster: float) -> dict[str, float]:
    """Every mode so many times, and the good road at the end; the longest attempt of each."""
    start, longest = resident(), dict[str, float]()
    for mode in MODES:
        longest[mode] = max(refused(road, mode, faster) for _ in range(runs))
        assert resident() - start < MOST_MEMORY, mode
    road.hostile.mode = "good"
    assert road.laptop.sync().pushed == 4
    road.other.sync()
    central = central_states(
        DirectApi(road.centre, str(road.laptop.store.link().enrolment.device), road.clock)  # type: ignore[union-attr]  # it is enrolled
    )
    for one in (road.laptop, road.other):
        assert differences(replica_states(one.store.db), central) == {}
    return longest


def test_nothing_that_answers_in_the_centres_place_moves_anything(road: Road) -> None:
    longest = all_modes(road, 1, FASTER)
    # A scaled minute of patience, and what a busy machine takes by itself: each mode would last for ever.
    assert max(longest.values()) <= 60 / FASTER + BUSY, longest


@pytest.mark.torture
def test_twenty_times_each_by_real_time_and_real_patience(
    tmp_path: Path, figures: Callable[[str], None]
) -> None:
    # The quick modes 20 times by the real constants; those that wait a minute twenty times at a fifth of it, and once whole.
    road = Road(tmp_path, HeldTime().clock(), 1.0)
    try:
        took = {mode: [refused(road, mode, 1.0)] for mode in MODES}
        road.hostile.second = 1 / FASTER
        for mode in MODES:
            took[mode] += [refused(road, mode, FASTER) * FASTER for _ in range(19)]
        start = resident()
        for mode in MODES:
            refused(road, mode, FASTER)
        grown = resident() - start
    finally:
        road.close()
    figures(
        "\n".join(f"{mode}: {runs[0]:.1f} s by the real constants" for mode, runs in took.items())
        + f"\n{len(took)} modes × {min(map(len, took.values()))}, memory +{grown / 2**20:.1f} MiB"
    )
    assert max(runs[0] for runs in took.values()) <= 60
    assert grown < MOST_MEMORY


class Authority:
    """A certificate for this machine, made for one test, valid between two moments."""

    def __init__(self, folder: Path, begins: datetime, ends: datetime) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "centre des essais")])
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                critical=False,
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.path, private = folder / "authority.pem", folder / "authority.key"
        self.path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.path, private)


def valid_now(folder: Path) -> Authority:
    now = datetime.now(UTC)
    return Authority(folder, now - timedelta(days=1), now + timedelta(days=1))


def test_a_certificate_that_nobody_vouches_for_gets_nothing(road: Road, tmp_path: Path) -> None:
    with HostileServer(road.served.url, tls=valid_now(tmp_path).context) as wrong:
        road.laptop.aim(wrong.url)
        before = whole_hash(road.laptop.store.db)
        for _ in range(20):
            with pytest.raises(Offline, match="n’est pas celle du centre"):
                road.laptop.sync(scaled(FASTER))
        assert wrong.served == 0
    assert whole_hash(road.laptop.store.db) == before


def test_over_a_trusted_certificate_the_exchange_goes_on(
    road: Road, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = valid_now(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    with HostileServer(road.served.url, tls=authority.context) as right:
        road.laptop.aim(right.url)
        assert road.laptop.sync().pushed == 4
        right.mode = "half-open"
        began = time.monotonic()
        with pytest.raises(Offline):
            road.laptop.sync(scaled(FASTER))
        assert time.monotonic() - began < 60 / FASTER + BUSY


@pytest.mark.parametrize("days", [-400, 400])
def test_a_certificate_of_another_date_speaks_of_the_clock(
    road: Road, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    # As seen by a laptop whose clock is a year behind, or ahead: the certificate alone moves here.
    moment = datetime.now(UTC) + timedelta(days=days)
    authority = Authority(tmp_path, moment, moment + timedelta(days=30))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    with HostileServer(road.served.url, tls=authority.context) as dated:
        road.laptop.aim(dated.url)
        with pytest.raises(ClockDoubted, match=r"à la date de ce poste \(24\xa0novembre 2026\).*horloge"):
            road.laptop.sync(scaled(FASTER))


def test_a_handshake_that_never_comes_ends_in_time(road: Road) -> None:
    with HostileServer(road.served.url) as silent:
        silent.mode = "deaf"
        road.laptop.aim(silent.url.replace("http://", "https://"))
        began = time.monotonic()
        with pytest.raises(Offline):
            road.laptop.sync(scaled(FASTER))
        assert time.monotonic() - began < 60 / FASTER + BUSY


def test_a_server_that_changes_answers_lets_through_what_is_none(road: Road) -> None:
    asked = b"GET /healthz HTTP/1.1\r\nHost: centre\r\n\r\n"
    road.hostile.mode = "another epoch"
    head, body = forward(road.hostile.url, asked)
    assert head.startswith(b"HTTP/1.1 200")
    assert body == forward(road.served.url, asked)[1]
