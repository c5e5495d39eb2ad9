"""The messages of protocol 1, as they were released: each is opened, and written again the same."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from backports import zstd

from fsbus.wire import codec, enrolment, lease_codes, signing
from fsbus.wire.api import (
    AnswerHeader,
    HelloAnswer,
    Op,
    Problem,
    RequestHeader,
    SnapshotAnswer,
    State,
    StatesHeader,
    StatesRequest,
    SumsAnswer,
)  # fmt: skip

GOLDEN = Path(__file__).parents[1] / "golden" / "wire" / "v1"
CODE = "0123456789ABCDEFGHJKMNPQ"


def again(kind: type[msgspec.Struct]) -> Callable[[bytes], bytes]:
    return lambda line: msgspec.json.encode(msgspec.json.decode(line, type=kind))


LINES = {
    "hello.json": again(HelloAnswer),
    "hello-seal.json": again(HelloAnswer),
    "request-header-reply.json": again(RequestHeader),
    "hello-coordinator.json": again(HelloAnswer),
    "answer-header-feeds.json": again(AnswerHeader),
    "state-of-region.json": again(State),
    "problem-pending.json": again(Problem),
    "snapshot.json": again(SnapshotAnswer),
    "sums.json": again(SumsAnswer),
    "bucket.json": again(SumsAnswer),
    "states-request.json": again(StatesRequest),
    "states-header.json": again(StatesHeader),
    "enroll-request.json": again(enrolment.EnrollRequest),
    "enroll-answer.json": again(enrolment.EnrollAnswer),
    "problem-expect.json": again(Problem),
    "problem-bad-code.json": again(Problem),
    "op-create.json": again(Op),
    "op-set.json": again(Op),
    "op-erase.json": again(Op),
    "op-void.json": again(Op),
    "op-delete.json": again(Op),
    "op-choice.json": again(Op),
    "state-deleted.json": again(State),
    "state-conflict.json": again(State),
}


def read(name: str) -> bytes:
    return (GOLDEN / name).read_bytes()


@pytest.mark.parametrize("name", LINES)
def test_a_released_line_is_read_and_written_the_same(name: str) -> None:
    line = read(name)
    assert LINES[name](line) == line


@pytest.mark.parametrize(
    ("name", "header", "line"), [("request", RequestHeader, Op), ("answer", AnswerHeader, State)]
)
def test_a_released_message_is_opened_and_its_lines_written_the_same(
    name: str, header: type[msgspec.Struct], line: type[msgspec.Struct]
) -> None:
    plain = read(f"{name}.jsonl")
    assert zstd.decompress(read(f"{name}.zst")) == plain
    first, *rest = plain.split(b"\n")
    assert again(header)(first) == first
    assert rest
    assert all(again(line)(one) == one for one in rest)


def test_a_released_request_is_decoded() -> None:
    request = codec.decode_request(read("request.zst"))
    assert (request.header.replica, request.header.first, request.header.n) == ("ab" * 16, 4711, 4)
    assert [codec.decode_op(line).verb for line in request.ops] == ["create", "set", "erase", "void"]
    assert [codec.op_digest(line) for line in request.ops] == read("digests.txt").decode().split()


def test_a_released_answer_is_decoded() -> None:
    answer = codec.decode_answer(read("answer.zst"))
    assert (answer.header.acked, answer.header.durable) == (4714, 4102)
    assert [result.r for result in answer.header.results] == ["merged", "quarantined"]
    assert answer.header.pull["bus-3"].to == 88231
    assert [state.erased for state in answer.states] == [False, True]


def test_a_released_request_for_a_code_is_still_proved() -> None:
    request = msgspec.json.decode(read("enroll-request.json"), type=enrolment.EnrollRequest)
    public, nonce = enrolment.check_enroll_request(request, enrolment.key_of(CODE))
    assert public == signing.public_key_of(bytes(range(32)))
    answer = msgspec.json.decode(read("enroll-answer.json"), type=enrolment.EnrollAnswer)
    pending = enrolment.PendingEnrolment(enrolment.key_of(CODE), bytes(range(32)), nonce)
    assert enrolment.read_enroll_answer(pending, answer).writes == "bus-3"


def test_the_check_characters_of_a_code_never_change() -> None:
    assert enrolment.parse_code("01234-56789-ABCDE-FGHJK-MNPQ" + read("check.txt").decode().strip())


def test_a_released_signature_is_still_verified() -> None:
    headers = dict(line.split(": ", 1) for line in read("signed-request.txt").decode().splitlines())
    signing.verify_request(
        method="POST",
        path="/v1/sync",
        query="",
        headers=headers,
        audience="fsbus-0123456789ab",
        public_key=signing.public_key_of(bytes(range(32))),
    )
    signing.verify_body(headers, read("request.zst"))
    answer = dict(line.split(": ", 1) for line in read("signed-answer.txt").decode().splitlines())
    signing.verify_answer(
        status=200,
        headers=answer,
        body=read("answer.zst"),
        answered=signing.request_signature(headers) or "",
        public_key=signing.public_key_of(bytes(range(32, 64))),
    )


def test_the_lease_key_and_codes_of_a_released_enrolment_are_made_again() -> None:
    request = msgspec.json.decode(read("enroll-request.json"), type=enrolment.EnrollRequest)
    answer = msgspec.json.decode(read("enroll-answer.json"), type=enrolment.EnrollAnswer)
    key = enrolment.lease_key(
        enrolment.key_of(CODE),
        enrolment.raw_bytes(request.nonce, 32),
        answer.device,
        answer.audience,
        enrolment.raw_bytes(answer.server_key, 32),
    )
    first, *lines = read("lease-codes.txt").decode().splitlines()
    assert key.hex() == first
    assert len(lines) == 3
    for line in lines:
        challenge, days, code = line.split()
        assert lease_codes.code_for(key, challenge, int(days)) == code
