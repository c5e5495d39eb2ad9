"""Commands of the centre about feeds and regions, and about which laptops are trusted."""

import argparse
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from fsbus.cli.opening import ask_passphrase
from fsbus.cli.output import put, put_all, say
from fsbus.core.clock import Clock
from fsbus.core.errors import InvalidInput
from fsbus.logs.no_dumps import refuse_dumps

if TYPE_CHECKING:
    from fsbus.server.centre import Centre


def feeds(centre: "Centre", _: argparse.Namespace) -> int:
    """`server feeds`: one line for each."""
    from fsbus.server import regions

    put_all(asdict(line) for line in regions.feeds(centre))
    return 0


def feed(centre: "Centre", options: argparse.Namespace) -> int:
    """`server feed NAME`: joins a region, or leaves its own."""
    from fsbus.server import regions

    regions.set_region(centre, options.feed, options.region)
    put({"feed": options.feed, "region": options.region})
    return 0


def trust(centre: "Centre", options: argparse.Namespace) -> int:
    """`server trust FILE`: goes by it; without a file, what a trust file must say of this centre."""
    import base64

    from fsbus.server import trusting

    if options.file is None:
        with centre.database.read() as connection:
            known = trusting.newest_trust(connection)
        key = base64.b64encode(centre.public_key).decode()
        put({"version": 0 if known is None else known.version, "centre": {"key": key}})
        return 0
    try:
        raw = options.file.read_bytes()
    except OSError:
        raise InvalidInput({"file": f"Fichier absent ou illisible\u00a0: {options.file.name}"}) from None
    told = trusting.fingerprint_of(raw)
    confirmed = options.fingerprint
    if confirmed is None and sys.stdin.isatty():
        say(f"Empreinte de la racine de ce fichier\u00a0: {told}")
        say("Tapez celle qui vous a été dictée.")
        confirmed = input()
    taken = trusting.take_trust(centre, raw, confirmed)
    put({"version": taken.version, "fingerprint": told, "coordinators": len(taken.coordinators)})
    say("Un nouveau poste attend désormais l’accord signé d’un coordinateur. Les postes déjà là continuent.")
    return 0


def approve(centre: "Centre", options: argparse.Namespace) -> int:
    """`server approve DEVICE --key FILE`."""
    from fsbus.wire.statements import APPROVE

    return _judge(centre, options, APPROVE)


def revoke(centre: "Centre", options: argparse.Namespace) -> int:
    """`server revoke DEVICE`; with `--key`, signed by a coordinator."""
    from fsbus.server import lost_device
    from fsbus.wire.statements import REVOKE

    if options.key is not None:
        return _judge(centre, options, REVOKE)
    device = lost_device.revoke(centre, options.device)
    put({"device": device, "revoked": True})
    say(_REVOKED)
    return 0


def aside(centre: "Centre", options: argparse.Namespace) -> int:
    """`server aside`: the list; `server aside DEVICE take|drop`: taken in, or forgotten."""
    from fsbus.server import aside as kept
    from fsbus.server import taking_aside

    if options.what is None:
        put_all(asdict(line) for line in kept.listed(centre.database, options.device))
        return 0
    if options.what == "drop":
        put({"device": kept.drop(centre.database, options.device), "dropped": True})
        return 0
    taken = taking_aside.take(centre, options.device, Clock().now())
    put(asdict(taken))
    for hole in taken.holes:
        say(f"Il manque les saisies {hole.first} à {hole.last}\u00a0: la suite reste de côté.")
    for _ in taken.refused:
        say("Le centre tient déjà d’autres saisies sous les mêmes numéros\u00a0: celles-ci restent de côté.")
    return 0


_REVOKED = "Ce poste est refusé dès sa prochaine demande. Ce qu’il avait envoyé reste au centre."


def _judge(centre: "Centre", options: argparse.Namespace, do: str) -> int:
    from fsbus.server import trusting
    from fsbus.store.recovery_file import open_recovery_key, signing_key_of

    refuse_dumps()
    key = signing_key_of(open_recovery_key(options.key, ask_passphrase(options)))
    judged = trusting.judge(centre, options.device, do, key, Clock().now())
    if do == "approve":
        put({"device": judged.device, "approved": True, "by": judged.coordinator})
        say(f"Le poste «\u00a0{judged.name}\u00a0» est accepté\u00a0: il échangera de lui-même.")
    else:
        put({"device": judged.device, "revoked": True, "by": judged.coordinator})
        say(_REVOKED)
    return 0
