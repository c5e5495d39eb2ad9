"""Two laptops and a centre, in any order, with losses, repeats and restarts: the same rows everywhere."""

import contextlib
import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from fsbus.actions.choosing import choice_edits
from fsbus.core.changes import CREATE, DELETE, SET
from fsbus.core.entities import PROCEDURE_RECORD, VISIT
from fsbus.core.errors import InvalidInput
from fsbus.store import queries
from fsbus.store.deleting import deleted_records, is_deleted
from tests.simulation.world import MEMORY
from tests.sync.doors import FATES
from tests.sync.world import World, record_body

LAPTOPS = st.sampled_from([0, 1])
PLANS = st.lists(st.sampled_from(FATES), max_size=6)
CHUNKS = st.sampled_from([1, 700, 2_500, 320_000])


class TwoLaptopsAndACentre(RuleBasedStateMachine):
    """What was confirmed is in ``saved`` until it is erased."""

    visits: Bundle[str] = Bundle("visits")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(
            tempfile.mkdtemp(prefix="fsbus-convergence-", dir=MEMORY if MEMORY.is_dir() else None)
        )
        self.world = World(self.folder)
        self.laptops = [self.world.laptop("un"), self.world.laptop("deux")]
        self.saved: set[str] = set()
        self.notes: set[str] = set()
        self.count = 0

    @rule(target=visits, laptop=LAPTOPS, procedures=st.integers(1, 3))
    def record(self, laptop: int, procedures: int) -> str:
        self.count += 1
        visit = self.laptops[laptop].record(note=f"note {self.count}", procedures=procedures)
        self.saved.add(visit)
        return visit

    @rule(laptop=LAPTOPS, visit=visits, field=st.sampled_from(["note", "minutes", "satisfaction"]))
    def amend(self, laptop: int, visit: str, field: str) -> None:
        self.count += 1
        shown = queries.visit(self.laptops[laptop].store.db, visit)
        if shown is None:
            return
        value: object = {
            "note": f"note {self.count}",
            "minutes": 1 + self.count % 1_000,
            "satisfaction": 1 + self.count % 3,
        }[field]
        if getattr(shown, field) != value:
            self.laptops[laptop].amend(visit, **{field: value})

    @rule(laptop=LAPTOPS, visit=visits)
    def erase(self, laptop: int, visit: str) -> None:
        if self.laptops[laptop].erase(visit):
            self.saved.discard(visit)

    @rule(laptop=LAPTOPS, visit=visits, what=st.sampled_from(["visit", "first", "added"]))
    def remove(self, laptop: int, visit: str, what: str) -> None:
        """Recorded by mistake: the visit, its first procedure record; or one more is added."""
        one = self.laptops[laptop]
        if queries.visit(one.store.db, visit) is None:
            return
        inside = queries.records_of(one.store.db, visit)
        if what == "visit":
            one.edit(VISIT, visit, DELETE)
        elif what == "first" and inside:
            one.edit(PROCEDURE_RECORD, inside[0].id, DELETE)
        elif what == "added":
            one.edit(PROCEDURE_RECORD, self.world.ids.new(), CREATE, record_body(visit))

    @rule(laptop=LAPTOPS, visit=visits)
    def put_back(self, laptop: int, visit: str) -> None:
        one = self.laptops[laptop]
        if is_deleted(one.store.db, visit):
            one.edit(VISIT, visit, SET)

    @rule(laptop=LAPTOPS, side=st.sampled_from(["local", "central"]))
    def choose(self, laptop: int, side: str) -> None:
        one = self.laptops[laptop]
        for conflict in queries.open_conflicts(one.store.db)[:1]:
            with contextlib.suppress(InvalidInput):
                one.store.save(choice_edits(one.store.db, conflict, side), actor=one.agent)

    @rule(laptop=LAPTOPS, fates=PLANS, chunk=CHUNKS)
    def sync(self, laptop: int, fates: list[str], chunk: int) -> None:
        self.laptops[laptop].sync(fates, chunk)

    @rule(laptop=LAPTOPS)
    def restart_laptop(self, laptop: int) -> None:
        self.laptops[laptop].restart()

    @rule()
    def restart_centre(self) -> None:
        self.world.restart_centre()

    @rule(laptop=LAPTOPS)
    def settle(self, laptop: int) -> None:
        self.laptops[laptop].sync()

    @invariant()
    def no_change_id_is_twice_in_the_log(self) -> None:
        log = self.world.central_log()
        assert len(log) == len(set(log))

    def teardown(self) -> None:
        try:
            for _ in range(3):
                for laptop in self.laptops:
                    laptop.sync()
            first, second = (laptop.lines() for laptop in self.laptops)
            assert first == second == self.world.central_lines()
            shown = {line["visit_id"] for line in first}
            assert shown <= self.saved
            for laptop in self.laptops:
                assert all(is_deleted(laptop.store.db, visit) for visit in self.saved - shown)
            hidden = [
                sorted(deleted_records(laptop.store.db), key=lambda one: one.id) for laptop in self.laptops
            ]
            assert hidden[0] == hidden[1]
            assert [laptop.store.pending_count() for laptop in self.laptops] == [0, 0]
            conflicts = [
                list(laptop.store.db.conn.execute("SELECT id, status FROM conflicts ORDER BY id"))
                for laptop in self.laptops
            ]
            assert conflicts[0] == conflicts[1]
        finally:
            for laptop in self.laptops:
                laptop.close()
            self.world.close()
            shutil.rmtree(self.folder)


TestTwoLaptopsAndACentre = TwoLaptopsAndACentre.TestCase
TestTwoLaptopsAndACentre.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.torture
def test_many_more_orders_converge() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        TwoLaptopsAndACentre,
        settings=settings(
            max_examples=1_000, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
