"""Commands about who opens this laptop, how it is guarded, and the coordinator's key."""

import argparse
import sys
from collections.abc import Callable, Mapping

from fsbus.cli.opening import ask_passphrase, chosen_passphrase, log_of, opened
from fsbus.cli.output import put, put_all, say
from fsbus.core.clock import Clock
from fsbus.core.errors import InvalidInput
from fsbus.core.ids import Ids
from fsbus.logs.no_dumps import refuse_dumps

Task = Callable[[argparse.Namespace], int]


def security(options: argparse.Namespace) -> int:
    """`security`: one object; with `--sheet`, the lost-laptop sheet as a file too."""
    from fsbus.actions.lost_device import lost_sheet, write_sheet
    from fsbus.actions.security import security_of

    with opened(options) as session:
        state = security_of(session)
        if options.sheet is None:
            put(state.as_json())
            return 0
        drawn = lost_sheet(state, session.clock)
    if options.sheet.suffix == ".pdf":
        from fsbus.desktop.sheet_pdf import write_sheet_pdf

        write_sheet_pdf(drawn, options.sheet)
    elif options.sheet.suffix == ".html":
        write_sheet(drawn, options.sheet)
    else:
        raise InvalidInput({"sheet": "Un nom de fichier en .html ou en .pdf est attendu."})
    put({"path": str(options.sheet)})
    return 0


def agents(options: argparse.Namespace) -> int:
    """`agents TASK`; the list without one."""
    tasks: Mapping[str, Task] = {
        "list": _list,
        "add": _add,
        "invite": _invite,
        "accept": _accept,
        "remove": _remove,
        "passphrase": _passphrase,
        "recovery-key": _recovery_key,
    }
    return tasks[options.task](options)


def recovery(options: argparse.Namespace) -> int:
    """`recovery TASK`."""
    tasks: Mapping[str, Task] = {"new": _new_recovery, "show": _show_recovery, "open": _open_recovery}
    return tasks[options.task](options)


def _list(options: argparse.Namespace) -> int:
    from fsbus.actions.agents import list_agents

    with opened(options) as session:
        put_all(access.as_json() for access in list_agents(session))
    return 0


def _add(options: argparse.Namespace) -> int:
    from fsbus.actions.agents import add_agent

    with opened(options) as session:
        agent = add_agent(session, options.name, _new_passphrase(options))
    put({"id": agent.id, "name": agent.name})
    return 0


def _invite(options: argparse.Namespace) -> int:
    from fsbus.actions.agents import invite_agent

    with opened(options) as session:
        agent, code = invite_agent(session, options.name)
    put({"id": agent.id, "name": agent.name, "code": code})
    say(
        f"Code à donner à {agent.name}, de vive voix ou sur papier\u00a0; il ne sert qu’une fois\u00a0: {code}"
    )
    return 0


def _accept(options: argparse.Namespace) -> int:
    from fsbus.actions.agents import accept_invitation

    refuse_dumps()
    with accept_invitation(
        options.home, options.code, _new_passphrase(options), clock=Clock(), ids=Ids(), log=log_of(options)
    ) as session:
        put({"id": session.agent.id, "name": session.agent.name})
    return 0


def _remove(options: argparse.Namespace) -> int:
    from fsbus.actions.agents import list_agents, remove_agent
    from fsbus.actions.session import open_session

    passphrase = ask_passphrase(options)
    session = open_session(options.home, passphrase, clock=Clock(), ids=Ids())
    try:
        wanted = options.id.strip().casefold()
        found = [one for one in list_agents(session) if wanted in (one.agent.id, one.agent.name.casefold())]
        if len(found) != 1:
            raise InvalidInput(
                {
                    "id": "Aucun agent de cet identifiant n’ouvre ce poste\u00a0: voyez «\u00a0fsbus agents\u00a0»."
                }
            )
        say("Les clés du poste changent et la base est réécrite\u00a0: ne coupez rien.")
        session = remove_agent(session, found[0].agent.id, passphrase)
        put({"id": found[0].agent.id, "removed": True, "key_epoch": session.keys.epoch})
    finally:
        session.close()
    return 0


def _passphrase(options: argparse.Namespace) -> int:
    from fsbus.actions.agents import change_passphrase
    from fsbus.actions.session import open_session

    old = ask_passphrase(options)
    with open_session(options.home, old, clock=Clock(), ids=Ids()) as session:
        change_passphrase(session, old, _new_passphrase(options))
        put({"id": session.agent.id, "changed": True})
    return 0


def _recovery_key(options: argparse.Namespace) -> int:
    from fsbus.actions.recovery import fingerprint_of, trust_recovery_key

    told = fingerprint_of(options.file)
    say(f"Empreinte de cette clé\u00a0: {told}")
    confirmed = options.fingerprint
    if confirmed is None:
        if not sys.stdin.isatty():
            raise InvalidInput(
                {
                    "fingerprint": "Empreinte à donner\u00a0: --fingerprint, telle que le coordinateur la dicte."
                }
            )
        say("Appelez votre coordinateur et tapez l’empreinte qu’il lit sur son écran, sans la copier d’ici.")
        confirmed = input()
    with opened(options) as session:
        trust_recovery_key(session, options.file, confirmed)
    put({"fingerprint": told, "trusted": True})
    return 0


def _new_recovery(options: argparse.Namespace) -> int:
    from fsbus.actions.recovery import new_recovery_key

    told = new_recovery_key(options.file, chosen_passphrase(options.passphrase_file))
    put({"file": str(options.file), "public": f"{options.file}.pub", "fingerprint": told})
    say(f"Gardez {options.file.name} hors ligne, avec sa phrase. Donnez {options.file.name}.pub aux postes.")
    say(f"Empreinte à dicter à chaque agent qui l’ajoute\u00a0: {told}")
    return 0


def _show_recovery(options: argparse.Namespace) -> int:
    from fsbus.actions.recovery import fingerprint_of

    put({"fingerprint": fingerprint_of(options.file)})
    return 0


def _open_recovery(options: argparse.Namespace) -> int:
    from fsbus.actions.recovery import invite_by_recovery

    refuse_dumps()
    agent, code = invite_by_recovery(
        options.home,
        options.file,
        ask_passphrase(options),
        options.name,
        clock=Clock(),
        ids=Ids(),
        log=log_of(options),
    )
    put({"id": agent.id, "name": agent.name, "code": code})
    say(
        f"Code pour {agent.name}, à taper au déverrouillage («\u00a0J’ai un code d’invitation\u00a0»)\u00a0: {code}"
    )
    return 0


def _new_passphrase(options: argparse.Namespace) -> str:
    return chosen_passphrase(options.new_passphrase_file, "new_passphrase_file", "--new-passphrase-file")
