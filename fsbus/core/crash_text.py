"""Writes in words where an error came from, by types, files, lines and functions, never a value.

The text of an error, its arguments and the locals of its frames may repeat what an agent typed; a path may
hold the name of a person. None of them is read here.
"""

import re
import sys
from collections.abc import Iterator
from types import FrameType, TracebackType

from fsbus.core.tellable import a_class

MOST_FRAMES = 60
MOST_ERRORS = 12
OUTSIDE = "(hors des modules)"
_NAME = re.compile(r"[A-Za-z0-9_.<>]{1,120}")
_MODULE = re.compile(r"[A-Za-z0-9_.]{1,120}")


def crash_text(error: BaseException) -> str:
    """The lines of one error, then of those that it came from and of those that it holds."""
    return "\n".join(line for told in _told(error, "", set()) for line in told)


def place_of(error: BaseException) -> str:
    """File and line of the innermost frame, ``fsbus/desktop/main.py:12``; empty when there is none."""
    where = ""
    for frame, line in _frames(error.__traceback__):
        where = f"{_file(frame)}:{line}"
    return where


def _told(error: BaseException, link: str, seen: set[int]) -> Iterator[list[str]]:
    if id(error) in seen or len(seen) >= MOST_ERRORS:
        return
    seen.add(id(error))
    frames = [f"  {_file(frame)}:{line} {_function(frame)}" for frame, line in _frames(error.__traceback__)]
    if (left_out := len(frames) - MOST_FRAMES) > 0:
        half = MOST_FRAMES // 2
        frames = [*frames[:half], f"  … ({left_out})", *frames[-half:]]
    yield [f"{link}{a_class(type(error))}", *frames]
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _told(inner, "Dans le groupe : ", seen)
    if error.__cause__ is not None:
        yield from _told(error.__cause__, "Causée par : ", seen)
    if error.__context__ is not None and not error.__suppress_context__:
        yield from _told(error.__context__, "Survenue pendant : ", seen)


def _frames(trace: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def _file(frame: FrameType) -> str:
    """The file below its package's folder; nothing of a file that no module was loaded from."""
    name = frame.f_globals.get("__name__")
    module = sys.modules.get(name) if isinstance(name, str) else None
    if module is None or not isinstance(name, str) or not _MODULE.fullmatch(name):
        return OUTSIDE
    loaded, written = str(getattr(module, "__file__", "")), frame.f_code.co_filename
    if not written.startswith("<frozen ") and not loaded.replace("\\", "/").endswith(
        written.replace("\\", "/")
    ):
        return OUTSIDE
    folder = "/__init__" if hasattr(module, "__path__") else ""
    return f"{name.replace('.', '/')}{folder}.py"


def _function(frame: FrameType) -> str:
    name = frame.f_code.co_qualname
    return name if _file(frame) != OUTSIDE and _NAME.fullmatch(name) else "?"
