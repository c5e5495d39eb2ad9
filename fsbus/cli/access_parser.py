"""The commands about who opens a laptop, as argparse knows them."""

import argparse
from collections.abc import Callable
from pathlib import Path

from fsbus.cli.french_parser import FrenchParser

_Add = Callable[[str, str], argparse.ArgumentParser]


def add_access(add: _Add, shared: argparse.ArgumentParser) -> None:
    """`security`, `agents TASK` and `recovery TASK`; ``shared`` holds the options of every command."""
    security = add("security", "comment ce poste est gardé, et ce qu’il contient")
    security.add_argument(
        "--sheet", type=Path, metavar="FICHIER", help="écrire la fiche « poste perdu » (.html ou .pdf)"
    )
    _agents(add("agents", "qui ouvre ce poste"), shared)
    _recovery(add("recovery", "la clé de secours du coordinateur"), shared)


def _agents(agents: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    tasks = agents.add_subparsers(title="tâches", dest="task", metavar="TÂCHE")
    agents.set_defaults(task="list")
    new = FrenchParser(add_help=False)
    new.add_argument(
        "--new-passphrase-file",
        type=Path,
        metavar="FICHIER",
        help="la nouvelle phrase ; sinon demandée au terminal",
    )
    tasks.add_parser("list", help="la liste (aussi sans tâche)", parents=[shared])
    add = tasks.add_parser("add", help="un agent de plus, qui est là", parents=[shared, new])
    invite = tasks.add_parser(
        "invite", help="un agent de plus, plus tard : un code à lui donner", parents=[shared]
    )
    for task in (add, invite):
        task.add_argument("--name", required=True, metavar="NOM")
    accept = tasks.add_parser("accept", help="échanger son code contre sa phrase", parents=[shared, new])
    accept.add_argument("--code", required=True, help="le code de l’invitation, qui ne sert qu’une fois")
    remove = tasks.add_parser(
        "remove", help="retirer un agent : les clés du poste changent", parents=[shared]
    )
    remove.add_argument("id", metavar="ID", help="son identifiant, ou son nom entier")
    tasks.add_parser("passphrase", help="changer sa propre phrase", parents=[shared, new])
    trust = tasks.add_parser(
        "recovery-key", help="se fier à la clé de secours d’un coordinateur", parents=[shared]
    )
    trust.add_argument("file", type=Path, metavar="FICHIER.pub")
    trust.add_argument("--fingerprint", metavar="EMPREINTE", help="celle que le coordinateur a dictée")


def _recovery(recovery: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    tasks = recovery.add_subparsers(title="tâches", dest="task", required=True, metavar="TÂCHE")
    new = tasks.add_parser("new", help="chez le coordinateur : faire la paire de clés", parents=[shared])
    new.add_argument(
        "file", type=Path, metavar="FICHIER", help="la clé privée ; la publique va dans FICHIER.pub"
    )
    show = tasks.add_parser("show", help="l’empreinte d’une clé publique", parents=[shared])
    show.add_argument("file", type=Path, metavar="FICHIER.pub")
    opened = tasks.add_parser("open", help="sur le poste : inviter à nouveau un agent", parents=[shared])
    opened.add_argument("file", type=Path, metavar="FICHIER", help="la clé privée du coordinateur")
    opened.add_argument(
        "--name", required=True, metavar="NOM", help="l’agent ; s’il est connu ici, il garde son travail"
    )
