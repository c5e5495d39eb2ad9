"""What the first window may bring into memory: it must be there at once."""

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from fsbus.desktop.unlock.first_run_view import FirstRunView
from tests.devices import MakeDevice

ROOM = 640
"""Logical pixels of 720 that the bars of the system and of the window leave."""

HEAVY = (
    "cryptography",
    "sqlcipher3",
    "sqlite_utils",
    "msgspec",
    "requests",
    "urllib3",
    "holidays",
    "backports",
    "PySide6.QtNetwork",
)
SHOW_AND_LIST = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from fsbus.desktop import main, start
from fsbus.core.clock import Clock
from fsbus.core.ids import Ids
app = QApplication([])
start.dress(app, start.wished_theme(None), start.resources())
main.WARM_UP_AFTER = 10_000
desktop = main.Desktop(Path(sys.argv[1]), clock=Clock(), ids=Ids())
desktop.reports.install()
desktop.start()
app.processEvents()
print(desktop.window.page(), *sorted(sys.modules))
desktop.finish()
"""


def test_the_unlock_window_waits_for_no_heavy_module(make_device: MakeDevice, tmp_path: Path) -> None:
    make_device("locked").store.close()
    ran = subprocess.run(
        [sys.executable, "-c", SHOW_AND_LIST, str(tmp_path / "locked")],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    page, *modules = ran.stdout.split()
    assert page == "unlock"
    assert "fsbus.desktop.unlock.view" in modules
    assert [name for name in modules if name.startswith(HEAVY)] == []
    assert [name for name in modules if name.startswith(("fsbus.store", "fsbus.actions", "fsbus.sync"))] == []


def test_a_new_laptop_is_prepared_without_scrolling(dressed: QApplication) -> None:
    view = FirstRunView()
    view.offer_tryout(is_made=True)
    view.show_phrase("abricot balcon cerise donjon éclair fenouil")
    page = view.widget()
    assert page is not None
    assert page.heightForWidth(1366) <= ROOM
    view.deleteLater()
