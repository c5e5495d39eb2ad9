"""The day: its figures, its visits, its stop, as the store holds them."""

import subprocess
import sys
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt

from fsbus.actions import stops
from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.core.french import NO_BREAK
from fsbus.desktop.today.day import DayShown
from fsbus.desktop.today.presenter import TodayPresenter
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.widgets.suggestions import Suggestion
from tests.builders import draft, procedure_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist
from tests.fakes import HeldTime


@dataclass
class Screen:
    """The day as the presenter sees it."""

    days: list[DayShown] = field(default_factory=list)
    found: list[tuple[tuple[TableRow, ...], str]] = field(default_factory=list)
    suggested: list[Suggestion] = field(default_factory=list)

    def show_day(self, shown: DayShown) -> None:
        self.days.append(shown)

    def show_visits(self, rows: tuple[TableRow, ...], heading: str, empty: str) -> None:
        self.found.append((rows, heading))

    def suggest_stops(self, found: list[Suggestion]) -> None:
        self.suggested = found


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def presenter(screen: Screen, device: Session) -> TodayPresenter:
    return TodayPresenter(screen, device)


def test_the_counters_are_those_of_the_day_alone(
    screen: Screen, presenter: TodayPresenter, device: Session
) -> None:
    record_visit(device, draft())
    follow_up = procedure_draft(
        outcome="follow_up", precise_answer="Dossier à compléter mardi.", follow_up={"on": "2026-12-01"}
    )
    record_visit(device, draft(minutes=10, procedures=[follow_up]))
    record_visit(device, draft(started_at="2026-11-23T09:20:00+01:00"))
    presenter.refresh()
    figures = screen.days[-1].figures
    assert (figures.visits, figures.procedures, figures.minutes, figures.to_follow_up) == (2, 3, 35, 1)
    assert dict(figures.outcomes)["Orienté avec réponse"] == 1
    assert sum(count for _, count in figures.outcomes) == 3
    assert screen.days[-1].day == f"Mardi 24{NO_BREAK}novembre 2026"


def test_the_newest_visit_comes_first_and_is_told_in_words(
    screen: Screen, presenter: TodayPresenter, device: Session
) -> None:
    record_visit(device, draft(started_at="2026-11-24T08:00:00+01:00"))
    latest = record_visit(device, draft(started_at="2026-11-24T10:00:00+01:00"))
    presenter.refresh()
    first = screen.days[-1].visits[0]
    assert first.key == latest.id
    assert first.cells[2:] == ("Traité sur place, Orienté avec réponse", "Sans rendez-vous", "60 à 69 ans")
    assert "retraite" in first.cells[1].lower()


def test_searching_finds_visits_of_any_day_and_an_empty_search_shows_the_day_again(
    screen: Screen, presenter: TodayPresenter, device: Session
) -> None:
    old = record_visit(
        device, draft(started_at="2026-11-02T09:20:00+01:00", note="Déménagement à Étréaupont")
    )
    record_visit(device, draft())
    presenter.search_visits("etreaupont")
    [row], heading = screen.found[-1]
    assert row.key == old.id
    assert row.cells[0].startswith("02/11/2026")
    assert heading == "1 visite trouvée"
    presenter.search_visits("zzz")
    assert screen.found[-1] == ((), "0 visite trouvée")
    days = len(screen.days)
    presenter.search_visits("")
    assert len(screen.days) == days + 1


@pytest.mark.parametrize("text", ["retraite", "Demande de RETRAITE", "cnav retr", "occupé"])
def test_searching_finds_a_visit_by_the_name_of_its_procedure_or_partner(
    screen: Screen, presenter: TodayPresenter, device: Session, text: str
) -> None:
    wanted = record_visit(
        device, draft(note="Ligne occupée.", procedures=[procedure_draft(procedure="CNAV-DEM")])
    )
    record_visit(device, draft(procedures=[procedure_draft()]))
    presenter.search_visits(text)
    assert [row.key for row in screen.found[-1][0]] == [wanted.id]


def test_of_two_visits_of_one_minute_the_last_recorded_comes_first(
    screen: Screen, presenter: TodayPresenter, device: Session
) -> None:
    ids = [record_visit(device, draft()).id for _ in range(3)]
    presenter.refresh()
    assert [row.key for row in screen.days[-1].visits] == ids[::-1]


def test_the_stop_is_kept_for_the_day_and_proposed_the_next(
    screen: Screen, presenter: TodayPresenter, device: Session, held_time: HeldTime
) -> None:
    presenter.search_stops("guise")
    assert screen.suggested[0].code == "02361"
    presenter.pick_stop("02361")
    assert stops.today(device) == "02361"
    presenter.refresh()
    assert screen.days[-1].stop_name.startswith("Guise")
    held_time.advance(days=1)
    presenter.refresh()
    assert screen.days[-1].stop_code == ""
    presenter.search_stops("")
    assert [each.code for each in screen.suggested] == ["02361"]


def test_the_stop_chosen_by_keyboard_goes_with_the_next_visit(opened: Opened) -> None:
    keys = Typist()
    keys.alt(Qt.Key.Key_A)
    keys.write("guise")
    keys.press(Qt.Key.Key_Return)
    assert stops.today(opened.session) == "02361"


def test_presenters_need_no_qt() -> None:
    code = (
        "import sys; sys.modules['PySide6'] = None\n"
        "import fsbus.desktop.unlock.presenter, fsbus.desktop.unlock.first_run_presenter\n"
        "import fsbus.desktop.today.presenter, fsbus.desktop.visit_form.presenter\n"
        "import fsbus.desktop.sync_panel.presenter, fsbus.desktop.visit_details.presenter\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_a_visit_just_recorded_is_not_hidden_by_a_search_of_before(opened: Opened) -> None:
    today = opened.screens.today
    today.search.setText("zzz")
    assert not today.visits.isVisible()
    record_visit(opened.session, draft())
    opened.screens.visit_presenter._on_saved("Enregistré : 2 démarches.")
    assert today.search.text() == ""
    assert today.visits.rows.rowCount() == 1
