"""What a coordinator signs about a laptop has one form, his own key, his region and his time."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.wire import statements
from fsbus.wire.statements import APPROVE, REVOKE, BadStatement, Signed, check_powers, prove, sign_statement
from tests.wire.trusted import COORDINATOR, NOW, ROOT, a_trust, coordinator

GOLDEN = Path(__file__).parents[1] / "golden" / "wire" / "v1"
DEVICE = "abcdefghijklmnopqrstuvwxy"
SIGNED = sign_statement(APPROVE, DEVICE, "bus-3", "agent", at=NOW, key=COORDINATOR)
BOTH = SIGNED.statement + SIGNED.signature


def test_the_released_statement_is_proved_and_signed_again_the_same() -> None:
    raw, signature = (GOLDEN / "statement.json").read_bytes(), (GOLDEN / "statement.sig").read_bytes()
    assert (SIGNED.statement, SIGNED.signature) == (raw, signature)
    statement, by = prove(Signed(raw, signature), a_trust())
    assert (statement.do, statement.device, by.region) == ("approve", DEVICE, "nord")


@given(st.integers(0, 8 * len(BOTH) - 1))
def test_every_changed_bit_is_refused(bit: int) -> None:
    changed = bytearray(BOTH)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BadStatement):
        prove(Signed(bytes(changed[:-64]), bytes(changed[-64:])), a_trust())


@given(st.binary(max_size=300))
def test_what_is_no_statement_is_refused_and_breaks_nothing(raw: bytes) -> None:
    with pytest.raises(BadStatement):
        statements.read_statement(raw)


def test_only_a_coordinator_of_the_trust_file_is_believed() -> None:
    with pytest.raises(BadStatement, match="aucun coordinateur"):
        prove(sign_statement(REVOKE, DEVICE, "bus-3", "agent", at=NOW, key=ROOT), a_trust())
    with pytest.raises(BadStatement, match="aucun coordinateur"):
        prove(SIGNED, a_trust(revoked=(coordinator().key_id,)))


def test_his_powers_end_at_his_region_and_at_his_day() -> None:
    statement, by = prove(SIGNED, a_trust())
    check_powers(statement, by, "nord", NOW)
    check_powers(msgspec.structs.replace(statement, feed="nord"), by, None, NOW)
    with pytest.raises(BadStatement, match="région"):
        check_powers(statement, by, "sud", NOW)
    with pytest.raises(BadStatement, match="région"):
        check_powers(statement, by, None, NOW)
    with pytest.raises(BadStatement, match="pris fin"):
        check_powers(statement, by, "nord", by.until)


def test_a_statement_written_otherwise_is_refused() -> None:
    with pytest.raises(BadStatement):
        statements.read_statement(SIGNED.statement + b" ")
    with pytest.raises(BadStatement):
        statements.read_statement(SIGNED.statement.replace(b'"v":1', b'"v":2'))
    with pytest.raises(BadStatement):
        statements.read_statement(SIGNED.statement.replace(b"approve", b"promote"))
    with pytest.raises(BadStatement):
        statements.read_statement(b'{"v":1,' + b" " * 3000 + b"}")
