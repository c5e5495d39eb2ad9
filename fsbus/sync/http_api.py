"""The door to the centre over HTTP: signed both ways, capped, and deaf to anything unsigned."""

import secrets
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError

from fsbus.core.clock import Clock
from fsbus.core.errors import (
    DeviceRevoked,
    Interrupted,
    InvalidInput,
    NotAllowed,
    Offline,
    SyncError,
    UpgradeRequired,
)  # fmt: skip
from fsbus.core.events import Log, unheard
from fsbus.core.redaction import redacted
from fsbus.store.store import Enrolment, Store
from fsbus.store.trusting import require_trusted_centre
from fsbus.sync.engine import NONCE_BYTES, Progress, SyncReport, sync_until_done
from fsbus.wire import codec, enrolment, signing
from fsbus.wire.api import Answer, HelloAnswer, Problem, Refused, Request
from fsbus.wire.version import CONTENT_TYPE

CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 30.0
"""Without one byte for so long, the link is dead. A slow upload is not: it needs a minute or more."""
ANSWER_SECONDS = 60.0
"""From the first byte of an answer to its last: a portal that drips is given up."""
LONGEST_JSON = 64 * 1024
_T = TypeVar("_T")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass
class Traffic:
    """What went over the wire, bodies and header lines."""

    requests: int = 0
    sent: int = 0
    received: int = 0


class _SystemTrust(HTTPAdapter):
    """Trusts what the operating system trusts, so that an organisation's own authority works."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        super().init_poolmanager(*args, ssl_context=context, **kwargs)


class HttpApi:
    """`fsbus.wire.api.SyncApi` over HTTP for one enrolled device."""

    def __init__(self, enrolled: Enrolment, clock: Clock) -> None:
        self.traffic = Traffic()
        self._enrolled = enrolled
        self._clock = clock
        self._web = _session()
        self._base = check_url(enrolled.server_url)

    def close(self) -> None:
        """Leave the connection."""
        self._web.close()

    def hello(self, replica: str) -> HelloAnswer:
        """See PROTOCOL.md « Hello »."""
        # Fresh each time: else an answer recorded before would answer the same request of the same second.
        query = f"replica={replica}&nonce={secrets.token_hex(NONCE_BYTES)}"
        status, body = self._call("GET", "/v1/hello", query, "application/json", b"")
        if status != 200:
            raise _refusal(status, body)
        return _decode(body, HelloAnswer)

    def exchange(self, request: Request) -> Answer:
        """See PROTOCOL.md « Exchange »."""
        status, body = self._call("POST", "/v1/sync", "", CONTENT_TYPE, codec.encode_request(request))
        if status != 200:
            raise _refusal(status, body)
        try:
            return codec.decode_answer(body)
        except codec.Malformed as error:
            raise SyncError(f"La réponse du centre est illisible ({error}).") from None

    def _call(self, method: str, path: str, query: str, content_type: str, body: bytes) -> tuple[int, bytes]:
        signed = signing.sign_request(
            method=method,
            path=self._base.path + path,
            query=query,
            content_type=content_type,
            body=body,
            audience=self._enrolled.audience,
            device=self._enrolled.device,
            private_key=self._enrolled.signing_key,
            created=int(self._clock.now().timestamp()),
        )
        target = self._base.root + self._base.path + path + (f"?{query}" if query else "")
        status, headers, answer = _send(
            self._web, self.traffic, method, target, signed, body, codec.LARGEST_BODY
        )
        try:
            signing.verify_answer(
                status=status,
                headers=headers,
                body=answer,
                answered=signing.request_signature(signed) or "",
                public_key=self._enrolled.server_key,
            )
        except signing.BadSignature:
            raise Offline(_NOT_THE_CENTRE) from None
        return status, answer


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


def enroll(url: str, code: str, name: str, private_key: bytes) -> Enrolment:
    """Enrol the laptop that holds this key with a one-time code; ``name`` is what the coordinator sees.

    Raises InvalidInput for a code or an address that cannot be right, Offline, or SyncError.
    """
    base = check_url(url)
    request, pending = enrolment.build_enroll_request(code, name, private_key)
    web, body = _session(), msgspec.json.encode(request)
    try:
        for attempt in (1, 2, 3):
            try:
                status, _, answer = _send(
                    web, Traffic(), "POST", f"{base.text}/v1/enroll", _JSON, body, LONGEST_JSON
                )
                break
            except Interrupted:
                # The same request again gets the same answer: a code is not lost with its answer.
                if attempt == 3:
                    raise
    finally:
        web.close()
    if status == 403 and _problem_in(answer) == "bad_code":
        raise InvalidInput(
            {"code": "Ce code n’est pas ou plus valable. Demandez-en un autre au coordinateur."}
        )
    if status >= 500:
        raise Offline(f"Le centre est en panne (état {status}) : réessayez plus tard avec le même code.")
    if status != 200:
        raise Offline(_NO_CENTRE_THERE)
    try:
        granted = enrolment.read_enroll_answer(pending, _decode(answer, enrolment.EnrollAnswer))
    except (enrolment.NotProved, SyncError):
        raise Offline(_NO_CENTRE_THERE) from None
    return Enrolment(
        server_url=base.text,
        device=granted.device,
        audience=granted.audience,
        server_key=granted.server_key,
        signing_key=granted.private_key,
        feeds=granted.feeds,
        writes=granted.writes,
        lease_key=granted.lease_key,
    )


def sync_by_http(
    store: Store,
    *,
    clock: Clock,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    log: Log = unheard,
    spare: Callable[[], Store] | None = None,
) -> SyncReport:
    """Synchronise an enrolled store with its centre; the report counts the bytes on the wire.

    Raises NotAllowed when the store is not enrolled, or its centre is not in the trust file; else as `fsbus.sync.engine.sync_until_done`,
    which says what ``spare`` is for.
    """
    enrolled = store.link().enrolment
    if enrolled is None:
        raise NotAllowed("Ce poste n’est rattaché à aucun centre. Demandez un code au coordinateur.")
    require_trusted_centre(store.db, enrolled.server_key)
    api = HttpApi(enrolled, clock)
    try:
        report = sync_until_done(
            store, api, clock=clock, progress=progress, cancelled=cancelled, log=log, spare=spare
        )
    finally:
        api.close()
    return replace(report, bytes_sent=api.traffic.sent, bytes_received=api.traffic.received)


def _session() -> requests.Session:
    web = requests.Session()
    # Neither a .netrc nor a proxy of the environment may change or answer our requests.
    web.trust_env = False
    web.mount("https://", _SystemTrust())
    return web


def _send(
    web: requests.Session,
    traffic: Traffic,
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes,
    most: int,
) -> tuple[int, dict[str, str], bytes]:
    """One request and its whole answer, at most ``most`` bytes. Raises Offline or Interrupted."""
    traffic.requests += 1
    sent = {**headers, "Accept-Encoding": "identity", "User-Agent": "fsbus"}
    try:
        with web.request(
            method,
            url,
            data=body or None,
            headers=sent,
            timeout=(CONNECT_SECONDS, SILENCE_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as answer:
            traffic.sent += len(body) + _header_bytes(answer.request.headers) + len(method) + len(url)
            received = _read(answer, most)
            traffic.received += len(received) + _header_bytes(answer.headers) + len("HTTP/1.1 200 OK\r\n")
            return (
                answer.status_code,
                {name.lower(): value for name, value in answer.headers.items()},
                received,
            )
    except requests.ConnectTimeout:
        raise Offline(_UNREACHABLE) from None
    except requests.ConnectionError as error:
        raise (Offline(_UNREACHABLE) if _never_reached(error) else Interrupted(_CUT)) from None
    except (requests.RequestException, HTTPError, OSError):
        raise Interrupted(_CUT) from None


_JSON = {"Content-Type": "application/json"}
_NOT_THE_CENTRE = (
    "Une réponse est venue, mais pas du centre : page d’accueil d’un Wi-Fi ou mandataire. "
    "Tout est enregistré sur ce poste."
)
_NO_CENTRE_THERE = (
    "Une réponse est venue, mais pas du centre : vérifiez l’adresse, ou ouvrez la page d’accueil du Wi-Fi, "
    "puis réessayez avec le même code."
)
_UNREACHABLE = "Le centre ne répond pas. Tout est enregistré sur ce poste ; l’envoi se fera plus tard."
_CUT = "La liaison a été coupée. Ce que le centre a confirmé est gardé ; le reste repartira."


def _never_reached(error: requests.ConnectionError) -> bool:
    if isinstance(error, requests.exceptions.SSLError):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)


def _read(answer: requests.Response, most: int, monotonic: Callable[[], float] = time.monotonic) -> bytes:
    announced = answer.headers.get("Content-Length", "")
    if not announced.isdigit() or int(announced) > most:
        # Without its length, an answer that was cut looks whole.
        raise Offline(_NOT_THE_CENTRE)
    until = monotonic() + ANSWER_SECONDS
    parts: list[bytes] = []
    for part in answer.iter_content(65_536):
        parts.append(part)
        if monotonic() > until:
            raise Interrupted(_CUT)
    body = b"".join(parts)
    if len(body) != int(announced):
        raise Interrupted(_CUT)
    return body


def _header_bytes(headers: Any) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers.items())


def _refusal(status: int, body: bytes) -> Exception:
    problem = _decode(body, Problem)
    match problem.problem:
        case "revoked":
            return DeviceRevoked("Ce poste n’est plus accepté par le centre. Appelez le coordinateur.")
        case "unknown_device":
            return DeviceRevoked("Le centre ne connaît pas ce poste. Appelez le coordinateur.")
        case "upgrade":
            return UpgradeRequired("Cette version de fsbus est trop ancienne. Installez la nouvelle.")
    if status >= 500 and problem.problem != "busy":
        return Interrupted("Le centre a eu une panne. Tout est gardé sur ce poste.")
    return Refused(problem)


def _problem_in(body: bytes) -> str:
    """The problem that an unsigned refusal names; empty for a page that is none of the centre's."""
    try:
        return msgspec.json.decode(body, type=Problem).problem
    except codec.UNREADABLE:
        return ""


def _decode(body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except codec.UNREADABLE:
        raise SyncError("La réponse du centre est illisible. Tout est enregistré sur ce poste.") from None
