"""Messages to bytes and back: JSON lines, one header first, zstd around the whole."""

import hashlib
from collections.abc import Callable, Iterable

import msgspec
from backports import zstd

from fsbus.wire.api import Answer, AnswerHeader, Op, Request, RequestHeader, State, StatesHeader

LEVEL = 3
LARGEST_BODY = 8 * 1024 * 1024
"""Compressed bytes of one message, at most."""
LARGEST_LINES = 64 * 1024 * 1024
"""Bytes of one message once decompressed, at most: a bomb stops here."""
MOST_LINES = 100_000
"""Lines of one message, at most: a bomb of empty lines stops here."""
LARGEST_HEADER = 256 * 1024
"""Bytes of the first line of a request, at most; that of an answer holds its results."""
WINDOW_LOG = 23
"""The window of a frame is at most 2 ** 23 bytes: a frame of a few bytes may ask for 2 ** 31."""
_PIECE = 256 * 1024

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""All that msgspec raises on bytes that are not the JSON expected; the second one for bytes that are not UTF-8."""

_request = msgspec.json.Decoder(RequestHeader)
_answer = msgspec.json.Decoder(AnswerHeader)
_op = msgspec.json.Decoder(Op)
_states = msgspec.json.Decoder(StatesHeader)
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


def pack_answer(header: AnswerHeader | StatesHeader, lines: Iterable[bytes]) -> bytes:
    """An answer whose states are lines already; see `encode_state`."""
    return _pack(header, lines)


def decode_request(body: bytes) -> Request:
    """The header and the raw lines; Malformed when they do not fit together."""
    first, *ops = _lines(body, first=LARGEST_HEADER, most=lambda line: max(0, _request_header(line).n) + 1)
    header = _request_header(first)
    if header.n != len(ops):
        raise Malformed(f"{header.n} operations announced, {len(ops)} found")
    return Request(header, ops)


def _request_header(line: bytes) -> RequestHeader:
    try:
        return _request.decode(line)
    except UNREADABLE as error:
        raise Malformed(str(error)) from None


def decode_answer(body: bytes) -> Answer:
    """Raises Malformed."""
    first, *lines = _lines(body)
    try:
        return Answer(_answer.decode(first), [decode_state(line) for line in lines])
    except UNREADABLE as error:
        raise Malformed(str(error)) from None


def decode_states(body: bytes) -> tuple[StatesHeader, list[State]]:
    """Records asked for by their ids. Raises Malformed."""
    first, *lines = _lines(body)
    try:
        return _states.decode(first), [decode_state(line) for line in lines]
    except UNREADABLE as error:
        raise Malformed(str(error)) from None


def _pack(header: msgspec.Struct, lines: Iterable[bytes]) -> bytes:
    return zstd.compress(b"\n".join([_encoder.encode(header), *lines]), LEVEL)


def opened_size(body: bytes) -> int:
    """What the message says that it holds once decompressed, in bytes; more than any may when it does not say.

    Nothing is decompressed: reading it will find out whether it is so.
    """
    try:
        return zstd.get_frame_info(body).decompressed_size or LARGEST_LINES + 1
    except zstd.ZstdError:
        return 0


def _lines(
    body: bytes, *, first: int = LARGEST_LINES, most: Callable[[bytes], int] = lambda _: MOST_LINES
) -> list[bytes]:
    """The lines of a message; ``most`` says from the first one how many there may be, itself included.

    ``first`` is the most bytes that the first line may have.

    Decompressed a piece at a time, so that a bomb is refused before it has grown.
    """
    if len(body) > LARGEST_BODY:
        raise TooLarge("the message is too large")
    opened = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: WINDOW_LOG})
    lines: list[bytes] = []
    ends, size, limit, data = [b""], 0, 0, body
    while not opened.eof:
        try:
            piece = opened.decompress(data, max_length=_PIECE)
        except zstd.ZstdError as error:
            raise Malformed(str(error)) from None
        data = b""
        if not piece and opened.needs_input:
            break
        size += len(piece)
        if size >= LARGEST_LINES:
            raise TooLarge("the message is too large once decompressed")
        head, *whole = piece.split(b"\n")
        ends.append(head)
        if whole:
            lines.append(b"".join(ends))
            *between, last = whole
            lines += between
            ends = [last]
        if not limit and (lines or size > first):
            if not lines or len(lines[0]) > first:
                raise TooLarge("the first line is too large")
            limit = min(most(lines[0]), MOST_LINES)
        if limit and len(lines) >= limit:
            raise (
                TooLarge("too many lines") if limit == MOST_LINES else Malformed("more lines than announced")
            )
    if not opened.eof or opened.unused_data:
        raise Malformed("the message is cut, or something follows it")
    return [*lines, b"".join(ends)]
