"""One whole HTTP answer for each request, in time and of a bounded size; the only user of `requests`."""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError

from fsbus.core.clock import Clock, local_day
from fsbus.core.errors import ClockDoubted, Interrupted, Offline
from fsbus.core.french import full_day
from fsbus.core.redaction import redacted
from fsbus.sync.pacing import Pace, PacedContext, Timing, TooSlow, paced_connection, paced_context

PART = 64 * 1024
_WRONG_DATE = frozenset({9, 10})
"""What OpenSSL calls a certificate that is not valid yet, and one that is no longer."""

NOT_THE_CENTRE = (
    "Une réponse est venue, mais pas du centre\u00a0: page d’accueil d’un Wi-Fi ou mandataire. "
    "Tout est enregistré sur ce poste."
)
_UNREACHABLE = "Le centre ne répond pas. Tout est enregistré sur ce poste\u202f; l’envoi se fera plus tard."
_NOT_TRUSTED = (
    "La liaison sécurisée n’est pas celle du centre\u00a0: page d’accueil d’un Wi-Fi ou mandataire. "
    "Rien n’a été envoyé\u202f; tout est enregistré sur ce poste."
)
_TOO_SLOW = "Le centre ne répond pas assez vite. Ce qu’il a confirmé est gardé\u202f; le reste repartira."
_CUT = "La liaison a été coupée. Ce que le centre a confirmé est gardé\u202f; le reste repartira."


@dataclass
class Traffic:
    """What went over the wire, bodies and header lines."""

    requests: int = 0
    sent: int = 0
    received: int = 0


@redacted("status")
@dataclass(frozen=True)
class Received:
    """A whole answer, which nothing has proved yet; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Sends requests over connections that keep to one pace."""

    def __init__(
        self,
        clock: Clock,
        *,
        cancelled: Callable[[], bool] = lambda: False,
        timing: Timing | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.traffic = Traffic()
        self._clock = clock
        self._pace = Pace(timing or Timing(), monotonic, cancelled)
        self._web = _session(self._pace)
        self._is_secure = False

    def close(self) -> None:
        """Leave the connections."""
        self._web.close()

    def proved(self) -> None:
        """The last answer was the centre's: the patience with the link begins anew."""
        self._pace.proved()

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes, most: int) -> Received:
        """One request and its whole answer, of ``most`` bytes at most.

        Raises Interrupted when trying again may help, else Offline.
        """
        self.traffic.requests += 1
        if url.startswith("https://") and not self._is_secure:
            # Reading what the system trusts takes time, and the centre of a test or of this machine needs none.
            self._web.mount("https://", _Paced(self._pace, paced_context(self._pace)))
            self._is_secure = True
        try:
            self._pace.begin()
            with self._web.request(
                method,
                url,
                data=body or None,
                headers={**headers, "Accept-Encoding": "identity", "User-Agent": "fsbus"},
                timeout=self._pace.timing.silence,
                allow_redirects=False,
                stream=True,
            ) as answer:
                sent = len(body) + _size_of(answer.request.headers) + len(method) + len(url)
                self.traffic.sent += sent
                received = self._read(answer, most)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise self._meaning_of(error) from None
        self.traffic.received += len(received) + _size_of(answer.headers) + len("HTTP/1.1 200 OK\r\n")
        named = {name.lower(): value for name, value in answer.headers.items()}
        return Received(answer.status_code, named, received)

    def _read(self, answer: requests.Response, most: int) -> bytes:
        """The body exactly as it came: whatever is decompressed here could be a bomb."""
        announced = answer.headers.get("Content-Length", "")
        if "Content-Encoding" in answer.headers or "Transfer-Encoding" in answer.headers:
            raise Offline(NOT_THE_CENTRE)
        if not announced and not answer.raw.read(1, decode_content=False):
            # Cut in the middle of its headers, it looks as if it had no more of them.
            raise Interrupted(_CUT)
        if not (announced.isascii() and announced.isdigit() and len(announced) < 19) or int(announced) > most:
            # Without its length, an answer that was cut looks whole; one of thousands of digits is no number here.
            raise Offline(NOT_THE_CENTRE)
        size = int(announced)
        self._pace.expect(size)
        body = bytearray()
        while len(body) < size:
            part = answer.raw.read(min(PART, size - len(body)), decode_content=False)
            if not part:
                raise Interrupted(_CUT)
            body += part
        return bytes(body)

    def _meaning_of(self, error: BaseException) -> Offline:
        causes = list(_causes(error))
        for cause in causes:
            if isinstance(cause, ssl.SSLCertVerificationError):
                if cause.verify_code in _WRONG_DATE:
                    return ClockDoubted(_wrong_date(self._clock))
                return Offline(_NOT_TRUSTED)
        if isinstance(error, TooSlow):
            return Offline(_TOO_SLOW)
        if isinstance(error, requests.exceptions.SSLError):
            return Offline(_NOT_TRUSTED)
        if any(isinstance(cause, NewConnectionError) for cause in causes):
            return Offline(_UNREACHABLE)
        return Interrupted(_CUT)


class _Session(requests.Session):
    """Goes nowhere else than told: even where no redirection is followed, `requests` reads its whole body."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002  # the library's own signature
        return None


def _session(pace: Pace) -> requests.Session:
    web = _Session()
    # Neither a .netrc nor a proxy of the environment may change or answer our requests.
    web.trust_env = False
    # What a portal asks to keep is never told to the centre.
    web.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    web.adapters.clear()
    web.mount("http://", _Paced(pace, None))
    return web


class _Paced(HTTPAdapter):
    """Its connections keep to one pace."""

    def __init__(self, pace: Pace, context: PacedContext | None) -> None:
        self._pace, self._context = pace, context
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        pace = self._pace
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

        class Plain(HTTPConnection):
            def _new_conn(self) -> Any:
                return _connected(self, pace)

        class Tls(HTTPSConnection):
            def _new_conn(self) -> Any:
                return _connected(self, pace)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class TlsPool(HTTPSConnectionPool):
            ConnectionCls = Tls

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": TlsPool}


def _connected(connection: HTTPConnection, pace: Pace) -> Any:
    try:
        return paced_connection(connection.host, connection.port or 0, pace)
    except (OSError, UnicodeError) as error:
        raise NewConnectionError(connection, "no connection") from error


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it stands for, however `requests` and `urllib3` wrapped it."""
    seen: list[BaseException] = [error]
    for one in seen:
        yield one
        inner = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        seen += [each for each in inner if isinstance(each, BaseException) and each not in seen]


def _wrong_date(clock: Clock) -> str:
    return (
        f"La liaison sécurisée est refusée à la date de ce poste ({full_day(local_day(clock.now()))}). "
        "Si l’horloge est fausse, réglez la date et l’heure, puis réessayez\u202f; sinon appelez le coordinateur. "
        "Tout est enregistré sur ce poste."
    )


def _size_of(headers: Mapping[str, Any]) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers.items())
