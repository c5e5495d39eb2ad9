"""The page of official answers by key events, and whatever its texts hold."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAccessible, QGuiApplication, QTextDocument, QTextTable
from PySide6.QtWidgets import QApplication, QWidget

from fsbus.actions.visits import record_visit
from fsbus.core.french import NO_BREAK
from fsbus.desktop.answers.document import headings, write
from fsbus.desktop.answers.pages import ADDRESS, HEADING, LIST, NOTE, TABLE, TEXT, AnswerPage, Door, Part
from fsbus.desktop.answers.reader import Reader
from fsbus.desktop.answers.view import AnswersView
from fsbus.desktop.palettes import DARK, THEMES, contrast
from fsbus.desktop.style import palette
from tests.builders import draft, procedure_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle

NAUGHTY = (
    "<script>alert(1)</script>",
    '<img src="https://exemple.fr/x.png"><a href="file:///x">lien</a>',
    "a & b &amp; c &#60;b&#62;",
    "\u202eenvers\u202c \u200f\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032fA\u0300\u0301",
    "\ufdd0\ufdd1\ufffc\ufeff\u200b",
    "ligne\nsuite\u2028autre\u2029encore\r\nfin\ttab",
    "👩‍👩‍👧‍👦 œ Ÿ ﷽",
    "m" * 5_000,
    "mot " * 2_000,
    "%s %n {0} \\n '; DROP TABLE fiches; --",
)
BREAKS = str.maketrans(dict.fromkeys("\n\r\u2028\u2029\ufdd0\ufdd1"))
"""What parts a text into lines in a document: everything else must stay as it is."""


def answered(opened: Opened) -> AnswersView:
    """The page, once all that was asked has been answered."""
    answers = opened.screens.answers
    for _ in range(3):
        assert answers.searching.wait(10)
        settle()
    return answers.view


@pytest.fixture
def reader(dressed: QApplication) -> Iterator[Reader]:
    # In a window of fixed size, as in the page: its own hints are nobody's affair.
    window = QWidget()
    window.setFixedSize(600, 400)
    made = Reader()
    made.setParent(window)
    made.setGeometry(0, 0, 600, 400)
    window.show()
    settle()
    yield made
    window.close()
    window.deleteLater()


# --- coming and going --------------------------------------------------------------------------------------


def test_ctrl_k_opens_the_search_over_a_draft_and_escape_brings_back_to_the_same_letter(
    opened: Opened,
) -> None:
    keys, window, form = Typist(), opened.desktop.window, opened.screens.visit
    keys.control(Qt.Key.Key_N)
    form.person.note.setFocus()
    keys.write("Rappeler")
    before = form.entry()
    keys.control(Qt.Key.Key_K)
    view = answered(opened)
    assert window.page() == "answers"
    assert focused() is view.search
    keys.write("carte grise perdue")
    answered(opened)
    keys.press(Qt.Key.Key_Return)
    answered(opened)
    assert focused() is view.reader.text
    keys.press(Qt.Key.Key_Escape)
    assert window.page() == "visit"
    assert focused() is form.person.note
    assert form.entry() == before
    assert opened.screens.visit_presenter.is_open
    keys.write(" lundi")
    assert form.entry().note == "Rappeler lundi"


@pytest.mark.parametrize("page", ["today", "sync", "to_check"])
def test_ctrl_k_works_from_each_page_and_escape_leads_back_there(opened: Opened, page: str) -> None:
    keys = Typist()
    opened.screens.show_page(page)
    settle()
    keys.control(Qt.Key.Key_K)
    keys.write("apl")
    keys.control(Qt.Key.Key_K)
    assert opened.screens.answers.view.search.selectedText() == "apl"
    keys.press(Qt.Key.Key_Escape)
    assert opened.desktop.window.page() == page
    answered(opened)


def test_where_one_was_may_be_gone(opened: Opened) -> None:
    keys, window, form = Typist(), opened.desktop.window, opened.screens.visit
    keys.control(Qt.Key.Key_N)
    form.add_requested.emit()
    form.cards[1].procedure.setFocus()
    keys.control(Qt.Key.Key_K)
    form.remove_requested.emit(1)
    QApplication.sendPostedEvents(None, 0)
    keys.press(Qt.Key.Key_Escape)
    assert window.page() == "visit"
    opened.screens.answers.enter()
    window.pages["other"] = window.pages["visit"]
    opened.screens.answers._from = "removed"
    del window.pages["other"]
    opened.screens.answers.leave()
    assert window.page() == "today"
    answered(opened)


def test_f2_in_a_visit_opens_the_answer_of_its_procedure(opened: Opened) -> None:
    keys, form = Typist(), opened.screens.visit
    keys.control(Qt.Key.Key_N)
    keys.alt(Qt.Key.Key_D)
    keys.write("carte grise perdue")
    keys.press(Qt.Key.Key_F2)
    view = answered(opened)
    assert view.search.text() == "carte grise perdue"
    assert view.found.count() > 0
    assert view.reader.page() is None
    keys.press(Qt.Key.Key_Escape)
    form.cards[0].procedure.take_first()
    known = opened.session.reference.procedure("FT-CNI-P")
    assert known is not None
    form.cards[0].procedure.set_value(known.code, known.title)
    keys.press(Qt.Key.Key_F2)
    view = answered(opened)
    assert view.reader.title() == known.title
    assert focused() is view.reader.text
    keys.press(Qt.Key.Key_Escape)
    assert focused() is form.cards[0].procedure
    assert form.cards[0].procedure.code() == "FT-CNI-P"


def test_what_is_read_is_what_is_marked_and_nothing_is_when_it_is_not_listed(opened: Opened) -> None:
    for code in ("CNAV-DEM", "FT-CNI-P", "CNAV-DEM"):
        record_visit(opened.session, draft(procedures=[procedure_draft(procedure=code)]))
    keys, form = Typist(), opened.screens.visit
    keys.control(Qt.Key.Key_N)
    keys.alt(Qt.Key.Key_D)
    for code, marked in (("FT-CNI-P", "procedure:FT-CNI-P"), ("FT-CG-OCC", "")):
        form.cards[0].procedure.set_value(code, "Démarche")
        keys.press(Qt.Key.Key_F2)
        view = answered(opened)
        assert view.found.count() == 2
        assert view.marked() == marked
        keys.press(Qt.Key.Key_Escape)


def test_what_is_selected_may_be_taken_as_the_precise_answer_and_nothing_else_is(opened: Opened) -> None:
    keys, form = Typist(), opened.screens.visit
    keys.control(Qt.Key.Key_N)
    card = form.cards[0]
    card.procedure.setFocus()
    card.procedure.set_value("FT-CNI-P", "Carte d’identité")
    card.answer.setText("Déjà dit.")
    keys.press(Qt.Key.Key_F2)
    reader = answered(opened).reader
    assert not reader.reuse.isVisible()
    keys.press(Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    assert reader.reuse.isVisible()
    keys.press(Qt.Key.Key_Backtab)
    assert focused() is reader.reuse
    keys.press(Qt.Key.Key_Space)
    assert opened.desktop.window.page() == "visit"
    assert focused() is card.answer
    assert card.answer.text() == "Déjà dit.\nOrganisme : France Titres (ministère de l’Intérieur)"
    keys.control(Qt.Key.Key_K)
    answered(opened)
    assert not reader.reuse.isVisible()
    keys.press(Qt.Key.Key_Escape)


# --- searching and reading by keyboard ---------------------------------------------------------------------


def test_arrows_mark_enter_opens_and_the_fiche_is_one_menu_away(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_K)
    keys.write("carte d’identité")
    view = answered(opened)
    first = view.marked()
    assert view.told().endswith("un mot de plus en laisse moins")
    keys.press(Qt.Key.Key_Down)
    assert view.marked() != first
    keys.press(Qt.Key.Key_Up, times=2)
    assert view.found.currentRow() == view.found.count() - 1
    keys.press(Qt.Key.Key_Down)
    assert view.marked() == first
    assert focused() is view.search
    keys.press(Qt.Key.Key_Return)
    answered(opened)
    [door] = [one.code for one in view.reader.page().doors]  # type: ignore[union-attr]  # None fails here
    view.reader.doors.menu().actions()[0].trigger()
    answered(opened)
    assert view.reader.page() is not None
    assert door.removeprefix("fiche:") in view.reader.dated()
    assert "à jour au" in view.reader.dated()
    assert "2020" in view.data_line()


def test_only_the_answer_to_the_last_letter_is_shown(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_K)
    view = opened.screens.answers.view
    shown: list[str] = []
    view.found.model().rowsInserted.connect(lambda *_: shown.append(view.search.text()))
    for letter in "carte vitale":
        view.search.insert(letter)
        view.search.textEdited.emit(view.search.text())
    answered(opened)
    assert set(shown) == {"carte vitale"}
    assert len(shown) == view.found.count()
    assert "Carte Vitale" in view.found.item(0).text()


def test_headings_are_reached_by_keys_and_by_their_list(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_K)
    opened.screens.answers.presenter.read("fiche:F1341")
    view = answered(opened)
    text = view.reader.text
    known = [words for _, _, words in headings(text.document())]
    keys.control(Qt.Key.Key_Down)
    assert text.textCursor().block().text() == known[0]
    keys.control(Qt.Key.Key_Down)
    assert text.textCursor().block().text() == known[1]
    assert -2 <= text.cursorRect().top() <= 24
    keys.control(Qt.Key.Key_Up)
    keys.control(Qt.Key.Key_Up)
    assert text.textCursor().block().text() == known[0]
    before = text.verticalScrollBar().value()
    keys.press(Qt.Key.Key_Space)
    assert text.verticalScrollBar().value() > before
    keys.press(Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    assert text.verticalScrollBar().value() == before
    view.reader.chapters.setFocus()
    keys.write("retrait")
    assert view.reader.chapters.currentText().strip() == "Retrait de la carte"
    assert text.textCursor().block().text() == "Retrait de la carte"


def test_the_address_is_copied_and_nothing_is_opened(reader: Reader) -> None:
    reader.show_page(AnswerPage("Titre", "à jour", (), address="https://exemple.fr/?a=1&b=2"))
    reader.copy.click()
    assert QGuiApplication.clipboard().text() == "https://exemple.fr/?a=1&b=2"
    assert not reader.text.textInteractionFlags() & Qt.TextInteractionFlag.LinksAccessibleByMouse
    here = QUrl.fromLocalFile(__file__)
    assert QTextDocument().resource(QTextDocument.ResourceType.HtmlResource, here)
    assert not reader.text.document().resource(QTextDocument.ResourceType.HtmlResource, here)
    reader.show_page(AnswerPage("Sans adresse", "à jour", ()))
    assert not reader.copy.isVisible()
    # A tooltip guesses rich text, and the host of a catalogue that somebody imports is any text.
    reader.show_page(AnswerPage("Titre", "à jour", (), address="<b>hôte</b>"))
    assert "hôte" not in reader.copy.toolTip()


# --- whatever the texts hold -------------------------------------------------------------------------------


@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
def test_every_text_is_shown_as_it_is_wherever_it_stands(reader: Reader, text: str) -> None:
    parts = (
        Part(HEADING, text, level=2), Part(TEXT, text), Part(LIST, lines=(text, text)), Part(NOTE, text, (text,)),
        Part(TABLE, text, rows=((text, "b"), ("c",), ())), Part(ADDRESS, text, (text,)),
    )  # fmt: skip
    reader.show_page(AnswerPage(text, text, parts, (Door("x", text),), "https://exemple.fr"))
    settle()
    document = reader.text.document()
    blocks, block = [], document.begin()
    while block.isValid():
        blocks.append(block.text())
        fragments = block.begin()
        while not fragments.atEnd():
            form = fragments.fragment().charFormat()
            assert not form.isAnchor()
            assert not form.isImageFormat()
            fragments += 1
        block = block.next()
    together = "".join(blocks).translate(BREAKS)
    assert together.count(text.translate(BREAKS)) >= 9
    assert (reader.title(), reader.dated()) == (text, text)
    assert reader.doors.menu().actions()[0].text().replace("&&", "&") == text
    assert reader.text.horizontalScrollBar().maximum() == 0 or " " not in text


def test_what_is_typed_is_shown_as_typed_when_nothing_is_found(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_K)
    keys.write("<zzqqxx>&")
    view = answered(opened)
    assert f"«{NO_BREAK}<zzqqxx>&{NO_BREAK}»" in view.told()
    assert view.found.count() == 0


def test_a_ragged_table_keeps_every_cell(dressed: QApplication) -> None:
    document = QTextDocument()
    rows = (("a", "b", "c"), ("d",), ())
    write(document, (Part(TABLE, "t", rows=rows), Part(TEXT, "après")), dressed.font(), dressed.palette())
    [table] = [one for one in document.rootFrame().childFrames() if isinstance(one, QTextTable)]
    cells = [[table.cellAt(r, c).firstCursorPosition().block().text() for c in range(3)] for r in range(3)]
    assert cells == [["a", "b", "c"], ["d", "", ""], ["", "", ""]]
    assert document.lastBlock().text() == "après"


# --- seen and spoken ---------------------------------------------------------------------------------------


def test_the_page_speaks_to_a_screen_reader(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_K)
    keys.write("carte d’identité")
    view = answered(opened)
    listed = QAccessible.queryAccessibleInterface(view.found)
    assert listed.role() == QAccessible.Role.List
    assert listed.text(QAccessible.Text.Name) == "Réponses trouvées"
    assert listed.childCount() == view.found.count()
    assert "Démarche · France Titres" in listed.child(0).text(QAccessible.Text.Name)
    opened.screens.answers.presenter.read("fiche:F1341")
    answered(opened)
    text = QAccessible.queryAccessibleInterface(view.reader.text)
    assert text.role() == QAccessible.Role.EditableText
    assert text.state().readOnly
    assert text.text(QAccessible.Text.Name).startswith("Carte d'identité d'un majeur")
    assert "à jour au" in text.text(QAccessible.Text.Name)
    assert "Ctrl+Bas" in text.text(QAccessible.Text.Description)
    order: list[QWidget] = []
    view.search.setFocus()
    for _ in range(6):
        keys.tab()
        order.append(focused())
    reader = view.reader
    assert order == [view.found, reader.chapters, reader.doors, reader.copy, reader.text, view.back]


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_read_has_enough_contrast(theme: str) -> None:
    colours = THEMES[theme]
    assert contrast(colours.text, colours.surface) >= 4.5
    assert contrast(colours.on_chosen, colours.chosen) >= 4.5
    assert contrast(colours.muted, colours.window) >= 4.5
    assert contrast(colours.focus, colours.surface) >= 3


def test_another_theme_draws_the_edges_of_tables_anew_and_keeps_the_place(reader: Reader) -> None:
    parts = (Part(TABLE, rows=(("a", "b"),)), *(Part(TEXT, f"ligne {number}") for number in range(200)))
    reader.show_page(AnswerPage("Titre", "à jour", parts))
    reader.text.go_to(900)
    place = reader.text.verticalScrollBar().value()
    reader.text.setPalette(palette(DARK))
    settle()
    frames = reader.text.document().rootFrame().childFrames()
    edges = {one.format().toTableFormat().borderBrush().color().name() for one in frames}
    assert edges == {DARK.edge}
    assert (reader.text.verticalScrollBar().value(), reader.text.textCursor().position()) == (place, 900)
    assert place > 0


@pytest.mark.parametrize("size", [(1366, 700), (683, 350)])
def test_nothing_is_cut_on_a_small_or_a_zoomed_screen(opened: Opened, size: tuple[int, int]) -> None:
    opened.desktop.window.resize(*size)
    opened.screens.answers.enter()
    opened.screens.answers.presenter.search("carte")
    view = answered(opened)
    assert opened.desktop.window.size().width() == size[0]
    assert view.found.isVisible()
    opened.screens.answers.presenter.read("fiche:F1341")
    answered(opened)
    assert view.reader.text.isVisible()
    assert view.reader.text.horizontalScrollBar().maximum() == 0
    assert view.reader.text.height() >= 80
    assert view.found.isVisible() is (size[0] > 1000)
    assert view.reader.dated()
    doors = (view.reader.doors, view.reader.copy, view.back)
    assert [door.text() for door in doors if door.width() < door.sizeHint().width()] == []
