"""The command line: one contract for people, scripts and tests."""

import sys
from collections.abc import Sequence
from pathlib import Path

from fsbus.cli.parser import build_parser, default_home

__all__ = ["build_parser", "main"]

OF_THE_CENTRE = frozenset({"serve", "server"})
"""Commands that keep no laptop's log: the centre has its own."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status (see `build_parser` for the list)."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal of another encoding shows « ? » rather than breaking a command half-way.
        getattr(stream, "reconfigure", lambda **_: None)(encoding="utf-8", errors="replace")
    options = build_parser().parse_args(arguments)
    if options.home is None:
        options.home = default_home()
    if options.command == "open":
        return _open(options.home)
    from fsbus.cli.running import keep_quiet, run_command

    if arguments is None and options.command not in OF_THE_CENTRE:
        keep_quiet(options.home)
    return run_command(options)


def _open(home: Path) -> int:
    """The application; a fault before it can show one is told as those of commands are."""
    try:
        from fsbus.cli.trying import Tryout
        from fsbus.desktop.start import run

        return run(home, tryout=Tryout(home))
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 -- the last door before the terminal
        from fsbus.cli.running import tell_bug

        return tell_bug(home, error)
