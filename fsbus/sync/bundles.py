"""The same exchange by stick: what waits into a sealed file, the centre's answer out of one."""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from fsbus.core.clock import Clock, as_utc_text
from fsbus.core.errors import DeviceRevoked, InvalidInput, NotAllowed, StoreError, SyncError
from fsbus.core.redaction import redacted
from fsbus.store.exchanges import STICK_READ, STICK_WRITTEN, PastExchange, remember_exchange
from fsbus.store.incoming import wanted_feeds
from fsbus.store.link import READ_FIRST, Enrolment, Link
from fsbus.store.standing import REVOKED, note_refused
from fsbus.store.sticks import Sent, keep_sent, note_written, sent_in, was_written_here
from fsbus.store.store import Store
from fsbus.store.trusting import require_trusted_centre
from fsbus.sync.refusals import refusal, refused_for
from fsbus.sync.signed import prove, request_header, sign
from fsbus.sync.stick_files import read_from_stick, write_on_stick
from fsbus.wire import bundle as wire
from fsbus.wire import codec, signing
from fsbus.wire.api import Answer, Refused, Request, RequestHeader
from fsbus.wire.version import CONTENT_TYPE

FIRST_CHUNK = 1_280_000
"""Bytes of operation lines tried for one request; halved until it is small enough."""
MOST_BYTES = 56 * 1024 * 1024
MOST_REQUESTS = 380
"""What one file takes; another one takes the rest, once the first was answered."""


@redacted("changes", "bytes", "left")
@dataclass(frozen=True)
class Written:
    """What left: operations, bytes of the file, and operations that found no room in it."""

    changes: int
    bytes: int
    left: int


@redacted("changes", "bytes", "acked", "conflicts", "quarantined", "more")
@dataclass(frozen=True)
class Taken:
    """What came: records told, bytes of the file, operations that the centre holds since then, and how many of
    them are to be looked at. ``more``: the centre has more to tell, which another file would bring."""

    changes: int
    bytes: int
    acked: int
    conflicts: int
    quarantined: int
    more: bool
    kinds: frozenset[str]
    """Kinds of record that changed on this laptop."""


def write_bundle(store: Store, path: Path, *, clock: Clock) -> Written:
    """Write all that waits, and what this laptop wants to know, into one file: whole under its name, or not there.

    Raises NotAllowed when the laptop is not enrolled or never met its centre, InvalidInput (``file``) for a
    name that another kind of file has, StoreUnavailable for a stick that is full or refuses.
    """
    link, enrolled = _ready(store)
    made = wire.Bundle(
        wire.REQUESTS,
        secrets.token_hex(16),
        enrolled.device,
        enrolled.audience,
        link.epoch,
        as_utc_text(clock.now()),
        wire.seal_recipient(enrolled.signing_key),
        (),
    )
    parts: list[wire.Part] = []
    sent: list[Sent] = []
    for header, body in _requests(store, link, made.reply, clock):
        headers = sign(enrolled, clock, "POST", wire.PATH, "", CONTENT_TYPE, body)
        parts.append(wire.Part(headers, body))
        sent.append((signing.request_signature(headers) or "", header))
    sealed = wire.pack(replace(made, parts=parts), enrolled.seal)
    # Before the file is anywhere: the answer to a request that nobody remembers is refused.
    store.maintain(lambda db: keep_sent(db, made.id, sent, clock.now()))
    if store.setting(READ_FIRST) is not None:
        # The answer to this very file, no older one, may end the reading.
        store.set_setting(READ_FIRST, made.id)
    note_written(store, sealed)
    write_on_stick(path, sealed)
    changes = sum(header.n for _, header in sent)
    _remember(store, PastExchange(as_utc_text(clock.now()), changes, 0, len(sealed), 0, 0.0, STICK_WRITTEN))
    return Written(changes, len(sealed), max(0, store.pending_count() - changes))


def read_bundle(store: Store, path: Path, *, clock: Clock) -> Taken:
    """Take the centre's answers from a file; read again, or late, it changes nothing more.

    Nothing is taken before all of it was proved. Raises InvalidInput (``file``) for any other file, NotAllowed
    when the laptop is not enrolled, DeviceRevoked, UpgradeRequired or SyncError for what the centre refused.
    """
    enrolled = _enrolment(store)
    sealed = read_from_stick(path, wire.LARGEST_FILE)
    name, answers = _proved(store, enrolled, path, sealed)
    taken = Taken(0, len(sealed), 0, 0, 0, False, frozenset())
    for asked, answer in answers:
        if isinstance(answer, Exception):
            raise _told(store, asked, answer, clock)
        taken = _take(store, asked, answer, taken)
        if store.setting(READ_FIRST) == name and _is_read(store, asked, answer):
            store.set_setting(READ_FIRST, None)
    _remember(
        store, PastExchange(as_utc_text(clock.now()), 0, taken.changes, 0, taken.bytes, 0.0, STICK_READ)
    )
    return taken


def _remember(store: Store, past: PastExchange) -> None:
    # The file was written, or read: a disk that takes nothing more must not hide that.
    with contextlib.suppress(StoreError):
        remember_exchange(store, past)


def _ready(store: Store) -> tuple[Link, Enrolment]:
    link, enrolled = store.link(), _enrolment(store)
    if not link.epoch or not enrolled.seal:
        raise NotAllowed(
            "Ce poste n’a pas encore de quoi sceller une clé USB pour son centre\u00a0: "
            "synchronisez une fois par le réseau, la clé USB suffira ensuite."
        )
    return link, enrolled


def _enrolment(store: Store) -> Enrolment:
    enrolled = store.link().enrolment
    if enrolled is None:
        raise NotAllowed("Ce poste n’est rattaché à aucun centre. Demandez un code au coordinateur.")
    require_trusted_centre(store.db, enrolled.server_key)
    return enrolled


def _requests(store: Store, link: Link, reply: str, clock: Clock) -> Iterator[tuple[RequestHeader, bytes]]:
    """The requests of one file: what waits in small chunks, then what the feeds have."""
    after, chunk, size, replica = link.acked, FIRST_CHUNK, 0, store.replica
    # Feeds that are to be read first are all that a file asks for: what waits leaves with the next one.
    for _ in range(MOST_REQUESTS if store.setting(READ_FIRST) is None else 0):
        pending = store.pending(after=after, max_bytes=chunk)
        if not pending:
            break
        header = request_header(replica, link.epoch, pending[0][0], len(pending), {}, clock, reply=reply)
        body = codec.encode_request(Request(header, [line for _, line in pending]))
        while len(body) > wire.LARGEST_CHUNK and header.n > 1:
            pending = pending[: len(pending) // 2]
            chunk = max(1, chunk // 2)
            header = msgspec.structs.replace(header, n=len(pending))
            body = codec.encode_request(Request(header, [line for _, line in pending]))
        size += len(body)
        if size > MOST_BYTES:
            break
        after = pending[-1][0]
        yield header, body
    # A feed that waits for its snapshot is filled over the network.
    wanted = wanted_feeds(store.db)
    pull = {feed: position for feed, position in link.positions.items() if feed not in wanted}
    header = request_header(
        replica, link.epoch, after + 1, 0, pull, clock, most=wire.ANSWER_BYTES, reply=reply
    )
    yield header, codec.encode_request(Request(header, []))


def _proved(
    store: Store, enrolled: Enrolment, path: Path, sealed: bytes
) -> tuple[str, list[tuple[RequestHeader, Answer | Exception]]]:
    """The file's id; each request of this laptop that it answers, and its answer, or what the centre refused it for."""
    try:
        found = wire.unpack(sealed, enrolled.signing_key, wire.ANSWERS)
    except wire.BadBundle:
        why = _OUR_OWN if was_written_here(store, sealed) else _NOT_FOR_US
        raise InvalidInput({"file": f"{path.name}\u00a0: {why}"}) from None
    sent = sent_in(store.db, found.id)
    if not sent or len(found.parts) > len(sent):
        raise InvalidInput({"file": f"{path.name}\u00a0: {_NOT_ASKED}"})
    answers: list[tuple[RequestHeader, Answer | Exception]] = []
    for (signature, asked), part in zip(sent, found.parts, strict=False):
        try:
            prove(enrolled, part.status, part.headers, part.body, signature)
            answers.append((asked, _opened(part)))
        except (signing.BadSignature, codec.Malformed):
            raise InvalidInput({"file": f"{path.name}\u00a0: {_NOT_FOR_US}"}) from None
    return found.id, answers


def _opened(part: wire.Part) -> Answer | Exception:
    return codec.decode_answer(part.body) if part.status == 200 else refusal(part.status, part.body)


def _take(store: Store, asked: RequestHeader, answer: Answer, taken: Taken) -> Taken:
    before = store.link().acked
    kinds = store.apply(answer, asked=asked, carried=True)
    if store.replica != asked.replica:
        raise SyncError(_COPY)
    now = store.link().acked
    new = [result.r for result in answer.header.results if before < result.seq <= now]
    return Taken(
        taken.changes + len(answer.states),
        taken.bytes,
        taken.acked + max(0, now - before),
        taken.conflicts + new.count("conflict"),
        taken.quarantined + new.count("quarantined"),
        any(place.more for place in answer.header.pull.values()),
        taken.kinds | kinds,
    )


def _is_read(store: Store, asked: RequestHeader, answer: Answer) -> bool:
    """Whether every feed was read to its end, and the centre holds nothing of this laptop without its knowing."""
    link, pull = store.link(), answer.header.pull
    return (
        answer.header.acked == link.acked
        and asked.pull.keys() == pull.keys() == link.positions.keys()
        and all(not place.more and link.positions[feed] >= place.to for feed, place in pull.items())
    )


def _told(store: Store, asked: RequestHeader, refused: Exception, clock: Clock) -> Exception:
    """What to raise for an answer that is none; the laptop takes a new name when the centre says it is a copy."""
    if type(refused) is DeviceRevoked:
        # For good; what waits here, the network hands over whole.
        note_refused(store, REVOKED, clock.now())
    if not isinstance(refused, Refused):
        return refused
    problem = refused.problem.problem
    if problem == "forked" and store.replica == asked.replica:
        store.rotate_replica()
    words = {"forked": _COPY, "epoch": _CHANGED, "expect": _CHANGED}
    return SyncError(words[problem]) if problem in words else refused_for(problem)


_NOT_FOR_US = (
    "ce n’est pas une réponse du centre à ce poste, ou elle est abîmée. Rien n’a été changé\u00a0; "
    "demandez au centre de la réécrire."
)
_OUR_OWN = (
    "c’est votre propre envoi\u00a0: portez-le au centre, et lisez ici le fichier qu’il vous rendra. "
    "Rien n’a été changé."
)
_NOT_ASKED = (
    "cette réponse ne répond à aucune clé USB écrite par ce poste depuis 30 jours. Rien n’a été changé\u00a0; "
    "écrivez une nouvelle clé USB."
)
_COPY = (
    "Ce poste a été remis d’une copie depuis que la clé USB a été écrite\u00a0: rien n’est perdu, "
    "écrivez une nouvelle clé USB."
)
_CHANGED = (
    "Le centre a changé depuis\u00a0: synchronisez une fois par le réseau. Tout est gardé sur ce poste."
)
