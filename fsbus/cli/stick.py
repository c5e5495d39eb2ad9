"""Commands of the exchange by USB stick: on the laptop, and at the centre."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from fsbus.actions.stick_words import taken_in_words, written_in_words
from fsbus.cli.opening import opened
from fsbus.cli.output import put, say
from fsbus.core.errors import InvalidInput

if TYPE_CHECKING:
    from fsbus.server.centre import Centre

REFUSED = 5


def bundle(options: argparse.Namespace) -> int:
    """`bundle write|read FILE`: what `sync` does, with a file that somebody carries."""
    from fsbus.sync.bundles import read_bundle, write_bundle

    if options.way == "write":
        _refuse_replacing(options.file, "file", force=options.force)
    with opened(options) as session:
        if options.way == "write":
            written = write_bundle(session.store, options.file, clock=session.clock)
            put(asdict(written))
            say(f"{options.file}\u00a0: {written_in_words(written)}")
            return 0
        taken = read_bundle(session.store, options.file, clock=session.clock)
        figures = asdict(taken)
        del figures["kinds"]
        put(figures)
        say(taken_in_words(taken))
    return 0


def answer(centre: "Centre", options: argparse.Namespace) -> int:
    """`server bundle FILE --out FILE`: the centre's part of the same exchange."""
    from fsbus.core.clock import Clock
    from fsbus.server.bundles import answer_bundle
    from fsbus.sync.refusals import in_words
    from fsbus.sync.stick_files import read_from_stick, write_on_stick
    from fsbus.wire.bundle import LARGEST_FILE, BadBundle

    sealed = read_from_stick(options.file, LARGEST_FILE)
    if options.out.exists() and options.out.samefile(options.file):
        raise InvalidInput({"out": "Donnez un autre nom que celui du fichier lu\u00a0: il peut resservir."})
    _refuse_replacing(options.out, "out", force=options.force)
    try:
        answered = answer_bundle(centre, sealed, clock=Clock())
    except BadBundle:
        raise InvalidInput({
            "file": f"{options.file.name}\u00a0: ce n’est pas la clé USB d’un poste de ce centre, ou elle est abîmée. "
            "Rien n’a été pris\u00a0; demandez au poste de la réécrire."
        }) from None  # fmt: skip
    write_on_stick(options.out, answered.sealed)
    put({
        "device": answered.device, "changes": answered.changes, "bytes": len(answered.sealed),
        "parts": answered.parts, "refused": dict(answered.refused), "path": str(options.out),
    })  # fmt: skip
    if not answered.refused:
        say(f"Réponse écrite et relue\u00a0: rapportez {options.out} au poste.")
        return 0
    why = ", ".join(in_words(problem) for problem in answered.refused)
    say(f"Refusé par le centre\u00a0: {why}. La réponse est écrite tout de même, le poste en dira la raison.")
    return REFUSED


def _refuse_replacing(path: Path, field: str, *, force: bool) -> None:
    """Raises InvalidInput: what is on a stick may not have been carried yet."""
    if path.exists() and not force:
        raise InvalidInput({
            field: f"{path} existe déjà\u00a0: rien n’a été écrit. Donnez un autre nom, ou --force pour le remplacer."
        })  # fmt: skip
