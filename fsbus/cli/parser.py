"""The commands and their options, as argparse knows them; nothing heavy is imported here."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from fsbus import __version__
from fsbus.cli.access_parser import add_access
from fsbus.cli.conflicts import add_conflicts
from fsbus.cli.french_parser import FrenchParser
from fsbus.cli.keeping import add_keeping
from fsbus.cli.stick_parser import add_bundle, add_server_bundle
from fsbus.cli.trust_parser import add_approving, add_trust

_Add = Callable[[str, str], argparse.ArgumentParser]
EPILOG = """Codes de sortie : 0 fait · 1 défaut de fsbus · 2 saisie refusée · 3 phrase secrète fausse ·
4 hors ligne, rien de perdu · 5 refusé · 6 données locales indisponibles ou abîmées."""

_DATABASE = "la base du centre : sqlite:///FICHIER ou postgresql://COMPTE@HÔTE/BASE"
EXAMPLE = (
    '{"started_at": "2026-11-20T09:20:00+01:00", "minutes": 20, "channel": "walk_in", "procedures": '
    '[{"procedure": "FT-CG-DUP", "nature": "file_assistance", "mode": "assisted", "outcome": "resolved"}]}'
)
"""The least that a visit says to `record`."""
_KEY_FILE = "le fichier de la clé du centre (ou FSBUS_CENTRE_KEY) ; sinon à côté du fichier SQLite"

_LEDGER = "le registre des effacements (ou FSBUS_ERASURE_LEDGER) ; sinon à côté du fichier SQLite"


def build_parser() -> argparse.ArgumentParser:
    """The whole command line; `options.command` is « open » when none is given."""
    shared = FrenchParser(add_help=False, argument_default=argparse.SUPPRESS)
    _add_shared(shared)
    parser = FrenchParser(
        prog="fsbus",
        description="Le bus France Services, avec ou sans réseau.",
        epilog=EPILOG,
    )
    _add_shared(parser)
    parser.set_defaults(home=None, passphrase_file=_default_passphrase_file(), command="open")
    parser.add_argument("--version", action="version", version=f"fsbus {__version__}", help="dire la version")
    commands = parser.add_subparsers(title="commandes", metavar="COMMANDE")

    def add(name: str, words: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=words, description=words, parents=[shared])
        command.set_defaults(command=name)
        return command

    add("open", "ouvrir l’application, ou montrer sa fenêtre déjà ouverte (aussi sans commande)")
    _demo(add("demo", "une journée de bus, de bout en bout"))
    _device(add)
    _reading(add)
    _upkeep(add)
    add_conflicts(add("conflicts", "ce qui est à vérifier, et le choix"), shared)
    add_access(add, shared)
    add_trust(add, shared)
    serve = add("serve", "le centre : reçoit les bus")
    serve.add_argument("--database", required=True, metavar="URL", help=_DATABASE)
    serve.add_argument("--key-file", type=Path, metavar="FICHIER", help=_KEY_FILE)
    serve.add_argument("--ledger", type=Path, metavar="FICHIER", help=_LEDGER)
    serve.add_argument("--listen", default="127.0.0.1:8765", metavar="HÔTE:PORT")
    serve.add_argument(
        "--processes", type=int, default=1, metavar="N", help="avec PostgreSQL ; un seul avec SQLite"
    )
    serve.add_argument("--metrics", metavar="HÔTE:PORT", help="où donner les compteurs (/metrics), à part")
    _server(add("server", "administrer le centre"), shared)
    bench = add("bench", "mesures, chacune à côté de sa limite")
    bench.add_argument(
        "names",
        nargs="*",
        metavar="NOM",
        help="start, save, search, form, road, unlock, storm ; toutes si rien",
    )
    bench.add_argument("--runs", type=int, help="nombre de mesures de chaque")
    bench.add_argument(
        "--database",
        metavar="URL",
        help="postgresql://… où faire et défaire des bases (ou FSBUS_BENCH_PG) ; sinon celui des tests, s’il est là",
    )
    return parser


def _add_shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", type=Path, metavar="DOSSIER", help="où ce poste garde tout (ou FSBUS_HOME)")
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FICHIER",
        help="fichier de la phrase secrète (ou FSBUS_PASSPHRASE_FILE) ; sinon demandée au terminal",
    )


def default_home() -> Path:
    """Where a laptop keeps everything when no one says: FSBUS_HOME, else the system's place for it."""
    if given := os.environ.get("FSBUS_HOME"):
        return Path(given)
    from platformdirs import user_data_path

    return user_data_path("fsbus", appauthor=False)


def _default_passphrase_file() -> Path | None:
    given = os.environ.get("FSBUS_PASSPHRASE_FILE")
    return Path(given) if given else None


def _demo(demo: argparse.ArgumentParser) -> None:
    demo.add_argument("--headless", action="store_true", help="sans fenêtre, même avec un écran")
    demo.add_argument("--out", type=Path, metavar="DOSSIER", help="où écrire rapport et captures d’écran")


def _device(add: _Add) -> None:
    init = add("init", "préparer ce poste, sans centre")
    init.add_argument("--bus", required=True, metavar="NOM")
    init.add_argument("--agent", required=True, metavar="NOM")
    enroll = add("enroll", "rattacher ce poste à un centre")
    enroll.add_argument("--server", required=True, metavar="URL")
    enroll.add_argument("--code", required=True, help="le code à usage unique du coordinateur")
    enroll.add_argument("--agent", metavar="NOM", help="obligatoire sur un poste neuf")
    for name, words, shape in (
        (
            "record",
            "enregistrer des visites (JSON ou NDJSON)",
            EXAMPLE,
        ),
        (
            "amend",
            "corriger, retirer ou remettre des visites (JSON ou NDJSON)",
            '{"visit_id":"…","set":{"minutes":25}} ; avec "record_id" pour une démarche ; '
            'au lieu de "set", "delete":true retire, "delete":false remet',
        ),
    ):
        add(name, words).add_argument("file", metavar="FICHIER|-", help=shape)
    add("sync", "échanger avec le centre jusqu’à ce que tout soit passé")
    add_bundle(add("bundle", "échanger avec le centre par clé USB : écrire la clé, ou lire la réponse"))
    lease = add("lease", "jusqu’à quand ce poste travaille sans joindre le centre")
    lease.add_argument("--code", metavar="12 CHIFFRES", help="le code dicté par le coordinateur")
    erase = add("erase", "effacer pour de bon, ici et partout")
    which = erase.add_mutually_exclusive_group(required=True)
    which.add_argument("--visit", metavar="ID")
    which.add_argument("--resident", metavar="ID")


def _reading(add: _Add) -> None:
    visits = add("visits", "les visites de ce poste")
    visits.add_argument("--from", dest="first", metavar="JOUR")
    visits.add_argument("--to", dest="last", metavar="JOUR")
    visits.add_argument("--removed", action="store_true", help="celles qui ont été retirées")
    circuit = add("circuit", "les passages du bus, un mois à partir d’aujourd’hui")
    circuit.add_argument("--from", dest="first", metavar="JOUR")
    circuit.add_argument("--to", dest="last", metavar="JOUR")
    circuit.add_argument("--commune", metavar="INSEE", help="ceux d’une commune")
    circuit.add_argument("--ics", type=Path, metavar="FICHIER", help="les écrire pour un agenda (iCalendar)")
    todo = add("todo", "ce qui reste à faire après les visites")
    todo.add_argument("--commune", metavar="INSEE", help="ce qui est à reprendre dans une commune")
    queue = add("queue", "la file d’attente du jour")
    one = queue.add_mutually_exclusive_group()
    one.add_argument("--add", action="store_true", help="une personne de plus à la porte")
    one.add_argument("--next", action="store_true", help="appeler la personne suivante")
    find = add("find", "chercher une démarche ou une fiche")
    find.add_argument("text", metavar="TEXTE")
    find.add_argument("--limit", type=int, default=20, metavar="N")
    add("status", "où en est ce poste")
    report = add("report", "l’activité d’un mois")
    report.add_argument("--month", required=True, metavar="AAAA-MM")
    report.add_argument("--format", required=True, choices=("csv", "xlsx", "html", "pdf", "json"))
    report.add_argument("--out", type=Path, metavar="FICHIER", help="sinon dans le dossier courant")


def _upkeep(add: _Add) -> None:
    check = add("check", "vérifier les données de ce poste")
    check.add_argument("--repair", action="store_true", help="réparer ce qui peut l’être")
    copy = add("backup", "faire une copie vérifiée des données de ce poste")
    copy.add_argument("folder", nargs="?", type=Path, metavar="DOSSIER", help="sinon avec les autres copies")
    back = add("restore", "remettre une copie à la place des données de ce poste")
    back.add_argument("file", type=Path, metavar="FICHIER")
    back.add_argument(
        "--recovery-key", type=Path, metavar="CLÉ", help="dans un dossier vide : la clé du coordinateur"
    )
    take = add("import", "prendre la nouvelle édition d’une liste officielle")
    take.add_argument("kind", choices=("catalog", "fiches", "communes", "structures"))
    take.add_argument("file", type=Path, metavar="FICHIER")


def _server(server: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    tasks = server.add_subparsers(title="tâches", dest="task", required=True, metavar="TÂCHE")
    on = FrenchParser(add_help=False, parents=[shared], argument_default=argparse.SUPPRESS)
    for place in (server, on):
        place.add_argument("--database", metavar="URL", help=_DATABASE)
        place.add_argument("--key-file", type=Path, metavar="FICHIER", help=_KEY_FILE)
        place.add_argument("--ledger", type=Path, metavar="FICHIER", help=_LEDGER)
    code = tasks.add_parser("enroll-code", help="un code pour un poste", parents=[on])
    code.add_argument("--feed", required=True, metavar="NOM", help="le bus, par exemple bus-3")
    code.add_argument("--role", default="agent", choices=("agent", "coordinator", "trainer"))
    tasks.add_parser("devices", help="les postes", parents=[on])
    lost = tasks.add_parser("lost-device", help="la fiche d’un poste perdu ou volé", parents=[on])
    revoke = tasks.add_parser("revoke", help="refuser un poste pour de bon", parents=[on])
    add_approving(tasks, on, revoke)
    for task in (lost, revoke):
        task.add_argument("device", metavar="POSTE", help="l’identifiant du poste, ou son début")
    lost.add_argument("--format", choices=("html", "json"), default="json")
    lost.add_argument("--out", type=Path, metavar="FICHIER", help="pour html ; sinon dans le dossier courant")
    lease = tasks.add_parser("lease-code", help="le code à dicter à un poste hors d’atteinte", parents=[on])
    lease.add_argument("--device", required=True, metavar="ID", help="l’identifiant du poste, ou son début")
    lease.add_argument("--challenge", required=True, metavar="8 CHIFFRES", help="ceux que le poste affiche")
    lease.add_argument(
        "--days", type=int, default=7, metavar="N", help="de 1 à 7 jours (7 si rien n’est dit)"
    )
    add_server_bundle(tasks.add_parser("bundle", help="répondre à la clé USB d’un poste", parents=[on]))
    tasks.add_parser("visits", help="les visites reçues", parents=[on])
    month = tasks.add_parser("report", help="l’activité d’un mois", parents=[on])
    month.add_argument("--month", required=True, metavar="AAAA-MM")
    tasks.add_parser("check", help="vérifier le centre", parents=[on])
    add_keeping(tasks, on)
