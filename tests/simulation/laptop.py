"""One laptop of the simulation: real files, that can be killed, put back and cloned."""

import contextlib
import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from fsbus.actions.choosing import choice_edits
from fsbus.core.changes import CREATE, DELETE, SET
from fsbus.core.clock import Clock
from fsbus.core.entities import AGENT, LOCAL, PROCEDURE_RECORD, VISIT, Conflict
from fsbus.core.errors import InvalidInput
from fsbus.core.ids import Ids
from fsbus.store.backup import FOLDER, Backups
from fsbus.store.database import checkpoint
from fsbus.store.erased_list import ErasedList
from fsbus.store.journal import Journals
from fsbus.store.keyfile import Keys
from fsbus.store.restore import Place, restore
from fsbus.store.rows import SHAPES
from fsbus.store.store import Edit, Store
from fsbus.sync.bundles import Taken, read_bundle, write_bundle
from tests.simulation.truth import Truth, Write
from tests.sync.world import record_body, visit_body

DATABASE = "fsbus.db"
TEXTS = {VISIT: "note", PROCEDURE_RECORD: "precise_answer", AGENT: "name"}
TRACED = frozenset({*TEXTS.values(), "minutes"})
"""Fields whose values are never given twice, so that each can be told from the others."""


class Killed(Exception):
    """The laptop lost its power at this very point."""


class SimulatedLaptop:
    """What stands in one folder, the agent who works there, and how far its clock is off."""

    def __init__(
        self,
        name: str,
        home: Path,
        keys: Keys,
        device: str,
        feed: str,
        now: Callable[[], datetime],
        truth: Truth,
    ) -> None:
        self.name, self.home, self.keys, self.device, self.feed = name, home, keys, device, feed
        self.offset = timedelta()
        self.revoked = False
        self.truth = truth
        self.images: list[Path] = []
        """Copies of the whole folder, of other days."""
        self._world_now = now
        self._lives = 0
        self.store = self._opened()

    @property
    def agent(self) -> str:
        return self.keys.agent_id

    @property
    def backups(self) -> Backups:
        return Backups(self.home / FOLDER, self.keys)

    @property
    def journals(self) -> Journals:
        return Journals.of(self.home, self.keys)

    def now(self) -> datetime:
        """The time that this laptop's clock shows."""
        return self._world_now() + self.offset

    def close(self) -> None:
        self.store.close()

    # --- what an agent does ---

    def record(self, procedures: int) -> str:
        """A visit with its procedure records; its id."""
        visit, truth = self.ids.new(), self.truth
        bodies = {visit: (VISIT, visit_body(self.agent, self._new_mark(visit)))}
        bodies[visit][1]["minutes"] = truth.number() % 1_400 + 1
        for _ in range(procedures):
            child = self.ids.new()
            body = record_body(visit) | {"precise_answer": self._new_mark(child)}
            bodies[child] = (PROCEDURE_RECORD, body)
        edits = [Edit(kind, one, CREATE, body) for one, (kind, body) in bodies.items()]
        with self._told() as told:
            self.store.save(edits, actor=self.agent)
            told.append(True)
        for one, (kind, body) in bodies.items():
            confirmed = bool(told) and not self.revoked
            truth.recorded(one, kind, None if one == visit else visit, confirmed=confirmed)
            for name in {TEXTS[kind], "minutes"} & body.keys():
                truth.wrote(Write(one, name, body[name], None, self.name, confirmed))
        return visit

    def amend(self, record: str, kind: str, name: str) -> object:
        """Change one field, the present value before one's eyes; the new value."""
        number, before = self.truth.number(), self.shown(record, kind, name)
        values: dict[str, object] = {
            "minutes": number % 1_400 + 1,
            "satisfaction": number % 3 + 1,
            TEXTS[kind]: f"{self.truth.marks.get(record, '')} text {number}",
        }
        value = values[name]
        if value == before:
            return value
        with self._told() as told:
            self.store.save([Edit(kind, record, SET, {name: value})], actor=self.agent)
            told.append(True)
        if name in TRACED:
            self.truth.wrote(Write(record, name, value, before, self.name, bool(told) and not self.revoked))
        else:
            self.truth.touched_by.setdefault(record, set()).add(self.name)
        return value

    def erase(self, record: str, kind: str) -> None:
        """Erase a record with what hangs on it here; what hangs on it elsewhere is erased at the centre."""
        self.store.erase({record: kind}, actor=self.agent)
        if not self.revoked:
            self.truth.erasures |= {record, *self.truth.children(record)}

    def delete(self, record: str, kind: str) -> None:
        """Say that it was recorded by mistake: nobody shows it, and it may come back."""
        self.store.save([Edit(kind, record, DELETE)], actor=self.agent)
        self.truth.touched_by.setdefault(record, set()).add(self.name)

    def choose(self, conflict: Conflict, side: str) -> bool:
        """Settle a conflict; False when that side cannot be taken here."""
        try:
            edits = choice_edits(self.store.db, conflict, side)
        except InvalidInput:
            return False
        record, name = conflict.record_id, conflict.field
        if side == LOCAL and name in TRACED:
            before = self.shown(record, conflict.record_kind, name)
            self.truth.wrote(Write(record, name, conflict.local, before, self.name, not self.revoked))
        self.store.save(edits, actor=self.agent)
        self.truth.touched_by.setdefault(record, set()).add(self.name)
        return True

    def shown(self, record: str, kind: str, name: str) -> object:
        """The value of a field as the screen shows it."""
        shape = SHAPES[kind]
        row = self.store.db.conn.execute(shape.select_one, (record,)).fetchone()
        return None if row is None else shape.body_of(row)[name]

    def records(self, kind: str) -> list[str]:
        """The ids of the records that stand here, in order."""
        found = self.store.db.conn.execute(f"{SHAPES[kind].select} ORDER BY id").fetchall()
        return [str(row[0]) for row in found]

    # --- what happens to a laptop ---

    def kill(self) -> None:
        """The process ends between two instructions: what is on the disk is opened by the next one."""
        self._begin_again_from(self._copied_alive("killed"))

    def kill_within_save(self, work: Callable[[], object]) -> None:
        """The power goes when the journal has a save and the database has not."""
        copies: list[Path] = []
        journal = self.store._journal

        def die() -> None:
            journal()
            copies.append(self._copied_alive("cut"))
            raise Killed

        self.store._journal = die  # type: ignore[method-assign]  # the point where the power goes
        work()
        self.store._journal = journal  # type: ignore[method-assign]  # nothing was to be saved
        if copies:
            self._begin_again_from(copies[0])

    def photograph(self) -> None:
        """Keep a copy of the whole disk as it is now."""
        self.images.append(self._copied_alive("image"))

    def put_back(self, image: Path) -> None:
        """The disk is replaced by a copy of another day: its backups and journals are of that day too."""
        copy = self._next_folder("back")
        shutil.copytree(image, copy)
        self._begin_again_from(copy)
        self.truth.rolled_back.add(self.name)

    def clone(self, name: str, home: Path) -> "SimulatedLaptop":
        """A second laptop from a copy of this disk: the same keys, the same name at the centre."""
        self._copied_alive("clone").rename(home)
        twin = SimulatedLaptop(name, home, self.keys, self.device, self.feed, self._world_now, self.truth)
        twin.offset, twin.revoked = self.offset, self.revoked
        self.truth.rolled_back |= {self.name, name}
        return twin

    def back_up(self) -> None:
        """As the session does from time to time."""
        self.backups.make(self.store.db, self.now())
        if checkpoint(self.store.db):
            self.store.cover(self.backups.cover)

    def restore(self, number: int) -> None:
        """Put a backup back by the program itself, which knows all that came after it."""
        self.store.close()
        restore(
            Place(self.home / DATABASE, self.keys, self._clock(), self.backups),
            self.backups.all()[number].path,
        )
        self.store = self._opened()

    def write_stick(self) -> bytes:
        """The bytes of a new file for the centre."""
        path = self.home / "aller.fsb"
        write_bundle(self.store, path, clock=self._clock())
        return path.read_bytes()

    def read_stick(self, sealed: bytes) -> Taken:
        """Take in a file of the centre's answers."""
        path = self.home / "retour.fsb"
        path.write_bytes(sealed)
        return read_bundle(self.store, path, clock=self._clock())

    def _new_mark(self, record: str) -> str:
        """A word that stands in every text of this record, and in no other."""
        return self.truth.marks.setdefault(record, f"q{self.truth.number():05d}z")

    def _opened(self) -> Store:
        clock = self._clock()
        self.ids = Ids(clock.now, secrets.randbits)
        return Store.open(
            self.home / DATABASE,
            self.keys.subkey("db"),
            clock=clock,
            journals=self.journals,
            erased=ErasedList.of(self.home, self.keys),
        )

    def _clock(self) -> Clock:
        return Clock(self.now)

    def _copied_alive(self, why: str) -> Path:
        folder = self._next_folder(why)
        shutil.copytree(self.home, folder, ignore=shutil.ignore_patterns("*-shm"))
        return folder

    def _next_folder(self, why: str) -> Path:
        self._lives += 1
        return self.home.with_name(f"{self.name}-{why}-{self._lives}")

    def _begin_again_from(self, folder: Path) -> None:
        self.store.close()
        shutil.rmtree(self.home)
        folder.rename(self.home)
        self.store = self._opened()

    @contextlib.contextmanager
    def _told(self) -> Iterator[list[bool]]:
        """What the agent was told: nothing when the laptop died meanwhile."""
        told: list[bool] = []
        with contextlib.suppress(Killed):
            yield told
