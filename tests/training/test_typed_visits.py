"""A visit with two procedures is typed in the real form within its keys, and is recorded."""

from PySide6.QtWidgets import QApplication

from fsbus.actions.session import Session
from fsbus.bench.form import MOST_STROKES
from fsbus.store import queries
from fsbus.training.typed_visits import ANSWER, typing_visits

DAY = "2026-11-24"


def test_a_visit_with_two_procedures_takes_no_more_keys_than_allowed(
    qapp: QApplication, device: Session
) -> None:
    with typing_visits(device) as typist:
        assert typist.visit() > 0
        first = typist.strokes
        assert typist.visit() > 0
        assert typist.strokes == 2 * first
        view = typist.view
    assert first <= MOST_STROKES
    recorded = queries.visits_of_day(device.store.db, DAY)
    assert len(recorded) == 2
    for visit, (one, other) in recorded:
        assert (visit.resident_commune, visit.age_band, visit.gender) == ("02361", "60_69", "female")
        assert (one.nature, one.mode, one.outcome) == ("file_assistance", "assisted", "resolved")
        assert (other.outcome, other.precise_answer) == ("referred", ANSWER)
    assert not view.isVisible()


def test_each_letter_is_timed_until_its_list_is_there(qapp: QApplication, device: Session) -> None:
    with typing_visits(device) as typist:
        typist.visit()
        assert typist.letter("carte gris", "e") > 0
        field = typist.view.cards[0].procedure
        assert field.text() == "carte grise"
        assert field.is_open()
