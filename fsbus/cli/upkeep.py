"""Commands that verify this laptop's data and renew its official lists."""

import argparse
from dataclasses import asdict, replace

from fsbus.cli.opening import ask_passphrase, log_of, opened
from fsbus.cli.output import Bar, put, say
from fsbus.core.clock import Clock
from fsbus.core.errors import InvalidInput, StoreDamaged
from fsbus.core.events import Imported
from fsbus.logs.no_dumps import refuse_dumps

UNAVAILABLE = 6


def check(options: argparse.Namespace) -> int:
    """`check`: status 6 when something is wrong and was not repaired."""
    from fsbus.actions.backups import restore_damaged
    from fsbus.actions.checking import check_device, too_damaged
    from fsbus.actions.notices import notice_of

    try:
        with opened(options) as session:
            found = check_device(session, repair=options.repair)
            keys, clock = session.keys, session.clock
        if options.repair and found.needs_restoring:
            say(notice_of(restore_damaged(options.home, keys, clock=clock, log=log_of(options))))
            with opened(options) as session:
                again = check_device(session, repair=True)
                found = replace(again, repaired=("database", *again.repaired))
    except StoreDamaged as damage:
        found = too_damaged(damage)
        say(str(damage))
    put(found.as_json())
    return 0 if found.is_sound else UNAVAILABLE


def import_edition(options: argparse.Namespace) -> int:
    """`import`: the next edition of an official list, in full or not at all."""
    from fsbus.actions.imports import import_reference

    with opened(options) as session:
        bar = Bar("Lecture")
        try:
            taken = import_reference(session.reference, options.kind, options.file, progress=bar)
        finally:
            bar.close()
        session.log(Imported(kind=options.kind, refused=len(taken.refused)))
    put(asdict(taken))
    return 0


def backup(options: argparse.Namespace) -> int:
    """`backup`: a verified copy, here or in a folder."""
    from fsbus.actions.backups import back_up_to

    with opened(options) as session:
        put(back_up_to(session, options.folder))
    return 0


def restore(options: argparse.Namespace) -> int:
    """`restore`: a copy takes the place of the store, and what came after it is done again on top.

    In a folder without a laptop, the laptop of the copy is made anew.
    """
    from fsbus.actions.backups import restore_file, restore_on_new_laptop
    from fsbus.actions.session import KEYS
    from fsbus.store.keyring import has_keys

    refuse_dumps()
    home, file, clock, log = options.home, options.file, Clock(), log_of(options)
    if has_keys(home / KEYS):
        if options.recovery_key is not None:
            raise InvalidInput(
                {"recovery_key": "Un poste existe déjà ici : cette clé en refait un dans un dossier vide."}
            )
        done = restore_file(home, ask_passphrase(options), file, clock=clock, log=log)
    else:
        done = restore_on_new_laptop(
            home, ask_passphrase(options), file, clock=clock, recovery_key=options.recovery_key, log=log
        )
    say(str(done["notice"]))
    put(done)
    return 0
