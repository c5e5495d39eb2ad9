"""The words and options of the exchange by USB stick."""

import argparse
from pathlib import Path


def add_bundle(command: argparse.ArgumentParser) -> None:
    """`bundle write|read FILE`."""
    command.add_argument(
        "way", choices=("write", "read"), metavar="write|read", help="écrire, ou lire la réponse"
    )
    command.add_argument("file", type=Path, metavar="FICHIER", help="sur la clé USB, par exemple bus-3.fsb")
    _force(command)


def add_server_bundle(task: argparse.ArgumentParser) -> None:
    """`server bundle FILE --out FILE`."""
    task.add_argument("file", type=Path, metavar="FICHIER", help="celui que le poste a écrit")
    task.add_argument(
        "--out", type=Path, required=True, metavar="FICHIER", help="la réponse, à rapporter au poste"
    )
    _force(task)


def _force(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--force", action="store_true", help="remplacer un fichier d’échange qui a déjà ce nom"
    )
