"""Who opens this laptop: add, invite and remove agents, change one's passphrase."""

from dataclasses import dataclass
from pathlib import Path

from fsbus.actions import telling
from fsbus.actions.passphrases import refuse_weak
from fsbus.actions.session import KEYS, RECENT, Session, enter, files_of, throttle_of
from fsbus.core.changes import CREATE
from fsbus.core.clock import Clock
from fsbus.core.entities import AGENT, Agent, body_of
from fsbus.core.errors import InvalidInput, NotAllowed
from fsbus.core.events import AccessChanged, Log, unheard
from fsbus.core.fields import Text
from fsbus.core.ids import Ids
from fsbus.core.redaction import redacted
from fsbus.store import key_cost, keyring, queries, rekeying
from fsbus.store.home_lock import home_lock
from fsbus.store.keyfile import Keys
from fsbus.store.recent import forget_agent
from fsbus.store.store import Edit


@redacted("agent", "invited", "is_me")
@dataclass(frozen=True)
class Access:
    """One who opens this laptop, or is invited to."""

    agent: Agent
    invited: bool
    is_me: bool

    def as_json(self) -> dict[str, object]:
        """For `fsbus agents`."""
        return {"id": self.agent.id, "name": self.agent.name, "invited": self.invited, "me": self.is_me}


def list_agents(session: Session) -> tuple[Access, ...]:
    """Who opens this laptop, by name. Raises KeysDamaged."""
    found = []
    for member in keyring.members(session.home / KEYS, session.keys):
        agent = queries.agent(session.store.db, member.agent_id) or Agent(member.agent_id, "(nom perdu)")
        found.append(Access(agent, member.invited, agent.id == session.agent.id))
    return tuple(sorted(found, key=lambda access: (access.agent.name.casefold(), access.agent.id)))


def add_agent(session: Session, name: str, passphrase: str) -> Agent:
    """One more agent, who is here and has typed a passphrase.

    Raises InvalidInput (``agent``: name or no room; ``passphrase``: weak, or another agent's), KeysDamaged, StoreUnavailable.
    """
    refuse_weak(passphrase)
    keyring.refuse_taken(session.home / KEYS, session.keys, passphrase)
    agent, cost = new_agent(session, name), key_cost.measured_cost()
    with home_lock(session.home):
        keyring.add_agent(
            session.home / KEYS, session.keys, agent.id, passphrase, cost=cost, created=_now(session)
        )
    session.log(AccessChanged(what="added", agent=agent.id))
    return agent


def invite_agent(session: Session, name: str) -> tuple[Agent, str]:
    """One more agent, who will come later: the code that lets them choose a passphrase, once.

    Raises as `add_agent` does.
    """
    agent = new_agent(session, name)
    with home_lock(session.home):
        code = keyring.invite_agent(session.home / KEYS, session.keys, agent.id, created=_now(session))
    session.log(AccessChanged(what="invited", agent=agent.id))
    return agent, code


def invite_again(session: Session, agent_id: str, passphrase: str) -> str:
    """A new code for an agent who forgot the passphrase, which opens nothing any more; the work stays theirs.

    ``passphrase`` is that of the agent who works here. Raises as `remove_agent`, KeysDamaged.
    """
    if agent_id == session.agent.id:
        raise NotAllowed("Pour votre propre phrase, prenez « Changer ma phrase ».")
    path = session.home / KEYS
    if agent_id not in {member.agent_id for member in keyring.members(path, session.keys)}:
        raise InvalidInput({"agent": "Cet agent n’ouvre plus ce poste."})
    with home_lock(session.home):
        prove_oneself(session, passphrase)
        code = keyring.invite_agent(path, session.keys, agent_id, created=_now(session), again=True)
        # Not in the copy beside either.
        keyring.confirm(path, session.keys)
    session.log(AccessChanged(what="invited", agent=agent_id))
    return code


def accept_invitation(
    home: Path, code: str, passphrase: str, *, clock: Clock, ids: Ids, log: Log = unheard
) -> Session:
    """Exchange the code for one's own passphrase, and open. Raises as `open_session`, InvalidInput if weak or taken."""
    refuse_weak(passphrase)
    cost = key_cost.measured_cost()
    with home_lock(home), telling.opening(throttle_of(home, clock), log) as throttle:
        with throttle.attempt():
            keys = keyring.accept_invitation(
                home / KEYS, code, passphrase, cost=cost, created=int(clock.now().timestamp())
            )
        log(AccessChanged(what="accepted", agent=keys.agent_id))
        return enter(home, keys, clock=clock, ids=ids, log=log)


def change_passphrase(session: Session, old: str, new: str) -> None:
    """Another passphrase for the agent who works here; nobody else is concerned.

    The laptop is measured anew; the cost of the agent's slot may rise, and never falls.

    Raises WrongPassphrase, NotAllowed for another agent's passphrase, InvalidInput when the new one is weak or taken.
    """
    session.require_writable()
    refuse_weak(new)
    path, cost = session.home / KEYS, key_cost.measured_cost()
    with home_lock(session.home):
        prove_oneself(session, old)
        keyring.change_passphrase(path, old, new, [session.agent.id], cost=cost, created=_now(session))
    session.log(AccessChanged(what="passphrase", agent=session.agent.id))


def remove_agent(session: Session, agent_id: str, passphrase: str) -> Session:
    """Shut an agent out for good: the laptop's master key changes, and the database is written anew.

    What the agent recorded stays. ``passphrase`` is that of the agent who works here. ``session`` is closed,
    and every other connection must be; the session that goes on is returned. When it fails, the laptop
    is as it was, or as it was to be, and `open_session` opens it. Raises WrongPassphrase, NotAllowed,
    InvalidInput, StoreUnavailable when another window has the laptop open.
    """
    session.require_writable()
    files = files_of(session.home)
    if agent_id == session.agent.id:
        raise NotAllowed("On ne se retire pas soi-même : un autre agent du poste peut le faire.")
    if agent_id not in {member.agent_id for member in keyring.members(files.keys, session.keys)}:
        raise InvalidInput({"agent": "Cet agent n’ouvre plus ce poste."})
    with home_lock(session.home):
        keys = prove_oneself(session, passphrase)
        session.close()
        rekeying.rotate(files, keys, without=agent_id, now=session.clock.now())
        forget_agent(session.home / RECENT, agent_id)
        session.log(AccessChanged(what="removed", agent=agent_id))
        # As at any opening, and with the passphrase: before anything is written, the new pair must open.
        return enter(
            session.home,
            keyring.unlock(files.keys, passphrase, [session.agent.id]),
            clock=session.clock,
            ids=session.ids,
            log=session.log,
        )


def prove_oneself(session: Session, passphrase: str) -> Keys:
    """The keys, opened again by the passphrase of the agent who works here; counted as any try.

    Raises WrongPassphrase, NotAllowed for another agent's passphrase. The caller holds the lock of the folder.
    """
    with throttle_of(session.home, session.clock).attempt():
        keys = keyring.unlock(session.home / KEYS, passphrase, [session.agent.id])
    if keys.agent_id != session.agent.id:
        raise NotAllowed("Cette phrase est celle d’un autre agent : tapez la vôtre.")
    return keys


def new_agent(session: Session, name: str) -> Agent:
    """The agent's record, before the way in: a way in without a name would not open."""
    problems: dict[str, str] = {}
    name = Text(longest=80, required=True).read(name, "agent", problems).strip()
    if not problems and any(
        access.agent.name.casefold() == name.casefold() for access in list_agents(session)
    ):
        problems["agent"] = "Un agent de ce nom ouvre déjà ce poste : ajoutez une initiale."
    if problems:
        raise InvalidInput(problems)
    agent = Agent(session.ids.new(), name)
    session.store.save([Edit(AGENT, agent.id, CREATE, body_of(agent))], actor=session.agent.id)
    return agent


def _now(session: Session) -> int:
    return int(session.clock.now().timestamp())
