"""Each event tells what its rules let through, whatever is put into it; no field goes without one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core import events, tellable
from fsbus.core.events import Event, rules_of
from fsbus.core.tellable import UNTOLD

NEEDLE = "Zéphyrine-Nédelec"
PHONE = 612_345_678
AN_ID = "01a20000-0000-7000-8000-00000000a9e7"


RULES = (
    tellable.an_id, tellable.a_count, tellable.kibibytes, tellable.seconds, tellable.yes_or_no, tellable.a_class,
    tellable.numbers, tellable.a_place, tellable.a_library, tellable.a_category, tellable.field_names,
    tellable.one_of("visit", "agent"),
)  # fmt: skip


def kinds() -> list[type[Event]]:
    declared = [kind for kind in Event.__subclasses__() if kind.__module__ == events.__name__]
    return sorted(declared, key=lambda kind: kind.name)


def test_every_event_has_its_own_name_and_a_rule_for_each_field() -> None:
    assert len(kinds()) > 20
    assert len({kind.name for kind in kinds()}) == len(kinds())
    for kind in kinds():
        assert kind.name
        assert set(rules_of(kind)) == kind.__annotations__.keys() - {"name"}


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    "value", [NEEDLE, NEEDLE.encode(), [NEEDLE], {NEEDLE: NEEDLE}, (PHONE,), PHONE, -1, float("nan"), float("inf"),
              "durand", "18505780060843", "dupont.marie", "rue/durand.py", ValueError(NEEDLE), object(),
              type("Durand", (Exception,), {})],
)  # fmt: skip
def test_no_event_tells_a_private_word(kind: type[Event], value: object) -> None:
    event = kind(**dict.fromkeys(rules_of(kind), value))
    for text in (json.dumps(event.told(), ensure_ascii=False, allow_nan=False), repr(event), str(event)):
        lowered = text.casefold()
        assert not [word for word in ("phyrine", "durand", "dupont", str(PHONE), "185057") if word in lowered]


@given(st.text(), st.integers(), st.floats(), st.binary())
def test_any_text_is_told_only_as_an_id_or_one_of_our_words(
    text: str, number: int, real: float, raw: bytes
) -> None:
    for rule in RULES:
        for value in (text, raw, number, real):
            told = rule(value)
            json.dumps(told, allow_nan=False)
            if isinstance(value, bytes):
                assert told == UNTOLD or told == [UNTOLD] or told == []
            if isinstance(told, int | float) and not isinstance(told, bool):
                assert 0 <= told < tellable.MOST


def test_what_is_good_is_told() -> None:
    event = events.SyncFailed(error=TimeoutError, pushed=12, pulled=0, seconds=1.23456)
    assert event.told() == {"error": "TimeoutError", "pushed": 12, "pulled": 0, "seconds": 1.235}
    assert tellable.an_id(AN_ID) == AN_ID
    assert tellable.an_id("ab" * 16) == "ab" * 16
    assert tellable.numbers("6.1.0-zephyrine") == "6.1.0"
    assert tellable.kibibytes(3_000_000) == 2929
    assert tellable.a_library("urllib3.connectionpool") == "urllib3"


def test_only_declared_fields_are_named() -> None:
    told = tellable.field_names(
        ["note", "procedures[2].referral.on", NEEDLE, "durand", "procedures[0].zoe", "note"]
    )
    assert told == ["note", "procedures.referral.on", UNTOLD]


def test_a_field_without_a_rule_cannot_be_logged() -> None:
    class Free(events.Event):
        text: str

    with pytest.raises(TypeError, match="no rule"):
        Free(text=NEEDLE).told()
    with pytest.raises(TypeError, match="other fields"):
        events.Erased(records=1, text=NEEDLE)  # type: ignore[call-arg]  # on purpose
