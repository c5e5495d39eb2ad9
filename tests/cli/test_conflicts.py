"""What is to be checked is listed, chosen, sent again or given up from the command line."""

from collections.abc import Iterator

import pytest

from fsbus.server import admin
from fsbus.server.serving import EmbeddedCentre
from tests.cli.conftest import Runner
from tests.cli.test_commands import VISIT, ndjson


@pytest.fixture
def both(run: Runner) -> Iterator[Runner]:
    """Two laptops of one bus that share a visit; the notes of both differ, and the first one's came first."""
    with EmbeddedCentre(f"sqlite:///{run.folder / 'centre.db'}") as centre:
        for home, name in (("one", "Ana"), ("two", "Bea")):
            code = admin.enroll_code(centre.centre, "bus-3").code
            run("enroll", "--server", centre.url, "--code", code, "--agent", name, home=home)
        (saved,) = run("record", "-", stdin=ndjson(VISIT), home="one").out
        for home in ("one", "two"):
            run("sync", home=home)
        for home, note in (("one", "de Ana"), ("two", "de Bea")):
            line = {"visit_id": saved["visit_id"], "set": {"note": note}}
            run("amend", "-", stdin=ndjson(line), home=home)
            run("sync", home=home)
        run("sync", home="one")
        yield run


def removed(run: Runner, visit: str, **more: object) -> int:
    return run("amend", "-", stdin=ndjson({"visit_id": visit, **more})).status


def test_a_visit_is_removed_and_put_back(ready: Runner) -> None:
    (saved,) = ready("record", "-", stdin=ndjson(VISIT)).out
    visit = str(saved["visit_id"])
    (listed,) = ready("visits").out
    assert removed(ready, visit, delete=True) == 0
    assert ready("visits").out == []
    (gone,) = ready("visits", "--removed").out
    assert (gone["removed"], gone["kind"]) == (visit, "visit")
    assert str(gone["about"]).startswith("Visite du vendredi 20\u00a0novembre 2026")
    assert removed(ready, visit, delete=False) == 0
    assert ready("visits").out == [listed]
    assert ready("visits", "--removed").out == []


def test_a_procedure_record_is_removed_but_not_the_last(ready: Runner) -> None:
    (saved,) = ready("record", "-", stdin=ndjson(VISIT)).out
    visit = str(saved["visit_id"])
    (listed,) = ready("visits").out
    first, second = (one["record_id"] for one in listed["procedures"])  # type: ignore[attr-defined]  # a list of objects
    assert removed(ready, visit, record_id=first, delete=True) == 0
    assert removed(ready, visit, record_id=second, delete=True) == 2
    assert removed(ready, visit, record_id=first, delete=False) == 0
    assert ready("visits").out == [listed]


@pytest.mark.parametrize("wrong", [{"delete": "yes"}, {"delete": True, "set": {}}, {"delete": False}])
def test_a_removal_that_makes_no_sense_is_refused(ready: Runner, wrong: dict[str, object]) -> None:
    (saved,) = ready("record", "-", stdin=ndjson(VISIT)).out
    assert removed(ready, str(saved["visit_id"]), **wrong) == 2
    assert len(ready("visits").out) == 1


def test_nothing_is_to_be_checked_on_a_quiet_day(ready: Runner) -> None:
    assert (ready("conflicts").status, ready("conflicts").out) == (0, [])


def test_both_values_are_told_in_words_and_one_is_taken(both: Runner) -> None:
    (told,) = both("conflicts", home="one").out
    assert (told["field"], told["kind"]) == ("Note", "visit")
    assert told["stands"] == "central"
    local, central = told["local"], told["central"]
    assert isinstance(local, dict)
    assert isinstance(central, dict)
    assert (local["value"], local["author"]) == ("de Bea", "Bea")
    assert (central["value"], central["author"]) == ("de Ana", "Ana")
    assert "2026" in local["moment"]
    assert both("conflicts", "take", str(told["conflict"]), "local", home="one").status == 0
    assert both("conflicts", home="one").out == []
    both("sync", home="one")
    both("sync", home="two")
    assert both("conflicts", home="two").out == []
    assert [line["note"] for line in both("visits", home="two").out] == ["de Bea"]
    again = both("conflicts", "take", str(told["conflict"]), "central", home="two")
    assert again.status == 2
    assert "déjà choisi" in again.err


@pytest.mark.parametrize("words", [("take", "x", "local"), ("again", "x"), ("give-up", "x")])
def test_an_id_that_is_none_is_refused(ready: Runner, words: tuple[str, ...]) -> None:
    assert ready("conflicts", *words).status == 2


@pytest.mark.parametrize("task", ["again", "give-up"])
def test_what_was_not_put_aside_is_not_settled(ready: Runner, task: str) -> None:
    (saved,) = ready("record", "-", stdin=ndjson(VISIT)).out
    ran = ready("conflicts", task, str(saved["visit_id"]))
    assert (ran.status, "record" in dict(ran.out[0]["problems"])) == (2, True)  # type: ignore[call-overload]  # an object
