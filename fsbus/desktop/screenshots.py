"""Pictures of the real windows, for the demonstration, the documents and whoever looks at the design."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from fsbus.actions.session import Session
from fsbus.assets import resources
from fsbus.desktop.main import Desktop
from fsbus.desktop.palettes import LIGHT, Theme
from fsbus.desktop.screens import Screens
from fsbus.desktop.style import application, dress
from fsbus.desktop.unlock.presenter import WRONG
from fsbus.desktop.visit_form.view import VisitFormView
from fsbus.desktop.widgets.type_ahead import TypeAhead

SIZE = (1366, 740)
"""Logical pixels of the window: a small laptop, its title bar taken off."""
SIDE = (1040, 740)
"""The same, for two windows side by side."""
GAP = 16
"""Logical pixels between two windows."""
LONGEST_READ = 10.0
"""Seconds that an official answer is waited for."""
SETTLING = 6
"""Rounds of events that a layout needs to come to rest."""


def take(widget: QWidget, path: Path) -> Path:
    """Write what this widget shows as a PNG; OSError when it cannot be written."""
    settle()
    path.parent.mkdir(parents=True, exist_ok=True)
    if not widget.grab().save(str(path), "PNG"):
        raise OSError(f"screenshot not written: {path}")
    return path


def take_all(
    session: Session, folder: Path, *, theme: Theme = LIGHT, size: tuple[int, int] = SIZE
) -> list[Path]:
    """Every screen of the application on this open session, as ``01-….png`` and so on.

    Nothing is saved or sent. With QT_SCALE_FACTOR=2 in the environment of the process, twice as large.
    """
    dress(application(), theme, resources())
    names = iter(range(1, 100))
    with _window(session, size) as desktop:
        window = desktop.window

        def shoot(name: str) -> Path:
            return take(window, folder / f"{next(names):02d}-{name}.png")

        desktop.show_first_run()
        paths = [shoot("premier-demarrage")]
        desktop.show_unlock()
        paths.append(shoot("deverrouiller"))
        if desktop.unlock is not None:
            desktop.unlock.show_error(WRONG)
            paths.append(shoot("phrase-refusee"))
        desktop.show_invitation()
        paths.append(shoot("invitation"))
        desktop.open(session, by_itself=False)
        paths.append(shoot("aujourd-hui"))
        if (screens := desktop.screens) is not None:
            screens.new_visit()
            paths.append(shoot("visite-vide"))
            form = screens.visit
            _begin(form, 0, "carte d’identité")
            paths.append(shoot("visite-recherche"))
            _fill(form)
            paths.append(shoot("visite-deux-demarches"))
            form.person.time.setText("25h")
            form.save_requested.emit()
            paths.append(shoot("visite-a-corriger"))
            screens.visit.cards[0].procedure.setFocus()
            screens.answers.enter_from(form)
            screens.answers.searching.wait(LONGEST_READ)
            paths.append(shoot("reponse-officielle"))
            screens.show_page("sync")
            paths.append(shoot("synchronisation"))
            screens.show_page("to_check")
            paths.append(shoot("a-verifier"))
            screens.show_security()
            paths.append(shoot("securite"))
            screens.show_page("today")
            if (rows := screens.today.visits.rows).rowCount():
                screens.read_visit(rows.row(0).key)
                paths.append(shoot("visite-relue"))
                screens.paper.print_here()
                paths.append(shoot("imprimer"))
                screens.correct_visit(rows.row(0).key)
                paths.append(shoot("correction"))
    return paths


def take_side_by_side(
    sessions: Sequence[Session],
    show: Callable[[Screens], None],
    path: Path,
    *,
    theme: Theme = LIGHT,
    size: tuple[int, int] = SIDE,
) -> Path:
    """One picture of the real windows of several laptops, from left to right, each on what ``show`` opens."""
    dress(application(), theme, resources())
    windows = []
    for session in sessions:
        with _window(session, size) as desktop:
            desktop.open(session, by_itself=False)
            if desktop.screens is not None:
                show(desktop.screens)
            settle()
            windows.append(desktop.window.grab().toImage())
    scale = windows[0].devicePixelRatio()
    for one in windows:
        one.setDevicePixelRatio(1)
    gap = round(GAP * scale)
    width = sum(one.width() + gap for one in windows) - gap
    picture = QImage(width, max(one.height() for one in windows), QImage.Format.Format_RGB32)
    picture.fill(QColor(theme.edge))
    painter, left = QPainter(picture), 0
    for one in windows:
        painter.drawImage(left, 0, one)
        left += one.width() + gap
    painter.end()
    path.parent.mkdir(parents=True, exist_ok=True)
    if not picture.save(str(path)):
        raise OSError(f"picture not written: {path}")
    return path


@contextmanager
def _window(session: Session, size: tuple[int, int]) -> Iterator[Desktop]:
    """The application of this laptop in its own window, which goes at the end; the session stays."""
    desktop = Desktop(session.home, clock=session.clock, ids=session.ids)
    window = desktop.window
    window.resize(*size)
    window.show()
    try:
        yield desktop
    finally:
        desktop.stop_timers()
        desktop.background.close(desktop.device.close)
        window.may_close = lambda: True
        window.close()
        # With the window goes what hangs on it and would look after a session that others close.
        window.deleteLater()


def settle() -> None:
    """Let layouts, timers of zero length and painting finish."""
    for _ in range(SETTLING):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)


def _begin(form: VisitFormView, number: int, words: str) -> None:
    field: TypeAhead = form.cards[number].procedure
    field.setFocus()
    settle()
    field.setText(words)
    field.textEdited.emit(words)


def _fill(form: VisitFormView) -> None:
    first = form.cards[0]
    first.procedure.take_first()
    for choice, code in (
        (first.nature, "file_assistance"),
        (first.mode, "assisted"),
        (first.outcome, "resolved"),
    ):
        choice.set_code(code)
    form.add_requested.emit()
    _begin(form, 1, "retraite")
    second = form.cards[1]
    second.procedure.take_first()
    for choice, code in (
        (second.nature, "information"),
        (second.mode, "assisted"),
        (second.outcome, "referred"),
    ):
        choice.set_code(code)
