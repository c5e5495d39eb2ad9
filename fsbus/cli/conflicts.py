"""The command `conflicts`: what is to be checked, the choice, what the centre put aside."""

import argparse

from fsbus.cli.opening import opened
from fsbus.cli.output import put, put_all, say
from fsbus.core.errors import InvalidInput
from fsbus.core.ids import is_id

TAKE, AGAIN, GIVE_UP = "take", "again", "give-up"


def add_conflicts(command: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """The words and options of the command."""
    tasks = command.add_subparsers(title="tâches", dest="task", metavar="TÂCHE")
    take = tasks.add_parser(TAKE, help="choisir l’une des deux valeurs", parents=[shared])
    take.add_argument(
        "conflict", metavar="ID", help="ce qui est à vérifier, comme la liste le nomme (conflict)"
    )
    take.add_argument(
        "side",
        choices=("local", "central"),
        help="central\u00a0: la valeur qui est en place\u00a0; local\u00a0: l’autre (celle de la liste, sur tous les postes)",
    )
    again = tasks.add_parser(AGAIN, help="renvoyer une fiche mise de côté", parents=[shared])
    give_up = tasks.add_parser(GIVE_UP, help="abandonner ce qui est mis de côté", parents=[shared])
    for task in (again, give_up):
        task.add_argument("record", metavar="ID", help="la fiche, comme la liste la nomme (put_aside)")


def conflicts(options: argparse.Namespace) -> int:
    """`conflicts`: the list; `take`, `again` and `give-up` settle one thing."""
    from fsbus.actions import choosing, put_aside
    from fsbus.actions import conflicts as checking

    with opened(options) as session:
        if options.task is None:
            put_all(checking.as_line(one) for one in checking.to_choose(session))
            put_all(put_aside.as_line(one) for one in put_aside.put_aside(session))
        elif options.task == TAKE:
            settled = choosing.choose(session, _id(options.conflict, "conflict"), options.side)
            put({"conflict": settled.id, "taken": options.side})
            say("Choix enregistré\u00a0: il part au prochain échange.")
        elif options.task == AGAIN:
            put({"record": options.record, "sent_again": put_aside.send_again(session, _id(options.record))})
        else:
            put({"record": options.record, "given_up": put_aside.give_up(session, _id(options.record))})
    return 0


def _id(text: str, field: str = "record") -> str:
    if not is_id(text):
        raise InvalidInput({field: "Identifiant illisible."})
    return text
