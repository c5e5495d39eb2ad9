"""The commands about who is trusted, as argparse knows them."""

import argparse
from collections.abc import Callable
from pathlib import Path

_Add = Callable[[str, str], argparse.ArgumentParser]


def add_trust(add: _Add, shared: argparse.ArgumentParser) -> None:
    """`trust TASK` and `coordinator TASK`; ``shared`` holds the options of every command."""
    _trust(
        add("trust", "le fichier de confiance : qui approuve les postes, et quel centre est le bon"), shared
    )
    _coordinator(add("coordinator", "la clé d’un coordinateur : elle signe, et elle secourt"), shared)


def _trust(trust: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    tasks = trust.add_subparsers(title="tâches", dest="task", required=True, metavar="TÂCHE")
    root = tasks.add_parser("new-root", help="faire une clé racine, hors ligne", parents=[shared])
    root.add_argument("file", type=Path, metavar="FICHIER", help="la clé racine (.fst)")
    sign = tasks.add_parser("sign", help="signer le fichier de confiance", parents=[shared])
    sign.add_argument("--root", type=Path, required=True, metavar="CLÉ", help="la clé racine (.fst)")
    show = tasks.add_parser("show", help="ce que dit un fichier de confiance, prouvé", parents=[shared])
    take = tasks.add_parser("import", help="sur le poste : suivre ce fichier", parents=[shared])
    take.add_argument(
        "--fingerprint", metavar="EMPREINTE", help="celle de la racine, telle qu’elle est dictée"
    )
    for task in (sign, show, take):
        task.add_argument("file", type=Path, metavar="FICHIER", help="le fichier de confiance (.json)")


def _coordinator(coordinator: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    tasks = coordinator.add_subparsers(title="tâches", dest="task", required=True, metavar="TÂCHE")
    for name, words in (
        ("new", "chez le coordinateur : faire sa clé"),
        ("show", "ce qu’en dit le fichier de confiance"),
    ):
        task = tasks.add_parser(name, help=words, parents=[shared])
        task.add_argument("file", type=Path, metavar="FICHIER", help="la clé du coordinateur (.fsr)")


def add_approving(
    tasks: "argparse._SubParsersAction[argparse.ArgumentParser]",
    on: argparse.ArgumentParser,
    revoke: argparse.ArgumentParser,
) -> None:
    """Tasks of `server`: feeds and regions, the trust file, approving, what revoked laptops sent."""
    tasks.add_parser("feeds", help="les fils (bus) et leurs régions", parents=[on])
    feed = tasks.add_parser("feed", help="mettre un fil dans une région, ou l’en sortir", parents=[on])
    feed.add_argument("feed", metavar="FIL", help="par exemple bus-3")
    which = feed.add_mutually_exclusive_group(required=True)
    which.add_argument("--region", metavar="NOM", help="son coordinateur le lit et le corrige")
    which.add_argument("--no-region", dest="region", action="store_const", const=None, help="plus aucune")
    trust = tasks.add_parser("trust", help="suivre un fichier de confiance", parents=[on])
    trust.add_argument("file", nargs="?", type=Path, metavar="FICHIER", help="sinon, ce qui est suivi")
    trust.add_argument(
        "--fingerprint", metavar="EMPREINTE", help="celle de la racine, telle qu’elle est dictée"
    )
    approve = tasks.add_parser("approve", help="accepter un poste, en signant", parents=[on])
    approve.add_argument("device", metavar="POSTE", help="l’identifiant lu par l’agent, ou son début")
    approve.add_argument(
        "--key", type=Path, required=True, metavar="CLÉ", help="la clé du coordinateur (.fsr)"
    )
    revoke.add_argument("--key", type=Path, metavar="CLÉ", help="la clé du coordinateur, pour signer")
    aside = tasks.add_parser("aside", help="ce que des postes refusés ont encore envoyé", parents=[on])
    aside.add_argument("device", nargs="?", metavar="POSTE", help="sinon, tous")
    aside.add_argument(
        "what", nargs="?", choices=("take", "drop"), help="le prendre, ou l’oublier ; sinon, voir"
    )
