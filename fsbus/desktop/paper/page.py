"""Builds the « Imprimer » page and ties its view to its presenter."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from fsbus.desktop.paper.jobs import PaperJobs
from fsbus.desktop.paper.presenter import PaperPresenter
from fsbus.desktop.paper.view import PaperView
from fsbus.desktop.running import Runner
from fsbus.desktop.window import MainWindow


class PaperPage(QObject):
    """Whoever makes it keeps it, as `Screens`. ``on_back`` goes where it was opened from."""

    def __init__(
        self,
        window: MainWindow,
        *,
        runner: Runner,
        on_back: Callable[[], None],
        on_bug: Callable[[Exception], None],
    ) -> None:
        super().__init__(window)
        self.view = PaperView()
        self.presenter = PaperPresenter(self.view, runner=runner, jobs=PaperJobs(), on_bug=on_bug)
        view, presenter = self.view, self.presenter
        view.back_requested.connect(on_back)
        view.left.connect(presenter.leave)
        view.kind_changed.connect(presenter.change_kind)
        view.changed.connect(presenter.draw)
        view.print_requested.connect(presenter.print)
        view.pdf_requested.connect(presenter.save_pdf)
        view.html_requested.connect(presenter.save_html)
