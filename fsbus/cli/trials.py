"""Commands that show and measure fsbus on made-up days."""

import argparse
import os
from collections.abc import Mapping

from fsbus.cli.output import put, say
from fsbus.core.errors import InvalidInput

FAILED = 1


def demo(options: argparse.Namespace) -> int:
    """`demo`: the day on the bus; opened in the application with a display, headless without."""
    from fsbus.training.demo import run_demo

    report = run_demo(options.out, headless=options.headless, say=say)
    put(report)
    say(_in_words(report))
    return 0 if report["ok"] else FAILED


def _in_words(report: Mapping[str, object]) -> str:
    """The last line that a newcomer reads, below the object."""
    failed = report["failed"]
    if isinstance(failed, list) and failed:
        return f"{len(failed)} vérification(s) en échec : {' ; '.join(map(str, failed))}."
    return f"Tout est vérifié. Rapport et captures d’écran : {report['folder']}"


def bench(options: argparse.Namespace) -> int:
    """`bench`: each figure beside its limit in the same run."""
    from fsbus.bench.databases import GIVEN
    from fsbus.bench.suite import BENCHES

    if options.database is not None:
        os.environ[GIVEN] = options.database
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown:
        raise InvalidInput({"names": f"Mesure inconnue : {unknown[0]}. Mesures : {', '.join(BENCHES)}."})
    for name in options.names or BENCHES:
        say(f"{name} …")
        for figure in BENCHES[name](options.runs):
            put(figure.as_json())
    return 0
