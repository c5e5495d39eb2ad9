"""The posters of the month, from the circuit to one page of paper, and back."""

import re

from fsbus.actions import plain_records
from fsbus.actions.posters import posters_of
from fsbus.core.entities import PASSAGE, STOP
from fsbus.core.planning import passage_id
from fsbus.core.poster import PAPERS, poster, to_commune
from fsbus.core.sheets import as_html
from fsbus.desktop.circuit.view import PLAN, CircuitView
from fsbus.desktop.sheet_pdf import as_pdf
from tests.builders import plain_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import settle


def circuit(opened: Opened) -> str:
    weekly: dict[str, object] = {
        "starts_on": "2026-11-03",
        "ends_on": None,
        "except_on": [],
        "on_holidays": None,
    }
    made = plain_records.create(
        opened.session, STOP, plain_draft(STOP, recurrence="FREQ=WEEKLY;BYDAY=TU,WE", **weekly)
    )
    plain_records.create(
        opened.session, STOP, plain_draft(STOP, commune="02558", recurrence="FREQ=WEEKLY;BYDAY=FR", **weekly)
    )
    return made


def test_a_poster_tells_what_is_called_off_and_the_holidays(opened: Opened) -> None:
    made, day = circuit(opened), "2026-11-17"
    draft = {"stop_id": made, "day": day, "commune": "02361", "cancelled": "vehicle"}
    plain_records.create(opened.session, PASSAGE, draft, passage_id(made, day))
    found = posters_of(opened.session, "2026-11")
    assert list(found) == ["02361", "02558"]
    assert found["02361"].off == (("2026-11-11", "Armistice"), ("2026-11-17", "véhicule en panne"))
    assert day not in {one.day for one in found["02361"].passages}
    assert posters_of(opened.session, "2026-10") == {}


def test_each_poster_is_one_page_of_its_paper_and_a_page_for_a_screen_reader(opened: Opened) -> None:
    circuit(opened)
    for number in range(3, 12):
        plain_records.create(
            opened.session,
            STOP,
            plain_draft(STOP, place=f"Lieu-dit numéro {number}", recurrence="FREQ=WEEKLY", starts_on="2026-11-02", ends_on=None),
        )  # fmt: skip
    for told in posters_of(opened.session, "2026-11").values():
        for paper in PAPERS:
            pdf = as_pdf(poster(told, paper))
            assert len(re.findall(rb"/Type /Page\b(?!s)", pdf)) == 1
            assert to_commune(told.commune) in as_html(poster(told, paper)).decode()


def test_the_posters_open_from_the_circuit_on_the_commune_chosen(opened: Opened) -> None:
    screens, window = opened.screens, opened.desktop.window
    screens.show_page("circuit")
    view = window.pages["circuit"]
    assert isinstance(view, CircuitView)
    view.doors[PLAN].click()
    view.poster.click()
    assert window.page() == "circuit"
    assert "aucun" in window.said() or "nulle part" in window.said()
    circuit(opened)
    screens.show_page("circuit")
    view.plan.selectRow(1)
    view.poster.click()
    settle()
    assert window.page() == "paper"
    assert screens.paper.page is not None
    paper = screens.paper.page.view
    assert paper.kind.currentText() == "Affiche\u00a0: Le Nouvion-en-Thiérache"
    assert "au Nouvion-en-Thiérache" in paper.preview.pages.accessibleDescription()
    paper.back.click()
    assert window.page() == "circuit"
