"""The card « Par clé USB »: a real day there and back, and what is said when it goes otherwise."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from fsbus.actions.stick_words import taken_in_words, written_in_words
from fsbus.actions.visits import record_visit
from fsbus.core.errors import DiskFull, InvalidInput
from fsbus.desktop.stick.presenter import StickPresenter
from fsbus.server import admin
from fsbus.server.bundles import answer_bundle
from fsbus.server.serving import EmbeddedCentre
from fsbus.sync.bundles import Taken, Written
from tests.builders import draft
from tests.desktop.conftest import Opened
from tests.desktop.test_sync_panel import HeldRunner
from tests.fakes import HeldTime

A_WHILE = 20_000


def test_a_day_leaves_on_a_stick_and_its_answer_is_read_in_the_window(
    opened: Opened, tmp_path: Path, qtbot: QtBot, held_time: HeldTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, path = opened.screens.sync_door.stick, tmp_path / "fsbus.fsb"
    opened.screens.show_page("sync")
    assert not card.isVisible()
    with EmbeddedCentre(f"sqlite:///{tmp_path / 'centre.db'}", clock=held_time.clock()) as served:
        code = admin.enroll_code(served.centre, "thierache", clock=held_time.clock()).code
        opened.screens.sync.server.setText(served.url)
        opened.screens.sync.code.setText(code)
        opened.screens.sync.enroll.click()
        qtbot.waitUntil(card.isVisible, timeout=A_WHILE)
        qtbot.waitUntil(opened.screens.sync.sync.isEnabled, timeout=A_WHILE)
        record_visit(opened.session, draft())
        monkeypatch.setattr(card, "ask_where_to_write", lambda _proposed: path.with_suffix(""))
        card.write.click()
        qtbot.waitUntil(lambda: "retirer" in card.said(), timeout=A_WHILE)
        given = answer_bundle(served.centre, path.read_bytes(), clock=held_time.clock())
    back = tmp_path / "retour.fsb"
    back.write_bytes(given.sealed)
    monkeypatch.setattr(card, "ask_what_to_read", lambda: back)
    card.read.click()
    qtbot.waitUntil(lambda: "reçues par le centre" in card.said(), timeout=A_WHILE)
    assert opened.session.store.pending_count() == 0
    assert "aucune saisie" not in card.said()
    assert card.write.isEnabled()


@dataclass
class Screen:
    """Answers what the dialogs would, and keeps what is told."""

    chosen: Path | None = None
    proposed: str = ""
    answer: bool = False
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    shown: list[tuple[bool, bool]] = field(default_factory=list)

    def show_use(self, *, usable: bool, busy: bool) -> None:
        self.shown.append((usable, busy))

    def say(self, text: str) -> None:
        self.said.append(text)

    def ask_where_to_write(self, proposed: str) -> Path | None:
        self.proposed = proposed
        return self.chosen

    def ask_what_to_read(self) -> Path | None:
        return self.chosen

    def ask_to_replace(self, name: str) -> bool:
        self.asked.append(name)
        return self.answer


@dataclass
class Hand:
    """What becomes of the next stick."""

    error: Exception | None = None
    written: list[Path] = field(default_factory=list)

    def write(self, path: Path) -> Written:
        if self.error is not None:
            raise self.error
        self.written.append(path)
        return Written(3, 900, 0)

    def read(self, path: Path) -> Taken:
        if self.error is not None:
            raise self.error
        return Taken(4, 900, 3, 0, 0, False, frozenset({"visit"}))


@dataclass
class Made:
    """A presenter on fakes."""

    screen: Screen = field(default_factory=Screen)
    hand: Hand = field(default_factory=Hand)
    runner: HeldRunner = field(default_factory=HeldRunner)
    taken: list[frozenset[str]] = field(default_factory=list)
    bugs: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.presenter = StickPresenter(
            self.screen,
            "3s74vi6i2agqt7gb4slzb5g2o",
            runner=self.runner,
            stick=self.hand,
            on_done=self.taken.append,
            on_bug=self.bugs.append,
        )
        self.presenter.allow(True)


def test_the_file_proposed_names_no_person_no_place_and_no_day() -> None:
    made = Made()
    made.presenter.write()
    assert made.screen.proposed == "fsbus-3s74v.fsb"
    assert not made.runner.jobs


def test_a_name_without_an_ending_gets_one_and_nothing_is_begun_twice() -> None:
    made = Made()
    made.screen.chosen = Path("stick") / "bus"
    made.presenter.write()
    made.presenter.write()
    made.presenter.read()
    made.runner.work()
    assert not made.runner.jobs
    assert made.hand.written == [Path("stick") / "bus.fsb"]
    assert made.screen.shown[-2:] == [(True, True), (True, False)]


def test_a_file_that_gets_its_ending_here_is_replaced_only_if_the_agent_says_so(tmp_path: Path) -> None:
    made = Made()
    (tmp_path / "bus.fsb").touch()
    made.screen.chosen = tmp_path / "bus"
    made.presenter.write()
    assert (made.screen.asked, made.runner.jobs) == (["bus.fsb"], [])
    made.screen.answer = True
    made.presenter.write()
    made.runner.work()
    assert made.hand.written == [tmp_path / "bus.fsb"]
    # With its ending, the dialog has asked already.
    made.screen.chosen = tmp_path / "bus.fsb"
    made.presenter.write()
    assert len(made.screen.asked) == 2


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DiskFull("La clé USB est pleine."), "La clé USB est pleine."),
        (InvalidInput({"file": "Ce n’est pas une réponse."}), "Ce n’est pas une réponse."),
    ],
)
def test_what_a_stick_refuses_is_told_as_it_is(error: Exception, told: str) -> None:
    made = Made()
    made.screen.chosen, made.hand.error = Path("x.fsb"), error
    for begin in (made.presenter.write, made.presenter.read):
        begin()
        made.runner.work()
        assert made.screen.said[-1] == told
    assert made.bugs == []


def test_a_bug_is_reported_and_told_calmly() -> None:
    made = Made()
    made.screen.chosen, made.hand.error = Path("x.fsb"), ValueError("x")
    made.presenter.read()
    made.runner.work()
    assert "rien n’est perdu" in made.screen.said[-1]
    assert len(made.bugs) == 1


def test_what_an_answer_changed_is_shown_at_once() -> None:
    made = Made()
    made.screen.chosen = Path("x.fsb")
    made.presenter.read()
    made.runner.work()
    assert made.taken == [frozenset({"visit"})]


@pytest.mark.parametrize(("written", "told"), [
    (Written(0, 900, 0), "La demande est sur la clé USB\u202f: vous pouvez la retirer et la faire porter au centre."),
    (Written(1, 900, 0), "1 saisie sur la clé USB, écrite et relue\u202f: vous pouvez la retirer et la faire porter au centre."),
    (Written(30, 900, 2), "30 saisies sur la clé USB, écrites et relues\u202f: vous pouvez la retirer et la faire porter au "
     "centre. 2 saisies n’y tenaient pas et partiront ensuite."),
])  # fmt: skip
def test_what_was_written_is_said_in_french(written: Written, told: str) -> None:
    assert written_in_words(written) == told


@pytest.mark.parametrize(("taken", "told"), [
    (Taken(0, 9, 0, 0, 0, False, frozenset()), "Réponse du centre lue\u202f: elle n’apprend rien de plus, tout était déjà à jour."),
    (Taken(1, 9, 1, 0, 0, False, frozenset()), "Réponse du centre lue\u202f: 1 saisie reçue par le centre, 1 nouvelle sur ce poste."),
    (Taken(2, 9, 0, 0, 0, False, frozenset()), "Réponse du centre lue\u202f: 0 saisie reçue par le centre, 2 nouvelles sur ce poste."),
    (Taken(0, 9, 3, 0, 0, False, frozenset()), "Réponse du centre lue\u202f: 3 saisies reçues par le centre, 0 nouvelle sur ce poste."),
    (Taken(7, 9, 30, 1, 1, True, frozenset()), "Réponse du centre lue\u202f: 30 saisies reçues par le centre, 7 nouvelles sur ce "
     "poste. 2 sont à vérifier. Le centre a encore à dire\u202f: écrivez une nouvelle clé USB."),
])  # fmt: skip
def test_what_was_read_is_said_in_french(taken: Taken, told: str) -> None:
    assert taken_in_words(taken) == told
