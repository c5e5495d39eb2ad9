"""Unlocking a laptop of one, three and six agents, beside the bare derivation of the key."""

from collections.abc import Iterator

from fsbus.actions.agents import add_agent
from fsbus.actions.passphrases import propose_passphrase
from fsbus.actions.session import KEYS, Session, create_device, open_session
from fsbus.bench import places
from fsbus.bench.measure import Figure, in_turn, seconds
from fsbus.core.clock import Clock
from fsbus.core.ids import Ids
from fsbus.store.key_slots import PASSPHRASE, parse
from fsbus.store.keyfile import slot_key

RUNS = 5
AGENTS = (1, 3, 6)


def bench(runs: int | None) -> Iterator[Figure]:
    """Figures ``unlock-1``, ``unlock-3`` and ``unlock-6``: the agent who opened last, and was added last."""
    with places.folder() as folder:
        home, clock, ids = folder / "home", Clock(), Ids()
        phrase, present = propose_passphrase(), 1
        create_device(home, phrase, bus="Bus de mesure", agent_name="Agent 1", clock=clock, ids=ids).close()
        for wanted in AGENTS:
            with open_session(home, phrase, clock=clock, ids=ids) as session:
                # Of the official lists, which are built once.
                _ = session.reference
                while present < wanted:
                    present, phrase = present + 1, propose_passphrase()
                    add_agent(session, f"Agent {present}", phrase)

            def ours(_: int, phrase: str = phrase) -> float:
                opened: list[Session] = []
                took = seconds(lambda: opened.append(open_session(home, phrase, clock=clock, ids=ids)))
                opened[0].close()
                return took

            def limit(_: int, phrase: str = phrase) -> float:
                header, slots = parse((home / KEYS).read_bytes())
                slot = [slot for slot in slots if slot.type == PASSPHRASE][-1]
                return seconds(lambda: slot_key(header, slot, phrase))

            yield in_turn(f"unlock-{wanted}", ours, limit, runs or RUNS)
