"""What is left to do after visits, by the command line: no name, the longest due first."""

from fsbus.actions.session import open_session
from fsbus.actions.visits import record_visit
from fsbus.core.clock import Clock
from fsbus.core.ids import Ids
from tests.builders import draft, procedure_draft
from tests.cli.conftest import PASSPHRASE, Runner

GUISE, LAON = "02361", "02408"


def test_what_is_left_is_listed_in_one_commune_or_anywhere(ready: Runner) -> None:
    left: tuple[dict[str, object], ...] = (
        {"outcome": "follow_up", "follow_up": {"on": "2026-11-13", "note": "Rappeler."}},
        {"outcome": "follow_up", "follow_up": {"on": "2026-11-12", "commune": LAON}},
        {"outcome": "no_network"},
        {"outcome": "follow_up", "follow_up": {"on": "2026-11-12", "done_on": "2026-11-12"}},
        {"outcome": "resolved"},
    )
    procedures = [procedure_draft(**{"precise_answer": "Revenir avec la pièce.", **one}) for one in left]
    with open_session(ready.folder / "home", PASSPHRASE, clock=Clock(), ids=Ids()) as session:
        visit = record_visit(
            session,
            draft(started_at="2026-11-10T09:20:00+01:00", stop_commune=GUISE, procedures=procedures),
        )
    found = ready("todo").out
    assert [(one["outcome"], one["on"], one["commune"], one["note"]) for one in found] == [
        ("no_network", None, GUISE, ""),
        ("follow_up", "2026-11-12", LAON, ""),
        ("follow_up", "2026-11-13", GUISE, "Rappeler."),
    ]
    assert {one["visit_id"] for one in found} == {visit.id}
    assert all(isinstance(one["days_late"], int) and one["days_late"] > 0 for one in found)
    assert [one["on"] for one in ready("todo", "--commune", LAON).out] == ["2026-11-12"]
    assert ready("todo", "--commune", "99999").out == []
