"""The real application, and somebody who types needles into every field of it.

`python -m tests.leaks.typing_child HOME PART` with JSON on standard input: the passphrase and the needles. Parts:
`day`, `mid-typing`, `mid-save` and `paper` (to be killed there), `crash`, `fault`, `lock`. Tells what it came to on
standard output.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QLabel, QLineEdit, QPlainTextEdit, QWidget

from fsbus.desktop.paper.view import PaperView
from fsbus.desktop.start import run
from fsbus.desktop.style import application
from fsbus.desktop.unlock.view import Passphrase
from fsbus.desktop.window import MainWindow
from tests.desktop.keyboard import Typist, settle

TEXT_FIELDS = (QLineEdit, QPlainTextEdit)
PATIENCE = 30_000


def say(text: str) -> None:
    """One line for the parent, at once."""
    os.write(1, f"{text}\n".encode())


class Day:
    """The parts of a day, by key events to whatever has the keyboard."""

    def __init__(self, passphrase: str, needles: list[str]) -> None:
        self._passphrase, self._needles = passphrase, iter(needles)
        self.keys, self.typed = Typist(), 0

    def window(self) -> MainWindow:
        """The one window of the application."""
        [window] = [one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow)]
        window.activateWindow()
        settle()
        return window

    def until(self, reached: Callable[[], bool], what: str) -> None:
        """Wait for the application. Ends the process when it does not come."""
        for _ in range(PATIENCE // 20):
            QTest.qWait(20)
            if reached():
                return
        shown = [one.text() for one in self.window().findChildren(QLabel) if one.isVisible()]
        say(f"never came: {what}, on {self.window().page()}, showing {shown}")
        os._exit(3)

    def needle(self) -> str:
        """The next one; the last one again when there are no more."""
        self.typed += 1
        return next(self._needles, "qzxjkwvyhé0000qzxjkwvyh")

    def unlock(self) -> None:
        """A wrong passphrase, which is a needle, then the right one."""
        self.until(lambda: self.window().page() == "unlock", "the unlock screen")
        QTest.qWait(1000)
        self.until(
            lambda: QApplication.activeModalWidget() is None, "the end of the report of the last crash"
        )
        self.window()
        [field] = self.window().findChildren(Passphrase)
        for text in (self.needle(), self._passphrase):
            self.type_over(field, text)
            self.keys.press(Qt.Key.Key_Return)
            QTest.qWait(100)
            self.until(lambda: field.isEnabled() or self.window().page() != "unlock", "the end of the try")
        self.until(lambda: self.window().page() in ("today", "visit"), "the day")
        if self.window().page() == "visit":
            # The form is open again on what a kill or a lock cut short.
            say("the draft is there")
            self.give_up()

    def fields(self) -> Iterator[QWidget]:
        """Every text field that is shown and can be typed in, of the page that is shown."""
        for field in self.window().findChildren(QWidget):
            if (
                isinstance(field, TEXT_FIELDS)
                and field.isVisible()
                and field.isEnabled()
                and not field.isReadOnly()
            ):
                yield field

    def type_over(self, field: QWidget, text: str) -> None:
        """Replace what a field holds, by keys."""
        field.setFocus()
        settle()
        self.keys.control(Qt.Key.Key_A)
        self.keys.write(text)

    def type_everywhere(self) -> int:
        """A needle in each text field of this page; how many fields."""
        count = 0
        for field in list(self.fields()):
            self.type_over(field, self.needle())
            count += 1
        return count

    def fill(self) -> int:
        """A new visit with a needle typed into every field once, then a whole one, needles in all free texts."""
        self.keys.control(Qt.Key.Key_N)
        self.until(lambda: self.window().page() == "visit", "the form")
        for button in self.window().findChildren(QWidget):
            if getattr(button, "isCheckable", bool)() and button.isVisible() and "détails" in button.text():  # type: ignore[attr-defined]  # a button, by isCheckable
                button.click()  # type: ignore[attr-defined]  # the same
        settle()
        self.choose("Orienté")
        count = self.type_everywhere()
        self.keys.control(Qt.Key.Key_S)  # refused, with every problem
        settle()
        return count

    def choose(self, beginning: str) -> None:
        """Take, in the lists that have it, the choice that begins so."""
        for box in self.window().findChildren(QComboBox):
            for number in range(box.count()):
                if box.isVisible() and box.itemText(number).startswith(beginning):
                    box.setFocus()
                    box.setCurrentIndex(number)
        settle()

    def visit(self) -> None:
        """A whole visit that is saved, with needles in every free text."""
        keys = self.keys
        keys.control(Qt.Key.Key_N)
        self.until(lambda: self.window().page() == "visit", "the form")
        keys.tab(2)
        keys.write("guise")
        keys.tab()
        keys.write("6")
        keys.tab()
        keys.write("f")
        keys.alt(Qt.Key.Key_D)
        keys.write("retraite")
        keys.tab()
        keys.write("i")
        keys.tab()
        keys.write("a")
        keys.tab()
        keys.write("o")
        keys.tab()
        keys.write(f"{self.needle()} jeudi")
        keys.tab()
        keys.write(f"CNAV {self.needle()}")
        keys.tab()
        keys.write(self.needle())
        for field in list(self.fields()):
            if isinstance(field, QPlainTextEdit) and not field.toPlainText():
                self.type_over(field, self.needle())
        keys.control(Qt.Key.Key_Return)
        self.until(lambda: self.window().page() == "today", "the saved visit")

    def give_up(self) -> None:
        """Leave the form without saving, saying yes if it asks."""
        agreeing = QTimer(self.window(), interval=200)
        agreeing.timeout.connect(self.agree)
        agreeing.start()
        next(self.fields()).setFocus()
        settle()
        self.keys.control(Qt.Key.Key_W)
        self.until(lambda: self.window().page() == "today", "the day after giving up")
        agreeing.stop()

    def agree(self) -> None:
        """Press the first button of the question, if one is asked."""
        asked = QApplication.activeModalWidget()
        if isinstance(asked, QDialog):
            for button in asked.findChildren(QWidget):
                if getattr(button, "text", str)().replace("&", "").startswith("Abandonner"):
                    button.click()  # type: ignore[attr-defined]  # a button, by its text


def day(one: Day) -> None:
    """Every page has its fields typed in; visits are saved, one is given up; the window is closed."""
    count = one.type_everywhere()
    one.fill()
    one.give_up()
    while True:
        one.visit()
        if one.typed >= int(os.environ.get("NEEDLES_TO_TYPE", "30")):
            break
    count += one.type_everywhere()
    say(f"typed {one.typed}, {count} fields on the day")
    one.window().close()


def mid_typing(one: Day) -> None:
    """The form is full and not saved; the parent kills."""
    count = one.fill()
    say(f"typed {one.typed}, {count} fields in the form")
    QTest.qWait(PATIENCE)


def mid_save(one: Day) -> None:
    """Saves without end; the parent kills."""
    say(f"typed {one.typed}")
    while True:
        one.visit()


def paper(one: Day) -> None:
    """Every sheet of a saved visit is previewed on every paper, a name on it; the parent kills."""
    one.visit()
    one.keys.control(Qt.Key.Key_P)
    one.until(lambda: one.window().page() == "paper", "the page of sheets")
    [page] = one.window().findChildren(PaperView)
    page.named.click()
    one.type_over(page.name, one.needle())
    one.keys.tab()
    drawn = 0
    for kind in range(page.kind.count()):
        page.kind.setCurrentIndex(kind)
        for size in range(page.paper.count()):
            page.paper.setCurrentIndex(size)
            settle()
            page.grab()
            assert page.choice().name in page.preview.pages.accessibleDescription()
            drawn += page.preview.count()
    say(f"typed {one.typed}, {drawn} pages drawn")
    QTest.qWait(PATIENCE)


def crash(one: Day) -> None:
    """A bug while something is typed: its message and its locals hold needles. Then the process ends at once."""
    one.fill()
    secret = one.needle()

    def bug() -> None:
        held = {"note": secret}
        raise ValueError(f"cannot read {held['note']}")

    leaving = QTimer(one.window(), interval=500)
    leaving.timeout.connect(leave_dialogs)
    leaving.start()
    QTimer.singleShot(0, bug)
    QTest.qWait(3000)
    say(f"typed {one.typed}")
    os._exit(0)


def leave_dialogs() -> None:
    """Close what asks, without doing what it proposes."""
    asked = QApplication.activeModalWidget()
    if isinstance(asked, QDialog):
        asked.accept()


def fault(one: Day) -> None:
    """A crash of the process itself, with the key and the texts in its memory."""
    one.fill()
    say(f"typed {one.typed}")
    signal.raise_signal(signal.SIGSEGV)


def lock(one: Day) -> None:
    """Lock with a visit saved: this process ends, and the command that would start the next one."""
    one.visit()
    say(f"typed {one.typed}")
    one.window().lock_requested.emit()


PARTS: dict[str, Callable[[Day], None]] = {
    "day": day, "mid-typing": mid_typing, "mid-save": mid_save, "crash": crash, "fault": fault, "lock": lock,
    "paper": paper,
}  # fmt: skip


def main(home: str, part: str) -> int:
    """Run the application on this laptop, and the part in it."""
    told = json.load(sys.stdin)
    say(f"pid {os.getpid()}")
    one = Day(told["passphrase"], told["needles"])
    application()
    assert QKeySequence("Ctrl+N").count() == 1

    def begin() -> None:
        # The run after a crash tells of it first.
        leaving = QTimer(one.window(), interval=500)
        leaving.timeout.connect(leave_dialogs)
        leaving.start()
        one.unlock()
        leaving.stop()
        PARTS[part](one)

    QTimer.singleShot(300, begin)
    return run(Path(home), restart=[sys.executable, "-c", ""])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
