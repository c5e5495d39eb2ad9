"""The timed typing really fills the page's list, and leaves nothing behind."""

import pytest
from PySide6.QtWidgets import QApplication

from fsbus.actions.session import Session
from fsbus.desktop.answers.view import AnswersView
from fsbus.training.typed_answers import typing


def test_each_letter_is_timed_until_the_list_shows_its_answer(qapp: QApplication, device: Session) -> None:
    before = {id(one) for one in qapp.topLevelWidgets()}
    with typing(device) as one:
        [view] = [
            each
            for each in qapp.topLevelWidgets()
            if id(each) not in before and isinstance(each, AnswersView)
        ]
        assert one("carte vital", "e") > 0
        assert view.text() == "carte vitale"
        assert "Vitale" in view.found.item(0).text()
        found = view.found.count()
        assert one("zzzz", "z") > 0
        assert (view.found.count(), found > 0) == (0, True)
    assert not view.isVisible()


def test_an_error_in_the_page_is_not_timed_as_an_answer(qapp: QApplication, device: Session) -> None:
    with typing(device) as one, pytest.MonkeyPatch.context() as patch:
        patch.setattr(AnswersView, "show_found", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            one("carte", "s")
