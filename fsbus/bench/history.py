"""Makes up what a bus sent in years: the operations of one week, again and again under other ids."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fsbus.core.clock import Clock
from fsbus.core.entities import AGENT
from fsbus.core.ids import Ids, new_replica
from fsbus.core.redaction import redacted
from fsbus.server import admin
from fsbus.server.centre import Centre
from fsbus.server.direct import DirectApi
from fsbus.server.enrolling import enroll
from fsbus.store.store import Store
from fsbus.wire.api import Request, RequestHeader
from fsbus.wire.codec import decode_op, encode_op
from fsbus.wire.enrolment import build_enroll_request
from fsbus.wire.signing import new_private_key

FEED = "bus-3"
CHUNK = 5_000


@redacted()
@dataclass(frozen=True)
class Week:
    """The operation lines of a recorded week, oldest first."""

    lines: Sequence[bytes]

    @classmethod
    def of(cls, store: Store) -> "Week":
        return cls([line for _, line in store.pending(after=0, max_bytes=2**40)])

    def repeated(self, count: int) -> Iterator[bytes]:
        """``count`` operations of one replica: this week, then the same with other ids, and so on."""
        number = 0
        ids = Ids()
        while True:
            renamed: dict[str, str] = {}
            for line in self.lines:
                op = decode_op(line)
                if op.kind == AGENT:
                    continue
                if number == count:
                    return
                number += 1
                op.seq, op.record = number, renamed.setdefault(op.record, ids.new())
                if "visit_id" in op.set:
                    op.set["visit_id"] = renamed[op.set["visit_id"]]
                if "minutes" in op.set:
                    op.set["minutes"] = 1 + number % 240
                yield encode_op(op)


def send_all(centre: Centre, lines: Sequence[bytes], clock: Clock) -> None:
    """Bring these operations to the centre as those of one laptop that was there before."""
    code = admin.enroll_code(centre, FEED, clock=clock).code
    request, _ = build_enroll_request(code, "poste d’autrefois", new_private_key())
    door = DirectApi(centre, enroll(centre, request, clock.now()).device, clock)
    replica = new_replica()
    epoch = door.hello(replica).epoch
    for start in range(0, len(lines), CHUNK):
        some = list(lines[start : start + CHUNK])
        header = RequestHeader(
            replica, 0, epoch, first=start + 1, n=len(some), pull={}, nonce=secrets.token_hex(12)
        )
        acked = door.exchange(Request(header, some)).header.acked
        if acked != start + len(some):
            raise RuntimeError("the centre did not take everything")
