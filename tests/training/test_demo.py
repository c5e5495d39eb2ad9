"""The demonstration: an evening that is past, a folder that is its own, days that repeat."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.assets import text
from fsbus.core.catalog import Catalog
from fsbus.core.catalog_files import read_catalog
from fsbus.core.clock import system_now
from fsbus.core.errors import InvalidInput
from fsbus.core.visits import record
from fsbus.training import canton
from fsbus.training.account import Account, files_with
from fsbus.training.demo import evening_clock, last_evening, run_demo
from tests.fakes import AnyReference


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return read_catalog(*(text(f"catalog/{name}.csv") for name in ("partners", "procedures", "aliases")))


@given(st.integers(0, 24 * 365))
def test_the_evening_is_of_a_working_day_and_past(hours: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)

    evening = last_evening(now)

    assert timedelta(0) <= now - evening < timedelta(days=3)
    assert evening.weekday() < 5


def test_the_clock_of_the_day_goes_on_from_that_evening() -> None:
    late = evening_clock(system_now()).now() - last_evening(system_now())

    assert timedelta(0) <= late < timedelta(minutes=1)


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")

    with pytest.raises(InvalidInput, match="out"):
        run_demo(tmp_path, headless=True, say=lambda _: None)

    assert (tmp_path / "photo.jpg").exists()


def test_every_draft_of_the_canton_follows_the_rules_and_the_same_seed_gives_the_same(
    catalog: Catalog,
) -> None:
    plan = canton.Plan(datetime(2026, 11, 20, 8, 30, tzinfo=UTC), visits=300, records=700)
    made = list(canton.drafts(plan, catalog, seed=7))

    assert made == list(canton.drafts(plan, catalog, seed=7))
    assert made != list(canton.drafts(plan, catalog, seed=8))
    ids = iter(f"018f0000-0000-7000-8000-{number:012d}" for number in range(2_000))
    saved = [
        record(
            draft,
            new_id=lambda: next(ids),
            now=datetime(2026, 11, 23, tzinfo=UTC),
            agent_id="018f0000-0000-7000-8000-000000000000",
            reference=AnyReference(),
        )
        for draft in made
    ]
    assert sum(len(one.records) for one in saved) == 700


def test_a_plan_with_a_visit_without_procedure_is_refused(catalog: Catalog) -> None:
    plan = canton.Plan(datetime(2026, 11, 20, tzinfo=UTC), visits=3, records=2)

    with pytest.raises(ValueError, match="one procedure"):
        list(canton.drafts(plan, catalog, seed=1))


def test_a_needle_is_found_in_clear_in_either_coding(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("xx Fèves".encode())
    (tmp_path / "b").write_bytes("xx Fèves".encode("utf-16-le"))
    (tmp_path / "c").write_bytes(b"sealed")

    assert files_with(["Fèves"], tmp_path) == ["a", "b"]


def test_a_check_that_does_not_hold_is_told() -> None:
    account = Account()
    account.step("un").check("deux et deux", 5, 4)

    assert account.failed == ["deux et deux"]
    assert account.as_json()["ok"] is False
