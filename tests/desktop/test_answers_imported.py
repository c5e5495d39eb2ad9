"""Whatever somebody imports as a fiche or a catalogue is found, and shown as it is written."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from fsbus.core.french import NO_BREAK
from fsbus.desktop.answers import reader as reader_module
from fsbus.desktop.answers import view as view_module
from fsbus.desktop.answers.searching import Searching
from fsbus.store.reference import Reference
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, settle
from tests.reference_samples import archive, fiche

SCRIPT = "<script>alert(1)</script> & <img src='https://exemple.fr/x'> \u202e"
ESCAPED = SCRIPT.replace("&", "&amp;").replace("<", "&lt;")
BODY = (
    f"<Texte><Chapitre><Titre><Paragraphe>{ESCAPED}</Paragraphe></Titre><Paragraphe>{ESCAPED}</Paragraphe>"
    f"<Liste><Item><Paragraphe>{ESCAPED}</Paragraphe></Item></Liste></Chapitre></Texte>"
    f'<ServiceEnLigne URL="javascript:alert(1)"><Titre>{ESCAPED}</Titre></ServiceEnLigne>'
)


def answered(opened: Opened) -> None:
    for _ in range(3):
        assert opened.screens.answers.searching.wait(10)
        settle()


def test_a_hostile_fiche_is_found_and_read_as_it_is_written(opened: Opened, tmp_path: Path) -> None:
    members = {"F7777.xml": fiche("F7777", f"Zébulon {ESCAPED}", BODY)}
    opened.session.reference.load("fiches", archive(tmp_path / "vosdroits-2026-11-20.zip", members))
    keys = Typist()
    keys.control(Qt.Key.Key_K)
    keys.write("zebulon")
    answered(opened)
    view = opened.screens.answers.view
    assert view.data_line().partition(" · ")[2].startswith(f"fiches officielles du 4{NO_BREAK}mars 2025")
    assert view.found.item(0).text().startswith(f"Zébulon {SCRIPT.strip()[:20]}")
    keys.press(Qt.Key.Key_Return)
    answered(opened)
    blocks = view.reader.text.toPlainText().split("\n")
    assert sum(SCRIPT.strip() in block for block in blocks) == 4
    assert "javascript" not in view.reader.text.toPlainText()
    assert SCRIPT.strip() in view.reader.title()


def test_what_is_found_and_opened_is_announced(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    for module in (view_module, reader_module):
        monkeypatch.setattr(module, "announce", lambda _widget, text: said.append(text))
    keys = Typist()
    keys.control(Qt.Key.Key_K)
    keys.write("carte vitale perdue")
    answered(opened)
    view = opened.screens.answers.view
    count = view.found.count()
    assert said[-1].startswith(f"{count} réponse")
    assert view.found.item(0).text().split("\n")[0] in said[-1]
    keys.press(Qt.Key.Key_Return)
    answered(opened)
    assert said[-1] == f"{view.reader.title()}. {view.reader.dated()}"
    keys.control(Qt.Key.Key_Down)
    assert said[-1] == "Pièces à apporter"
    view.reader.copy.click()
    assert said[-1] == "Adresse copiée."
    keys.control(Qt.Key.Key_K)
    keys.write("zzqqxx")
    answered(opened)
    assert said[-1].startswith("Aucun résultat")
    assert "Essayez" in said[-1]


def test_closing_answers_nothing_more_and_closes_the_lists(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Reference] = []
    closed: list[Reference] = []
    close = Reference.close

    def open_lists() -> Reference:
        made.append(opened.session.own_reference())
        return made[-1]

    def noted(lists: Reference) -> None:
        closed.append(lists)
        close(lists)

    monkeypatch.setattr(Reference, "close", noted)
    heard: list[object] = []
    searching = Searching(open_lists, on_bug=opened.bugs.append, parent=opened.screens)
    searching.ask(lambda each: each.search("carte"), heard.append, heard.append)
    assert searching.close()
    searching.ask(lambda each: each.search("carte"), heard.append, heard.append)
    settle()
    assert heard == []
    assert len(made) == 1
    assert closed == made
