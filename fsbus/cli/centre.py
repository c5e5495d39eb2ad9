"""Commands of the centre: serving, and its administration."""

import argparse
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from fsbus.cli import approving, keeping
from fsbus.cli.output import put, put_all, say
from fsbus.cli.stick import answer
from fsbus.core.clock import Clock, parse_utc_text
from fsbus.core.errors import InvalidInput
from fsbus.core.french import full_day

if TYPE_CHECKING:
    from fsbus.core.reports import Names
    from fsbus.server.centre import Centre

UNAVAILABLE = 6
MAKING = frozenset({"enroll-code"})
"""Tasks that make the centre when it is not there: its first code may come before it serves."""
Task = Callable[["Centre", argparse.Namespace], int]


def serve(options: argparse.Namespace) -> int:
    """`serve`: until it is told to stop; one line when it is ready."""
    _need_server_extra()
    from fsbus.server.serving import serve as run

    host, port = _address(options.listen, "listen")
    metrics = None if options.metrics is None else _address(options.metrics, "metrics")
    run(
        options.database,
        host,
        port,
        lambda url: put({"ready": url}),
        processes=options.processes,
        metrics=metrics,
        key_file=options.key_file,
        ledger=options.ledger,
    )
    return 0


def server(options: argparse.Namespace) -> int:
    """`server TASK`: administration on the same database."""
    _need_server_extra()
    if not options.database:
        raise InvalidInput({"database": "Base du centre à indiquer : --database sqlite:///FICHIER"})
    from fsbus.server.centre import open_centre

    tasks: Mapping[str, Callable[..., int]] = {
        "enroll-code": _enroll_code,
        "devices": _devices,
        "lost-device": _lost_device,
        "revoke": approving.revoke,
        "approve": approving.approve,
        "trust": approving.trust,
        "feeds": approving.feeds,
        "feed": approving.feed,
        "aside": approving.aside,
        "lease-code": _lease_code,
        "visits": _visits,
        "report": _report,
        "check": _check,
        "bundle": answer,
        "backup": keeping.backup,
    }
    if options.task == "restore":
        return keeping.restore(options)
    # A slip in the address must not make an empty centre, and call it sound.
    make = options.task in MAKING
    with closing(
        open_centre(options.database, key_file=options.key_file, ledger=options.ledger, make=make)
    ) as centre:
        return tasks[options.task](centre, options)


def _need_server_extra() -> None:
    if find_spec("sqlalchemy") is None:
        raise InvalidInput({"serve": "Le centre demande l’extra « server » : pip install 'fsbus[server]'"})


def _address(text: str, option: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise InvalidInput({option: "HÔTE:PORT est attendu, par exemple 127.0.0.1:8765"})
    if int(port) > 65_535:
        raise InvalidInput({option: "Un port a un numéro de 0 à 65535, par exemple 127.0.0.1:8765"})
    return host.strip("[]"), int(port)


def _enroll_code(centre: "Centre", options: argparse.Namespace) -> int:
    from fsbus.server import admin

    made = admin.enroll_code(centre, options.feed, options.role)
    put(asdict(made))
    here = parse_utc_text(made.expires_at).astimezone()
    end = f"{full_day(here.date())} à {here:%H:%M} (UTC{here.isoformat()[-6:]})"
    say(f"Code à dicter une seule fois, valable jusqu’au {end}\u00a0: {made.code}")
    return 0


def _devices(centre: "Centre", _: argparse.Namespace) -> int:
    from fsbus.server import admin

    put_all(asdict(line) for line in admin.devices(centre))
    return 0


def _lost_device(centre: "Centre", options: argparse.Namespace) -> int:
    from fsbus.core.privacy import check_file_name
    from fsbus.core.sheets import as_html
    from fsbus.server import lost_device

    known = lost_device.lost_device(centre, options.device)
    if options.format == "json":
        put(asdict(known))
        return 0
    path = options.out or Path(f"poste-perdu-{known.device}.html")
    check_file_name(path, "out")
    try:
        path.write_bytes(as_html(lost_device.lost_sheet(known)))
    except OSError:
        raise InvalidInput({"out": f"{path} ne peut pas être écrit : vérifiez le dossier."}) from None
    put({"path": str(path)})
    return 0


def _lease_code(centre: "Centre", options: argparse.Namespace) -> int:
    from fsbus.server import admin

    made = admin.lease_code(centre, options.device, options.challenge, options.days)
    put(asdict(made))
    say(f"Code à dicter à «\u00a0{made.name}\u00a0», pour {made.days} jour(s)\u00a0: {made.code}")
    return 0


def _visits(centre: "Centre", _: argparse.Namespace) -> int:
    from fsbus.server import admin

    put_all(admin.visits(centre))
    return 0


def _report(centre: "Centre", options: argparse.Namespace) -> int:
    from fsbus.core.anonymity import anonymous
    from fsbus.core.clock import local_day
    from fsbus.core.reports import month_report
    from fsbus.server.facts import month_facts

    with month_facts(centre, options.month) as facts:
        report = month_report(
            options.month,
            facts.visits,
            facts.records,
            facts.workshops,
            facts.attendances,
            names=_shipped_names(),
            bus="",
            generated_on=local_day(Clock().now()),
        )
    put(anonymous(report).as_json())
    return 0


def _check(centre: "Centre", _: argparse.Namespace) -> int:
    from fsbus.server import admin

    found = admin.check(centre)
    put({"sound": found.ok, **asdict(found)})
    return 0 if found.ok else UNAVAILABLE


def _shipped_names() -> "Names":
    """French names from the lists that are shipped: the centre keeps none of its own."""
    import csv
    import gzip

    from fsbus import assets
    from fsbus.core.catalog_files import read_catalog
    from fsbus.core.reports import Names

    lists = (assets.text(f"catalog/{name}.csv") for name in ("partners", "procedures", "aliases"))
    with gzip.open(assets.resource("places/communes.csv.gz"), "rt", encoding="utf-8", newline="") as file:
        communes = {row["insee_code"]: row["nom"] for row in csv.DictReader(file)}
    return Names.of(read_catalog(*lists), communes.get)
