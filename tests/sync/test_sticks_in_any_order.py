"""Sticks in any order, between exchanges over the network: the same rows everywhere."""

import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from fsbus.core.errors import InvalidInput
from fsbus.store import queries
from tests.sync.carrier import StickLaptop, answer, equal_to_centre
from tests.sync.equal import whole_hash
from tests.sync.world import World

WHO = st.sampled_from([0, 1])


class SticksAndNetwork(RuleBasedStateMachine):
    """Files written, answered and read in any order, any number of times, between exchanges over the network."""

    visits: Bundle[str] = Bundle("visits")
    asked: Bundle[tuple[int, bytes]] = Bundle("asked")
    given: Bundle[tuple[int, bytes]] = Bundle("given")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="fsbus-sticks-"))
        self.world = World(self.folder)
        self.laptops = [StickLaptop(self.world, "un"), StickLaptop(self.world, "deux")]
        for laptop in self.laptops:
            laptop.sync()
        self.saved: set[str] = set()
        self.answers: list[tuple[int, bytes]] = []
        self.count = 0

    @rule(target=visits, who=WHO)
    def record(self, who: int) -> str:
        self.count += 1
        visit = self.laptops[who].record(note=f"note {self.count}", procedures=1)
        self.saved.add(visit)
        return visit

    @rule(who=WHO, visit=visits, field=st.sampled_from(["note", "minutes"]))
    def amend(self, who: int, visit: str, field: str) -> None:
        self.count += 1
        if queries.visit(self.laptops[who].store.db, visit) is not None:
            value = f"note {self.count}" if field == "note" else 1 + self.count
            self.laptops[who].amend(visit, **{field: value})

    @rule(who=WHO, visit=visits)
    def erase(self, who: int, visit: str) -> None:
        if self.laptops[who].erase(visit):
            self.saved.discard(visit)

    @rule(who=WHO)
    def exchange(self, who: int) -> None:
        self.laptops[who].sync()

    @rule(target=asked, who=WHO)
    def write(self, who: int) -> tuple[int, bytes]:
        return who, self.laptops[who].write()

    @rule(target=given, stick=asked)
    def answer(self, stick: tuple[int, bytes]) -> tuple[int, bytes]:
        who, sealed = stick
        answered = answer(self.world, sealed)
        assert not answered.refused
        self.answers.append((who, answered.sealed))
        return who, answered.sealed

    @rule(stick=given)
    def read(self, stick: tuple[int, bytes]) -> None:
        who, sealed = stick
        self.laptops[who].read(sealed)

    @rule(stick=given, place=st.floats(0, 1, exclude_max=True))
    def read_cut(self, stick: tuple[int, bytes], place: float) -> None:
        who, sealed = stick
        before = whole_hash(self.laptops[who].store.db)
        with pytest.raises(InvalidInput):
            self.laptops[who].read(sealed[: int(place * len(sealed))])
        assert whole_hash(self.laptops[who].store.db) == before

    @invariant()
    def no_change_is_twice_in_the_log(self) -> None:
        log = self.world.central_log()
        assert len(log) == len(set(log))

    def teardown(self) -> None:
        try:
            for _ in range(2):
                for laptop in self.laptops:
                    laptop.sync()
            self.check()
            # What comes late changes nothing more.
            for who, sealed in self.answers:
                self.laptops[who].read(sealed)
            self.check()
        finally:
            for laptop in self.laptops:
                laptop.close()
            self.world.close()
            shutil.rmtree(self.folder)

    def check(self) -> None:
        for laptop in self.laptops:
            equal_to_centre(self.world, laptop)
            assert laptop.store.pending_count() == 0
        assert {line["visit_id"] for line in self.world.central_lines()} == self.saved


def _settings(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


TestSticksAndNetwork = SticksAndNetwork.TestCase
TestSticksAndNetwork.settings = _settings(6, 18)


@pytest.mark.torture
def test_many_more_orders_of_sticks_converge() -> None:
    run_state_machine_as_test(SticksAndNetwork, settings=_settings(300, 30))
