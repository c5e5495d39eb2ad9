"""Opens this laptop's store for a command: where the passphrase comes from."""

import argparse
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fsbus.actions.lease import LeaseWatch, require_lease
from fsbus.actions.session import Session, open_session
from fsbus.cli.output import say
from fsbus.core.clock import Clock, system_now
from fsbus.core.errors import InvalidInput
from fsbus.core.ids import Ids
from fsbus.logs.event_log import LOGS, EventLog
from fsbus.logs.no_dumps import refuse_dumps

WITHOUT_LEASE = frozenset({"security", "sync", "bundle", "status", "check", "backup", "lease", "enroll"})
"""Commands that bring a laptop back, or say where it stands: they run when its lease has ended too."""
WRITING = frozenset({"record", "amend", "erase", "enroll", "import"})
"""Commands that are refused at once on a laptop that could only be opened for reading."""


@contextmanager
def opened(options: argparse.Namespace) -> Iterator[Session]:
    """The session of `--home`, closed at the end. Raises WrongPassphrase, a StoreError (ReadOnly for a
    command that writes on a laptop that can only be read), or LeaseExpired."""
    refuse_dumps()
    log = log_of(options)
    session = open_session(options.home, ask_passphrase(options), clock=Clock(), ids=Ids(), log=log)
    if session.notice is not None:
        say(session.notice)
    try:
        if options.command in WRITING:
            session.require_writable()
        if standing := session.standing():
            say(standing)
        watch = LeaseWatch(session)
        if options.command not in WITHOUT_LEASE:
            require_lease(session)
        try:
            yield session
        finally:
            watch.stop()
    finally:
        session.close()


def log_of(options: argparse.Namespace) -> EventLog:
    """The log of the laptop in `--home`."""
    return EventLog(options.home / LOGS, system_now)


def ask_passphrase(options: argparse.Namespace) -> str:
    """From the file named by the option or the environment, else from the terminal."""
    given = from_file(options.passphrase_file)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise InvalidInput(
            {"passphrase_file": "Phrase secrète absente : indiquez --passphrase-file FICHIER."}
        )
    try:
        return getpass.getpass("Phrase secrète : ", stream=sys.stderr)
    except EOFError:
        raise InvalidInput({"passphrase": "Aucune phrase secrète n’a été tapée."}) from None


def from_file(path: Path | None) -> str | None:
    """The first line of the file, or None when no file was named."""
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise InvalidInput({"passphrase_file": f"Fichier illisible : {path}"}) from None
    return text.partition("\n")[0].rstrip("\r")


def chosen_passphrase(
    path: Path | None, field: str = "passphrase_file", option: str = "--passphrase-file"
) -> str:
    """A passphrase that is being chosen: from its file, else typed twice, after a proposal."""
    given = from_file(path)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise InvalidInput({field: f"Nouvelle phrase absente\u00a0: indiquez {option} FICHIER."})
    from fsbus.actions.passphrases import propose_passphrase

    say(f"Phrase proposée, à noter hors de l’ordinateur\u00a0:\n\n    {propose_passphrase()}\n")
    first = getpass.getpass("Nouvelle phrase (la proposée ou la vôtre)\u00a0: ", stream=sys.stderr)
    if getpass.getpass("La même, encore une fois\u00a0: ", stream=sys.stderr) != first:
        raise InvalidInput({field: "Les deux phrases ne sont pas les mêmes\u00a0: rien n’a été changé."})
    return first
