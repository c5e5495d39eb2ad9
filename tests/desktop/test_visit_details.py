"""A recorded visit is read back in full, by keyboard, in the words of the form."""

from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel

from fsbus.actions.session import Session
from fsbus.actions.visits import erase_visit, record_visit
from fsbus.core.clock import parse_utc_text
from fsbus.core.entities import VISIT
from fsbus.core.field_words import PROCEDURE
from fsbus.core.field_words import VISIT as VISIT_WORDS
from fsbus.core.french import NO_BREAK
from fsbus.core.records import DRAFT_FIELDS
from fsbus.core.visits import FIELDS, Visit
from fsbus.desktop.visit_details.details import VisitDetails
from fsbus.desktop.visit_details.presenter import VisitDetailsPresenter
from fsbus.desktop.written_days import short_time
from fsbus.store import queries
from tests.builders import draft, procedure_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle
from tests.devices import AGENT_NAME

NOTE = "Revient <b>jeudi</b> avec l’avis d’impôt & la facture."
WHOLE = procedure_draft(
    procedure="CNAV-DEM",
    nature="referral",
    mode="on_behalf",
    outcome="referred",
    precise_answer="Rendez-vous pris, pièces listées.",
    missing_documents=["relevé de carrière", "RIB"],
    blockers=["account_access", "incomplete_file"],
    referral={
        "partner": "Carsat",
        "contact": "agence de Laon",
        "channel": "appointment",
        "on": "2026-12-03",
    },
    follow_up={"on": "2026-12-10", "note": "Vérifier le relevé."},
    mandate={"kind": "oral", "on": "2026-11-24", "reason": "Mains bandées."},
)


@dataclass
class Screen:
    """The reading of a visit as the presenter sees it."""

    shown: list[VisitDetails] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answer: bool = True

    def show_details(self, details: VisitDetails) -> None:
        self.shown.append(details)

    def say(self, text: str) -> None:
        self.told.append(text)

    def confirm(self, question: str, words: str) -> bool:
        self.asked.append(question)
        return self.answer


def clock_time(visit: Visit) -> str:
    """The hour of a visit on the clock of the machine that runs the test."""
    return short_time(parse_utc_text(visit.started_at))


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def presenter(screen: Screen, device: Session) -> VisitDetailsPresenter:
    return VisitDetailsPresenter(screen, device)


def test_everything_that_was_recorded_is_read_back(
    screen: Screen, presenter: VisitDetailsPresenter, device: Session
) -> None:
    visit = record_visit(device, draft(note=NOTE, procedures=[procedure_draft(), WHOLE]))
    assert presenter.show(visit.id)
    shown = screen.shown[-1]
    assert shown.title == f"Visite du mardi 24{NO_BREAK}novembre 2026, {clock_time(visit)}"
    assert shown.place.startswith("Guise")
    assert shown.place.endswith(AGENT_NAME)
    assert shown.visit is not None
    assert dict(shown.visit.facts) == {
        "Durée": f"25{NO_BREAK}min",
        "Venue": "Sans rendez-vous",
        "Première visite": "Oui",
        "Commune de résidence": shown.place.removesuffix(f" · {AGENT_NAME}"),
        "Âge": "60 à 69 ans",
        "Genre": "Femme",
        "Autonomie numérique": "Avec guidage",
        "Satisfaction": "3 – Très satisfaite",
        "Équipement chez soi": "Ordinateur",
        "Note": NOTE,
    }
    first, second = shown.procedures
    assert first.heading.startswith("1. ")
    assert dict(first.facts) == {
        "Nature": "Aide au dossier",
        "Manière": "Fait avec la personne",
        "Résultat": "Traité sur place",
    }
    assert dict(second.facts) == {
        "Nature": "Orientation",
        "Manière": "Fait à sa place",
        "Résultat": "Orienté avec réponse",
        "Réponse précise donnée": "Rendez-vous pris, pièces listées.",
        "Orienté vers": "Carsat",
        "Contact": "agence de Laon",
        "Par quel moyen": "Sur rendez-vous",
        "Jour du rendez-vous": f"jeudi 3{NO_BREAK}décembre 2026",
        "À reprendre le": f"jeudi 10{NO_BREAK}décembre 2026",
        "Suite à donner": "Vérifier le relevé.",
        "Mandat ou accord": "Accord oral noté",
        "Donné le": f"mardi 24{NO_BREAK}novembre 2026",
        "Raison de l’accord oral": "Mains bandées.",
        "Pièces manquantes": "relevé de carrière, RIB",
        "Blocages": "Accès au compte en ligne impossible, Dossier incomplet ou erroné",
    }


def test_no_field_of_a_visit_or_a_record_lacks_its_word() -> None:
    told_elsewhere = {"agent_id", "stop_commune"}  # in the line under the title
    assert set(FIELDS) - told_elsewhere == set(VISIT_WORDS)
    told = {name.partition(".")[0] for name in PROCEDURE}
    assert set(DRAFT_FIELDS) - {"procedure"} == told


def test_what_was_left_empty_is_not_shown(
    screen: Screen, presenter: VisitDetailsPresenter, device: Session
) -> None:
    bare = {"started_at": "2026-11-24T09:20:00+01:00", "minutes": 5, "channel": "phone"}
    visit = record_visit(device, {**bare, "procedures": [procedure_draft()]})
    presenter.show(visit.id)
    shown = screen.shown[-1]
    assert shown.visit is not None
    assert [name for name, _ in shown.visit.facts] == ["Durée", "Venue", "Âge", "Genre"]
    assert not shown.procedures[0].heading.startswith("1.")
    assert shown.place == AGENT_NAME


def test_a_visit_that_is_not_here_is_not_shown(screen: Screen, presenter: VisitDetailsPresenter) -> None:
    assert not presenter.show("01a20000-0000-7000-8000-000000000000")
    assert not presenter.refresh()
    assert screen.shown == []


def test_enter_on_a_row_reads_the_visit_and_escape_comes_back_to_that_row(opened: Opened) -> None:
    older = record_visit(opened.session, draft(started_at="2026-11-24T08:00:00+01:00", note=NOTE))
    record_visit(opened.session, draft(started_at="2026-11-24T10:00:00+01:00"))
    opened.screens.show_page("today")
    keys, table = Typist(), opened.screens.today.visits
    for _ in range(6):
        if focused() is table:
            break
        keys.tab()
    assert focused() is table
    keys.press(Qt.Key.Key_Down)
    keys.press(Qt.Key.Key_Return)
    window, details = opened.desktop.window, opened.screens.details
    assert window.page() == "details"
    assert details.title().endswith(clock_time(older))
    assert focused() is details.back
    keys.tab()
    assert focused() is details.cards[0]
    spoken = QAccessible.queryAccessibleInterface(details.cards[0])
    assert spoken.text(QAccessible.Text.Name) == "La visite"
    assert f"Note{NO_BREAK}: {NOTE}" in spoken.text(QAccessible.Text.Description)
    keys.press(Qt.Key.Key_Escape)
    assert window.page() == "today"
    assert focused() is table
    assert table.chosen() == older.id


def test_a_double_click_reads_the_visit_too(opened: Opened) -> None:
    visit = record_visit(opened.session, draft())
    opened.screens.show_page("today")
    table = opened.screens.today.visits
    table.doubleClicked.emit(table.rows.index(0, 0))
    assert opened.desktop.window.page() == "details"
    opened.screens.read_visit(visit.id)
    assert len(opened.screens.details.cards) == 3


def test_no_text_of_a_visit_is_taken_for_html(opened: Opened) -> None:
    visit = record_visit(opened.session, draft(note=NOTE))
    opened.screens.read_visit(visit.id)
    settle()
    [note] = [found for found in opened.screens.details.findChildren(QLabel) if found.text() == NOTE]
    assert note.textFormat() == Qt.TextFormat.PlainText


def test_the_tooltip_of_a_cell_holds_the_whole_text_escaped(opened: Opened) -> None:
    record_visit(opened.session, draft())
    opened.screens.show_page("today")
    rows = opened.screens.today.visits.rows
    told = rows.index(0, 1)
    assert rows.data(told, Qt.ItemDataRole.ToolTipRole) == f"<qt>{rows.data(told)}</qt>"
    titles = str(rows.data(told)).split(" · ")
    assert len(titles) == 2


def test_an_exchange_that_changes_or_erases_the_visit_is_seen(opened: Opened) -> None:
    visit = record_visit(opened.session, draft())
    screens, window = opened.screens, opened.desktop.window
    screens.show_page("today")
    screens.read_visit(visit.id)
    before = screens.details.cards[0]
    screens.sync_presenter._on_changed(frozenset({VISIT}))
    assert screens.details.cards[0] is not before
    erase_visit(opened.session, visit.id)
    screens.sync_presenter._on_changed(frozenset({VISIT}))
    assert window.page() == "today"


def test_a_visit_is_removed_after_a_yes_and_put_back(
    screen: Screen, presenter: VisitDetailsPresenter, device: Session
) -> None:
    visit = record_visit(device, draft())
    presenter.show(visit.id)
    screen.answer = False
    presenter.remove("")
    assert queries.visit(device.store.db, visit.id) is not None
    screen.answer = True
    presenter.remove("")
    assert queries.visit(device.store.db, visit.id) is None
    assert (screen.shown[-1].is_removed, screen.told, len(screen.asked)) == (True, ["Retirée."], 2)
    presenter.put_back("")
    assert queries.visit(device.store.db, visit.id) == visit
    assert not screen.shown[-1].is_removed


def test_a_procedure_is_removed_and_put_back_but_never_the_last(
    screen: Screen, presenter: VisitDetailsPresenter, device: Session
) -> None:
    visit = record_visit(device, draft())
    presenter.show(visit.id)
    first, _ = screen.shown[-1].ids
    presenter.remove(first)
    shown = screen.shown[-1]
    assert (len(shown.procedures), shown.ids, [one for one, _ in shown.removed]) == (1, (), [first])
    presenter.put_back(first)
    assert (len(screen.shown[-1].procedures), screen.shown[-1].removed) == (2, ())
