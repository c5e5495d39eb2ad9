"""The door to the centre over HTTP: signed both ways, capped, and deaf to anything unsigned."""

import contextlib
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from fsbus.core.clock import Clock
from fsbus.core.errors import (
    Interrupted,
    InvalidInput,
    NotAllowed,
    Offline,
    SyncError,
)  # fmt: skip
from fsbus.core.events import Log, unheard
from fsbus.core.redaction import redacted
from fsbus.store.store import Enrolment, Store
from fsbus.store.trusting import require_trusted_centre
from fsbus.sync.backoff import Backoff
from fsbus.sync.engine import CUT_LINK, Progress, SyncReport, sync_until_done
from fsbus.sync.pacing import Pace, Timing, paced_connection
from fsbus.sync.refusals import UNREADABLE_ANSWER, decoded, refusal
from fsbus.sync.signed import NONCE_BYTES, prove, sign
from fsbus.sync.standing import noting_refusals
from fsbus.sync.transport import NOT_THE_CENTRE, Transport
from fsbus.wire import codec, enrolment, signing
from fsbus.wire.api import (
    Answer,
    HelloAnswer,
    Problem,
    Refused,
    Request,
    SnapshotAnswer,
    State,
    StatesHeader,
    StatesRequest,
    SumsAnswer,
)  # fmt: skip
from fsbus.wire.version import CONTENT_TYPE

LONGEST_JSON = 64 * 1024
_T = TypeVar("_T")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class HttpApi:
    """`fsbus.wire.api.SyncApi` over HTTP for one enrolled device."""

    def __init__(
        self,
        enrolled: Enrolment,
        clock: Clock,
        *,
        cancelled: Callable[[], bool] = lambda: False,
        timing: Timing | None = None,
    ) -> None:
        self._transport = Transport(clock, cancelled=cancelled, timing=timing)
        self.traffic = self._transport.traffic
        self._enrolled = enrolled
        self._clock = clock
        self._base = check_url(enrolled.server_url)

    def close(self) -> None:
        """Leave the connection."""
        self._transport.close()

    def hello(self, replica: str) -> HelloAnswer:
        """See PROTOCOL.md « Hello »."""
        return decoded(self._get("/v1/hello", {"replica": replica}), HelloAnswer)

    def exchange(self, request: Request) -> Answer:
        """See PROTOCOL.md « Exchange »."""
        status, body = self._call("POST", "/v1/sync", "", CONTENT_TYPE, codec.encode_request(request))
        if status != 200:
            raise refusal(status, body)
        try:
            return codec.decode_answer(body)
        except codec.Malformed:
            raise SyncError(UNREADABLE_ANSWER) from None

    def snapshot(self, feed: str) -> SnapshotAnswer:
        """See PROTOCOL.md « Snapshot »."""
        return decoded(self._get(f"/v1/snapshot/{quote(feed, safe='')}", {}), SnapshotAnswer)

    def snapshot_part(self, feed: str, snapshot: str, start: int, length: int) -> bytes:
        """See PROTOCOL.md « Snapshot »."""
        path = f"/v1/snapshot/{quote(feed, safe='')}/{snapshot}"
        wanted = {"range": f"bytes={start}-{start + length - 1}"}
        status, body = self._call("GET", path, _query({}), "application/octet-stream", b"", wanted)
        if status != 206:
            raise refusal(status, body)
        return body

    def sums(self, feed: str) -> SumsAnswer:
        """See PROTOCOL.md « Repair »."""
        return decoded(self._get("/v1/sums", {"feed": feed}), SumsAnswer)

    def bucket(self, feed: str, number: int) -> SumsAnswer:
        """See PROTOCOL.md « Repair »."""
        return decoded(self._get("/v1/sums", {"feed": feed, "bucket": str(number)}), SumsAnswer)

    def states(self, feed: str, ids: Sequence[str]) -> tuple[StatesHeader, list[State]]:
        """See PROTOCOL.md « Repair »."""
        wanted = StatesRequest(feed, list(ids), secrets.token_hex(NONCE_BYTES))
        status, body = self._call("POST", "/v1/states", "", "application/json", msgspec.json.encode(wanted))
        if status != 200:
            raise refusal(status, body)
        try:
            return codec.decode_states(body)
        except codec.Malformed:
            raise SyncError(UNREADABLE_ANSWER) from None

    def _get(self, path: str, asked: Mapping[str, str]) -> bytes:
        status, body = self._call("GET", path, _query(asked), "application/json", b"")
        if status != 200:
            raise refusal(status, body)
        return body

    def _call(
        self,
        method: str,
        path: str,
        query: str,
        content_type: str,
        body: bytes,
        unsigned: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[int, bytes]:
        signed = sign(self._enrolled, self._clock, method, self._base.path + path, query, content_type, body)
        target = self._base.root + self._base.path + path + (f"?{query}" if query else "")
        got = self._transport.send(method, target, {**signed, **unsigned}, body, codec.LARGEST_BODY)
        try:
            prove(self._enrolled, got.status, got.headers, got.body, signing.request_signature(signed) or "")
        except signing.BadSignature:
            raise Offline(NOT_THE_CENTRE) from None
        self._transport.proved()
        return got.status, got.body


def _query(asked: Mapping[str, str]) -> str:
    # Fresh each time: else an answer recorded before would answer the same request of the same second.
    return urlencode({**asked, "nonce": secrets.token_hex(NONCE_BYTES)}, quote_via=quote)


@redacted()
@dataclass(frozen=True)
class BaseUrl:
    """The address of a centre, checked: scheme and host in ``root``, what stands before /v1 in ``path``."""

    root: str
    path: str

    @property
    def text(self) -> str:
        """The whole address, without a slash at its end."""
        return self.root + self.path


def check_url(text: str) -> BaseUrl:
    """Raises InvalidInput unless it is an https address, or http on this very machine."""
    try:
        parts = urlsplit(text.strip().rstrip("/"))
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment or parts.username:
        raise InvalidInput({"server": "Adresse du centre attendue, par exemple https://centre.exemple.fr"})
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise InvalidInput({"server": "L’adresse du centre doit commencer par https://"})
    shown = f"[{host}]" if ":" in host else host
    return BaseUrl(f"{parts.scheme}://{shown}" + (f":{port}" if port else ""), parts.path)


def enroll(
    url: str,
    code: str,
    name: str,
    private_key: bytes,
    *,
    clock: Clock | None = None,
    timing: Timing | None = None,
) -> Enrolment:
    """Enrol the laptop that holds this key with a one-time code; ``name`` is what the coordinator sees.

    Raises InvalidInput for a code or an address that cannot be right, Offline, or SyncError.
    """
    base = check_url(url)
    request, pending = enrolment.build_enroll_request(code, name, private_key)
    transport, body = Transport(clock or Clock(), timing=timing), msgspec.json.encode(request)
    try:
        for attempt in (1, 2, 3):
            try:
                got = transport.send("POST", f"{base.text}/v1/enroll", _JSON, body, LONGEST_JSON)
                break
            except Interrupted:
                # The same request again gets the same answer: a code is not lost with its answer.
                if attempt == 3:
                    raise
    except Offline as error:
        # What it says of entries is true of an exchange: an enrolment does not go out by itself later.
        raise type(error)(f"{error} {_NOT_YET_ENROLLED}") from None
    finally:
        transport.close()
    if got.status == 403 and _problem_in(got.body) == "bad_code":
        raise InvalidInput(
            {"code": "Ce code n’est pas ou plus valable. Demandez-en un autre au coordinateur."}
        )
    if got.status >= 500:
        raise Offline(f"Le centre est en panne (état {got.status}) : réessayez plus tard avec le même code.")
    if got.status != 200:
        raise Offline(_NO_CENTRE_THERE)
    try:
        granted = enrolment.read_enroll_answer(pending, decoded(got.body, enrolment.EnrollAnswer))
    except (enrolment.NotProved, SyncError):
        raise Offline(_NO_CENTRE_THERE) from None
    return Enrolment.at(base.text, granted)


def sync_by_http(
    store: Store,
    *,
    clock: Clock,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    log: Log = unheard,
    spare: Callable[[], Store] | None = None,
    timing: Timing | None = None,
    pauses: Backoff = CUT_LINK,
    told: Callable[[SyncReport], None] = lambda _report: None,
) -> SyncReport:
    """Synchronise an enrolled store with its centre; the report counts the bytes on the wire.

    Raises NotAllowed when the store is not enrolled, or its centre is not in the trust file; else as
    `fsbus.sync.engine.sync_until_done`, which says what ``spare`` and ``told`` are for.
    """
    enrolled = store.link().enrolment
    if enrolled is None:
        raise NotAllowed("Ce poste n’est rattaché à aucun centre. Demandez un code au coordinateur.")
    require_trusted_centre(store.db, enrolled.server_key)
    api = HttpApi(enrolled, clock, cancelled=cancelled or (lambda: False), timing=timing)

    def counted(report: SyncReport) -> SyncReport:
        return replace(report, bytes_sent=api.traffic.sent, bytes_received=api.traffic.received)

    try:
        with noting_refusals(store, api, clock, cancelled or (lambda: False)):
            report = sync_until_done(
                store,
                api,
                clock=clock,
                progress=progress,
                cancelled=cancelled,
                log=log,
                spare=spare,
                pauses=pauses,
                told=lambda report: told(counted(report)),
            )
        return counted(report)
    finally:
        api.close()


def is_reachable(url: str, seconds: float) -> bool:
    """Whether a connection to this address can be made within so many seconds: a hint, no proof of anything."""
    parts = urlsplit(url)
    pace = Pace(Timing(connect=seconds, attempt=seconds * 2), time.monotonic)
    pace.begin()
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        paced_connection(parts.hostname or "", port, pace).close()
    except (OSError, ValueError):
        return False
    return True


def meet(store: Store, *, clock: Clock) -> None:
    """Ask the centre, once, whether it takes this laptop in already: the store remembers what it said."""
    enrolled = store.link().enrolment
    if enrolled is None:
        return
    api = HttpApi(enrolled, clock)
    try:
        with contextlib.suppress(SyncError, Refused), noting_refusals(store, api, clock):
            api.hello(store.replica)
    finally:
        api.close()


_JSON = {"Content-Type": "application/json"}
_NOT_YET_ENROLLED = "Ce poste n’est pas encore rattaché\u00a0: vérifiez l’adresse et le réseau, puis recommencez avec le même code."
_NO_CENTRE_THERE = (
    "Une réponse est venue, mais pas du centre : vérifiez l’adresse, ou ouvrez la page d’accueil du Wi-Fi, "
    "puis réessayez avec le même code."
)


def _problem_in(body: bytes) -> str:
    """The problem that an unsigned refusal names; empty for a page that is none of the centre's."""
    try:
        return msgspec.json.decode(body, type=Problem).problem
    except codec.UNREADABLE:
        return ""
