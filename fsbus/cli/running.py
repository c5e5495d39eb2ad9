"""Runs one command and turns what happened into an exit status and plain words."""

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from fsbus.cli import access, centre, device, reading, trials, upkeep
from fsbus.cli.output import put, say
from fsbus.core.clock import as_utc_text, system_now
from fsbus.core.errors import (
    DeviceRevoked,
    InvalidInput,
    NotAllowed,
    Offline,
    StoreError,
    SyncError,
    WrongPassphrase,
)  # fmt: skip

Command = Callable[[argparse.Namespace], int]
COMMANDS: Mapping[str, Command] = {
    "init": device.init,
    "enroll": device.enroll,
    "record": device.record,
    "amend": device.amend,
    "sync": device.sync,
    "lease": device.lease,
    "erase": device.erase,
    "visits": reading.visits,
    "find": reading.find,
    "status": reading.status,
    "report": reading.report,
    "security": access.security,
    "agents": access.agents,
    "recovery": access.recovery,
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
        say(f"Défaut de fsbus ({type(error).__name__}). Compte rendu : {_crash_report(options.home, error)}")
        return BUG


def _crash_report(home: Path, error: Exception) -> str:
    """Write where it broke, never with what values: messages and locals may hold a person's words."""
    lines = [f"{type(error).__name__}\n"]
    lines += [
        f"  {frame.filename}:{frame.lineno} {frame.name}\n"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    folder = home / "logs"
    path = folder / f"crash-{as_utc_text(system_now()).replace(':', '')}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text("".join(lines), encoding="utf-8")
    except OSError:
        say("".join(lines))
        return "ci-dessus"
    return str(path)
