"""« À suivre » proposes the next passages by keyboard; a correction keeps where and when it was done."""

from PySide6.QtCore import Qt

from fsbus.actions import plain_records, stops
from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.core.entities import STOP
from fsbus.core.records import FollowUp
from fsbus.desktop.visit_form.card import ProcedureCard
from fsbus.desktop.visit_form.next_days import ANOTHER, days_for, read
from fsbus.store import queries
from tests.builders import draft, plain_draft, procedure_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle

GUISE, LAON = "02361", "02408"


def circuit(device: Session) -> None:
    weekly: dict[str, object] = {"except_on": [], "starts_on": "2026-09-01", "ends_on": None}
    plain_records.create(device, STOP, plain_draft(STOP, recurrence="FREQ=WEEKLY;BYDAY=TU", **weekly))
    thursday = {"commune": LAON, "place": "Gare", "recurrence": "FREQ=WEEKLY;BYDAY=TH", **weekly}
    plain_records.create(device, STOP, plain_draft(STOP, **thursday))


def plain(labels: dict[str, str]) -> list[str]:
    return [text.replace("\u00a0", " ") for text in labels.values()]


def saved(opened: Opened) -> FollowUp | None:
    [(_, (record,))] = queries.visits_of_day(opened.session.store.db, "2026-11-24")
    return record.follow_up


def to_follow(opened: Opened) -> ProcedureCard:
    """A form that lacks only the day of its follow-up."""
    stops.set_today(opened.session, GUISE)
    opened.screens.new_visit()
    form = opened.screens.visit
    [card] = form.cards
    card.procedure.set_value("CNAV-DEM", "Demande de retraite")
    for choice, code in ((card.nature, "information"), (card.mode, "assisted"), (card.outcome, "follow_up")):
        choice.set_code(code)
    card.answer.setText("Revenir avec la pièce.")
    settle()
    return card


def test_the_three_soonest_of_the_stop_and_of_home_are_proposed(device: Session) -> None:
    circuit(device)
    assert plain(days_for(device, "follow_up", GUISE, "")) == [
        ANOTHER,
        "Mardi 1er décembre, 9 h 30 – 12 h 30, Place du marché",
        "Mardi 8 décembre, 9 h 30 – 12 h 30, Place du marché",
        "Mardi 15 décembre, 9 h 30 – 12 h 30, Place du marché",
    ]
    both = plain(days_for(device, "follow_up", GUISE, LAON))
    assert [text.partition(",")[0] for text in both[1:]] == [
        "Jeudi 26 novembre",
        "Mardi 1er décembre",
        "Jeudi 3 décembre",
    ]
    assert both[1].endswith("Gare, Laon")


def test_a_blockage_is_proposed_for_when_its_answer_is_late(device: Session) -> None:
    circuit(device)
    proposed = days_for(device, "escalated", GUISE, "")
    # Fifteen working days after Tuesday the 24th of November.
    assert plain(proposed)[1] == "Dans 15 jours ouvrés, mardi 15 décembre"
    day, commune = read(list(proposed)[1])
    assert (day.isoformat(), commune) == ("2026-12-15", "")
    assert len(days_for(device, "escalated", None, "")) == 2


def test_a_passage_is_chosen_by_keyboard_and_fills_the_day_and_the_place(opened: Opened) -> None:
    circuit(opened.session)
    card, keys = to_follow(opened), Typist()
    card.answer.setFocus()
    keys.tab()
    assert focused() is card.follow_up_passage
    keys.press(Qt.Key.Key_Down)
    assert card.follow_up_day.text() == "01/12/2026"
    keys.press(Qt.Key.Key_Down)
    assert card.follow_up_day.text() == "08/12/2026"
    opened.screens.visit.save.click()
    assert saved(opened) == FollowUp(on="2026-12-08", commune=GUISE)


def test_a_day_that_is_typed_is_no_passage_any_more(opened: Opened) -> None:
    circuit(opened.session)
    card, keys = to_follow(opened), Typist()
    card.follow_up_passage.setCurrentIndex(1)
    card.follow_up_day.setFocus()
    card.follow_up_day.selectAll()
    keys.write("+30")
    assert card.follow_up_passage.currentText() == ANOTHER
    opened.screens.visit.save.click()
    assert saved(opened) == FollowUp(on="2026-12-24")


def test_without_a_circuit_the_day_is_typed(opened: Opened) -> None:
    card = to_follow(opened)
    assert card.follow_up_passage.count() == 1
    card.follow_up_day.setText("+7")
    opened.screens.visit.save.click()
    assert saved(opened) == FollowUp(on="2026-12-01")


def test_a_correction_keeps_where_it_is_taken_up_and_when_it_was_done(opened: Opened) -> None:
    one = procedure_draft(
        outcome="follow_up",
        precise_answer="Revenir avec la pièce.",
        follow_up={"on": "2026-11-24", "note": "Rappeler.", "commune": LAON, "done_on": "2026-11-24"},
    )
    made = record_visit(opened.session, draft(procedures=[one]))
    opened.screens.correct_visit(made.id)
    form = opened.screens.corrections.view
    assert form is not None
    form.cards[0].follow_up_note.setText("Rappeler le matin.")
    form.save.click()
    assert saved(opened) == FollowUp("2026-11-24", "Rappeler le matin.", LAON, "2026-11-24")
