"""A recorded visit is corrected in the window, by keyboard alone, and taken back with one key."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible

from fsbus.actions.drafts import CORRECTING, keep_draft, kept_draft
from fsbus.actions.put_aside import VALUE_REFUSED, put_aside
from fsbus.actions.removing import remove
from fsbus.actions.visits import amend, erase_visit, record_visit
from fsbus.core.entities import PROCEDURE_RECORD, VISIT
from fsbus.core.french import NO_BREAK
from fsbus.core.visits import Visit
from fsbus.desktop import status_line
from fsbus.desktop.corrections import ERASED, TAKEN_BACK, TAKEN_BACK_IN_PART, UNDER_WAY
from fsbus.desktop.to_check.presenter import CORRECT_HERE
from fsbus.desktop.visit_form.correction import NOTHING
from fsbus.desktop.visit_form.entry import VisitEntry
from fsbus.desktop.visit_form.typed import Began, Typed
from fsbus.desktop.visit_form.view import VisitFormView
from fsbus.store import queries
from fsbus.store.drafts import path_of
from fsbus.wire.api import OpResult
from fsbus.wire.codec import decode_op
from tests.builders import draft, procedure_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle
from tests.desktop.test_drafts_in_the_form import screens_again
from tests.store.test_applying import answer, hello


def recorded(opened: Opened, **changes: object) -> Visit:
    visit = record_visit(opened.session, draft(**changes))
    opened.screens.show_page("today")
    opened.screens.today.visits.setFocus()
    settle()
    return visit


def form_of(opened: Opened) -> VisitFormView:
    form = opened.screens.corrections.view
    assert form is not None
    return form


def now(opened: Opened, visit: Visit) -> Visit:
    found = queries.visit(opened.session.store.db, visit.id)
    assert found is not None
    return found


def sent_after(opened: Opened, number: int) -> list[tuple[str, str, set[str]]]:
    lines = opened.session.store.pending(after=number, max_bytes=10**9)
    return [(op.kind, op.verb, set(op.set)) for op in (decode_op(line) for _, line in lines)]


def retype(keys: Typist, text: str) -> None:
    keys.control(Qt.Key.Key_A)
    keys.write(text)


def test_a_visit_is_corrected_from_the_list_by_keyboard_and_taken_back(opened: Opened) -> None:
    visit, keys, window = recorded(opened), Typist(), opened.desktop.window
    before = opened.session.store.last_seq
    keys.press(Qt.Key.Key_F4)
    form = form_of(opened)
    assert window.page() == "correction"
    assert window.sidebar.buttons["correction"].isVisible()
    assert focused() is form.person.day
    assert (form.person.minutes.text(), form.person.stop.code(), len(form.cards)) == ("25", "02361", 2)
    keys.tab(2)
    assert focused() is form.person.minutes
    retype(keys, "40")
    form.person.note.setFocus()
    keys.write("Revient jeudi.")
    form.cards[0].mode.setFocus()
    keys.write("appris")
    keys.control(Qt.Key.Key_S)
    assert (now(opened, visit).minutes, now(opened, visit).note) == (40, "Revient jeudi.")
    assert queries.records_of(opened.session.store.db, visit.id)[0].mode == "taught"
    assert sent_after(opened, before) == [
        (VISIT, "set", {"minutes", "note"}), (PROCEDURE_RECORD, "set", {"mode"}),
    ]  # fmt: skip
    assert window.page() == "today"
    assert not window.sidebar.buttons["correction"].isVisible()
    assert focused() is opened.screens.today.visits
    assert opened.screens.today.visits.chosen() == visit.id
    assert window.said() == f"Corrigé{NO_BREAK}: Durée, Note, Manière."
    assert window.status.undo.isVisible()
    keys.control(Qt.Key.Key_Z)
    assert now(opened, visit) == visit
    assert queries.records_of(opened.session.store.db, visit.id)[0].mode == "assisted"
    assert window.said() == TAKEN_BACK
    assert not window.status.undo.isVisible()


def test_a_procedure_is_added_another_removed_and_both_taken_back(opened: Opened) -> None:
    visit, keys = recorded(opened), Typist()
    before = queries.records_of(opened.session.store.db, visit.id)
    keys.press(Qt.Key.Key_F4)
    form = form_of(opened)
    form.cards[0].remove.setFocus()
    keys.press(Qt.Key.Key_Space)
    keys.control(Qt.Key.Key_D)
    keys.write("cni")
    keys.tab()
    for letters in ("aa", "f", "t"):
        keys.write(letters)
        keys.tab()
    keys.control(Qt.Key.Key_Return)
    kept, added = queries.records_of(opened.session.store.db, visit.id)
    assert kept == before[1]
    assert added.id not in {one.id for one in before}
    said = opened.desktop.window.said()
    assert said == f"Corrigé{NO_BREAK}: 1{NO_BREAK}démarche ajoutée\u00a0; 1{NO_BREAK}démarche retirée."
    keys.control(Qt.Key.Key_Z)
    assert queries.records_of(opened.session.store.db, visit.id) == before


def test_every_problem_is_told_at_once_beside_its_field_and_nothing_is_written(opened: Opened) -> None:
    visit, keys = recorded(opened), Typist()
    keys.press(Qt.Key.Key_F4)
    form = form_of(opened)
    keys.tab(2)
    retype(keys, "0")
    form.cards[1].answer.setFocus()
    retype(keys, "court")
    form.cards[1].referral_day.setFocus()
    retype(keys, "un jour")
    keys.control(Qt.Key.Key_D)
    keys.control(Qt.Key.Key_S)
    rows = form.person.rows | {
        f"{n}.{name}": row for n, card in enumerate(form.cards) for name, row in card.rows.items()
    }
    wrong = {name for name, row in rows.items() if row.problem}
    assert {"minutes", "1.referral.on", "2.procedure", "2.nature", "2.mode", "2.outcome"} <= wrong
    assert focused() is form.person.minutes
    assert form.alert().startswith("Rien n’est encore changé.")
    spoken = QAccessible.queryAccessibleInterface(form.person.minutes)
    assert "1439" in spoken.text(QAccessible.Text.Description)
    assert now(opened, visit) == visit


def test_a_colleagues_change_is_never_overwritten_unseen(opened: Opened) -> None:
    visit, keys = recorded(opened), Typist()
    keys.press(Qt.Key.Key_F4)
    form = form_of(opened)
    amend(opened.session, VISIT, visit.id, {"minutes": 50, "gender": "male"})
    before = opened.session.store.last_seq
    form.person.note.setText("Autre chose")
    keys.tab(2)
    retype(keys, "40")
    keys.control(Qt.Key.Key_S)
    assert opened.session.store.last_seq == before
    problem = form.person.rows["minutes"].problem
    assert "«\u00a050\u00a0min\u00a0»" in problem
    assert focused() is form.person.minutes
    keys.control(Qt.Key.Key_S)
    after = now(opened, visit)
    assert (after.minutes, after.note, after.gender) == (40, "Autre chose", "male")
    amend(opened.session, VISIT, visit.id, {"minutes": 55})
    keys.control(Qt.Key.Key_Z)
    assert opened.desktop.window.said() == TAKEN_BACK_IN_PART
    assert (now(opened, visit).minutes, now(opened, visit).note) == (55, "")


def test_the_draft_of_a_correction_comes_back_beside_that_of_a_new_visit(opened: Opened) -> None:
    visit, keys = recorded(opened), Typist()
    keys.press(Qt.Key.Key_F4)
    keys.tab(2)
    retype(keys, "40")
    keys.control(Qt.Key.Key_D)
    keys.write("cni")
    keys.tab()
    ids = tuple(opened.screens.corrections.presenter._record_ids)  # type: ignore[union-attr]  # opened just above
    keys.control(Qt.Key.Key_N)
    opened.screens.visit.person.note.setFocus()
    keys.write("Nouvelle")
    again = screens_again(opened)
    assert opened.desktop.window.page() == "visit"
    assert again.visit.entry().note == "Nouvelle"
    opened.screens = again
    form = form_of(opened)
    assert (form.entry().minutes, form.entry().note, len(form.cards)) == ("40", "", 3)
    assert form.notice().startswith("Correction du 24/11")
    again.show_page("correction")
    settle()
    for choice, code in (
        (form.cards[2].nature, "information"), (form.cards[2].mode, "assisted"), (form.cards[2].outcome, "resolved"),
    ):  # fmt: skip
        choice.set_code(code)
    before = opened.session.store.last_seq
    keys.control(Qt.Key.Key_S)
    assert now(opened, visit).minutes == 40
    assert queries.records_of(opened.session.store.db, visit.id)[2].id == ids[2]
    assert [verb for _, verb, _ in sent_after(opened, before)] == ["set", "create"]
    again.visit_door.drafts.flush()
    again.stop()
    assert kept_draft(opened.session, CORRECTING) is None
    kept = kept_draft(opened.session)
    assert kept is not None
    assert kept.visit_id != visit.id


def test_a_correction_given_up_asks_and_leaves_no_draft(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit, keys, session = recorded(opened), Typist(), opened.session
    keys.press(Qt.Key.Key_F4)
    form = form_of(opened)
    keys.control(Qt.Key.Key_W)
    assert opened.desktop.window.page() == "today"  # nothing was changed: no question
    keys.press(Qt.Key.Key_F4)
    keys.tab(2)
    retype(keys, "40")
    answers = [False, True]
    monkeypatch.setattr(form, "confirm_abandon", lambda: answers.pop(0))
    keys.control(Qt.Key.Key_W)
    assert opened.screens.corrections.is_open
    drafts = opened.screens.corrections.drafts
    assert drafts is not None
    assert drafts.flush()
    kept: Path = path_of(session.home, session.keys, session.agent.id, CORRECTING)
    assert kept.exists()
    keys.control(Qt.Key.Key_W)
    drafts.flush()
    assert not kept.exists()
    assert now(opened, visit) == visit


def test_a_draft_that_is_no_whole_correction_is_put_aside(opened: Opened) -> None:
    visit, session = recorded(opened), opened.session
    entry = VisitEntry("24/11/2026", "9h20", "25")
    for typed in (Typed(entry), Typed(entry, began=Began(entry, (visit.id,), {}))):
        keep_draft(session, visit.id, typed.as_plain(), CORRECTING)
        opened.screens.corrections.resume()
        assert kept_draft(session, CORRECTING) is None
        assert not opened.screens.corrections.is_open
    assert opened.desktop.window.page() == "today"


def test_what_is_gone_is_not_corrected(opened: Opened) -> None:
    erased, removed = recorded(opened), record_visit(opened.session, draft())
    opened.screens.correct_visit(removed.id)
    form_of(opened).person.note.setText("Perdu")
    remove(opened.session, VISIT, removed.id)
    form_of(opened).save.click()
    assert "remettez-la" in form_of(opened).alert()
    erase_visit(opened.session, removed.id)
    opened.screens.sync_presenter._on_changed(frozenset({VISIT}))
    assert opened.desktop.window.said() == ERASED
    assert opened.desktop.window.page() == "today"
    erase_visit(opened.session, erased.id)
    opened.screens.correct_visit(erased.id)
    assert opened.desktop.window.page() == "today"
    assert "effacée" in opened.desktop.window.said()


def test_a_visit_just_removed_comes_back_with_the_same_key(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit, keys, window = recorded(opened), Typist(), opened.desktop.window
    keys.press(Qt.Key.Key_Return)
    monkeypatch.setattr(opened.screens.details, "confirm", lambda _question, _words: True)
    opened.screens.details.remove.click()
    assert queries.visit(opened.session.store.db, visit.id) is None
    assert window.said() == "Retirée."
    spoken = QAccessible.queryAccessibleInterface(window.status.undo)
    assert "Ctrl+Z" in spoken.text(QAccessible.Text.Description)
    keys.control(Qt.Key.Key_Z)
    assert now(opened, visit) == visit
    assert opened.screens.details.remove.isVisible()


def test_what_the_centre_refused_is_corrected_from_the_desk_and_leaves_again(opened: Opened) -> None:
    session, keys, screens = opened.session, Typist(), opened.screens
    session.store.take_hello(hello())
    visit = record_visit(session, draft())
    second = queries.records_of(session.store.db, visit.id)[1]
    session.store.apply(answer(acked=session.store.last_seq))
    amend(session, VISIT, visit.id, {"note": "Une note"})
    amend(session, PROCEDURE_RECORD, second.id, {"follow_up": {"on": "2026-12-03"}})
    last = session.store.last_seq
    refusals = {last - 1: "too large", last: "invalid: follow_up.on"}
    results = [OpResult(seq, "quarantined", why) for seq, why in refusals.items()]
    session.store.apply(answer(acked=last, results=results))
    screens.show_page("to_check")
    settle()
    assert [one.accessibleName().partition(",")[0] for one in screens.to_check.rows] == [
        "Corriger", "Renvoyer", "Abandonner",
    ] * 2  # fmt: skip
    told = screens.to_check.rows[0].accessibleDescription()
    assert told.endswith(f"{CORRECT_HERE} F4")
    keys.tab(4)  # in the second row
    keys.press(Qt.Key.Key_F4)
    form = form_of(opened)
    assert focused() is form.cards[1].follow_up_day
    assert form.cards[1].rows["follow_up.on"].problem == VALUE_REFUSED
    retype(keys, "4/12")
    keys.control(Qt.Key.Key_S)
    assert opened.desktop.window.page() == "to_check"
    assert [one.record_id for one in put_aside(session)] == [visit.id]
    keys.press(Qt.Key.Key_F4)
    assert focused() is form.person.note
    assert form.person.rows["note"].problem == "Trop long pour voyager."
    retype(keys, "Court")
    keys.control(Qt.Key.Key_S)
    assert put_aside(session) == []
    assert [fields for _, verb, fields in sent_after(opened, last) if verb == "set"][-1] == {"note"}


def test_from_the_details_and_back_to_them_one_correction_at_a_time(opened: Opened) -> None:
    visit, keys, window = recorded(opened), Typist(), opened.desktop.window
    other = record_visit(opened.session, draft(procedures=[procedure_draft()]))
    keys.press(Qt.Key.Key_Return)
    details = opened.screens.details
    spoken = QAccessible.queryAccessibleInterface(details.correct)
    assert (spoken.role(), spoken.text(QAccessible.Text.Name)) == (QAccessible.Role.Button, "Corriger")
    assert "F4" in spoken.text(QAccessible.Text.Description)
    keys.press(Qt.Key.Key_F4)
    keys.tab(2)
    retype(keys, "1h10")
    opened.screens.show_page("today")
    opened.screens.correct_visit(other.id)
    assert (window.page(), window.said(), len(form_of(opened).cards)) == ("correction", UNDER_WAY, 2)
    keys.control(Qt.Key.Key_S)
    assert window.page() == "details"
    assert now(opened, visit).minutes == 70
    assert f"1{NO_BREAK}h{NO_BREAK}10" in details.cards[0].accessibleDescription()
    keys.control(Qt.Key.Key_N)  # a new visit: the key is for its fields again
    keys.control(Qt.Key.Key_Z)
    assert now(opened, visit).minutes == 70


def test_what_opens_or_changes_nothing_says_why_and_writes_nothing(opened: Opened) -> None:
    recorded(opened, note="ligne un\nligne deux")
    before, keys, window, today = (
        opened.session.store.last_seq,
        Typist(),
        opened.desktop.window,
        opened.screens.today,
    )
    keys.press(Qt.Key.Key_F4)
    keys.control(Qt.Key.Key_S)
    assert (window.said(), window.status.undo.isVisible()) == (NOTHING, False)
    today.visits.clearSelection()
    today.visits.setCurrentIndex(today.visits.rows.index(-1, -1))
    today.search.setFocus()
    keys.press(Qt.Key.Key_F4)  # no line is chosen: to the list first
    assert focused() is today.visits
    assert not opened.screens.corrections.is_open
    opened.session.read_only = "Le disque est plein."
    keys.press(Qt.Key.Key_F4)
    opened.session.read_only = None
    assert window.page() == "today"
    assert window.said().endswith("Le disque est plein.")
    assert opened.session.store.last_seq == before


def test_tab_visits_the_fields_of_a_correction_in_the_order_they_are_read(opened: Opened) -> None:
    recorded(opened, procedures=[procedure_draft()])
    keys = Typist()
    keys.press(Qt.Key.Key_F4)
    form, seen = form_of(opened), list[str]()
    while focused() is not form.cancel:
        seen.append(focused().accessibleName())
        assert len(seen) < 40, seen
        keys.tab()
        keys.press(Qt.Key.Key_Escape)
    assert seen == [
        "Jour", "Heure", "Durée (minutes)", "Venue", "Première visite", "Arrêt", "Commune de résidence", "Âge", "Genre",
        "Autonomie numérique", "Satisfaction", "Équipement chez soi", "Note", "Démarche, démarche 1",
        "Nature, démarche 1", "Manière, démarche 1", "Résultat, démarche 1", "Plus de détails, démarche 1",
        "Ajouter une démarche", "Enregistrer",
    ]  # fmt: skip


def test_the_stop_and_the_day_are_corrected_and_announced(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit, keys, said = recorded(opened), Typist(), list[str]()
    monkeypatch.setattr(status_line, "announce", lambda _widget, text: said.append(text))
    keys.press(Qt.Key.Key_F4)
    form = form_of(opened)
    retype(keys, "23/11")
    form.person.stop.setFocus()
    retype(keys, "laon")
    keys.tab()
    code = form.person.stop.code()
    keys.control(Qt.Key.Key_S)
    after = now(opened, visit)
    assert (after.stop_commune, after.visited_on) == (code, "2026-11-23")
    assert code not in ("", "02361")
    assert after.started_at == visit.started_at.replace("11-24", "11-23")
    assert said[-1] == f"Corrigé{NO_BREAK}: Arrêt, Jour. Ctrl+Z\u00a0: annuler."
    assert opened.screens.today.visits.rows.rowCount() == 0
