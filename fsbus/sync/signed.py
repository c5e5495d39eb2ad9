"""Makes a laptop's requests and proves the answers to them, whatever carries the bytes."""

import secrets
from collections.abc import Mapping

from fsbus import __version__
from fsbus.core.changes import SCHEMA
from fsbus.core.clock import Clock
from fsbus.store.link import Enrolment
from fsbus.wire import signing
from fsbus.wire.api import ANSWER_BYTES, RequestHeader

NONCE_BYTES = 12
"""Of chance in each request: its answer, which renews the lease, can only be an answer to it."""


def request_header(
    replica: str,
    epoch: str,
    first: int,
    n: int,
    pull: Mapping[str, int],
    clock: Clock,
    most: int = ANSWER_BYTES,
    reply: str = "",
) -> RequestHeader:
    """The header of an exchange with these operations, made now; ``most`` bytes of states may come back.

    ``reply`` is for a stick: the recipient that the answer is sealed to.
    """
    return RequestHeader(
        replica=replica,
        t=int(clock.now().timestamp() * 1000),
        epoch=epoch,
        first=first,
        n=n,
        pull=dict(pull),
        schema=SCHEMA,
        app=__version__,
        max=most,
        nonce=secrets.token_hex(NONCE_BYTES),
        reply=reply,
    )


def sign(
    enrolled: Enrolment, clock: Clock, method: str, path: str, query: str, content_type: str, body: bytes
) -> dict[str, str]:
    """The signed headers of a request of this laptop; ``path`` as the centre sees it."""
    return signing.sign_request(
        method=method,
        path=path,
        query=query,
        content_type=content_type,
        body=body,
        audience=enrolled.audience,
        device=enrolled.device,
        private_key=enrolled.signing_key,
        created=int(clock.now().timestamp()),
    )


def prove(enrolled: Enrolment, status: int, headers: Mapping[str, str], body: bytes, answered: str) -> None:
    """Raises BadSignature unless the centre signed this answer to the request whose signature is ``answered``."""
    signing.verify_answer(
        status=status, headers=headers, body=body, answered=answered, public_key=enrolled.server_key
    )
