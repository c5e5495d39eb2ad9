"""The screen of an invited agent, and what is told to who forgot the passphrase."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fsbus.actions.agents import invite_agent
from fsbus.actions.session import Session, open_session
from fsbus.core.errors import StoreDamaged, WrongPassphrase
from fsbus.desktop.main import Desktop
from fsbus.desktop.unlock.choosing import TypedPhrase
from fsbus.desktop.unlock.invitation_presenter import WRONG, InvitationPresenter
from fsbus.store import key_cost
from fsbus.store.key_slots import FLOOR
from tests.desktop.audit import unnamed
from tests.desktop.keyboard import Typist, focused, never, settle
from tests.desktop.test_accessible_names import alt_keys
from tests.desktop.test_unlock import LONG_ENOUGH, start  # noqa: F401 -- a fixture, used by its name

OF_SACHA = "mousse aux trois ponts et deux lampes"
Start = Callable[[Path], Desktop]


def test_an_invited_agent_chooses_a_passphrase_and_gets_in_by_keyboard(
    start: Start,  # noqa: F811 -- the fixture itself
    device: Session,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_cost, "measured_cost", lambda: FLOOR)
    sacha, code = invite_agent(device, "Sacha Exemple")
    device.close()
    desktop, keys = start(device.home), Typist()
    assert desktop.unlock is not None
    keys.alt(Qt.Key.Key_C)
    qtbot.waitUntil(lambda: desktop.window.page() == "invitation", timeout=LONG_ENOUGH)
    view = desktop.invitation
    assert view is not None
    assert focused() is view.code_field
    assert unnamed(view) == []
    assert {key for key, count in alt_keys(view).items() if count > 1} == set()
    keys.write("abcd")
    keys.press(Qt.Key.Key_Return)
    assert set(view.panel.problems()) == {"code", "again", "noted"}
    view.code_field.selectAll()
    keys.write(code.upper().replace("-", " "))
    view.new.own.setChecked(True)
    view.new.chosen.setText(OF_SACHA)
    view.new.again.setFocus()
    keys.write(OF_SACHA)
    keys.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desktop.screens is not None, timeout=LONG_ENOUGH)
    assert desktop.session is not None
    assert desktop.session.agent == sacha
    assert (view.code(), view.typed().chosen) == ("", "")
    with open_session(device.home, OF_SACHA, clock=device.clock, ids=device.ids) as again:
        assert again.agent == sacha


def test_back_returns_to_the_passphrase_and_forgetting_is_answered(
    start: Start,  # noqa: F811 -- the fixture itself
    device: Session,
) -> None:
    desktop, keys = start(device.home), Typist()
    desktop.show_invitation()
    settle()
    keys.press(Qt.Key.Key_Escape)
    assert desktop.unlock is not None
    assert (desktop.window.page(), focused()) == ("unlock", desktop.unlock.passphrase)
    assert desktop.unlock.rescue() == ""
    desktop.unlock.forgotten.click()
    assert "coordinateur" in desktop.unlock.rescue()
    assert {key for key, count in alt_keys(desktop.unlock).items() if count > 1} == set()


class Screen:
    """The screen as the presenter sees it."""

    def __init__(self, code: str) -> None:
        self.text = code
        self.problems: dict[str, str] = {}
        self.busy: list[str] = []

    def code(self) -> str:
        return self.text

    def typed(self) -> TypedPhrase:
        return TypedPhrase(True, "abc", "abc", False)

    def show_phrase(self, phrase: str) -> None:
        pass

    def set_busy(self, words: str) -> None:
        self.busy.append(words)

    def show_problems(self, problems: dict[str, str]) -> None:
        self.problems = problems

    def forget(self) -> None:
        self.text = ""


class AnyPhrase:
    def new(self) -> str:
        return "six mots"

    def weakness(self, phrase: str) -> str | None:
        return None


@pytest.mark.parametrize(
    ("error", "problems", "is_bug"),
    [
        (WrongPassphrase("…"), {"code": WRONG}, False),
        (
            WrongPassphrase("…", 15),
            {"code": f"{WRONG} Trop d’essais\u00a0: attendez 15\u00a0secondes. Rien n’est effacé."},
            False,
        ),
        (StoreDamaged("Abîmé."), {"": "Abîmé."}, False),
        (ZeroDivisionError(), {"": "Le registre n’a pas pu être ouvert. Un rapport a été écrit."}, True),
    ],
)
def test_each_failure_is_told_for_what_it_is(
    error: Exception, problems: dict[str, str], is_bug: bool
) -> None:
    screen, bugs, tried = Screen("0123-" * 8), list[Exception](), list[str]()

    def accept(
        code: str, passphrase: str, done: Callable[[str], None], failed: Callable[[Exception], None]
    ) -> None:
        tried.append(code)
        failed(error)

    InvitationPresenter(screen, AnyPhrase(), accept, never, bugs.append).accept()
    assert tried == ["0123" * 8]
    assert screen.problems == problems
    assert screen.busy == ["Ouverture…", ""]
    assert bugs == ([error] if is_bug else [])
