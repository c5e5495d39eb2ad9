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

_request = msgspec.json.Decoder(RequestHeader)
_answer = msgspec.json.Decoder(AnswerHeader)
_op = msgspec.json.Decoder(Op)
_state = msgspec.json.Decoder(State)
_encoder = msgspec.json.Encoder()


class Malformed(ValueError):
    """The bytes are not a message of this protocol."""


def encode_op(op: Op) -> bytes:
    """One line, without its end of line; the same bytes for the same operation."""
    return _encoder.encode(op)


def decode_op(line: bytes) -> Op:
    """Raises Malformed."""
    try:
        return _op.decode(line)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed(str(error)) from None


def op_digest(line: bytes) -> str:
    """What the centre compares when an operation comes again: 16 hex digits of its SHA-256."""
    return hashlib.sha256(line).hexdigest()[:16]


def encode_request(request: Request) -> bytes:
    return _pack(request.header, request.ops)


def encode_answer(header: AnswerHeader, states: Iterable[State]) -> bytes:
    return _pack(header, map(_encoder.encode, states))


def decode_request(body: bytes) -> Request:
    """The header and the raw lines; Malformed when they do not fit together."""
    first, *ops = _lines(body)
    try:
        header = _request.decode(first)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed(str(error)) from None
    if header.n != len(ops):
        raise Malformed(f"{header.n} operations announced, {len(ops)} found")
    return Request(header, ops)


def decode_answer(body: bytes) -> Answer:
    """Raises Malformed."""
    first, *lines = _lines(body)
    try:
        return Answer(_answer.decode(first), [_state.decode(line) for line in lines])
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed(str(error)) from None


def _pack(header: msgspec.Struct, lines: Iterable[bytes]) -> bytes:
    return zstd.compress(b"\n".join([_encoder.encode(header), *lines]), LEVEL)


def _lines(body: bytes) -> list[bytes]:
    if len(body) > LARGEST_BODY:
        raise Malformed("the message is too large")
    try:
        opened = zstd.ZstdDecompressor()
        plain = opened.decompress(body, max_length=LARGEST_LINES)
    except zstd.ZstdError as error:
        raise Malformed(str(error)) from None
    if not opened.eof or opened.unused_data:
        raise Malformed("the message is cut, or too large once decompressed")
    return plain.split(b"\n")
