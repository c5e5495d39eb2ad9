"""What agents really type finds the procedure they mean, in the shipped catalogue."""

import pytest
from PySide6.QtCore import Qt

from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.core.catalog import normalise
from fsbus.desktop.visit_form.usual import most_used_first
from fsbus.store.reference import Hit
from tests.builders import draft, procedure_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, settle


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("carte grise", "carte grise"),
        ("certificat d’immatriculation", "carte grise"),
        ("immatriculation", "carte grise"),
        ("cni", "carte d identite"),
        ("papiers volés", "vol"),
        ("APL", "logement"),
        ("apl", "logement"),
        ("Pôle emploi", "france travail"),
        ("pole emploi", "france travail"),
        ("ANPE", "france travail"),
        ("assedic", "france travail"),
        ("chomage", "france travail"),
        ("carte viatle", "vitale"),
        ("carte vitalle", "vitale"),
        ("carte grsie", "carte grise"),
        ("passport", "passeport"),
        ("retriate", "retraite"),
        ("RSA", "rsa"),
        ("ants", "france titres"),
    ],
)
def test_a_word_of_the_field_finds_what_is_meant(device: Session, typed: str, meant: str) -> None:
    hits = device.reference.search_procedures(typed, 8)
    assert hits, typed
    names = [normalise(f"{hit.title} {hit.partner}") for hit in hits[:3]]
    assert any(meant in name for name in names), names


def test_the_most_used_come_first_before_anything_is_typed_and_among_equals(opened: Opened) -> None:
    hits = opened.session.reference.search_procedures("carte grise", 8)
    used = hits[3].code
    for _ in range(3):
        record_visit(opened.session, draft(procedures=[procedure_draft(procedure=used)]))
    record_visit(opened.session, draft(procedures=[procedure_draft(procedure="CNAV-DEM")]))
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    field = opened.screens.visit.cards[0].procedure
    field.setFocus()
    settle()
    assert field.is_open()
    keys.press(Qt.Key.Key_Return)
    assert field.code() == used
    keys.control(Qt.Key.Key_A)
    keys.write("carte gri")
    keys.tab()
    assert field.code() == used


def test_a_better_answer_keeps_its_place_however_much_another_is_used() -> None:
    hits = [Hit("procedure", code, title, "") for code, title in
            (("A", "Aide au logement"), ("B", "Logement social"), ("C", "Caution"), ("D", "Logement insalubre"))]  # fmt: skip
    assert [hit.code for hit in most_used_first(hits, "logem", ["C", "D", "B"])] == ["D", "B", "C", "A"]
    assert most_used_first(hits, "logem", []) == hits
    assert most_used_first([], "logem", ["C"]) == []
