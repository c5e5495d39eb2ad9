"""Messages to bytes and back: JSON lines, one header first, zstd around the whole."""

import hashlib
from collections.abc import Iterable

import msgspec
from backports import zstd

from fsbus.wire.api import Answer, AnswerHeader, Op, Request, RequestHeader, State

LEVEL = 3
LARGEST_BODY = 8 * 1024 * 1024
"""Compressed bytes of one message, at most."""
LARGEST_LINES = 64 * 1024 * 1024
"""Bytes of one message once decompressed, at most: a bomb stops here."""
MOST_LINES = 100_000
"""Lines of one message, at most: a bomb of empty lines stops here."""

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""All that msgspec raises on bytes that are not the JSON expected; the second one for bytes that are not UTF-8."""

_request = msgspec.json.Decoder(RequestHeader)
_answer = msgspec.json.Decoder(AnswerHeader)
_op = msgspec.json.Decoder(Op)
_state = msgspec.json.Decoder(State)
_encoder = msgspec.json.Encoder()


class Malformed(ValueError):
    """The bytes are not a message of this protocol."""


class TooLarge(Malformed):
    """The message is beyond one of the sizes that a message may have."""


def encode_op(op: Op) -> bytes:
    """One line, without its end of line; the same bytes for the same operation."""
    return _encoder.encode(op)


def decode_op(line: bytes) -> Op:
    """Raises Malformed."""
    try:
        return _op.decode(line)
    except UNREADABLE as error:
        raise Malformed(str(error)) from None


def op_digest(line: bytes) -> str:
    """What the centre compares when an operation comes again: 16 hex digits of its SHA-256."""
    return hashlib.sha256(line).hexdigest()[:16]


def encode_request(request: Request) -> bytes:
    return _pack(request.header, request.ops)


def encode_state(state: State) -> bytes:
    """One line, without its end of line."""
    return _encoder.encode(state)


def decode_state(line: bytes) -> State:
    """Raises Malformed."""
    try:
        return _state.decode(line)
    except UNREADABLE as error:
        raise Malformed(str(error)) from None


def pack_answer(header: AnswerHeader, lines: Iterable[bytes]) -> bytes:
    """An answer whose states are lines already; see `encode_state`."""
    return _pack(header, lines)


def decode_request(body: bytes) -> Request:
    """The header and the raw lines; Malformed when they do not fit together."""
    first, *ops = _lines(body)
    try:
        header = _request.decode(first)
    except UNREADABLE as error:
        raise Malformed(str(error)) from None
    if header.n != len(ops):
        raise Malformed(f"{header.n} operations announced, {len(ops)} found")
    return Request(header, ops)


def decode_answer(body: bytes) -> Answer:
    """Raises Malformed."""
    first, *lines = _lines(body)
    try:
        return Answer(_answer.decode(first), [decode_state(line) for line in lines])
    except UNREADABLE as error:
        raise Malformed(str(error)) from None


def _pack(header: msgspec.Struct, lines: Iterable[bytes]) -> bytes:
    return zstd.compress(b"\n".join([_encoder.encode(header), *lines]), LEVEL)


def _lines(body: bytes) -> list[bytes]:
    if len(body) > LARGEST_BODY:
        raise TooLarge("the message is too large")
    try:
        opened = zstd.ZstdDecompressor()
        plain = opened.decompress(body, max_length=LARGEST_LINES)
    except zstd.ZstdError as error:
        raise Malformed(str(error)) from None
    if len(plain) >= LARGEST_LINES or plain.count(b"\n") >= MOST_LINES:
        raise TooLarge("the message is too large once decompressed")
    if not opened.eof or opened.unused_data:
        raise Malformed("the message is cut, or something follows it")
    return plain.split(b"\n")
