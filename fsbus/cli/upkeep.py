"""Commands that verify this laptop's data and renew its official lists."""

import argparse
from dataclasses import asdict

from fsbus.cli.opening import opened
from fsbus.cli.output import Bar, put, say
from fsbus.core.errors import StoreDamaged

UNAVAILABLE = 6


def check(options: argparse.Namespace) -> int:
    """`check`: status 6 when something is wrong and was not repaired."""
    from fsbus.actions.checking import check_device, too_damaged

    try:
        with opened(options) as session:
            found = check_device(session, repair=options.repair)
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
    put(asdict(taken))
    return 0
