"""Runs one command and turns what happened into an exit status and plain words."""

import argparse
import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from fsbus.cli import access, centre, conflicts, device, queue, reading, stick, trials, upkeep
from fsbus.cli import trust as trusting
from fsbus.cli.output import put, say
from fsbus.core.clock import system_now
from fsbus.core.errors import (
    DeviceRevoked,
    InvalidInput,
    NotAllowed,
    Offline,
    StoreError,
    SyncError,
    WrongPassphrase,
)  # fmt: skip
from fsbus.core.tellable import a_class
from fsbus.logs.crash_files import CrashFiles
from fsbus.logs.event_log import LOGS, EventLog
from fsbus.logs.foreign_words import hear_libraries

Command = Callable[[argparse.Namespace], int]
COMMANDS: Mapping[str, Command] = {
    "init": device.init,
    "enroll": device.enroll,
    "record": device.record,
    "amend": device.amend,
    "sync": device.sync,
    "bundle": stick.bundle,
    "lease": device.lease,
    "erase": device.erase,
    "visits": reading.visits,
    "circuit": reading.circuit,
    "todo": reading.todo,
    "queue": queue.queue,
    "find": reading.find,
    "status": reading.status,
    "report": reading.report,
    "conflicts": conflicts.conflicts,
    "security": access.security,
    "agents": access.agents,
    "recovery": access.recovery,
    "trust": trusting.trust,
    "coordinator": trusting.coordinator,
    "check": upkeep.check,
    "backup": upkeep.backup,
    "restore": upkeep.restore,
    "import": upkeep.import_edition,
    "serve": centre.serve,
    "server": centre.server,
    "demo": trials.demo,
    "bench": trials.bench,
}
DONE, BUG, INVALID, WRONG_PASSPHRASE, OFFLINE, REFUSED, UNAVAILABLE = range(7)


def run_command(options: argparse.Namespace) -> int:
    """The exit status of the command that was asked for; errors are told on standard error."""
    try:
        return COMMANDS[options.command](options)
    except InvalidInput as error:
        put({"problems": error.problems})
        for field, text in error.problems.items():
            say(f"{field} : {text}")
        return INVALID
    except WrongPassphrase as error:
        say(str(error))
        return WRONG_PASSPHRASE
    except Offline as error:
        say(str(error))
        return OFFLINE
    except StoreError as error:
        say(str(error))
        return UNAVAILABLE
    except (NotAllowed, DeviceRevoked, SyncError) as error:
        say(str(error))
        return REFUSED
    except BrokenPipeError:
        # Whoever read our output has left: nothing is wrong here, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        say("Arrêté. Ce qui était enregistré le reste.")
        return 130
    except Exception as error:  # noqa: BLE001  # the last door before the terminal
        return tell_bug(options.home, error)


def tell_bug(home: Path, error: Exception) -> int:
    """Write where it broke, never with what values, and say where that is written; the exit status."""
    report = CrashFiles(EventLog(home / LOGS, system_now), system_now).report(error)
    if report.path is None:
        say(report.text)
    where = "ci-dessus" if report.path is None else str(report.path)
    say(f"Défaut de fsbus ({a_class(type(error))}). Compte rendu : {where}")
    return BUG


def keep_quiet(home: Path) -> None:
    """Let nothing be printed but our own words: what Python or a library would say may hold a value."""
    log = EventLog(home / LOGS, system_now)
    files = CrashFiles(log, system_now)
    hear_libraries(log)

    def write_down(what: object) -> None:
        error = getattr(what, "exc_value", None)
        if isinstance(error, Exception):
            files.report(error)

    sys.unraisablehook = write_down
    threading.excepthook = write_down
