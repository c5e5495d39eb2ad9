"""Messages come back as they went; a cut, padded or swollen one is refused whole."""

import msgspec
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from fsbus.wire import codec
from fsbus.wire.api import Answer, AnswerHeader, FeedPosition, Op, OpResult, Request, RequestHeader, State

HEADER = RequestHeader("ab" * 16, 1764000000000, epoch="e", first=1, n=2, pull={"bus-3": 5})
LINES = [codec.encode_op(Op(seq, f"r{seq}", "visit", "create", set={"note": "é\n"})) for seq in (1, 2)]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def test_a_request_comes_back_as_it_went() -> None:
    request = codec.decode_request(codec.encode_request(Request(HEADER, LINES)))
    assert request.header == HEADER
    assert request.ops == LINES


def test_an_answer_comes_back_as_it_went() -> None:
    header = AnswerHeader("e", 1, acked=2, pull={"bus-3": FeedPosition(9, more=True)})
    states = [State("r1", "visit", 3, {"note": "x"}), State("r2", "visit", erased=True)]
    answer = codec.decode_answer(codec.pack_answer(header, map(codec.encode_state, states)))
    assert (answer.header, answer.states) == (header, states)


@given(st.dictionaries(st.text(), json_values))
def test_an_operation_is_always_one_line(values: dict[str, object]) -> None:
    op = Op(1, "r", "visit", "set", set=values)
    line = codec.encode_op(op)
    assert b"\n" not in line
    assert codec.decode_op(line) == op


def test_a_message_cut_anywhere_is_refused() -> None:
    whole = codec.encode_request(Request(HEADER, LINES))
    for length in range(len(whole)):
        with pytest.raises(codec.Malformed):
            codec.decode_request(whole[:length])


def test_what_follows_a_message_is_refused() -> None:
    with pytest.raises(codec.Malformed):
        codec.decode_request(codec.encode_request(Request(HEADER, LINES)) + b"\0")


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_in_one_way(body: bytes) -> None:
    with pytest.raises(codec.Malformed):
        codec.decode_request(body)


@given(st.binary(max_size=400))
def test_any_text_inside_the_frame_is_refused_in_one_way(plain: bytes) -> None:
    with pytest.raises(codec.Malformed):
        codec.decode_request(zstd.compress(plain))


def test_a_bomb_stops_at_its_size() -> None:
    with pytest.raises(codec.TooLarge):
        codec.decode_request(zstd.compress(bytes(codec.LARGEST_LINES + 1)))


def test_a_bomb_of_empty_lines_stops_before_it_is_cut_up() -> None:
    with pytest.raises(codec.TooLarge):
        codec.decode_answer(zstd.compress(b"\n" * codec.MOST_LINES))
    header = msgspec.json.encode(RequestHeader(HEADER.replica, 0, "", 1, codec.MOST_LINES))
    with pytest.raises(codec.TooLarge):
        codec.decode_request(zstd.compress(header + b"\n" * codec.MOST_LINES))


@pytest.mark.parametrize("number", [0, -1, -2])
def test_lines_that_were_not_announced_are_not_cut_up_either(number: int) -> None:
    header = msgspec.json.encode(RequestHeader(HEADER.replica, 0, "", 1, number))
    # Far below the most lines of any message: nobody waits for those.
    with pytest.raises(codec.Malformed, match="more lines than announced"):
        codec.decode_request(zstd.compress(header + b"\n" * 1_000))


def test_a_frame_that_asks_for_a_vast_window_is_refused() -> None:
    """A few bytes may ask the reader for two gigabytes."""
    asked: dict[int, int] = {zstd.CompressionParameter.window_log: codec.WINDOW_LOG + 1}
    compressor = zstd.ZstdCompressor(options=asked)
    frame = compressor.compress(LINES[0]) + compressor.flush()
    with pytest.raises(codec.Malformed, match="memory"):
        codec.decode_request(frame)


def test_a_message_says_how_large_it_is_before_it_is_opened() -> None:
    assert codec.opened_size(zstd.compress(bytes(5_000_000))) == 5_000_000
    compressor = zstd.ZstdCompressor()
    untold = compressor.compress(bytes(10)) + compressor.flush()
    assert codec.opened_size(untold) > codec.LARGEST_LINES
    assert codec.opened_size(b"no frame") == 0


def test_the_first_line_of_a_request_is_short_and_that_of_an_answer_as_long_as_its_results() -> None:
    long = b'{"x":"' + b"a" * codec.LARGEST_HEADER + b'"}'
    with pytest.raises(codec.TooLarge):
        codec.decode_request(zstd.compress(long))
    results = [OpResult(seq, "merged", "why") for seq in range(20_000)]
    answer = Answer(AnswerHeader("e", 0, 1, 0, results), [])
    assert codec.decode_answer(codec.pack_answer(answer.header, [])) == answer


def test_a_large_body_is_not_even_opened() -> None:
    with pytest.raises(codec.TooLarge):
        codec.decode_request(bytes(codec.LARGEST_BODY + 1))


def test_the_number_of_operations_must_be_the_one_announced() -> None:
    with pytest.raises(codec.Malformed, match="2 operations announced, 1 found"):
        codec.decode_request(codec.encode_request(Request(HEADER, LINES[:1])))


def test_a_deep_line_is_refused_like_any_other() -> None:
    with pytest.raises(codec.Malformed):
        codec.decode_op(b'{"seq":1,"record":"r","kind":"v","verb":"set","set":' + b'{"a":' * 5_000)


@pytest.mark.parametrize(
    "spoilt", [b'{"seq":1,"record":"\xe9"}', b'{"s\xe9q":1}', b'{"set":{"a":"\xed\xa0\x80"}}']
)
def test_a_line_that_is_not_utf_8_is_refused_like_any_other(spoilt: bytes) -> None:
    with pytest.raises(codec.Malformed):
        codec.decode_op(spoilt)
    with pytest.raises(codec.Malformed):
        codec.decode_request(zstd.compress(spoilt))


def test_unknown_fields_of_a_header_are_ignored() -> None:
    line = msgspec.json.encode(msgspec.to_builtins(HEADER) | {"n": 0, "later": True})
    assert codec.decode_request(zstd.compress(line)).header.replica == HEADER.replica
