"""Commands of the centre that keep it: backups, their proof, and making a centre from one again."""

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from fsbus.cli.output import put, say
from fsbus.core.clock import Clock
from fsbus.core.errors import InvalidInput, StoreUnavailable

if TYPE_CHECKING:
    from fsbus.server.centre import Centre

UNAVAILABLE = 6
_ONE = "Donnez un dossier ou un fichier, ou une seule de ces options\u00a0: --verify, --mark, --confirm."


def add_keeping(
    tasks: "argparse._SubParsersAction[argparse.ArgumentParser]", on: argparse.ArgumentParser
) -> None:
    """The options of `server backup` and `server restore`."""
    copy = tasks.add_parser("backup", help="une copie vérifiée du centre", parents=[on])
    copy.add_argument("place", nargs="?", metavar="DOSSIER|FICHIER.age", help="où l’écrire, scellée")
    copy.add_argument(
        "--recipient",
        action="append",
        metavar="age1…",
        help="qui d’autre que la clé du centre pourra l’ouvrir",
    )
    copy.add_argument("--verify", metavar="FICHIER", help="relire une copie en entier")
    copy.add_argument("--mark", action="store_true", help="avant une copie faite par PostgreSQL")
    copy.add_argument("--confirm", metavar="ID", help="cette copie-là a été vérifiée par qui l’a faite")
    back = tasks.add_parser("restore", help="refaire le centre dans une base vide", parents=[on])
    back.add_argument("file", metavar="FICHIER.age", help="une copie faite par «\u00a0server backup\u00a0»")
    back.add_argument(
        "--other-ledger",
        action="append",
        metavar="FICHIER",
        help="le registre des effacements de chaque autre machine",
    )
    back.add_argument(
        "--ledger-lost",
        action="store_true",
        help="refaire le centre sans son registre\u00a0: ce qu’il disait effacé ou révoqué depuis la copie reviendra",
    )


def backup(centre: "Centre", options: argparse.Namespace) -> int:
    """`server backup`: one object with what was made, proved or noted."""
    from pathlib import Path

    from fsbus.server import backups

    asked = [options.place, options.verify, options.mark or None, options.confirm]
    if sum(one is not None for one in asked) != 1:
        raise InvalidInput({"backup": _ONE})
    now = Clock().now()
    if options.mark:
        put({"backup": backups.mark(centre, now)})
        say("Faites maintenant votre copie, vérifiez-la, puis donnez cet identifiant à --confirm.")
    elif options.confirm is not None:
        put({"backup": options.confirm, "replicas": backups.confirm(centre, options.confirm, now)})
    elif options.verify is not None:
        put(asdict(backups.verify_again(centre, Path(options.verify), now)))
    else:
        put(asdict(backups.back_up(centre, Path(options.place), now, options.recipient or ())))
    return 0


def restore(options: argparse.Namespace) -> int:
    """`server restore`: fills an empty database, then checks it."""
    from contextlib import closing
    from pathlib import Path

    from fsbus.server import restoring
    from fsbus.server.centre import ledger_of, open_centre
    from fsbus.server.checking import check

    own = ledger_of(options.database, options.ledger)
    if own is not None and not own.path.is_file() and not options.ledger_lost:
        # Beside a new database there is none: silently, who was revoked since the copy would be let in again.
        raise StoreUnavailable(
            f"Registre des effacements absent\u00a0: {own.path}. Donnez celui de l’ancien centre par --ledger\u00a0: "
            "sans lui, ce qui a été effacé et les postes révoqués depuis la copie reviendraient. "
            "S’il est perdu, ajoutez --ledger-lost. Rien n’a été changé."
        )
    done = restoring.restore(
        options.database,
        Path(options.file),
        Clock().now(),
        key_file=options.key_file,
        ledger=options.ledger,
        others=[Path(one) for one in options.other_ledger or ()],
    )
    with closing(open_centre(options.database, key_file=options.key_file, ledger=options.ledger)) as centre:
        found = check(centre)
    put({**asdict(done), "sound": found.ok, "problems": found.problems})
    say("Le centre est refait. Les postes renverront d’eux-mêmes ce qu’il lui manque.")
    return 0 if found.ok else UNAVAILABLE
