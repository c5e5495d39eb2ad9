"""The trust file is proved to its last bit, signed by a root already trusted, never an older one."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.wire.signing import five_by_five, public_key_of
from fsbus.wire.trust import (
    BadTrust,
    TrustFile,
    accept,
    encode_trust,
    raw_key,
    read_draft,
    read_trust,
    root_id,
    sign_trust,
)  # fmt: skip
from tests.wire.trusted import (
    CENTRE,
    COORDINATOR,
    NEXT_ROOT,
    NOW,
    RECOVERY,
    ROOT,
    a_trust,
    coordinator,
    signed_trust,
    text_of,
)  # fmt: skip

GOLDEN = Path(__file__).parents[1] / "golden" / "wire" / "v1" / "trust.json"
FIRST = public_key_of(ROOT)
FILE = signed_trust(1)


def test_the_released_file_is_proved_and_written_the_same() -> None:
    raw = GOLDEN.read_bytes()
    trust = accept(raw, None, first_root=FIRST)
    assert encode_trust(trust) == raw
    assert (trust.version, trust.coordinators[0].region) == (7, "nord")
    assert trust.coordinators[0].key_id == "t6wdwfz5z4dx2xbaf3huxi64o"
    assert five_by_five(root_id(FIRST)) == "g2w5p csqof m6at3 sxame toopt"


@given(st.integers(0, 8 * len(FILE) - 1))
def test_every_changed_bit_is_refused(bit: int) -> None:
    changed = bytearray(FILE)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BadTrust):
        accept(bytes(changed), None, first_root=FIRST)


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_what_is_no_trust_file_is_refused_and_breaks_nothing(raw: bytes) -> None:
    with pytest.raises(BadTrust):
        read_trust(raw)


@given(st.data())
def test_a_file_with_one_value_of_another_shape_is_refused_and_breaks_nothing(data: st.DataObject) -> None:
    content = json.loads(FILE)
    name = data.draw(st.sampled_from(sorted(content)))
    odd = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    value = data.draw(odd | st.lists(odd, max_size=2) | st.dictionaries(st.text(max_size=3), odd, max_size=2))
    if value == content[name]:
        return
    with pytest.raises(BadTrust):
        read_trust(json.dumps(content | {name: value}, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize("layout", [{"indent": 1}, {"separators": (", ", ": ")}])
def test_another_layout_of_the_same_file_is_a_draft_only(layout: dict[str, object]) -> None:
    raw = json.dumps(json.loads(FILE), **layout).encode()  # type: ignore[arg-type]  # the options of json.dumps
    assert encode_trust(read_draft(raw)) == FILE
    with pytest.raises(BadTrust):
        read_trust(raw)


def test_a_file_without_a_signature_or_signed_by_a_stranger_is_refused() -> None:
    with pytest.raises(BadTrust, match="pas signé"):
        read_trust(encode_trust(a_trust()))
    with pytest.raises(BadTrust, match="aucune racine"):
        accept(FILE, None, first_root=public_key_of(NEXT_ROOT))
    with pytest.raises(BadTrust, match="pas parmi"):
        sign_trust(a_trust(), NEXT_ROOT)


def test_one_bad_signature_beside_a_good_one_is_refused() -> None:
    trust = read_draft(signed_trust(1, ROOT, NEXT_ROOT, roots=(text_of(ROOT), text_of(NEXT_ROOT))))
    wrong = msgspec.structs.replace(trust.signatures[1], signature=trust.signatures[0].signature)
    changed = msgspec.structs.replace(trust, signatures=(trust.signatures[0], wrong))
    with pytest.raises(BadTrust, match="pas la bonne"):
        read_trust(encode_trust(changed))


@given(st.lists(st.integers(1, 6), max_size=8))
def test_the_version_never_goes_down(versions: list[int]) -> None:
    known: TrustFile | None = None
    for version in versions:
        raw = signed_trust(version)
        if known is None or version >= known.version:
            known = accept(raw, known, first_root=FIRST)
        else:
            with pytest.raises(BadTrust, match="plus récent"):
                accept(raw, known, first_root=FIRST)
    assert known is None or known.version == max(versions)


def test_two_files_of_one_version_are_not_both_taken() -> None:
    known = accept(FILE, None, first_root=FIRST)
    assert accept(FILE, known) == known
    with pytest.raises(BadTrust):
        accept(signed_trust(1, coordinators=()), known)


def test_the_root_changes_by_a_file_that_the_old_one_signed() -> None:
    known = accept(FILE, None, first_root=FIRST)
    alone = signed_trust(3, NEXT_ROOT, roots=(text_of(NEXT_ROOT),))
    with pytest.raises(BadTrust, match="aucune racine"):
        accept(alone, known)

    known = accept(signed_trust(2, ROOT, roots=(text_of(ROOT), text_of(NEXT_ROOT))), known)
    known = accept(alone, known)

    assert [raw_key(one) for one in known.roots] == [public_key_of(NEXT_ROOT)]
    with pytest.raises(BadTrust, match="aucune racine"):
        accept(signed_trust(4, ROOT), known)


def test_a_file_that_was_edited_loses_the_signatures_that_fit_no_more() -> None:
    both = (text_of(ROOT), text_of(NEXT_ROOT))
    trust = read_draft(signed_trust(1, ROOT, NEXT_ROOT, roots=both))
    edited = sign_trust(msgspec.structs.replace(trust, version=2), NEXT_ROOT)
    assert [one.root for one in edited.signatures] == [1]
    assert read_trust(encode_trust(sign_trust(edited, ROOT))).signed_by == {
        public_key_of(ROOT),
        public_key_of(NEXT_ROOT),
    }


def test_a_file_past_its_day_is_still_the_file() -> None:
    trust = accept(signed_trust(1, expires="2020-01-01T00:00:00Z"), None, first_root=FIRST)
    assert trust.is_past(NOW)
    assert not a_trust().is_past(NOW)


def test_it_tells_the_centres_the_coordinators_and_their_recovery_keys() -> None:
    trust = a_trust()
    assert trust.knows_centre(public_key_of(CENTRE))
    assert not trust.knows_centre(public_key_of(ROOT))
    assert trust.knows_recovery(RECOVERY)
    assert trust.coordinator(coordinator().key_id) == coordinator()
    assert trust.coordinator(coordinator(ROOT).key_id) is None

    after = a_trust(revoked=(coordinator().key_id,))
    assert after.coordinator(coordinator().key_id) is None
    assert not after.knows_recovery(RECOVERY)


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2}, {"version": 0}, {"roots": ()}, {"roots": ("AA==",)}, {"roots": (text_of(ROOT), text_of(ROOT))},
        {"issued": "today"}, {"expires": "2026-11-24T08:00:00+01:00"}, {"expires": "2026-W48-2T08:00:00Z"},
        {"coordinators": (coordinator(region=""),)}, {"coordinators": (coordinator(), coordinator(region="sud"))},
        {"coordinators": (msgspec.structs.replace(coordinator(), recovery="AA"),)},
        {"coordinators": (msgspec.structs.replace(coordinator(), name="a\nb"),)},
    ],
)  # fmt: skip
def test_a_root_signs_nothing_that_is_out_of_shape(changes: dict[str, object]) -> None:
    with pytest.raises(BadTrust):
        sign_trust(a_trust(**changes), ROOT)  # type: ignore[arg-type]  # the test's own parts


def test_the_spare_bits_of_base64_cannot_be_changed() -> None:
    text = text_of(COORDINATOR)
    twin = text[:-2] + chr(ord(text[-2]) + 1) + "="
    with pytest.raises(BadTrust):
        raw_key(twin)
