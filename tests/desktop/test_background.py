"""Long jobs run elsewhere, one after the other, and their results come back to the screen's thread."""

import threading
from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fsbus.desktop.background import Background
from fsbus.desktop.running import Tell
from tests.desktop.keyboard import never


@pytest.fixture
def bugs() -> list[Exception]:
    return []


@pytest.fixture
def background(qapp: QApplication, bugs: list[Exception]) -> Iterator[Background]:
    made = Background(bugs.append)
    yield made
    if not made.closed:
        made.close(lambda: None)


def test_every_result_arrives_in_order_on_the_screens_thread(background: Background, qtbot: QtBot) -> None:
    here, got, threads = threading.get_ident(), list[int](), set[int]()

    def job(number: int, _tell: Tell) -> int:
        threads.add(threading.get_ident())
        return number

    def done(number: int) -> None:
        assert threading.get_ident() == here
        got.append(number)

    for number in range(300):
        background.run(partial(job, number), done, never)
    qtbot.waitUntil(lambda: len(got) == 300, timeout=10_000)
    assert got == list(range(300))
    assert len(threads) == 1
    assert here not in threads


def test_an_error_of_a_job_goes_to_the_one_who_asked(background: Background, qtbot: QtBot) -> None:
    failures: list[Exception] = []

    def job(_tell: Tell) -> None:
        raise OSError("no disk")

    background.run(job, never, failures.append)
    qtbot.waitUntil(lambda: bool(failures), timeout=10_000)
    assert isinstance(failures[0], OSError)


def test_progress_arrives_before_the_result(background: Background, qtbot: QtBot) -> None:
    seen: list[object] = []

    def job(tell: Tell) -> str:
        tell(1)
        tell(2)
        return "done"

    background.run(job, seen.append, never, seen.append)
    qtbot.waitUntil(lambda: "done" in seen, timeout=10_000)
    assert seen == [1, 2, "done"]


def test_an_error_in_a_callback_is_reported_as_a_bug(
    background: Background, bugs: list[Exception], qtbot: QtBot
) -> None:
    def done(_result: int) -> None:
        raise LookupError

    background.run(lambda _tell: 1, done, never)
    qtbot.waitUntil(lambda: bool(bugs), timeout=10_000)
    assert isinstance(bugs[0], LookupError)


def test_closing_runs_the_last_job_and_delivers_nothing_any_more(
    background: Background, qapp: QApplication
) -> None:
    last = threading.Event()
    background.run(lambda _tell: 1, never, never)
    assert background.close(last.set)
    assert last.is_set()
    background.run(lambda _tell: 2, never, never)
    qapp.processEvents()


def test_closing_does_not_wait_for_ever_for_a_dead_link(qapp: QApplication) -> None:
    background, hangs = Background(never), threading.Event()
    background.run(lambda _tell: hangs.wait(30), never, never)
    assert not background.close(lambda: None, seconds=0.05)
    hangs.set()
