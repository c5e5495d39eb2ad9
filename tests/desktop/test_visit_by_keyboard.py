"""The heart of the day: a whole visit typed in the real form, with nothing but keys."""

from PySide6.QtCore import Qt

from fsbus.core.french import NO_BREAK
from fsbus.store import queries
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused
from tests.fakes import HeldTime

DAY = "2026-11-24"
ANSWER = "Pièces à rapporter à l’agence jeudi."
MOST_STROKES = 105
"""For a visit with two procedures, 60 of them the answer, the partner, the contact and the day themselves."""


def test_a_visit_with_two_procedures_is_typed_by_keyboard_alone(opened: Opened, held_time: HeldTime) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    held_time.advance(minutes=17)
    keys.tab(2)  # from how the person came, past the first visit
    keys.write("guise")
    keys.tab()  # takes the first commune
    keys.write("6")  # 60 à 69 ans
    keys.tab()
    keys.write("f")
    keys.alt(Qt.Key.Key_D)  # straight to the procedure

    keys.write("cni")
    keys.tab()
    keys.write("aa")  # Aide au dossier
    keys.tab()
    keys.write("f")  # Fait avec la personne
    keys.tab()
    keys.write("t")  # Traité sur place

    keys.control(Qt.Key.Key_D)  # one more procedure
    keys.write("retraite")
    keys.tab()
    keys.write("i")
    keys.tab()
    keys.write("a")  # Appris à faire
    keys.tab()
    keys.write("o")  # Orienté avec réponse: its fields appear
    keys.tab()
    keys.write(ANSWER)
    keys.tab()
    keys.write("CNAV")
    keys.tab()
    keys.write("agence de Laon")
    keys.tab(2)
    keys.write("3/12")
    keys.control(Qt.Key.Key_Return)

    [(visit, (first, second))] = queries.visits_of_day(opened.session.store.db, DAY)
    assert visit.started_at == "2026-11-24T11:00:00Z"
    assert (visit.minutes, visit.channel, visit.gender, visit.age_band) == (17, "walk_in", "female", "60_69")
    assert visit.resident_commune == "02361"
    assert (first.nature, first.mode, first.outcome) == ("file_assistance", "assisted", "resolved")
    procedure = opened.session.reference.procedure(first.procedure)
    assert procedure is not None
    assert procedure.title.startswith("Carte d’identité")
    assert (second.partner, second.nature, second.mode, second.outcome) == (
        "CNAV", "information", "taught", "referred",
    )  # fmt: skip
    assert second.precise_answer == ANSWER
    assert second.referral is not None
    assert (second.referral.partner, second.referral.contact) == ("CNAV", "agence de Laon")
    assert second.referral.on == "2026-12-03"
    assert opened.desktop.window.page() == "today"
    assert opened.desktop.window.said() == f"Enregistré : 2{NO_BREAK}démarches."
    assert keys.strokes <= MOST_STROKES


def test_tab_visits_the_fields_in_the_order_they_are_read(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    keys.control(Qt.Key.Key_D)
    form = opened.screens.visit
    form.person.day.setFocus()
    seen = []
    while focused() is not form.cancel:
        seen.append(focused().accessibleName())
        assert len(seen) < 60, seen
        keys.tab()
        if focused() in (form.cards[0].procedure, form.cards[1].procedure):
            keys.press(Qt.Key.Key_Escape)
    assert seen == [
        "Jour", "Heure", "Durée (minutes)", "Venue", "Première visite", "Commune de résidence", "Âge", "Genre",
        "Autonomie numérique", "Satisfaction", "Équipement chez soi", "Note",
        "Démarche, démarche 1", "Nature, démarche 1", "Manière, démarche 1", "Résultat, démarche 1",
        "Plus de détails, démarche 1", "Retirer la démarche 1",
        "Démarche, démarche 2", "Nature, démarche 2", "Manière, démarche 2", "Résultat, démarche 2",
        "Plus de détails, démarche 2", "Retirer la démarche 2",
        "Ajouter une démarche", "Enregistrer",
    ]  # fmt: skip


def test_the_arrows_choose_in_the_list_and_escape_closes_it_without_losing_the_text(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    keys.alt(Qt.Key.Key_D)
    field = opened.screens.visit.cards[0].procedure
    keys.write("retraite")
    assert field.is_open()
    keys.press(Qt.Key.Key_Escape)
    assert not field.is_open()
    assert field.text() == "retraite"
    keys.press(Qt.Key.Key_Down)
    keys.press(Qt.Key.Key_Down)
    keys.press(Qt.Key.Key_Return)
    found = opened.session.reference.search_procedures("retraite", 8)
    assert field.code() == found[1].code
    assert field.text() == found[1].title
    keys.write("x")
    assert field.code() == ""


def test_ticking_documents_takes_space_and_arrows_and_tab_leaves_the_list(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    keys.alt(Qt.Key.Key_D)
    card = opened.screens.visit.cards[0]
    keys.write("identité")
    keys.tab()
    card.details.setFocus()
    keys.press(Qt.Key.Key_Space)
    assert focused() is card.answer
    card.documents.setFocus()
    keys.press(Qt.Key.Key_Down)
    keys.press(Qt.Key.Key_Space)
    documents = [card.documents.item(row).text() for row in range(card.documents.count())]
    assert len(documents) > 1
    assert card.entry().missing_documents == (documents[1],)
    keys.tab()
    assert focused() is card.blockers
