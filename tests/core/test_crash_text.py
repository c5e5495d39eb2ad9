"""The account of an error holds types, files, lines and functions of modules, and not one value."""

import threading
from collections.abc import Callable
from types import FunctionType

import pytest

from fsbus.core.crash_text import MOST_ERRORS, MOST_FRAMES, OUTSIDE, crash_text, place_of
from fsbus.core.fields import Text

NEEDLE = "Zéphyrine-Nédelec"
PLAIN = "zephyrinenedelec"


class Unfortunate(Exception):
    """Its own words are dangerous too."""

    def __str__(self) -> str:
        return NEEDLE

    __repr__ = __str__


def caught(work: Callable[[], object]) -> BaseException:
    try:
        work()
    except BaseException as error:  # noqa: BLE001 -- whatever it is, the test looks at it
        return error
    raise AssertionError("nothing was raised")


def with_locals() -> None:
    note, notes = NEEDLE, [NEEDLE] * 3
    raise Unfortunate(note, *notes)


def a_key() -> object:
    empty: dict[str, object] = {}
    return empty[NEEDLE]


def a_syntax_error() -> object:
    return compile(f"{PLAIN} = = '{NEEDLE}'", f"/home/{PLAIN}/note.py", "exec")


def a_cause() -> None:
    try:
        with_locals()
    except Unfortunate as error:
        raise ValueError(NEEDLE) from error


def a_context() -> None:
    try:
        with_locals()
    except Unfortunate:
        a_key()


def a_group() -> None:
    inner = BaseExceptionGroup(NEEDLE, [ValueError(NEEDLE), caught(a_key)])
    raise BaseExceptionGroup(NEEDLE, [caught(with_locals), inner])


def a_note() -> None:
    error = ValueError(NEEDLE)
    error.add_note(NEEDLE)
    raise error


def a_name() -> None:
    raise NameError(NEEDLE, name=PLAIN)


def without_end(depth: int = 0) -> int:
    return without_end(depth + 1) + 1


def code_of_no_module() -> None:
    names: dict[str, object] = {"__name__": PLAIN}
    code = compile(f"def {PLAIN}():\n    raise ValueError\n{PLAIN}()", f"/home/{PLAIN}/x.py", "exec")
    FunctionType(code, names)()


def a_class_made_on_the_way() -> None:
    raise type(PLAIN, (ValueError,), {})(NEEDLE)


def in_a_rule() -> None:
    class Broken(dict[str, str]):
        def __setitem__(self, key: str, value: str) -> None:
            raise KeyError(NEEDLE)

    Text(longest=3).read(NEEDLE, "note", Broken())


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (with_locals, "Unfortunate"),
        (a_key, "KeyError"),
        (a_syntax_error, "SyntaxError"),
        (a_cause, "Causée par : tests.core.test_crash_text.Unfortunate"),
        (a_context, "Survenue pendant : tests.core.test_crash_text.Unfortunate"),
        (a_group, "Dans le groupe : ExceptionGroup"),
        (a_note, "ValueError"),
        (a_name, "NameError"),
        (without_end, "RecursionError"),
        (code_of_no_module, f"  {OUTSIDE}:2 ?"),
        (a_class_made_on_the_way, "ValueError"),
        (in_a_rule, "  fsbus/core/fields.py:"),
    ],
)
def test_no_value_is_told_wherever_it_stands(work: Callable[[], object], expected: str) -> None:
    text = crash_text(caught(work))
    assert expected in text
    assert NEEDLE not in text
    assert PLAIN not in text
    assert "/home" not in text
    assert "  tests/core/test_crash_text.py:" in text


def test_frames_have_line_and_function_innermost_last() -> None:
    error = caught(in_a_rule)
    lines = crash_text(error).splitlines()
    assert lines[0] == "KeyError"
    assert lines[-1].startswith("  tests/core/test_crash_text.py:")
    assert lines[-2].endswith(" Text.read")
    assert place_of(error) == lines[-1].split()[0]
    assert place_of(ValueError(NEEDLE)) == ""


def test_a_recursion_is_cut_short() -> None:
    assert MOST_FRAMES <= len(crash_text(caught(without_end)).splitlines()) <= MOST_FRAMES + 2


def test_errors_that_come_from_each_other_end() -> None:
    first, second = ValueError(NEEDLE), KeyError(NEEDLE)
    first.__context__, second.__context__ = second, first
    assert crash_text(first).count("Error") == 2
    assert (
        crash_text(ExceptionGroup("", [ValueError(str(n)) for n in range(99)])).count("Error")
        == MOST_ERRORS - 1
    )


def test_a_thread_is_told_as_any_other() -> None:
    texts: list[str] = []
    thread = threading.Thread(target=lambda: texts.append(crash_text(caught(with_locals))), name=NEEDLE)
    thread.start()
    thread.join()
    assert "with_locals" in texts[0]
    assert NEEDLE not in texts[0]
