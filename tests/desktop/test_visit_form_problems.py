"""Everything wrong with a visit is said at once, beside its field, and nothing typed is lost."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible

from fsbus.actions import visits
from fsbus.actions.session import Session
from fsbus.core.errors import StoreUnavailable
from fsbus.store import queries
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle

DAY = "2026-11-24"


def problems_of(opened: Opened) -> dict[str, str]:
    form = opened.screens.visit
    rows = dict(form.person.rows)
    for number, card in enumerate(form.cards):
        rows |= {f"procedures[{number}].{name}": row for name, row in card.rows.items()}
    return {name: row.problem for name, row in rows.items() if row.problem}


def test_an_empty_procedure_is_refused_with_each_problem_beside_its_field(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    keys.control(Qt.Key.Key_S)
    assert problems_of(opened) == {
        "procedures[0].procedure": "À remplir.",
        "procedures[0].nature": "À choisir.",
        "procedures[0].mode": "À choisir.",
        "procedures[0].outcome": "À choisir.",
    }
    card = opened.screens.visit.cards[0]
    assert focused() is card.procedure
    spoken = QAccessible.queryAccessibleInterface(card.nature)
    assert spoken.text(QAccessible.Text.Description) == "À choisir."
    assert queries.visits_of_day(opened.session.store.db, DAY) == []


def test_the_problem_of_the_second_procedure_goes_to_the_second_card(opened: Opened) -> None:
    opened.screens.new_visit()
    form = opened.screens.visit
    form.add_requested.emit()
    for card, outcome in zip(form.cards, ("resolved", "sent_to_partner"), strict=True):
        card.procedure.set_value("CNAV-DEM", "Demande de retraite")
        card.nature.set_code("information")
        card.mode.set_code("assisted")
        card.outcome.set_code(outcome)
    form.save_requested.emit()
    settle()
    assert list(problems_of(opened)) == ["procedures[1].precise_answer"]
    assert focused() is form.cards[1].answer
    assert form.cards[1].answer.isVisible()
    form.cards[1].answer.setText("Dossier transmis ce matin, réponse sous huit jours.")
    form.save_requested.emit()
    settle()
    assert len(queries.visits_of_day(opened.session.store.db, DAY)) == 1
    assert opened.desktop.window.page() == "today"


@pytest.mark.parametrize(
    ("field", "typed", "problem"),
    [
        ("started_at", "25h", "Heure illisible"),
        ("visited_on", "31/02", "Jour illisible"),
        ("minutes", "longtemps", "Durée illisible"),
        ("resident_commune", "nulle part", "Choisissez une commune"),
        ("minutes", "0", "1 à 1439"),
    ],
)
def test_what_cannot_be_read_is_said_and_never_left_out(
    opened: Opened, field: str, typed: str, problem: str
) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    editor = opened.screens.visit.person.rows[field].editor
    editor.setFocus()
    keys.control(Qt.Key.Key_A)
    keys.write(typed)
    keys.press(Qt.Key.Key_Escape)
    keys.control(Qt.Key.Key_S)
    assert problem in problems_of(opened)[field]
    assert focused() is editor


def test_a_text_that_is_no_procedure_is_not_taken_for_one(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    keys.alt(Qt.Key.Key_D)
    keys.write("zzzz")
    keys.control(Qt.Key.Key_S)
    assert "Choisissez une démarche dans la liste" in problems_of(opened)["procedures[0].procedure"]


def test_a_number_of_social_security_in_the_note_is_refused_without_being_repeated(opened: Opened) -> None:
    opened.screens.new_visit()
    opened.screens.visit.person.note.setText("né le 2 55 08 14 168 025 38")
    opened.screens.visit.save_requested.emit()
    settle()
    assert "note" in problems_of(opened)
    assert "255" not in problems_of(opened)["note"].replace(" ", "")


def test_problems_go_away_with_what_they_were_about(opened: Opened) -> None:
    opened.screens.new_visit()
    form = opened.screens.visit
    form.save_requested.emit()
    assert problems_of(opened)
    form.cards[0].nature.set_code("information")
    # At once, not at the next save.
    assert "procedures[0].nature" not in problems_of(opened)
    assert "procedures[0].mode" in problems_of(opened)
    form.save_requested.emit()
    assert "procedures[0].nature" not in problems_of(opened)
    assert form.cards[0].nature.accessibleDescription() == ""


def test_a_full_disk_is_told_and_the_form_stays(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_session: Session, _draft: object, _visit_id: str) -> None:
        raise StoreUnavailable("Le disque est plein : libérez de la place, puis enregistrez encore.")

    monkeypatch.setattr(visits, "record_visit", refuse)
    opened.screens.new_visit()
    form = opened.screens.visit
    form.person.note.setText("Revient jeudi.")
    form.save_requested.emit()
    settle()
    assert opened.desktop.window.page() == "visit"
    assert "disque est plein" in form.alert()
    assert form.entry().note == "Revient jeudi."


def test_leaving_a_form_with_content_asks_first(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    form = opened.screens.visit

    def keep() -> bool:
        asked.append(True)
        return False

    monkeypatch.setattr(form, "confirm_abandon", keep)
    opened.screens.new_visit()
    form.person.note.setText("Revient jeudi.")
    form.cancel_requested.emit()
    assert asked == [True]
    assert opened.desktop.window.page() == "visit"
    assert opened.screens.visit_presenter.is_open


def test_leaving_an_untouched_form_asks_nothing(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    keys.control(Qt.Key.Key_W)
    assert opened.desktop.window.page() == "today"


def test_the_form_under_way_is_found_again(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    opened.screens.visit.person.note.setText("Revient jeudi.")
    opened.screens.show_page("sync")
    keys.control(Qt.Key.Key_N)
    assert opened.desktop.window.page() == "visit"
    assert opened.screens.visit.entry().note == "Revient jeudi."


def test_the_parts_of_a_card_follow_the_outcome_and_never_hide_what_is_written(opened: Opened) -> None:
    opened.screens.new_visit()
    card = opened.screens.visit.cards[0]
    card.outcome.set_code("referred")
    settle()
    assert card.answer.isVisible()
    assert card.partner.isVisible()
    card.partner.setText("CNAV")
    card.outcome.set_code("resolved")
    settle()
    assert card.partner.isVisible()
    assert not card.answer.isVisible()
    card.mode.set_code("on_behalf")
    settle()
    assert card.mandate.isVisible()


def test_enregistre_of_the_visit_before_never_stands_beside_a_refusal(opened: Opened) -> None:
    window = opened.desktop.window
    window.say("Enregistré : 2 démarches.")
    opened.screens.new_visit()
    opened.screens.visit.save.click()
    assert opened.screens.visit.alert().startswith("Rien n’est encore enregistré")
    assert window.said() == ""
