"""Answers a stick: each request by the path of those of the network, all in one sealed file."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from fsbus.core.clock import Clock, as_utc_text
from fsbus.core.redaction import redacted
from fsbus.server.centre import Centre
from fsbus.server.devices import Device
from fsbus.server.endpoint import Endpoint, Reply, exchanged, opened_request
from fsbus.server.watching import Told
from fsbus.wire import age
from fsbus.wire import bundle as wire
from fsbus.wire.codec import LARGEST_BODY, MOST_LINES, Malformed


@redacted("changes", "parts", "refused")
@dataclass(frozen=True)
class Answered:
    """What came of a stick: the file to give back, whose it was, operations taken in or already held, requests."""

    sealed: bytes
    device: str
    changes: int
    parts: int
    refused: Mapping[str, int]
    """How many requests were refused, by the problem of PROTOCOL.md « Refusals »."""


def answer_bundle(centre: Centre, sealed: bytes, *, clock: Clock) -> Answered:
    """Take the requests of a file in, one transaction each, and seal the answers to who asked.

    Given twice, or late, or with requests that came over the network too, nothing is taken twice. Raises
    BadBundle, with nothing taken, for a file that is not whole, or not for this centre.
    """
    asked = wire.unpack(sealed, centre.private_key, wire.REQUESTS)
    try:
        age.read_recipient(asked.reply)
    except age.BadHeader as error:
        raise wire.BadBundle(str(error)) from None
    endpoint = Endpoint(centre, clock)
    answers: list[wire.Part] = []
    refused: Counter[str] = Counter()
    changes = size = 0
    for part in asked.parts:
        told = Told()

        def work(device: Device, body: bytes) -> Reply:
            return _exchanged(centre, device, body, asked.reply, clock)

        reply, headers = endpoint.carried(part.headers, part.body, told, work)
        answers.append(wire.Part(headers, reply.body, reply.status))
        size += len(reply.body)
        if size > wire.LARGEST_FILE:
            raise wire.BundleTooLarge("the answers are too large")
        changes += told.counts.get("operations", 0)
        refused[told.problem] += bool(told.problem)
    given = replace(
        asked,
        kind=wire.ANSWERS,
        epoch=centre.epoch,
        created=as_utc_text(clock.now()),
        reply="",
        parts=answers,
    )
    return Answered(wire.pack(given, asked.reply), asked.device, changes, len(answers), +refused)


def _exchanged(centre: Centre, device: Device, body: bytes, reply_to: str, clock: Clock) -> Reply:
    request = opened_request(device, body)
    if request.header.reply != reply_to:
        # A request heard on the network, put into a file by someone who wants the answer for himself.
        raise Malformed("reply")
    most = wire.MOST_ANSWER_BYTES
    while True:
        reply = exchanged(centre, device, request, clock.now(), most)
        if len(reply.body) <= LARGEST_BODY and reply.counts["states"] < MOST_LINES - 1:
            return reply
        # Asked again, it changes nothing but how much it tells.
        most //= 2
