"""The exchange between one replica and the centre, declared once and implemented by both sides."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from fsbus.core.changes import FIRST_SCHEMA
from fsbus.core.redaction import redacted
from fsbus.wire.version import PROTOCOL

ANSWER_BYTES = 262_144
"""Of record states, before compression, in an answer over the network."""


@redacted("seq", "verb", "kind", "record")
class Op(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=False):
    """One change as it travels; see PROTOCOL.md « Operation »."""

    seq: int
    record: str
    kind: str
    verb: str
    base: int = 0
    set: dict[str, Any] = {}
    actor: str = ""
    hlc: str = ""
    schema: int = FIRST_SCHEMA
    why: str = ""
    feed: str = ""
    """Where the record was, when a witness gives it back, or where that is which a new one hangs on; empty: at home."""


@redacted("replica", "first", "n")
class RequestHeader(msgspec.Struct, omit_defaults=True):
    """First line of an exchange request. ``pull`` maps a feed to the last number applied from it."""

    replica: str
    t: int
    epoch: str = ""
    first: int = 0
    n: int = 0
    pull: dict[str, int] = {}
    proto: int = PROTOCOL
    schema: int = FIRST_SCHEMA
    app: str = ""
    max: int = ANSWER_BYTES
    """Bytes of record states, before compression, that the answer may hold."""
    nonce: str = ""
    """Drawn for each request, so that no two are signed alike; see PROTOCOL.md « The lease »."""
    reply: str = ""
    """On a stick only: the age recipient that the answer is sealed to."""


@redacted("seq")
class OpResult(msgspec.Struct, omit_defaults=True):
    """What came of one operation; plain ones are not listed."""

    seq: int
    r: str
    why: str = ""


class FeedPosition(msgspec.Struct, omit_defaults=True):
    """Where the answer brings one feed to; ``more`` when another exchange is needed."""

    to: int
    more: bool = False


@redacted("acked")
class AnswerHeader(msgspec.Struct, omit_defaults=True):
    """First line of the answer. ``acked``: the highest operation that the centre holds for ever."""

    epoch: str
    t: int
    acked: int = 0
    durable: int = 0
    results: list[OpResult] = []
    pull: dict[str, FeedPosition] = {}
    feeds: list[str] = []
    """The feeds granted, when they are not those asked for: hello tells more."""


@redacted("id", "kind", "version", "erased", "deleted")
class State(msgspec.Struct, omit_defaults=True):
    """A record as it stands at the centre; ``deleted`` ones keep their body, ``erased`` ones have none."""

    id: str
    kind: str = ""
    version: int = 0
    body: dict[str, Any] = {}
    erased: bool = False
    deleted: bool = False
    feed: str = ""
    """Where it is, when that is not the feed that the laptop writes to."""


@redacted()
class Approval(msgspec.Struct):
    """A coordinator's statement and its signature, both base64."""

    statement: str
    signature: str


@redacted("last_seq")
class HelloAnswer(msgspec.Struct, omit_defaults=True):
    """What the centre knows of a replica; asked for at first contact and when the epoch changed."""

    epoch: str
    t: int
    device: str
    feeds: dict[str, int]
    """Feed name to the newest number in it."""
    writes: str
    """The feed that this device's new records go to."""
    last_seq: int = 0
    proto: int = PROTOCOL
    approval: Approval | None = None
    """What approved this device, where a coordinator had to."""
    trust: int = 0
    """The version of the newest trust file at the centre; 0 without one."""
    seal: str = ""
    """The centre's age recipient, for sticks."""
    records: dict[str, int] = {}
    """Feed name to how many records it holds: a laptop that has none asks for a snapshot of a large one."""


@redacted("id", "to", "size", "records")
class SnapshotAnswer(msgspec.Struct):
    """A prepared file of one feed; ``to`` is the position that whoever took it in has reached."""

    id: str
    epoch: str
    to: int
    size: int
    sha256: str
    records: int


@redacted("to")
class SumsAnswer(msgspec.Struct, omit_defaults=True):
    """The sum of each of the 256 buckets of a feed, as 16 hex digits, or the records of one bucket, as
    (id, version, sum); see PROTOCOL.md « Repair »."""

    epoch: str
    to: int
    sums: list[str] = []
    records: list[tuple[str, int, str]] = []


@redacted()
class StatesRequest(msgspec.Struct, omit_defaults=True):
    """The records that a laptop wants to see as the centre has them."""

    feed: str
    ids: list[str]
    nonce: str = ""


@redacted("to")
class StatesHeader(msgspec.Struct):
    """First line of their states."""

    epoch: str
    to: int


@redacted("expect")
class Problem(msgspec.Struct, omit_defaults=True):
    """Why a request was not taken: `problem` is a code of PROTOCOL.md « Refusals »."""

    problem: str
    detail: str = ""
    expect: int = 0


@redacted("header")
class Request(msgspec.Struct):
    """An exchange request: its header, and its operations as encoded lines, oldest first."""

    header: RequestHeader
    ops: list[bytes]


@redacted("header")
class Answer(msgspec.Struct):
    """An answer: its header and the record states that follow it."""

    header: AnswerHeader
    states: list[State]


class SyncApi(Protocol):
    """The only door between a laptop and the centre, whatever carries the bytes.

    Raises `fsbus.core.errors.Offline`, `DevicePending`, `DeviceRevoked`, `UpgradeRequired`, or `Refused`.
    """

    def hello(self, replica: str) -> HelloAnswer: ...

    def exchange(self, request: Request) -> Answer: ...

    def snapshot(self, feed: str) -> SnapshotAnswer: ...

    def snapshot_part(self, feed: str, snapshot: str, start: int, length: int) -> bytes:
        """At most ``length`` bytes of a snapshot, from ``start``; fewer at its end only."""

    def sums(self, feed: str) -> SumsAnswer: ...

    def bucket(self, feed: str, number: int) -> SumsAnswer: ...

    def states(self, feed: str, ids: Sequence[str]) -> tuple[StatesHeader, list[State]]: ...


class Refused(Exception):
    """The centre refused the request for a reason that the engine heals by itself."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.problem)
