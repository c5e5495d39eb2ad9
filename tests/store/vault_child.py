"""A laptop that does what it is asked until it is killed or done, and tells what it was told is safe.

`python -m tests.store.vault_child LAPTOP_JSON ACT…`; also run inside a forked process by `work`.
"""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Sequence

from fsbus.actions.agents import list_agents, remove_agent
from fsbus.actions.backups import restore_file
from fsbus.actions.drafts import keep_draft
from fsbus.actions.session import Session, open_session
from fsbus.core.changes import SET
from fsbus.core.clock import Clock
from fsbus.core.entities import VISIT
from fsbus.core.errors import StoreUnavailable
from fsbus.core.ids import Ids
from fsbus.store.store import Edit
from tests.builders import edits_of, new_id, recorded
from tests.store.busy_laptop import Busy, Told, later_release

ACTS = ("save", "batch", "amend", "erase", "backup", "restore", "rotate", "sync", "reopen", "draft")
REFUSED = 6


class Work:
    """The session of a laptop and the file where it tells."""

    def __init__(self, laptop: Busy) -> None:
        self.laptop, self.count, self._next = laptop, 0, new_id()
        told = Told.of(laptop.oracle)
        self.mine = [one for one in (*laptop.visits, *sorted(told.saved)) if one not in told.erasing]
        self._oracle = os.open(laptop.oracle, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.session = self._opened()

    def tell(self, *words: str) -> None:
        """One line in one write."""
        os.write(self._oracle, (" ".join(words) + "\n").encode())

    def save(self) -> None:
        """One visit, with more or less text."""
        self.count += 1
        one = recorded(note="Élodie d’Artagnan " + "x" * (self.count % 7) * 100)
        self.tell("try", one.visit.id)
        self.session.store.save(edits_of(one), actor=self.laptop.agent)
        self.tell("saved", one.visit.id)
        self.mine.append(one.visit.id)

    def batch(self) -> None:
        """Five visits in one commit."""
        several = [recorded() for _ in range(5)]
        ids = [one.visit.id for one in several]
        self.tell("try", *ids)
        with self.session.store.batch():
            for each in several:
                self.session.store.save(edits_of(each), actor=self.laptop.agent)
        self.tell("saved", *ids)
        self.mine += ids

    def amend(self) -> None:
        """Other minutes for a visit."""
        self.count += 1
        one, minutes = self.mine[self.count % len(self.mine)], str(30 + self.count % 100)
        self.tell("amending", one, minutes)
        self.session.store.save([Edit(VISIT, one, SET, {"minutes": int(minutes)})], actor=self.laptop.agent)
        self.tell("amended", one, minutes)

    def draft(self) -> None:
        """Something typed for the next visit, not saved."""
        self.count += 1
        number = self.count + int(time.time() * 1000)
        self.tell("typing", str(number))
        keep_draft(self.session, self._next, {"typed": number})
        self.tell("typed", str(number))

    def erase(self) -> None:
        """A visit, for good; two stay for the others."""
        if len(self.mine) > 2:
            one = self.mine.pop(self.count % len(self.mine))
            self.tell("erasing", one)
            self.session.store.erase({one: VISIT}, actor=self.laptop.agent)
            self.tell("erased", one)

    def backup(self) -> None:
        """With what is dropped and covered by it."""
        self.session.back_up()

    def restore(self) -> None:
        """By hand, from the oldest backup that is left."""
        oldest = self.session.backups.all()[-1].path
        self.session.close()
        restore_file(self.laptop.home, "", oldest, clock=Clock())
        self.session = self._opened()

    def rotate(self) -> None:
        """Shut the guest out; nothing when it is."""
        if any(access.agent.id == self.laptop.guest for access in list_agents(self.session)):
            self.session = remove_agent(self.session, self.laptop.guest, "")

    def sync(self) -> None:
        """With the centre, which lives in this process and dies with it."""
        self.laptop.sync(self.session)

    def reopen(self) -> None:
        """Close in order, with a backup, and open."""
        self.session.close()
        self.session = self._opened()

    def _opened(self) -> Session:
        return open_session(self.laptop.home, "", clock=Clock(), ids=Ids())


def work(
    laptop: Busy,
    acts: Sequence[str],
    *,
    in_later_release: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> int:
    """All the acts, begun by opening; status `REFUSED` when the disk refused, 0 otherwise.

    ``tell`` hears what begins.
    """
    with contextlib.ExitStack() as stack:
        if in_later_release:
            stack.enter_context(later_release())
        stack.enter_context(laptop.without_passphrase())
        try:
            tell("migrate" if in_later_release else "open")
            working = Work(laptop)
            for act in acts:
                tell(act)
                getattr(working, act)()
            tell("close")
            working.session.close()
        except StoreUnavailable:
            return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(work(Busy.from_text(sys.argv[1]), sys.argv[2:]))
