"""The « Sécurité » page by keyboard alone: agents, passphrase, backup, check, the sheet, a removal."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from fsbus.actions.agents import add_agent, list_agents
from fsbus.actions.locking import set_idle_minutes
from fsbus.actions.session import open_session
from fsbus.actions.visits import record_visit
from fsbus.core.errors import StoreUnavailable, WrongPassphrase
from fsbus.desktop.security import access_view, view
from fsbus.desktop.security.access_presenter import ADD, AGAIN, CHANGE, CODE, INVITE, REMOVE
from fsbus.desktop.security.page import SecurityPage
from fsbus.desktop.security.view import SecurityView
from fsbus.desktop.widgets.pages import Following
from fsbus.store import key_cost, queries, rekeying
from fsbus.store.key_slots import FLOOR
from tests.builders import draft
from tests.desktop.audit import unnamed
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle
from tests.desktop.test_accessible_names import alt_keys
from tests.devices import AGENT_NAME, PASSPHRASE

OF_DENIS = "quai des tilleuls gris sous la pluie"
LONG_ENOUGH = 60_000
"""Milliseconds: a removal writes the database and the official lists anew, on a machine that may be busy."""


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_cost, "measured_cost", lambda: FLOOR)


@pytest.fixture
def page(opened: Opened) -> SecurityView:
    """The page, opened from the menu under the agent's name."""
    opened.desktop.window.agent.security.trigger()
    settle()
    assert isinstance(opened.screens.security, SecurityPage)
    assert opened.desktop.window.page() == "security"
    return opened.screens.security.view


def names(opened: Opened) -> list[str]:
    return [access.agent.name for access in list_agents(opened.session)]


def choose(page: SecurityView, name: str) -> None:
    rows = page.access.agents.rows
    found = [rows.row(number) for number in range(rows.rowCount()) if rows.row(number).cells[0] == name]
    page.access.agents.choose(found[0].key)


def test_whose_session_it_is_is_always_told(opened: Opened) -> None:
    window = opened.desktop.window
    assert window.said() == f"Bonjour {AGENT_NAME.split()[0]}."
    assert AGENT_NAME in window.agent.text()
    spoken = QAccessible.queryAccessibleInterface(window.agent)
    assert spoken.text(QAccessible.Text.Name) == f"Session de {AGENT_NAME}"
    window.resize(683, 350)
    settle()
    assert window.agent.isVisible()
    assert AGENT_NAME.split()[0] in window.agent.text()


def spoken_order(keys: Typist, steps: int) -> list[str]:
    order = []
    for _ in range(steps):
        order.append(QAccessible.queryAccessibleInterface(focused()).text(QAccessible.Text.Name))
        keys.tab()
    return order


def test_tab_goes_the_way_of_the_eyes(page: SecurityView, qtbot: QtBot) -> None:
    keys = Typist()
    page.check.click()
    qtbot.waitUntil(page.check.isEnabled, timeout=LONG_ENOUGH)
    page.back_up.setFocus()
    assert [name.partition(",")[0].rstrip("… ") for name in spoken_order(keys, 11)] == [
        "Sauvegarder maintenant",
        "Sauvegarder sur une clé USB",
        "Vérifier maintenant",
        "Garde des données",
        "Qui ouvre ce poste",
        "Ajouter un agent",
        "Inviter un agent",
        "Changer ma phrase",
        "Phrase oubliée\u00a0: nouveau code",
        "Retirer cet agent",
        "Préparer la fiche «\u00a0poste perdu\u00a0»",
    ]
    assert focused().accessibleName().startswith("Ce qui est sur ce poste")
    page.access.buttons[ADD].click()
    settle()
    assert spoken_order(keys, 8) == [
        "Nom de l’agent",
        "Phrase secrète proposée",
        "Une autre phrase",
        "Choisir ma propre phrase",
        "Retapez la nouvelle phrase",
        "J’ai noté cette phrase en lieu sûr",
        "Ajouter",
        "Annuler",
    ]


def test_what_is_done_is_announced(page: SecurityView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    for module in (view, access_view):
        monkeypatch.setattr(module, "announce", lambda _widget, text: said.append(text))
    page.check.click()
    qtbot.waitUntil(page.check.isEnabled, timeout=LONG_ENOUGH)
    assert said[0] == "Vérification en cours…"
    assert said[-1].startswith("Vérification faite")
    page.access.buttons[INVITE].click()
    assert said[-1].startswith("Inviter un agent. Il viendra plus tard")


def test_changing_agent_locks(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    opened.desktop.window.lock_requested.connect(lambda: asked.append(True))
    monkeypatch.setattr(opened.desktop, "session", None)
    opened.desktop.window.agent.switch.trigger()
    assert asked == [True]


def test_the_facts_are_told(opened: Opened, page: SecurityView, qtbot: QtBot) -> None:
    record_visit(opened.session, draft())
    opened.screens.show_security()
    facts = page.facts()
    assert (facts["Visites"], facts["Centre"]) == ("1", "aucun\u00a0: ce poste n’est pas rattaché")
    assert facts["Dernière vérification"] == "jamais sur ce poste"
    assert "Argon2id" in facts["Phrase secrète"]
    assert facts["Se verrouille seul"] == "après 5 minutes sans frappe"
    set_idle_minutes(opened.session, 1)
    opened.screens.show_security()
    assert page.facts()["Se verrouille seul"] == "après 1 minute sans frappe"
    page.check.click()
    assert not page.check.isEnabled()
    qtbot.waitUntil(page.check.isEnabled, timeout=LONG_ENOUGH)
    assert page.said() == "Vérification faite\u00a0: tout est en ordre."
    assert page.facts()["Dernière vérification"].endswith("tout est en ordre")


def test_a_backup_is_made_here_and_on_a_stick(
    page: SecurityView, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = tmp_path / "clé"
    assert focused() is page.back_up
    Typist().press(Qt.Key.Key_Space)
    qtbot.waitUntil(page.back_up.isEnabled, timeout=LONG_ENOUGH)
    assert page.said().startswith("Sauvegarde faite et relue")
    monkeypatch.setattr(page, "ask_folder", lambda: stick)
    page.elsewhere.click()
    qtbot.waitUntil(page.back_up.isEnabled, timeout=LONG_ENOUGH)
    assert sorted(path.suffix for path in stick.iterdir()) == [".fsbak", ".fsk"]
    assert focused() is page.back_up
    assert page.facts()["Dernière sauvegarde"].startswith("aujourd’hui")


def test_the_sheet_is_written_twice(
    page: SecurityView, opened: Opened, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_visit(opened.session, draft())
    monkeypatch.setattr(page, "ask_file", lambda proposed: tmp_path / proposed)
    page.sheet.click()
    qtbot.waitUntil(page.sheet.isEnabled, timeout=LONG_ENOUGH)
    (pdf,) = tmp_path.glob("fiche-*.pdf")
    text = pdf.with_suffix(".html").read_text(encoding="utf-8")
    assert pdf.read_bytes().startswith(b"%PDF")
    assert AGENT_NAME in text
    assert opened.session.device in text
    assert str(draft()["note"]) not in text or not draft()["note"]


def test_an_agent_is_added_by_keyboard(page: SecurityView, opened: Opened, qtbot: QtBot) -> None:
    keys, access = Typist(), page.access
    keys.alt(Qt.Key.Key_E)
    qtbot.waitUntil(lambda: access.form() == ADD, timeout=LONG_ENOUGH)
    assert focused() is access.name
    keys.press(Qt.Key.Key_Return)
    assert set(access.panel.problems()) == {"agent", "again", "noted"}
    keys.write("Denis Exemple")
    access.new.again.setFocus()
    keys.write(access.new.phrase())
    keys.tab()
    keys.press(Qt.Key.Key_Space)
    keys.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: access.form() == "", timeout=LONG_ENOUGH)
    assert names(opened) == [AGENT_NAME, "Denis Exemple"]
    assert access.said().startswith("Denis Exemple ouvre ce poste.")
    assert access.new.phrase() == ""
    assert focused() is access.buttons[ADD]


def test_an_invitation_shows_its_code_once(page: SecurityView, opened: Opened, qtbot: QtBot) -> None:
    keys, access = Typist(), page.access
    keys.alt(Qt.Key.Key_G)
    qtbot.waitUntil(lambda: access.form() == INVITE, timeout=LONG_ENOUGH)
    keys.write("Sacha Exemple")
    keys.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: access.form() == CODE, timeout=LONG_ENOUGH)
    assert len(access.code().replace("-", "")) == 32
    assert focused() is access.panel.submit
    keys.press(Qt.Key.Key_Space)
    assert (access.form(), access.code()) == ("", "")
    assert names(opened) == [AGENT_NAME, "Sacha Exemple"]


def test_who_forgot_gets_a_new_code_for_ones_own_passphrase(
    page: SecurityView, opened: Opened, qtbot: QtBot
) -> None:
    denis = add_agent(opened.session, "Denis Exemple", OF_DENIS)
    opened.screens.show_security()
    access = page.access
    access.buttons[AGAIN].click()
    assert access.said() == "Choisissez d’abord un agent dans la liste."
    choose(page, "Denis Exemple")
    access.buttons[AGAIN].click()
    keys = Typist()
    keys.write("ce n’est pas la bonne")
    keys.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "old" in access.panel.problems(), timeout=LONG_ENOUGH)
    access.passphrase.selectAll()
    keys.write(PASSPHRASE)
    keys.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: access.form() == CODE, timeout=LONG_ENOUGH)
    assert [(one.agent.id, one.invited) for one in list_agents(opened.session)][1] == (denis.id, True)


def test_ones_own_passphrase_is_changed(page: SecurityView, opened: Opened, qtbot: QtBot) -> None:
    keys, access = Typist(), page.access
    keys.alt(Qt.Key.Key_C)
    qtbot.waitUntil(lambda: access.form() == CHANGE, timeout=LONG_ENOUGH)
    access.new.own.setChecked(True)
    keys.write(PASSPHRASE)
    for field in (access.new.chosen, access.new.again):
        field.setText("azerty")
    keys.press(Qt.Key.Key_Return)
    assert set(access.panel.problems()) == {"passphrase"}
    for field in (access.new.chosen, access.new.again):
        field.setText(OF_DENIS)
    keys.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: access.form() == "", timeout=LONG_ENOUGH)
    assert access.said() == "Votre phrase est changée\u00a0: l’ancienne n’ouvre plus rien."
    assert access.typed_passphrase() == ""
    home, clock, ids = opened.session.home, opened.session.clock, opened.session.ids
    open_session(home, OF_DENIS, clock=clock, ids=ids).close()
    with pytest.raises(WrongPassphrase):
        open_session(home, PASSPHRASE, clock=clock, ids=ids)


def test_an_agent_is_removed_and_the_laptop_asks_to_be_opened_again(
    page: SecurityView, opened: Opened, qtbot: QtBot
) -> None:
    home, clock, ids = opened.session.home, opened.session.clock, opened.session.ids
    kept = record_visit(opened.session, draft()).id
    add_agent(opened.session, "Denis Exemple", OF_DENIS)
    opened.screens.show_security()
    keys, access = Typist(), page.access
    choose(page, "Denis Exemple")
    keys.alt(Qt.Key.Key_R)
    qtbot.waitUntil(lambda: access.form() == REMOVE, timeout=LONG_ENOUGH)
    keys.press(Qt.Key.Key_Return)
    assert set(access.panel.problems()) == {"old"}
    keys.write(PASSPHRASE)
    keys.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened.desktop.rotation is not None, timeout=LONG_ENOUGH)
    rotation = opened.desktop.rotation
    assert rotation is not None
    assert opened.desktop.window.page() == "rotation"
    assert not opened.desktop.window.may_close()
    qtbot.waitUntil(lambda: rotation.ended, timeout=LONG_ENOUGH)
    settle()
    assert focused() is rotation.view.reopen
    assert unnamed(rotation.view) == []
    assert "rouvrez-le avec votre phrase" in rotation.view.words()
    assert opened.desktop.session is not None
    assert [one.agent.name for one in list_agents(opened.desktop.session)] == [AGENT_NAME]
    assert queries.visit(opened.desktop.session.store.db, kept) is not None
    opened.desktop.session.close()
    with pytest.raises(WrongPassphrase):
        open_session(home, OF_DENIS, clock=clock, ids=ids)


def test_oneself_is_not_removed_and_nobody_while_a_visit_is_typed(page: SecurityView, opened: Opened) -> None:
    add_agent(opened.session, "Denis Exemple", OF_DENIS)
    opened.screens.show_security()
    access = page.access
    choose(page, AGENT_NAME)
    access.buttons[REMOVE].click()
    assert (access.form(), access.said()[:26]) == ("", "On ne se retire pas soi-mê")
    opened.screens.new_visit()
    opened.screens.show_security()
    choose(page, "Denis Exemple")
    access.buttons[REMOVE].click()
    assert access.said().startswith("Une visite est en cours de saisie")


def test_escape_leaves_a_form_and_forgets_what_was_typed(page: SecurityView, qtbot: QtBot) -> None:
    keys, access = Typist(), page.access
    keys.alt(Qt.Key.Key_C)
    qtbot.waitUntil(lambda: access.form() == CHANGE, timeout=LONG_ENOUGH)
    keys.write("secret")
    keys.press(Qt.Key.Key_Escape)
    assert (access.form(), access.typed_passphrase()) == ("", "")
    assert focused() is access.buttons[CHANGE]


@pytest.mark.parametrize("form", ["", ADD, INVITE, CHANGE])
def test_every_field_is_named_and_no_alt_key_is_shared(page: SecurityView, opened: Opened, form: str) -> None:
    if form:
        page.access.buttons[form].click()
        settle()
    assert unnamed(opened.desktop.window) == []
    assert {key for key, count in alt_keys(opened.desktop.window).items() if count > 1} == set()


@pytest.mark.parametrize("form", ["", ADD, INVITE, CHANGE])
def test_nothing_is_cut_at_200_percent(page: SecurityView, opened: Opened, form: str) -> None:
    opened.desktop.window.resize(683, 350)
    if form:
        page.access.buttons[form].click()
        page.access.panel.submit.click()
    settle()
    assert opened.desktop.window.width() == 683
    assert isinstance(page, Following)
    assert page.horizontalScrollBar().maximum() == 0
    shown = [found for found in page.findChildren(QLabel) if found.isVisible() and found.wordWrap()]
    assert [found.text() for found in shown if found.height() < found.heightForWidth(found.width())] == []


def test_a_removal_that_fails_leaves_a_laptop_that_opens_as_before(
    page: SecurityView, opened: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_named: object) -> None:
        raise StoreUnavailable("Le disque est plein.")

    denis = add_agent(opened.session, "Denis Exemple", OF_DENIS)
    monkeypatch.setattr(rekeying, "rotate", full)
    opened.desktop.remove_agent(denis.id, denis.name, PASSPHRASE)
    rotation = opened.desktop.rotation
    assert rotation is not None
    qtbot.waitUntil(lambda: rotation.ended, timeout=LONG_ENOUGH)
    assert rotation.view.words().startswith("Le disque est plein. Rien n’est perdu")
    session = opened.desktop.session
    assert session is not None
    assert [one.agent.name for one in list_agents(session)] == [AGENT_NAME, "Denis Exemple"]
    assert opened.bugs == []
    session.close()


def test_a_removal_whose_laptop_does_not_open_again_still_says_so(
    page: SecurityView, opened: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_named: object) -> None:
        (opened.session.home / "keys.fsk").write_bytes(b"")
        (opened.session.home / "keys.fsk.prev").write_bytes(b"")
        raise StoreUnavailable("Le disque est plein.")

    denis = add_agent(opened.session, "Denis Exemple", OF_DENIS)
    monkeypatch.setattr(rekeying, "rotate", full)
    opened.desktop.remove_agent(denis.id, denis.name, PASSPHRASE)
    rotation = opened.desktop.rotation
    assert rotation is not None
    qtbot.waitUntil(lambda: rotation.ended, timeout=LONG_ENOUGH)
    assert opened.desktop.session is None
    assert rotation.view.words().startswith("Le disque est plein. Rien n’a été effacé")
    assert focused() is rotation.view.reopen
