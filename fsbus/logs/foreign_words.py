"""Hears what libraries and Python itself would print, and keeps of it a name, a level and a type.

Their words may hold an address with its data, SQL or a value that was typed: they go nowhere.
"""

import logging
import sys
import warnings
from typing import TextIO

from fsbus.core.events import LibraryTold, Log, Warned


class LibraryLog(logging.Handler):
    """Tells the log that a library said something, from WARNING on, and drops the words."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def handle(self, record: logging.LogRecord) -> bool:
        """Tell it; the record is not even put together."""
        error = record.exc_info[0] if record.exc_info else None
        self._log(LibraryTold(library=record.name, level=record.levelname.lower(), error=error))
        return True


def hear_libraries(log: Log) -> None:
    """Take the place of what would be printed: records of libraries, and Python's warnings.

    For a program of ours, once, at its start; a program that holds ours keeps its own handlers.
    """
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, LibraryLog)]:
        root.removeHandler(handler)
    # With a handler at the root, logging prints nothing by itself.
    root.addHandler(LibraryLog(log))
    # A library that fails to log would print the record, with its words.
    logging.raiseExceptions = False
    if not sys.warnoptions:
        # Otherwise the warnings were asked for, by a developer or a test.

        def warn(
            message: Warning | str,  # noqa: ARG001 -- the shape that Python calls
            category: type[Warning],
            filename: str,  # noqa: ARG001 -- as above
            lineno: int,  # noqa: ARG001 -- as above
            file: TextIO | None = None,  # noqa: ARG001 -- as above
            line: str | None = None,  # noqa: ARG001 -- as above
        ) -> None:
            log(Warned(category=category))

        warnings.showwarning = warn
