"""Runs the command line: `python -m fsbus`."""

import sys

from fsbus.cli import main

if __name__ == "__main__":
    sys.exit(main())
