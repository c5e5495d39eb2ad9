"""A new laptop is tried first: a demonstration that is marked, begun anew, and never enrolled."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from fsbus.actions.session import Session, open_session
from fsbus.cli.trying import Tryout
from fsbus.core.clock import Clock
from fsbus.core.errors import InvalidInput, NotAllowed
from fsbus.core.ids import Ids
from fsbus.desktop.main import Desktop
from fsbus.store import queries
from fsbus.store.standing import key_to_enrol
from tests.desktop.keyboard import settle
from tests.desktop.test_sync_panel import ENROLMENT
from tests.waiting import until


@pytest.fixture(scope="module")
def tryout(tmp_path_factory: pytest.TempPathFactory) -> Tryout:
    made = Tryout(tmp_path_factory.mktemp("essai") / "poste")
    made.make()
    return made


@pytest.fixture
def session(tryout: Tryout) -> Iterator[Session]:
    clock = Clock()
    opened = open_session(tryout.home, tryout.passphrase(), clock=clock, ids=Ids(clock.now))
    yield opened
    opened.close()


def is_opened(desktop: Desktop) -> bool:
    settle()
    return desktop.screens is not None


def test_it_holds_made_up_visits_and_says_that_nothing_is_real(session: Session, tryout: Tryout) -> None:
    assert tryout.is_made()
    assert len(list(queries.visits_between(session.store.db, "0001-01-01", "9999-12-31"))) >= 12
    assert session.standing().startswith("Démonstration — rien de réel")


def test_it_is_never_enrolled_and_no_code_is_spent(session: Session) -> None:
    with pytest.raises(NotAllowed, match="démonstration"):
        key_to_enrol(session.store, session.signing_key)
    with pytest.raises(NotAllowed, match="démonstration"):
        session.store.set_enrolment(ENROLMENT)
    assert session.store.link().enrolment is None


def test_a_real_laptop_says_nothing_of_it(device: Session) -> None:
    assert "Démonstration" not in device.standing()
    assert key_to_enrol(device.store, device.signing_key) == device.signing_key


def test_a_folder_that_is_no_demonstration_is_left_alone(tmp_path: Path) -> None:
    other = Tryout(tmp_path / "poste")
    other.folder.mkdir()
    (other.folder / "lettre.txt").write_text("à garder", encoding="utf-8")
    with pytest.raises(InvalidInput):
        other.make()
    assert (other.folder / "lettre.txt").read_text(encoding="utf-8") == "à garder"


def test_the_first_screen_opens_it_under_its_banner(
    dressed: QApplication, tryout: Tryout, tmp_path: Path
) -> None:
    bugs: list[Exception] = []
    desktop = Desktop(tmp_path / "neuf", clock=Clock(), on_bug=bugs.append, tryout=tryout)
    try:
        desktop.start()
        assert desktop.first_run is not None
        assert desktop.first_run.anew.isVisible()
        desktop.first_run.trying.click()
        assert not desktop.first_run.make.isEnabled()
        assert until(lambda: is_opened(desktop), 60)
        assert desktop.window.banner.text().startswith("Démonstration")
        assert not desktop.window.banner.isHidden()
        assert not (tmp_path / "neuf" / "keys.fsk").exists()
    finally:
        desktop.window.may_close = lambda: True
        desktop.finish()
        desktop.window.deleteLater()
        settle()
    assert bugs == []
