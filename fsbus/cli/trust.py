"""Commands about who is trusted: roots, the trust file, the coordinators' keys."""

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict

from fsbus.cli.opening import ask_passphrase, chosen_passphrase, opened
from fsbus.cli.output import put, say
from fsbus.core.errors import InvalidInput
from fsbus.logs.no_dumps import refuse_dumps

Task = Callable[[argparse.Namespace], int]


def trust(options: argparse.Namespace) -> int:
    """`trust TASK`."""
    tasks: Mapping[str, Task] = {
        "new-root": _new_root,
        "sign": _sign,
        "show": _show,
        "import": _import,
    }
    return tasks[options.task](options)


def coordinator(options: argparse.Namespace) -> int:
    """`coordinator TASK`."""
    tasks: Mapping[str, Task] = {"new": _new_coordinator, "show": _show_coordinator}
    return tasks[options.task](options)


def _new_root(options: argparse.Namespace) -> int:
    from fsbus.actions.signing_keys import new_root

    refuse_dumps()
    public, told = new_root(options.file, chosen_passphrase(options.passphrase_file))
    put({"file": str(options.file), "root": public, "fingerprint": told})
    say(f"Gardez {options.file.name} hors ligne, avec sa phrase\u00a0: qui l’a décide de toute la confiance.")
    say(f"Empreinte à faire connaître aux agents, de vive voix ou affichée\u00a0: {told}")
    return 0


def _sign(options: argparse.Namespace) -> int:
    from fsbus.actions.signing_keys import sign_file

    refuse_dumps()
    signed = sign_file(options.file, options.root, ask_passphrase(options))
    put({"file": str(options.file), "version": signed.version, "signatures": len(signed.signatures)})
    return 0


def _show(options: argparse.Namespace) -> int:
    from fsbus.actions.trusting import read_file, root_fingerprint

    _, proved = read_file(options.file)
    found = proved.trust
    put(
        {
            "version": found.version,
            "issued": found.issued,
            "expires": found.expires,
            "fingerprint": root_fingerprint(proved),
            "centres": [one.url for one in found.centres],
            "coordinators": [
                {"id": one.key_id, "name": one.name, "region": one.region, "until": one.until}
                for one in found.coordinators
            ],
            "revoked": list(found.revoked),
        }
    )
    return 0


def _import(options: argparse.Namespace) -> int:
    from fsbus.actions.trusting import import_trust, read_file, root_fingerprint, trust_of

    _, proved = read_file(options.file)
    told = root_fingerprint(proved)
    with opened(options) as session:
        confirmed = options.fingerprint
        if trust_of(session) is None and confirmed is None:
            say(f"Empreinte de la racine de ce fichier\u00a0: {told}")
            confirmed = _typed_fingerprint()
        taken = import_trust(session, options.file, confirmed)
    put({"version": taken.version, "fingerprint": told})
    return 0


def _typed_fingerprint() -> str:
    if not sys.stdin.isatty():
        raise InvalidInput(
            {"fingerprint": "Empreinte à donner\u00a0: --fingerprint, telle que le coordinateur la dicte."}
        )
    say("Appelez votre coordinateur et tapez l’empreinte qu’il lit, sans la copier d’ici.")
    return input()


def _new_coordinator(options: argparse.Namespace) -> int:
    from fsbus.actions.signing_keys import new_coordinator

    refuse_dumps()
    made = new_coordinator(options.file, chosen_passphrase(options.passphrase_file))
    put({"file": str(options.file), "public": f"{options.file}.pub", **asdict(made)})
    say(f"Gardez {options.file.name} hors ligne, avec sa phrase\u00a0: il signe, et il ouvre les postes.")
    say("Donnez «\u00a0key\u00a0» et «\u00a0recovery\u00a0» à qui écrit le fichier de confiance.")
    return 0


def _show_coordinator(options: argparse.Namespace) -> int:
    from fsbus.actions.signing_keys import coordinator_keys

    refuse_dumps()
    put(asdict(coordinator_keys(options.file, ask_passphrase(options))))
    return 0
