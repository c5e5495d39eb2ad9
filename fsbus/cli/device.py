"""Commands that write on this laptop or exchange with the centre."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from fsbus.actions import intake
from fsbus.actions import visits as visit_actions
from fsbus.actions.lease import LeaseState, lease_state, use_code
from fsbus.actions.session import Session, create_device
from fsbus.actions.standing import standing_in_words
from fsbus.cli.opening import ask_passphrase, from_file, log_of, opened
from fsbus.cli.output import Bar, put, say
from fsbus.core.clock import Clock
from fsbus.core.errors import InvalidInput
from fsbus.core.ids import Ids, is_id
from fsbus.logs.no_dumps import refuse_dumps
from fsbus.store.standing import key_to_enrol, read_standing
from fsbus.wire.enrolment import parse_code
from fsbus.wire.lease_codes import grouped
from fsbus.wire.signing import five_by_five

INVALID = 2


def init(options: argparse.Namespace) -> int:
    """`init`: a store that is not enrolled yet."""
    with _created(options, options.bus, options.agent) as session:
        put({"device": session.device, "replica": session.store.replica, "agent_id": session.agent.id})
    return 0


def enroll(options: argparse.Namespace) -> int:
    """`enroll`: attach this laptop, made on the way when it is new."""
    from fsbus.sync import http_api

    # Before a store is made: a slip in the address or the code must leave nothing behind.
    http_api.check_url(options.server)
    parse_code(options.code)
    is_new = not (options.home / "keys.fsk").exists()
    if is_new and not options.agent:
        raise InvalidInput({"agent": "Nom de l’agent à donner (--agent) : ce poste est neuf."})
    opening = _created(options, "", options.agent) if is_new else opened(options)
    with opening as session:
        name = options.agent or session.agent.name
        enrolment = http_api.enroll(
            options.server, options.code, name, key_to_enrol(session.store, session.signing_key)
        )
        session.store.set_enrolment(enrolment)
        if not session.bus:
            session.name_bus(enrolment.writes)
        feeds = list(enrolment.feeds)
        http_api.meet(session.store, clock=session.clock)
        put({"device": enrolment.device, "replica": session.store.replica, "feeds": feeds})
        say(f"Ce poste est rattaché au centre {enrolment.server_url}, pour {', '.join(feeds)}.")
        if standing := read_standing(session.store):
            say(standing_in_words(standing, enrolment.device))
        else:
            name = five_by_five(enrolment.device)
            say(f"Nom de ce poste, à comparer de vive voix avec le coordinateur\u00a0: {name}")
    return 0


def record(options: argparse.Namespace) -> int:
    """`record`: each line is saved whole or refused whole."""
    return _take_lines(options, intake.record_lines)


def amend(options: argparse.Namespace) -> int:
    """`amend`: the same for corrections."""
    return _take_lines(options, intake.amend_lines)


def sync(options: argparse.Namespace) -> int:
    """`sync`: exchanges until nothing is left."""
    from fsbus.sync.remembered import exchange_and_remember

    with opened(options) as session:
        bar = Bar("Échange")
        try:
            report = exchange_and_remember(
                session.store,
                clock=session.clock,
                progress=bar,
                log=session.log,
                spare=None if session.read_only else session.spare_store,
            )
        finally:
            bar.close()
        if session.read_only or not report.kept:
            say("Ce poste n’a rien pu garder de l’échange : le centre, lui, a ce qui attendait.")
    figures = asdict(report)
    del figures["kinds"], figures["finished"], figures["kept"], figures["skew"]
    put(figures)
    return 0


def lease(options: argparse.Namespace) -> int:
    """`lease`: where it stands; with `--code`, lengthened first."""
    with opened(options) as session:
        state = use_code(session, options.code) if options.code is not None else lease_state(session)
        put({"device": session.device, "lease": None if state is None else state.as_json()})
        say(_lease_in_words(state))
    return 0


def erase(options: argparse.Namespace) -> int:
    """`erase`: for good, here now and everywhere at the next exchange."""
    target = options.visit or options.resident
    if not is_id(target):
        raise InvalidInput({"visit" if options.visit else "resident": "Identifiant illisible."})
    with opened(options) as session:
        erase_one = visit_actions.erase_visit if options.visit else visit_actions.erase_resident
        put({"erased": erase_one(session, target)})
    return 0


def _lease_in_words(state: LeaseState | None) -> str:
    if state is None:
        return "Ce poste n’est rattaché à aucun centre\u00a0: il travaille sans limite."
    asked = f"Question à dicter au coordinateur\u00a0: {grouped(state.challenge)}" if state.challenge else ""
    told = state.notice() or f"Sans réseau, ce poste s’ouvre encore {state.left_in_words()}."
    return " ".join(part for part in (told, asked) if part)


@contextmanager
def _created(options: argparse.Namespace, bus: str, agent: str) -> Iterator[Session]:
    refuse_dumps()
    passphrase = _new_passphrase(options)
    session = create_device(
        options.home,
        passphrase,
        bus=bus,
        agent_name=agent,
        clock=Clock(),
        ids=Ids(),
        log=log_of(options),
    )
    try:
        yield session
    finally:
        session.close()


def _new_passphrase(options: argparse.Namespace) -> str:
    """The person's own, or six words of the French list when the terminal is answered by Enter alone."""
    from fsbus.actions.passphrases import propose_passphrase, refuse_weak

    passphrase = from_file(options.passphrase_file)
    if passphrase is None:
        if sys.stdin.isatty():
            proposed = propose_passphrase()
            say(f"Phrase secrète proposée, à noter et à garder hors de l’ordinateur :\n\n    {proposed}\n")
            say("Tapez-la pour la prendre, ou tapez la vôtre.")
        passphrase = ask_passphrase(options)
    refuse_weak(passphrase)
    return passphrase


Intake = Callable[[Session, Iterable[bytes]], Iterable[intake.LineResult]]


def _take_lines(options: argparse.Namespace, take: Intake) -> int:
    refused = 0
    with opened(options) as session, _input(options.file) as lines:
        for result in take(session, lines):
            put(result.as_json())
            refused += bool(result.problems)
    return INVALID if refused else 0


@contextmanager
def _input(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    if not Path(name).is_file():
        raise InvalidInput({"file": f"Fichier absent ou illisible : {name}"})
    with Path(name).open("rb") as opened_file:
        yield opened_file
