"""An agent's whole day in the real application, by key events alone: what the journey test drives.

`python -m tests.journeys.agents_day HOME PICTURES [all]`, on a laptop whose passphrase is that of the tests. Ends with
status 0 when the day was lived; what was not as expected is told on standard error. Pictures of every screen at 100 %
and 200 %, in the light palette; with « all » in the three.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from fsbus.actions.circuit import passages_of_day
from fsbus.actions.session import Session
from fsbus.assets import resources
from fsbus.core.appointments import Appointment
from fsbus.core.attendance import Attendance
from fsbus.core.circuit import Incident, Stop
from fsbus.desktop.main import Desktop
from fsbus.desktop.palettes import DARK, HIGH_CONTRAST, LIGHT, Theme
from fsbus.desktop.screens import Screens
from fsbus.desktop.screenshots import settle, take
from fsbus.desktop.style import application, dress
from fsbus.desktop.widgets.pages import Page
from fsbus.store import day_queries, queries
from fsbus.store.database import Database
from tests.desktop.keyboard import Typist, focused
from tests.devices import PASSPHRASE
from tests.fakes import HeldTime
from tests.waiting import until

DAY = "2026-11-24"
THEMES: dict[str, Theme] = {"sombre": DARK, "contraste": HIGH_CONTRAST, "clair": LIGHT}
SIZES = {"100": (1366, 740), "200": (683, 370)}
FURTHEST = 150
"""Tabs after which a field is not to be found any more."""
PATIENCE = 20.0
"""Seconds that an official answer may take."""


def is_wider(page: Page) -> bool:
    """Whether some of a page is only seen by scrolling sideways."""
    return page.horizontalScrollBar().maximum() > 0


class Agent(Typist):
    """Types, and looks for fields as one does without a mouse: by Tab, until the name said is the one wanted."""

    def to(self, name: str) -> QWidget:
        """Tab to the field or button whose spoken name begins so."""
        seen = list[str]()
        for _ in range(FURTHEST):
            said = focused().accessibleName()
            if said.startswith(name):
                return focused()
            seen.append(said)
            self.tab()
        raise AssertionError(f"no « {name} » by Tab; met: {list(dict.fromkeys(seen))}")

    def push(self, name: str) -> None:
        """Tab to a button and press it."""
        self.to(name)
        self.press(Qt.Key.Key_Return)

    def fill(self, name: str, text: str) -> None:
        """Tab to a field and type in it instead of what stands there."""
        self.to(name)
        self.control(Qt.Key.Key_A)
        self.write(text)


class Day:
    """The window of one laptop, and the pictures that are taken of it."""

    def __init__(self, home: Path, pictures: Path, themes: tuple[str, ...]) -> None:
        self.themes = themes
        self.time, self.keys, self.pictures = HeldTime(), Agent(), pictures
        self.bugs: list[Exception] = []
        dress(application(), LIGHT, resources())
        self.desktop = Desktop(home, clock=self.time.clock(), ids=self.time.ids(), on_bug=self.bugs.append)
        self.window = self.desktop.window
        self.taken: list[str] = []

    def live(self) -> None:
        """From the passphrase to the lock."""
        self.window.resize(*SIZES["100"])
        self.desktop.start()
        self.window.activateWindow()
        self.until(lambda: QApplication.focusWidget() is not None, "the keyboard")
        for part in (
            self.unlock,
            self.plan,
            self.set_out,
            self.receive,
            self.book,
            self.answer,
            self.come_home,
        ):
            part()
            settle()
        assert self.bugs == [], self.bugs

    def unlock(self) -> None:
        """The passphrase, typed."""
        self.picture("deverrouiller")
        self.keys.write(PASSPHRASE)
        self.keys.press(Qt.Key.Key_Return)
        self.until(lambda: self.desktop.screens is not None, "the day after the passphrase")
        self.picture("aujourd-hui-vide")

    def plan(self) -> None:
        """The circuit gets its first stop: each Tuesday on the market place."""
        keys = self.keys
        self.page("2", "circuit")
        keys.alt(Qt.Key.Key_C)
        keys.push("Ajouter un arrêt")
        keys.fill("Commune", "guise")
        keys.tab()
        keys.fill("Lieu", "Place du marché")
        keys.fill("Ouvre à", "13:00")
        keys.fill("Ferme à", "17:00")
        keys.fill("À partir du", "03/11/2026")
        self.picture("circuit-arret")
        keys.press(Qt.Key.Key_Return)
        [stop] = day_queries.every(self.db, Stop)
        assert (stop.commune, stop.opens_at, stop.closes_at) == ("02361", "13:00", "17:00"), stop
        self.picture("circuit")

    def set_out(self) -> None:
        """Arriving, the equipment, opening, and an incident that lasts."""
        keys = self.keys
        self.page("1", "today")
        self.page("2", "circuit")
        keys.alt(Qt.Key.Key_J)
        keys.push("Arriver")
        self.time.advance(minutes=20)
        keys.push("Tout est en état")
        keys.push("Enregistrer le matériel")
        keys.push("Ouvrir")
        keys.push("Signaler un incident")
        keys.to("Incident")
        keys.write("Panne de r")
        keys.fill("Durée", "25")
        self.picture("tournee-incident")
        keys.press(Qt.Key.Key_Return)
        passage = passages_of_day(self.session, DAY)[0].passage
        assert passage is not None, "no passage"
        assert passage.arrived_at, passage
        assert passage.opened_at, passage
        assert [one.minutes for one in day_queries.of_day(self.db, Incident, DAY)] == [25]
        self.picture("tournee")

    def receive(self) -> None:
        """Three come; the first is called and received: a visit with two procedures, one of them to follow."""
        keys = self.keys
        self.page("1", "today")
        for _ in range(3):
            keys.press(Qt.Key.Key_F7)
            self.time.advance(minutes=2)
        keys.press(Qt.Key.Key_F8)
        self.page("3", "queue")
        self.picture("file")
        keys.control(Qt.Key.Key_N)
        self.time.advance(minutes=17)
        keys.to("Âge")
        keys.write("6")
        keys.alt(Qt.Key.Key_D)
        keys.write("cni")
        keys.tab()
        keys.write("aa")
        keys.tab()
        keys.write("f")
        keys.tab()
        keys.write("t")
        keys.control(Qt.Key.Key_D)
        keys.write("retraite")
        keys.tab()
        keys.write("aa")
        keys.tab()
        keys.write("f")
        keys.tab()
        keys.write("à s")
        keys.fill("Réponse précise donnée", "Relevé demandé, à relire ensemble au prochain passage.")
        keys.to("Prochain passage")
        keys.press(Qt.Key.Key_Down)
        self.picture("visite")
        keys.control(Qt.Key.Key_Return)
        [(visit, records)] = queries.visits_of_day(self.db, DAY)
        assert (visit.minutes, visit.stop_commune) == (17, "02361"), visit
        follow_up = next(one.follow_up for one in records if one.follow_up is not None)
        assert (follow_up.on, follow_up.commune) == ("2026-12-01", "02361"), follow_up
        self.picture("aujourd-hui")
        keys.to("Visites")
        keys.press(Qt.Key.Key_Return)
        self.picture("visite-relue")
        keys.control(Qt.Key.Key_P)
        self.picture("imprimer")
        self.page("5", "follow_ups")
        keys.to("Liste")
        keys.press(Qt.Key.Key_End)
        self.picture("suites")

    def book(self) -> None:
        """The second in the queue takes an appointment."""
        keys = self.keys
        self.page("6", "appointments")
        keys.push("Nouveau rendez-vous")
        keys.fill("Jour", "01/12/2026")
        keys.fill("Heure", "14h30")
        keys.fill("Nom à appeler", "Mme Exemple")
        keys.fill("Téléphone", "06 12 34 56 78")
        self.picture("rendez-vous-formulaire")
        keys.press(Qt.Key.Key_Return)
        [made] = day_queries.every(self.db, Appointment)
        assert (made.day, made.starts_at, made.name) == ("2026-12-01", "14:30", "Mme Exemple"), made
        self.picture("rendez-vous")

    def answer(self) -> None:
        """An official answer, from anywhere and back."""
        keys = self.keys
        before = self.window.page()
        keys.control(Qt.Key.Key_K)
        keys.write("carte grise")
        self.screens.answers.searching.wait(PATIENCE)
        keys.press(Qt.Key.Key_Down)
        self.screens.answers.searching.wait(PATIENCE)
        settle()
        self.picture("reponses")
        keys.press(Qt.Key.Key_Escape)
        assert self.window.page() == before, self.window.page()
        self.page("9", "sync")
        self.picture("synchronisation")
        self.page("0", "to_check")
        self.picture("a-verifier")
        keys.press(Qt.Key.Key_F1)
        self.picture("touches")
        keys.press(Qt.Key.Key_Escape)
        self.page("7", "workshops")
        self.picture("ateliers")
        self.page("4", "people")
        self.picture("personnes")

    def come_home(self) -> None:
        """Closing and leaving; the tickets are figures; F12 hides everything."""
        keys = self.keys
        self.page("2", "circuit")
        keys.alt(Qt.Key.Key_J)
        self.time.advance(hours=3)
        keys.push("Fermer")
        self.time.advance(minutes=10)
        keys.push("Partir")
        passage = passages_of_day(self.session, DAY)[0].passage
        assert passage is not None, "no passage"
        assert passage.closed_at, passage
        assert passage.left_at, passage
        self.page("3", "queue")
        [figures] = day_queries.of_day(self.db, Attendance, DAY)
        assert figures.arrived == 3, figures
        self.page("1", "today")
        self.picture("soir")

    @property
    def session(self) -> Session:
        """The open session."""
        assert self.desktop.session is not None
        return self.desktop.session

    @property
    def db(self) -> Database:
        """Its database."""
        return self.session.store.db

    @property
    def screens(self) -> Screens:
        """Its screens, once it is open."""
        assert self.desktop.screens is not None
        return self.desktop.screens

    def page(self, digit: str, name: str) -> None:
        """Go to a page by its digit."""
        self.keys.alt(getattr(Qt.Key, f"Key_{digit}"))
        assert self.window.page() == name, f"{self.window.page()} instead of {name}"

    def picture(self, name: str) -> None:
        """What the window shows, in each palette and size, back to the first; the keyboard stays where it is."""
        keyboard = QApplication.focusWidget()
        # The light one last: it is what the day goes on in. Dressing polishes every widget, so sizes are inside.
        for theme in self.themes:
            dress(application(), THEMES[theme], resources())
            for size, (wide, high) in SIZES.items():
                self.window.resize(wide, high)
                take(self.window, self.pictures / f"{len(self.taken):02d}-{name}-{theme}-{size}.png")
                wider = [one for one in self.window.findChildren(Page) if one.isVisible() and is_wider(one)]
                assert not wider, f"{name} at {size} %: wider than the window"
        self.taken.append(name)
        self.window.resize(*SIZES["100"])
        settle()
        assert QApplication.focusWidget() is keyboard, f"{name}: the keyboard went away"

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Let the window work until this holds."""

        def held() -> bool:
            settle()
            return holds()

        assert until(held), f"waited in vain for {what}"

    def leave(self) -> None:
        """Close everything."""
        self.desktop.stop_timers()
        self.desktop.background.close(self.desktop.device.close)
        self.window.may_close = lambda: True
        self.window.close()


def main(home: Path, pictures: Path, themes: tuple[str, ...] = ("clair",)) -> int:
    """Live the day; 0 when it was as expected."""
    day = Day(home, pictures, themes)
    try:
        day.live()
    finally:
        day.leave()
    sys.stdout.write(f"{day.keys.strokes} strokes, {len(day.taken)} screens\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), tuple(THEMES) if "all" in sys.argv else ("clair",)))
