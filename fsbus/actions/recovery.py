"""The coordinator's recovery key: made once, known to a laptop, and what lets an agent in again."""

from pathlib import Path

from fsbus.actions.agents import list_agents, new_agent
from fsbus.actions.passphrases import refuse_weak
from fsbus.actions.session import KEYS, Session, enter
from fsbus.actions.trusting import require_trusted_recovery
from fsbus.core.clock import Clock
from fsbus.core.entities import Agent
from fsbus.core.errors import InvalidInput
from fsbus.core.events import AccessChanged, Log, unheard
from fsbus.core.ids import Ids
from fsbus.store import key_cost, keyring
from fsbus.store.home_lock import home_lock
from fsbus.store.recovery_file import fingerprint, make_recovery_key, open_recovery_key, read_public_key


def new_recovery_key(path: Path, passphrase: str) -> str:
    """At the coordinator's: the private half sealed in ``path``, the public one in ``path``.pub; the fingerprint.

    Raises InvalidInput when the passphrase is weak, StoreUnavailable when a file exists.
    """
    refuse_weak(passphrase)
    return fingerprint(make_recovery_key(path, passphrase, cost=key_cost.measured_cost()))


def fingerprint_of(path: Path) -> str:
    """What is to be compared with the coordinator's own words. Raises InvalidInput (``file``)."""
    return fingerprint(read_public_key(path))


def trust_recovery_key(session: Session, path: Path, confirmed: str) -> str:
    """Let this coordinator open the laptop, once the fingerprint heard from him is that of the file.

    Raises InvalidInput (``file``, ``fingerprint``), NotAllowed when a trust file is known and it is not in it.
    """
    session.require_writable()
    public = read_public_key(path)
    require_trusted_recovery(session, public)
    told = fingerprint(public)
    if _signs(confirmed) != _signs(told):
        raise InvalidInput(
            {
                "fingerprint": "Cette empreinte n’est pas celle du fichier\u00a0: il ne vient pas de votre coordinateur. "
                "Rien n’a été changé."
            }
        )
    with home_lock(session.home):
        path = session.home / KEYS
        keyring.set_recovery(path, session.keys, public, created=int(session.clock.now().timestamp()))
        keyring.confirm(path, session.keys)
    session.log(AccessChanged(what="recovery", agent=session.agent.id))
    return told


def invite_by_recovery(
    home: Path, key_file: Path, passphrase: str, name: str, *, clock: Clock, ids: Ids, log: Log = unheard
) -> tuple[Agent, str]:
    """A coordinator lets someone in: the code that gives them a passphrase, once.

    Who forgot theirs keeps their name and their work, and the old passphrase opens nothing any more.
    Raises WrongPassphrase for another key or passphrase, InvalidInput, and otherwise as `open_session`.
    """
    private = open_recovery_key(key_file, passphrase)
    with home_lock(home):
        keys = keyring.recover(home / KEYS, private)
        # Whoever holds this key is no agent of the laptop: what is written is signed by the key's own id.
        with enter(
            home, keys, clock=clock, ids=ids, stand_in=Agent(keys.agent_id, "Coordinateur"), log=log
        ) as session:
            known = (
                one.agent
                for one in list_agents(session)
                if one.agent.name.casefold() == name.strip().casefold()
            )
            agent = next(known, None) or new_agent(session, name)
            code = keyring.invite_agent(
                home / KEYS, keys, agent.id, created=int(clock.now().timestamp()), again=True
            )
            keyring.confirm(home / KEYS, keys)
    log(AccessChanged(what="invited", agent=agent.id))
    return agent, code


def _signs(text: str) -> str:
    return "".join(text.lower().split())
