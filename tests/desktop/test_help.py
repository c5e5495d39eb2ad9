"""The help: an article for each page, found as one types, read as plain text, left for the very field."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from fsbus.desktop.answers.pages import HEADING, LIST, TEXT
from fsbus.desktop.help.articles import articles, find, listed, read
from fsbus.desktop.registry import DOORS
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle

PAGES = [door.entry.name for door in DOORS]


def test_every_page_of_the_window_has_its_article_and_no_two_the_same() -> None:
    told = [one.page for one in articles() if one.page]
    assert set(PAGES) <= set(told)
    assert len(set(told)) == len(told)
    assert len({one.shown.title for one in articles()}) == len(articles())
    assert all(one.words and one.shown.parts for one in articles())


def test_articles_are_written_as_french_is_and_short() -> None:
    for one in articles():
        texts = [one.shown.title, *(text for part in one.shown.parts for text in (part.text, *part.lines))]
        assert not [
            text for text in texts for mark in (" :", " ;", " ?", " !", "« ", " »", "'") if mark in text
        ]
        assert sum(len(text) for text in texts) < 1_600, one.code


def test_an_article_of_a_page_that_this_window_has_not_is_not_listed() -> None:
    assert "sync" not in [one.page for one in listed(["today"])]
    assert [one.page for one in listed(["today"]) if one.page] == ["today"]


def test_a_file_is_read_as_title_paragraphs_headings_and_lists() -> None:
    article = read(
        "x", "# T\npage: p\nmots: un, deux\n\nLe <b>texte</b>\nva à la ligne.\n\n## H\n\n- a\n  suite\n- b\n"
    )
    assert (article.page, article.words, article.shown.title) == ("p", "un, deux", "T")
    assert [(part.kind, part.text, part.lines) for part in article.shown.parts] == [
        (TEXT, "Le <b>texte</b> va à la ligne.", ()),
        (HEADING, "H", ()),
        (LIST, "", ("a suite", "b")),
    ]
    with pytest.raises(ValueError, match="without a title"):
        read("x", "Sans titre")


@pytest.mark.parametrize(
    ("typed", "page"),
    [("ticket", "queue"), ("VERIFIER", "to_check"), ("clé usb", "sync"), ("rendez", "appointments")],
)
def test_a_word_or_its_beginning_finds_the_article(typed: str, page: str) -> None:
    assert find(articles(), typed)[0].page == page


def test_f1_leads_to_the_article_of_the_page_and_back_to_the_field(opened: Opened) -> None:
    window, keys = opened.desktop.window, Typist()
    opened.screens.new_visit()
    field = opened.screens.visit.cards[0].procedure
    field.setFocus()
    keys.write("pass")
    QTest.keyClick(focused(), Qt.Key.Key_F1)
    settle()
    view = opened.screens.keys.view
    assert view.help.accessibleName() == "Aide\u00a0: Saisir une visite"
    view.help.setFocus()
    keys.press(Qt.Key.Key_Return)
    help_view = opened.screens.keys.help.view
    assert window.page() == "help"
    assert help_view.reader.title() == "Saisir une visite"
    assert focused() is help_view.reader.text
    keys.press(Qt.Key.Key_F1)
    assert (window.page(), view.help.accessibleName()) == ("keys", "Aide\u00a0: Saisir une visite")
    view.help.setFocus()
    keys.press(Qt.Key.Key_Return)
    keys.press(Qt.Key.Key_Escape)
    assert window.page() == "visit"
    assert focused() is field
    assert field.text() == "pass"


def test_the_search_is_worked_by_keyboard_and_says_when_nothing_is_found(opened: Opened) -> None:
    door, keys = opened.screens.keys.help, Typist()
    door.enter("today")
    assert door.view.reader.title() == "Aujourd’hui"
    door.view.search.setFocus()
    keys.write("ticket")
    keys.press(Qt.Key.Key_Return)
    assert door.view.reader.title() == "File d’attente"
    door.view.search.setFocus()
    door.view.search.clear()
    keys.write("xyzzy")
    assert "Aucun article" in door.view.told()
    keys.press(Qt.Key.Key_Return)
    assert door.view.reader.title() == "File d’attente"


@pytest.mark.parametrize("size", [(1366, 700), (683, 350)])
def test_nothing_of_the_help_is_cut(opened: Opened, size: tuple[int, int]) -> None:
    opened.desktop.window.resize(*size)
    opened.screens.keys.help.enter("today")
    settle()
    assert opened.desktop.window.width() == size[0]
    reader = opened.screens.keys.help.view.reader
    assert reader.text.isVisible()
    assert reader.text.horizontalScrollBar().maximum() == 0
    assert reader.text.height() > 100
