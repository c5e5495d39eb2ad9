"""Opens the application on a folder until its window is closed, or another process takes over."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from fsbus import __version__
from fsbus.assets import resources
from fsbus.core.clock import Clock
from fsbus.desktop import appearance
from fsbus.desktop.crash import CrashReports
from fsbus.desktop.main import WARM_UP_AFTER, Desktop
from fsbus.desktop.single import FIRST, SingleWindow, tell_open_already
from fsbus.desktop.style import application, dress, wished_theme
from fsbus.desktop.unlock.trying import Tryout
from fsbus.logs.event_log import LOGS

if TYPE_CHECKING:
    from fsbus.desktop.locking.leaving import NextProcess

FAILED = 1


def run(
    home: Path,
    *,
    theme: str | None = None,
    clock: Clock | None = None,
    passphrase: str | None = None,
    restart: Sequence[str] | None = None,
    tryout: Tryout | None = None,
) -> int:
    """Open the application on this folder until its window is closed; the exit status.

    ``theme`` is ``light``, ``dark`` or ``high-contrast``; else what the agent chose, else what the system
    asks for. ``clock`` and ``passphrase``, which then types itself once, are for the demonstration.
    ``restart`` is the command that starts the application again after a lock; ``tryout`` what a new laptop offers to try.
    When a window is open on this folder, it comes forward instead.
    """
    app = application()
    app.setApplicationName("fsbus")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("fsbus")
    clock = clock or Clock()
    single = SingleWindow(home)
    if (claimed := single.claim()) != FIRST:
        return tell_open_already(claimed)
    next_one: NextProcess | None = None

    def leave(hurry: bool) -> None:
        from fsbus.desktop.locking import leaving

        nonlocal next_one
        leaving.end_within(leaving.IN_A_HURRY if hurry else leaving.AT_MOST)
        single.let_go()
        next_one = leaving.NextProcess(restart or leaving.own_command(home))
        next_one.start()
        # Not `quit`, which would ask the windows first; out of dialogs, too.
        app.exit()

    reports = CrashReports(home / LOGS, clock.now)
    reports.install()
    try:
        dress(app, wished_theme(theme or appearance.kept_theme(home)), resources())
        desktop = Desktop(home, clock=clock, reports=reports, on_lock=leave, tryout=tryout)
        desktop.start()
    except Exception as error:  # noqa: BLE001 -- no window would say it
        single.let_go()
        reports.show_and_wait(error)
        reports.close()
        return FAILED

    def settle_in() -> None:
        single.answer(desktop.window.come_forward, desktop.window)
        _shield(reports)

    # After the paint, and long before somebody has typed a passphrase.
    desktop.window.first_painted.connect(lambda: QTimer.singleShot(WARM_UP_AFTER, reports, settle_in))
    if passphrase is not None:
        desktop.unlock_with(passphrase)
    status = app.exec()
    # Nothing is shown any more: who starts fsbus now gets a window of their own.
    single.let_go()
    try:
        finished = desktop.finish()
    finally:
        if next_one is not None:
            next_one.make_sure()
    if not finished:
        # An exchange hangs on a dead link. What is saved is durable; the key must leave the memory now.
        os._exit(status)
    return status


def _shield(reports: CrashReports) -> None:
    from fsbus.logs.foreign_words import hear_libraries
    from fsbus.logs.no_dumps import refuse_dumps

    reports.began()
    hear_libraries(reports.log)
    refuse_dumps()
