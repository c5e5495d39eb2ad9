"""Makes one-time enrolment codes, and takes a laptop in against one of them."""

import base64
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fsbus.core.clock import as_utc_text
from fsbus.core.errors import InvalidInput
from fsbus.core.redaction import redacted
from fsbus.server import tables
from fsbus.server.centre import Centre
from fsbus.server.copies import raise_counter
from fsbus.server.database import AnyRow, Connection, insert, select, update
from fsbus.server.devices import ACTIVE, PENDING, find_device, keep_lease_key
from fsbus.server.granting import ROLES, TRAINING, granted, may_have
from fsbus.server.regions import LONGEST_NAME, is_feed_name
from fsbus.server.trusting import newest_trust
from fsbus.wire import enrolment
from fsbus.wire.api import Problem, Refused
from fsbus.wire.enrolment import EnrollAnswer, EnrollRequest, NotProved
from fsbus.wire.signing import device_id_of

VALID = timedelta(hours=72)
MOST_ATTEMPTS = 5
_TICKET = re.compile(r"[0-9A-Z]{1,8}")


@redacted()
@dataclass(frozen=True)
class EnrollCode:
    """A code to dictate or hand over, once. ``expires_at`` is UTC."""

    code: str = field(repr=False)
    feed: str
    role: str
    expires_at: str


def make_code(centre: Centre, feed: str, role: str, now: datetime) -> EnrollCode:
    """A new code for one laptop of this feed. Raises InvalidInput, naming the field."""
    problems: dict[str, str] = {}
    if not is_feed_name(feed):
        problems["feed"] = f"Le nom du fil a de 1 à {LONGEST_NAME} caractères visibles, sans «\u00a0/\u00a0»."
    if role not in ROLES:
        problems["role"] = f"Rôle inconnu. Rôles possibles : {', '.join(ROLES)}."
    elif not may_have(role, feed):
        problems["role"] = (
            f"Un fil dont le nom commence par {TRAINING} est pour un formateur (trainer), et lui seul\u00a0: rien n’y est réel."
        )
    if problems:
        raise InvalidInput(problems)
    expires_at = as_utc_text(now + VALID)
    with centre.database.write() as connection:
        raise_counter(connection, feed, 0)
        code = enrolment.new_code()
        # A ticket has 25 bits: two codes may share one, and the newer is drawn again.
        while _ticket_row(connection, enrolment.ticket_of(code)) is not None:
            code = enrolment.new_code()
        values = {
            "ticket": enrolment.ticket_of(code),
            "code_key": base64.b64encode(enrolment.key_of(code)).decode(),
            "feed": feed,
            "role": role,
            "expires_at": expires_at,
            "attempts": 0,
        }
        connection.execute(insert(tables.enroll_codes).values(values))
    return EnrollCode(enrolment.grouped(code), feed, role, expires_at)


def enroll(centre: Centre, request: EnrollRequest, now: datetime) -> EnrollAnswer:
    """Take a laptop in. The same request again gets the same answer.

    Raises Refused(bad_code), always the same, for a code that is unknown, wrong, expired, spent or
    tried too often.
    """
    refusal = Refused(Problem("bad_code"))
    name = request.name
    if (
        not 0 < len(name) <= enrolment.LONGEST_NAME
        or not name.isprintable()
        or not _TICKET.fullmatch(request.ticket)
    ):
        raise refusal
    with centre.database.read() as connection:
        if _ticket_row(connection, request.ticket) is None:
            # Anybody may ask: who names no code must not make the centre take its turn to write.
            raise refusal
    with centre.database.write() as connection:
        row = _ticket_row(connection, request.ticket, lock=True)
        if row is None or row.attempts >= MOST_ATTEMPTS:
            raise refusal
        code_key = base64.b64decode(row.code_key)
        try:
            public_key, nonce = enrolment.check_enroll_request(request, code_key)
        except NotProved:
            proved = False
        else:
            proved = _take_in(connection, row, name, public_key, nonce, as_utc_text(now))
            if proved:
                device = device_id_of(public_key)
                if row.used_by is None:
                    # Asked again it tells the same, and takes no newer enrolment's key back.
                    key = enrolment.lease_key(code_key, nonce, device, centre.audience, centre.public_key)
                    keep_lease_key(connection, device, key)
                feeds = granted(connection, row.role, row.feed)
        if not proved:
            # Committed: a wrong try counts even though it is refused.
            _change_code(connection, row.ticket, {"attempts": row.attempts + 1})
    if not proved:
        raise refusal
    return enrolment.build_enroll_answer(
        code_key,
        nonce,
        device=device_id_of(public_key),
        audience=centre.audience,
        server_key=centre.public_key,
        feeds=feeds,
        writes=row.feed,
    )


def _take_in(
    connection: Connection, code: AnyRow, name: str, public_key: bytes, nonce: bytes, moment: str
) -> bool:
    """Whether this key may have the code: the first one to come, or the same again.

    A laptop whose enrolment was lost on the way has no other key: a fresh code of its feed takes it in again.
    """
    device = device_id_of(public_key)
    written_nonce = base64.b64encode(nonce).decode()
    if code.used_by is not None:
        return bool(code.used_by == device and code.nonce == written_nonce)
    if code.expires_at <= moment:
        return False
    known = find_device(connection, device)
    if known is None:
        values = {
            "id": device,
            "public_key": base64.b64encode(public_key).decode(),
            "name": name,
            "role": code.role,
            "feed": code.feed,
            "enrolled_at": moment,
            "state": ACTIVE if newest_trust(connection) is None else PENDING,
        }
        connection.execute(insert(tables.devices).values(values))
    elif known.revoked or (known.feed, known.role) != (code.feed, code.role):
        return False
    _change_code(connection, code.ticket, {"used_by": device, "nonce": written_nonce})
    return True


def _ticket_row(connection: Connection, ticket: str, *, lock: bool = False) -> AnyRow | None:
    statement = select(tables.enroll_codes).where(tables.enroll_codes.c.ticket == ticket)
    return connection.execute(statement.with_for_update() if lock else statement).one_or_none()


def _change_code(connection: Connection, ticket: str, values: dict[str, object]) -> None:
    codes = tables.enroll_codes
    connection.execute(update(codes).where(codes.c.ticket == ticket).values(**values))
