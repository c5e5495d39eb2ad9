"""What was done, refused or taken back is announced to a screen reader, by the events of Qt."""

import pytest
from PySide6.QtCore import Qt

from fsbus.actions.visits import record_visit
from tests.builders import draft
from tests.desktop.conftest import Opened
from tests.desktop.hearing import Heard
from tests.desktop.keyboard import Typist, settle


def test_a_visit_refused_then_saved(opened: Opened, heard: Heard) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    heard.take()
    keys.control(Qt.Key.Key_Return)
    [refused] = heard.take()
    assert refused.startswith("Rien n’est encore enregistré.")
    assert opened.screens.visit.cards[0].rows["procedure"].problem in refused
    keys.alt(Qt.Key.Key_D)
    for text in ("cni", "aa", "f", "t"):
        keys.write(text)
        if text != "t":
            keys.tab()
    heard.take()
    keys.control(Qt.Key.Key_Return)
    assert "Enregistré\u00a0: 1\u00a0démarche." in heard.take()


def test_a_visit_read_removed_and_put_back(
    opened: Opened, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = record_visit(opened.session, draft()).id
    heard.take()
    opened.screens.read_visit(visit)
    settle()
    assert [text for text in heard.take() if "Guise" in text or "Visite" in text]
    monkeypatch.setattr(type(opened.screens.details), "confirm", lambda *_words: True)
    opened.screens.details.remove.click()
    settle()
    removed = heard.take()
    assert any("Ctrl+Z" in text for text in removed), removed
    opened.desktop.window.status.undo.click()
    settle()
    assert heard.take() != []


def test_the_line_of_the_window_and_the_banner(opened: Opened, heard: Heard) -> None:
    window = opened.desktop.window
    heard.take()
    window.say("Fait.")
    window.offer("Retiré.", lambda: None)
    window.banner.tell("Le disque est presque plein.")
    window.warn_of_lock(True)
    told = heard.take()
    assert told[:3] == ["Fait.", "Retiré. Ctrl+Z\u00a0: annuler.", "Le disque est presque plein."]
    assert len(told) == 4
