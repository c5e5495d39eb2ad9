"""The command line: one contract for people, scripts and tests."""

import sys
from collections.abc import Sequence

from fsbus.cli.parser import build_parser, default_home

__all__ = ["build_parser", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status (see `build_parser` for the list)."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal of another encoding shows « ? » rather than breaking a command half-way.
        getattr(stream, "reconfigure", lambda **_: None)(encoding="utf-8", errors="replace")
    options = build_parser().parse_args(arguments)
    if options.home is None:
        options.home = default_home()
    if options.command == "open":
        from fsbus.desktop.main import run

        return run(options.home)
    from fsbus.cli.running import run_command

    return run_command(options)
