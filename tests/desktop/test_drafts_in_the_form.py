"""What is typed in the form is kept behind the keys, comes back whole, goes when done with."""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fsbus.actions import stops
from fsbus.actions.drafts import kept_draft
from fsbus.actions.session import Session
from fsbus.core.french import NO_BREAK
from fsbus.desktop.draft_keeping import AFTER, REFUSED
from fsbus.desktop.screens import Screens
from fsbus.desktop.stick.jobs import StickJobs
from fsbus.desktop.visit_form.entry import Picked, ProcedureEntry, VisitEntry
from fsbus.desktop.visit_form.typed import Typed, from_plain
from fsbus.store import queries
from fsbus.store.drafts import FOLDER, path_of
from fsbus.store.whole_files import write_whole
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, never, settle
from tests.fakes import HeldTime

A_WHILE = 5_000
DAY = "2026-11-24"
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)


def draft_file(session: Session) -> Path:
    return path_of(session.home, session.keys, session.agent.id)


def screens_again(opened: Opened) -> Screens:
    """The screens of the next opening by the same agent, on the same window."""
    opened.screens.stop()
    again = Screens(
        opened.desktop.window,
        opened.session,
        runner=opened.desktop.background,
        exchange=opened.desktop.device,
        stick=StickJobs(opened.desktop.device),
        on_bug=never,
        by_itself=False,
    )
    settle()
    return again


def test_every_field_comes_back_half_typed_texts_included(opened: Opened, held_time: HeldTime) -> None:
    stops.set_today(opened.session, "02361")
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    keys.control(Qt.Key.Key_D)
    form = opened.screens.visit
    person, (first, second) = form.person, form.cards
    person.day.setText("24/1")
    person.time.setText("25h")
    person.minutes.setFocus()
    person.minutes.selectAll()
    keys.write("1h0")
    person.channel.setFocus()
    keys.write("t")
    person.first.set_code("no")
    person.commune.setFocus()
    keys.write("guise")
    keys.tab()
    person.age.set_code("60_69")
    person.gender.set_code("female")
    person.autonomy.setCurrentIndex(2)
    person.satisfaction.set_code("2")
    person.equipment.set_codes([person.equipment.item(1).data(Qt.ItemDataRole.UserRole)])
    person.note.setText("ligne un\nligne deux « é »")
    first.procedure.setFocus()
    keys.write("identité")
    keys.tab()
    first.details.setChecked(True)
    settle()
    first.documents.set_codes([first.documents.item(1).text()])
    first.blockers.set_codes([first.blockers.item(0).data(Qt.ItemDataRole.UserRole)])
    for choice in (first.nature, first.mode, first.outcome, first.referral_channel, first.mandate):
        choice.setCurrentIndex(2)
    first.answer.setText("à moit")
    for line, text in (
        (first.partner, "CNA"), (first.contact, "agence de L"), (first.referral_day, "3/1"), (first.follow_up_day, "+1"),
        (first.follow_up_note, "rappel"), (first.mandate_day, "2"), (first.mandate_reason, "parce q"),
    ):  # fmt: skip
        line.setText(text)
    second.procedure.setFocus()
    keys.write("retrai")
    keys.press(Qt.Key.Key_Escape)
    typed = form.entry()
    assert "" not in (typed.procedures[0].referral_on, typed.resident_commune.code, typed.autonomy)
    assert typed.procedures[0].missing_documents
    held_time.advance(minutes=31)

    again = screens_again(opened)
    assert opened.desktop.window.page() == "visit"
    assert again.visit.entry() == typed
    assert again.visit.minutes_typed()
    assert again.visit.cards[0].details.isChecked()
    assert not again.visit.cards[1].details.isChecked()
    # A slow machine had already kept it when the half hour passed.
    hours = [(held_time.moment - timedelta(minutes=late)).astimezone() for late in (0, 31)]
    assert again.visit.notice() in {
        f"Saisie du 24/11 à {hour.hour}{NO_BREAK}h{NO_BREAK}{hour.minute:02d} reprise{NO_BREAK}: "
        "rien n’est encore enregistré."
        for hour in hours
    }  # fmt: skip
    again.stop()


def test_what_is_typed_is_on_the_disk_a_second_after_the_last_key(opened: Opened, qtbot: QtBot) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    qtbot.wait(AFTER * 2)
    assert not draft_file(opened.session).exists()  # nothing is typed yet: nothing to keep
    opened.screens.visit.person.note.setFocus()
    keys.write("Revient j")
    typed_at = time.monotonic()
    qtbot.waitUntil(draft_file(opened.session).exists, timeout=A_WHILE)
    assert time.monotonic() - typed_at < 1.0
    first = draft_file(opened.session).read_bytes()
    for letter in "eudi matin":  # somebody who never pauses is not waited for
        keys.write(letter)
        qtbot.wait(AFTER // 5)
    assert draft_file(opened.session).read_bytes() != first
    assert b"Revient" not in first


def test_a_saved_visit_leaves_no_draft_and_has_the_id_that_was_kept(opened: Opened, qtbot: QtBot) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    keys.alt(Qt.Key.Key_D)
    keys.write("cni")
    keys.tab()
    for letters in ("aa", "f", "t"):
        keys.write(letters)
        keys.tab()
    qtbot.waitUntil(draft_file(opened.session).exists, timeout=A_WHILE)
    kept = kept_draft(opened.session)
    assert kept is not None
    keys.control(Qt.Key.Key_Return)
    assert [visit.id for visit, _ in queries.visits_of_day(opened.session.store.db, DAY)] == [kept.visit_id]
    qtbot.waitUntil(lambda: not draft_file(opened.session).exists(), timeout=A_WHILE)
    assert list((opened.session.home / FOLDER).iterdir()) == []


def test_a_visit_given_up_leaves_no_draft(
    opened: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    opened.screens.visit.person.note.setFocus()
    keys.write("rien")
    qtbot.waitUntil(draft_file(opened.session).exists, timeout=A_WHILE)
    monkeypatch.setattr(opened.screens.visit, "confirm_abandon", lambda: True)
    keys.control(Qt.Key.Key_W)
    qtbot.waitUntil(lambda: not draft_file(opened.session).exists(), timeout=A_WHILE)
    again = screens_again(opened)
    assert opened.desktop.window.page() == "today"
    again.stop()


def test_a_draft_of_yesterday_is_saved_where_the_bus_stood_and_its_minutes_stand_still(
    opened: Opened, held_time: HeldTime
) -> None:
    stops.set_today(opened.session, "02361")
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    held_time.advance(minutes=12)
    opened.screens.visit_presenter.tick()
    opened.screens.visit.person.note.setText("Hier")
    keys.alt(Qt.Key.Key_D)
    keys.write("cni")
    keys.tab()
    for letters in ("aa", "f", "t"):
        keys.write(letters)
        keys.tab()
    opened.screens.stop()
    held_time.advance(hours=22)
    stops.set_today(opened.session, "02691")
    again = screens_again(opened)
    held_time.advance(minutes=40)
    again.visit.save_requested.emit()
    [(visit, _)] = queries.visits_of_day(opened.session.store.db, DAY)
    assert (visit.stop_commune, visit.minutes, visit.note) == ("02361", 12, "Hier")
    again.stop()


def test_the_minutes_of_the_laptop_locked_are_not_the_visits(opened: Opened, held_time: HeldTime) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    held_time.advance(minutes=12)
    opened.screens.visit_presenter.tick()
    opened.screens.visit.person.note.setText("Pause")
    opened.screens.stop()
    held_time.advance(minutes=90)
    again = screens_again(opened)
    held_time.advance(minutes=3)
    again.visit_presenter.tick()
    assert again.visit.entry().minutes == "15"
    again.stop()


def test_a_damaged_draft_is_told_and_the_day_opens(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    opened.screens.visit.person.note.setText("Perdu")
    opened.screens.visit_door.drafts.flush()
    path = draft_file(opened.session)
    path.write_bytes(path.read_bytes()[:-1])
    opened.screens.visit_presenter.typed = lambda: None  # type: ignore[method-assign]  # as after a kill
    again = screens_again(opened)
    assert "mise de côté" in opened.desktop.window.said()
    assert opened.desktop.window.page() == "today"
    again.new_visit()
    assert again.visit_presenter.is_open
    again.stop()


def test_a_disk_that_refuses_is_told_in_the_form_and_tried_again(
    opened: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = opened.session.home / FOLDER
    folder.write_text("a file in the place of the folder: nothing can be written in it")
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    form = opened.screens.visit
    form.person.note.setFocus()
    keys.write("a")
    qtbot.waitUntil(lambda: form.notice() == REFUSED, timeout=A_WHILE)
    asked: list[bool] = []
    monkeypatch.setattr(form, "confirm_leave", asked.append)
    opened.screens.may_close()
    assert asked == [False]
    folder.unlink()
    form.person.note.setFocus()
    keys.write("b")
    qtbot.waitUntil(lambda: form.notice() == "", timeout=A_WHILE)
    opened.screens.may_close()
    assert asked == [False, True]
    assert draft_file(opened.session).exists()


def test_the_keys_never_wait_for_a_slow_disk(
    opened: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(path: Path, content: bytes) -> None:
        time.sleep(0.7)
        write_whole(path, content)

    monkeypatch.setattr("fsbus.store.drafts.write_whole", slowly)
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    opened.screens.visit.person.note.setFocus()
    longest = 0.0
    for letter in "une longue note":
        began = time.monotonic()
        keys.write(letter)
        longest = max(longest, time.monotonic() - began)
        qtbot.wait(60)
    assert longest < 0.5
    assert opened.screens.visit_door.drafts.flush()


def test_closing_asks_calmly_and_keeps_the_draft(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    assert opened.screens.may_close()
    Typist().control(Qt.Key.Key_N)
    assert opened.screens.may_close()
    opened.screens.visit.person.note.setText("Revient jeudi.")
    asked: list[bool] = []

    def stay(kept: bool) -> bool:
        asked.append(kept)
        return False

    monkeypatch.setattr(opened.screens.visit, "confirm_leave", stay)
    assert not opened.desktop.window.close()
    assert asked == [True]
    assert opened.screens.visit_presenter.is_open
    assert draft_file(opened.session).exists()


@given(
    st.builds(
        Typed,
        entry=st.builds(
            VisitEntry,
            day=TEXTS,
            time=TEXTS,
            minutes=TEXTS,
            note=TEXTS,
            resident_commune=st.builds(Picked, TEXTS, TEXTS),
            equipment=st.lists(TEXTS, max_size=3).map(tuple),
            procedures=st.lists(
                st.builds(ProcedureEntry, procedure=st.builds(Picked, TEXTS, TEXTS), precise_answer=TEXTS),
                min_size=1,
                max_size=3,
            ).map(tuple),
        ),
        minutes_typed=st.booleans(),
        details=st.lists(st.booleans(), max_size=4).map(tuple),
        stop_commune=st.none() | TEXTS,
    )
)
def test_what_is_kept_is_read_back_equal(typed: Typed) -> None:
    assert from_plain(typed.as_plain()) == typed
    assert len(typed.opened_cards) == len(typed.entry.procedures)


def test_a_draft_of_another_release_is_read_as_far_as_it_is_known() -> None:
    entry = VisitEntry("24/11", "9h", "5", note="x")
    plain = Typed(entry).as_plain() | {"of tomorrow": 1}
    assert from_plain(plain).entry == entry
    assert from_plain({"entry": {"day": "1", "time": "2", "minutes": "3"}}).entry.procedures == (
        ProcedureEntry(),
    )
    assert from_plain(Typed(replace(entry, procedures=())).as_plain()).entry.procedures == (ProcedureEntry(),)
    with pytest.raises(ValueError, match="day"):
        from_plain({"entry": {}})
