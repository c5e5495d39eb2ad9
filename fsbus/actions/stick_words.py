"""Says in French what left on a USB stick, and what the centre's answer brought."""

from typing import Protocol

from fsbus.core.french import number


class Written(Protocol):
    """What is told of a file that was written."""

    @property
    def changes(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    @property
    def left(self) -> int: ...


class Taken(Protocol):
    """What is told of an answer that was taken."""

    @property
    def changes(self) -> int: ...
    @property
    def acked(self) -> int: ...
    @property
    def conflicts(self) -> int: ...
    @property
    def quarantined(self) -> int: ...
    @property
    def more(self) -> bool: ...
    @property
    def kinds(self) -> frozenset[str]: ...


def written_in_words(written: Written) -> str:
    """What to say of a stick that is ready to be carried."""
    told = (
        f"{_entries(written.changes)} sur la clé USB, écrites et relues"
        if written.changes > 1
        else (
            "1 saisie sur la clé USB, écrite et relue" if written.changes else "La demande est sur la clé USB"
        )
    )
    left = f" {_entries(written.left)} n’y tenaient pas et partiront ensuite." if written.left else ""
    return f"{told}\u202f: vous pouvez la retirer et la faire porter au centre.{left}"


def taken_in_words(taken: Taken) -> str:
    """What to say of an answer that was read."""
    if not taken.acked and not taken.changes:
        told = "Réponse du centre lue\u202f: elle n’apprend rien de plus, tout était déjà à jour."
    else:
        got = f"{_entries(taken.acked)} {'reçues' if taken.acked > 1 else 'reçue'}"
        new = f"{number(taken.changes)} {'nouvelles' if taken.changes > 1 else 'nouvelle'}"
        told = f"Réponse du centre lue\u202f: {got} par le centre, {new} sur ce poste."
    check = taken.conflicts + taken.quarantined
    if check:
        told += " 1 est à vérifier." if check == 1 else f" {number(check)} sont à vérifier."
    return told + (" Le centre a encore à dire\u202f: écrivez une nouvelle clé USB." if taken.more else "")


def _entries(count: int) -> str:
    return f"{number(count)} {'saisies' if count > 1 else 'saisie'}"
