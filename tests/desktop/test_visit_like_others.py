"""What was typed before helps to type less: the visit before, the last answers, the usual communes."""

from typing import Any

import pytest
from PySide6.QtCore import Qt

from fsbus.actions import stops
from fsbus.actions.visits import record_visit
from fsbus.core.clock import parse_utc_text
from fsbus.core.french import NO_BREAK
from fsbus.desktop.visit_form.entry import Picked, ProcedureEntry, VisitEntry
from fsbus.desktop.visit_form.previous import like_previous
from fsbus.store import queries
from tests.builders import draft, new_id, procedure_draft, recorded, referral_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle

DAY = "2026-11-24"
EMPTY = VisitEntry(day="24/11/2026", time="9h20", minutes="1")


def like(entry: VisitEntry, **changes: Any) -> VisitEntry:
    before = recorded(**changes)
    return like_previous(
        entry, before.visit, before.records, commune=lambda code: f"commune {code}", procedure=lambda code: f"titre {code}"
    )  # fmt: skip


def test_the_visit_before_gives_how_and_what_never_who_nor_texts_nor_outcomes() -> None:
    taken = like(EMPTY, note="Mme Exemple", channel="phone", resident_id=new_id())
    assert (taken.channel, taken.resident_commune) == ("phone", Picked("02361", "commune 02361"))
    first = recorded().records[0]
    assert taken.procedures[0] == ProcedureEntry(
        Picked(first.procedure, f"titre {first.procedure}"), first.nature, first.mode
    )
    assert len(taken.procedures) == 2
    assert (taken.age_band, taken.gender, taken.first_visit, taken.autonomy, taken.satisfaction, taken.note) == (
        "undisclosed", "undisclosed", "", "", "", "",
    )  # fmt: skip
    assert (taken.day, taken.time, taken.minutes, taken.equipment) == (
        EMPTY.day,
        EMPTY.time,
        EMPTY.minutes,
        (),
    )


def test_what_was_begun_is_not_taken_over() -> None:
    begun = ProcedureEntry(Picked("CNAV-DEM", "Retraite"), mode="taught", precise_answer="à moitié")
    entry = VisitEntry(
        "24/11/2026", "9h20", "7", resident_commune=Picked("", "gui"), note="x", procedures=(begun,)
    )
    taken = like(entry)
    assert taken.resident_commune == Picked("", "gui")
    [only] = taken.procedures
    assert (only.procedure, only.mode, only.precise_answer) == (begun.procedure, "taught", "à moitié")
    assert only.nature == recorded().records[0].nature
    assert taken.note == "x"


def test_a_visit_like_the_one_before_takes_one_key_and_what_is_new_in_it(opened: Opened) -> None:
    record_visit(opened.session, draft(note="Rien à reprendre", channel="appointment"))
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    keys.control(Qt.Key.Key_R)
    form = opened.screens.visit
    assert focused() is form.person.age
    hour = parse_utc_text("2026-11-24T08:20:00Z").astimezone().hour
    assert form.notice().startswith(
        f"Comme la visite de {hour}{NO_BREAK}h{NO_BREAK}20{NO_BREAK}: venue, commune, 2"
    )
    entry = form.entry()
    assert (entry.channel, entry.resident_commune.code, entry.note) == ("appointment", "02361", "")
    assert [item.outcome for item in entry.procedures] == ["", ""]
    keys.write("6")
    for card in form.cards:
        card.outcome.setFocus()
        keys.write("t")
    keys.control(Qt.Key.Key_S)
    visits = queries.visits_of_day(opened.session.store.db, DAY)
    assert len(visits) == 2
    assert {visit.channel for visit, _ in visits} == {"appointment"}
    assert keys.strokes <= 7


def test_there_is_nothing_to_take_over_on_the_first_visit(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    keys.control(Qt.Key.Key_R)
    assert "la première" in opened.screens.visit.notice()
    assert opened.screens.visit.entry().procedures == (ProcedureEntry(),)


def answered(opened: Opened, text: str, **changes: Any) -> None:
    one = referral_draft(precise_answer=text)
    record_visit(opened.session, draft(procedures=[one, procedure_draft()], **changes))


@pytest.fixture
def with_answers(opened: Opened) -> Opened:
    for text in ("Première réponse donnée.", "Deuxième réponse donnée.", "Première réponse donnée."):
        answered(opened, text)
    answered(opened, "Mme Exemple revient avec ses pièces.", resident_id=new_id())
    return opened


def test_the_last_answers_come_each_once_newest_first_and_none_of_who_is_named(with_answers: Opened) -> None:
    db = with_answers.session.store.db
    assert queries.recent_answers(db, "CNAV-DEM", 5) == [
        "Première réponse donnée.",
        "Deuxième réponse donnée.",
    ]
    assert queries.recent_answers(db, "CNAV-DEM", 1) == ["Première réponse donnée."]
    assert queries.recent_answers(db, "FT-CG-OCC", 5) == []
    named = next(visit for visit, _ in queries.visits_of_day(db, DAY) if visit.resident_id)
    own = queries.recent_answers(db, "CNAV-DEM", 5, resident_id=named.resident_id)
    assert own[0] == "Mme Exemple revient avec ses pièces."


def test_an_answer_given_before_is_taken_by_arrows_and_enter(with_answers: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    card = with_answers.screens.visit.cards[0]
    card.procedure.setFocus()
    card.procedure.set_value("CNAV-DEM", "Demande de retraite")
    card.picked.emit("CNAV-DEM")
    card.outcome.set_code("sent_to_partner")
    settle()
    assert card.answer.offered.isVisible()
    card.answer.setFocus()
    keys.press(Qt.Key.Key_Down, times=2)
    keys.press(Qt.Key.Key_Escape)
    assert card.answer.text() == ""
    keys.press(Qt.Key.Key_Up)
    keys.press(Qt.Key.Key_Return)
    assert card.answer.text() == "Deuxième réponse donnée."
    assert not card.answer.offered.isVisible()
    keys.write(" Oui")
    assert card.entry().precise_answer == "Deuxième réponse donnée. Oui"


def test_the_keys_of_an_answer_being_written_are_its_own(with_answers: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    card = with_answers.screens.visit.cards[0]
    card.picked.emit("CNAV-DEM")
    card.outcome.set_code("sent_to_partner")
    card.answer.setFocus()
    keys.write("a")
    keys.press(Qt.Key.Key_Return)
    keys.press(Qt.Key.Key_Up)
    keys.write("b")
    assert card.answer.text() == "ba\n"


def test_an_answer_that_may_no_longer_be_stored_is_not_offered(opened: Opened) -> None:
    answered(opened, "Réponse d’une ancienne version.")
    connection: Any = opened.session.store.db.conn
    connection.execute("PRAGMA query_only = OFF")
    connection.execute(
        "UPDATE procedure_records SET precise_answer = 'mot de passe : soleil' WHERE precise_answer <> ''"
    )
    opened.screens.new_visit()
    card = opened.screens.visit.cards[0]
    card.picked.emit("CNAV-DEM")
    assert card.answer.answers() == []


def test_the_usual_communes_are_proposed_before_anything_is_typed(opened: Opened) -> None:
    stops.set_today(opened.session, "02691")
    for _ in range(2):
        record_visit(opened.session, draft(resident_commune="02361"))
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    field = opened.screens.visit.person.commune
    field.setFocus()
    settle()
    assert field.is_open()
    keys.press(Qt.Key.Key_Return)
    assert field.code() == "02691"
    keys.control(Qt.Key.Key_A)
    keys.press(Qt.Key.Key_Delete)
    keys.press(Qt.Key.Key_Down)
    keys.press(Qt.Key.Key_Return)
    assert field.code() == "02361"
    keys.control(Qt.Key.Key_A)
    keys.press(Qt.Key.Key_Delete)
    keys.tab()
    assert field.code() == ""


def test_what_is_to_be_brought_is_listed_where_the_procedure_goes_on(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    card = opened.screens.visit.cards[0]
    card.outcome.set_code("follow_up")
    settle()
    assert not card.documents.isVisible()  # of no procedure yet
    known = opened.session.reference.procedure("FT-CNI-P")
    assert known is not None
    card.procedure.setFocus()
    keys.write("cni perdue")
    keys.tab()
    assert card.procedure.code() == known.code
    assert card.documents.isVisible()
    card.documents.setFocus()
    keys.press(Qt.Key.Key_Down)
    keys.press(Qt.Key.Key_Space)
    assert card.entry().missing_documents == (known.documents[1],)
    card.outcome.set_code("resolved")
    settle()
    assert card.documents.isVisible()  # what is ticked is never hidden


def test_a_third_party_is_asked_for_the_agreement_and_told_whose_age_it_is(opened: Opened) -> None:
    opened.screens.new_visit()
    form = opened.screens.visit
    card = form.cards[0]
    assert not card.mandate.isVisible()
    form.person.channel.set_code("third_party")
    settle()
    assert card.mandate.isVisible()
    assert "personne concernée" in form.person.channel.accessibleDescription()
    card.procedure.set_value("CNAV-DEM", "Demande de retraite")
    for choice, code in (
        (card.nature, "file_assistance"),
        (card.mode, "assisted"),
        (card.outcome, "resolved"),
    ):
        choice.set_code(code)
    form.save_requested.emit()
    assert "n’est pas là" in card.rows["mandate.kind"].problem
    card.mandate.set_code("written")
    form.save_requested.emit()
    [(visit, _)] = queries.visits_of_day(opened.session.store.db, DAY)
    assert visit.channel == "third_party"


@pytest.mark.parametrize("channel", ["phone", "national_number", "email", "post", "home", "video"])
def test_any_other_channel_keeps_the_rules_and_needs_no_stop(opened: Opened, channel: str) -> None:
    opened.screens.new_visit()
    form = opened.screens.visit
    form.person.channel.set_code(channel)
    card = form.cards[0]
    card.procedure.set_value("CNAV-DEM", "Demande de retraite")
    for choice, code in (
        (card.nature, "information"),
        (card.mode, "assisted"),
        (card.outcome, "sent_to_partner"),
    ):
        choice.set_code(code)
    form.save_requested.emit()
    assert "Réponse précise" in card.rows["precise_answer"].problem
    card.answer.setText("Dossier transmis ce matin.")
    form.save_requested.emit()
    [(visit, _)] = queries.visits_of_day(opened.session.store.db, DAY)
    assert (visit.channel, visit.stop_commune) == (channel, None)
