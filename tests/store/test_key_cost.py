"""The cost of a derivation grows with the laptop, and is never below the floor."""

import pytest

from fsbus.store import key_cost
from fsbus.store.key_cost import CEILING_KIB, cost_for
from fsbus.store.key_slots import FLOOR, Cost

GIB = 1024**3
MIB = 1024


@pytest.mark.parametrize(
    ("seconds_at_the_floor", "ram", "mib"),
    [
        (0.9, 16 * GIB, 64),
        (0.6, 16 * GIB, 64),
        (0.59, 16 * GIB, 128),
        (0.2, 16 * GIB, 256),
        (0.01, 16 * GIB, 512),
        (0.01, 2 * GIB, 256),
        (0.01, 1 * GIB, 128),
        (0.01, GIB // 4, 64),
        (0.01, 0, 64),
    ],
)
def test_memory_doubles_while_one_derivation_takes_less_than_600_ms(
    seconds_at_the_floor: float, ram: int, mib: int
) -> None:
    cost = cost_for(lambda cost: seconds_at_the_floor * cost.memory_kib / FLOOR.memory_kib, ram)
    assert cost == Cost(mib * MIB, 3, 4)
    assert cost.is_allowed


def test_this_laptop_is_really_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[Cost]()

    def argon2id(password: bytes, salt: bytes, cost: Cost, associated: bytes) -> bytes:
        asked.append(cost)
        return bytes(32)

    monkeypatch.setattr(key_cost, "argon2id", argon2id)
    cost = key_cost.cost_for(key_cost._seconds_of, key_cost._ram())
    assert asked[0] == FLOOR
    assert asked == [Cost(FLOOR.memory_kib << n, 3, 4) for n in range(len(asked))]
    assert FLOOR.memory_kib <= cost.memory_kib == 2 * asked[-1].memory_kib <= CEILING_KIB
