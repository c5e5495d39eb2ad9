"""A working session: the unlocked store of one laptop, the agent who works, the clock and the ids."""

import contextlib
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from fsbus.actions import telling
from fsbus.actions.mending import Damage, damage_in
from fsbus.actions.new_home import new_home
from fsbus.actions.notices import SHORT_OF_ROOM, notice_of
from fsbus.actions.old_backups import drop_old, verify_one_weekly
from fsbus.core.changes import CREATE
from fsbus.core.clock import Clock
from fsbus.core.entities import AGENT, Agent, body_of
from fsbus.core.errors import (
    DiskFull,
    DiskRefuses,
    InvalidInput,
    ReadOnly,
    StoreDamaged,
    StoreError,
    StoreTooNew,
    StoreUnavailable,
)  # fmt: skip
from fsbus.core.events import Log, unheard
from fsbus.core.fields import Text
from fsbus.core.ids import Ids
from fsbus.store import drafts, key_cost, quarantine, queries
from fsbus.store.backup import FOLDER, Backup, Backups, back_up
from fsbus.store.ballast import Ballast, retried
from fsbus.store.database import DatabaseError, checkpoint
from fsbus.store.disk import require_writable
from fsbus.store.erasing import is_erased
from fsbus.store.home_lock import Presence, home_lock
from fsbus.store.journal import Journals
from fsbus.store.keyfile import Keys
from fsbus.store.keyring import create_keyfile, has_keys, unlock
from fsbus.store.link import told_of_demonstration
from fsbus.store.read_only import NOTHING_RECORDED, ReadOnlyStore, spare_copy
from fsbus.store.recent import recent_agents, remember_agent
from fsbus.store.reference import Reference
from fsbus.store.rekeying import Files, forget_others, of_other_epochs, settle
from fsbus.store.restore import Place, open_or_restore
from fsbus.store.standing import SIGNING_KEY, name_anew
from fsbus.store.store import Edit, Store
from fsbus.store.throttle import Throttle

KEYS, STORE, REFERENCE, THROTTLE, RECENT = (
    "keys.fsk", "fsbus.db", "reference.db", "throttle.json", "recent.json",
)  # fmt: skip
"""Names of the files in the home directory of a laptop."""
MOST_SAVES, MOST_MINUTES = 25, 60
"""A backup is due after so many saves, or so many minutes with at least one."""
_BUS = "bus"


class Session:
    """What every action is given. One thread uses it; `reopen` makes another for another thread."""

    def __init__(
        self,
        home: Path,
        keys: Keys,
        store: Store,
        *,
        clock: Clock,
        ids: Ids,
        agent: Agent,
        log: Log = unheard,
    ) -> None:
        self.home, self.keys, self.store = home, keys, store
        self.clock, self.ids, self.agent, self.log = clock, ids, agent, log
        self.notice: str | None = None
        """What the agent must know of this opening: a store that was restored; None when all is well."""
        self.mended = Damage()
        """What the opening found damaged and put right."""
        self.read_only: str | None = store.reason if isinstance(store, ReadOnlyStore) else None
        """Why nothing can be recorded, and what to do, in French; None on most days."""
        self.backups = Backups(home / FOLDER, keys)
        self._presence = Presence(home)
        self._backed_up_saves, self._backed_up_at = store.saved, clock.now()

    @cached_property
    def reference(self) -> Reference:
        """The official lists, opened at first use (and built then, when they are missing)."""
        return self.own_reference()

    def own_reference(self) -> Reference:
        """The official lists for another thread, which closes them."""
        opening = Reference.open if self.read_only is None else Reference.held
        return opening(self.home / REFERENCE, self.keys.subkey("reference"))

    @property
    def is_short_of_room(self) -> bool:
        """Whether the room kept aside on the disk was given up: the agent is to make some."""
        return not Ballast(self.home).stands()

    def standing(self) -> str:
        """What the agent must know as long as it lasts, in French: that nothing is real, read-only, or short of room."""
        trouble = self.read_only or (SHORT_OF_ROOM if self.is_short_of_room else "")
        return " ".join(filter(None, (told_of_demonstration(self.store.db), trouble)))

    def require_writable(self) -> None:
        """Raise ReadOnly, with the reason, when nothing can be recorded."""
        if self.read_only is not None:
            raise ReadOnly(f"{NOTHING_RECORDED} {self.read_only}")

    def spare_store(self) -> Store:
        """The store as it is now in memory, to exchange on while the disk takes nothing more."""
        return spare_copy(self.home / STORE, self.keys.subkey("db"), self.clock)

    def rebuild_reference(self) -> None:
        """Build the official lists anew from what this release ships, whatever state their file is in.

        What was imported since is to be imported again.
        """
        self._close_reference()
        Reference.discard(self.home / REFERENCE)
        _ = self.reference

    @property
    def bus(self) -> str:
        """The name of the bus, as given when the laptop was made; may be empty."""
        return self.store.setting(_BUS) or ""

    def name_bus(self, name: str) -> None:
        """Give the bus the name that is shown on this laptop."""
        self.store.set_setting(_BUS, name)

    @property
    def signing_key(self) -> bytes:
        """The private Ed25519 key that names this laptop at the centre, 32 bytes."""
        key = self.store.setting(SIGNING_KEY)
        if key is None:
            raise StoreDamaged("L’identité de ce poste manque dans sa base : appelez le coordinateur.")
        return bytes.fromhex(key)

    @property
    def device(self) -> str:
        """The public name of this laptop, 25 characters."""
        from fsbus.wire.signing import device_id_of, public_key_of

        return device_id_of(public_key_of(self.signing_key))

    def reopen(self) -> "Session":
        """The same session for another thread, with its own connections; that thread closes it."""
        return Session(
            self.home,
            self.keys,
            self.store.reopen(),
            clock=self.clock,
            ids=self.ids,
            agent=self.agent,
            log=self.log,
        )

    def is_backup_due(self) -> bool:
        """Whether enough was saved here, or saved long enough ago, since the last backup; or somebody erased."""
        unsafe = self.store.saved - self._backed_up_saves
        return (
            self.store.unfinished_erasure() is not None
            or unsafe >= MOST_SAVES
            or (unsafe > 0 and self.clock.now() - self._backed_up_at >= timedelta(minutes=MOST_MINUTES))
        )

    def back_up(self) -> Backup:
        """Make a verified backup now, and delete the journals that no longer add anything.

        With it, an erasure is finished: the files put aside may hold who was erased, and go. Raises
        StoreUnavailable or StoreDamaged; then the journals stay, and an erasure is still to be finished.
        """
        self.require_writable()
        return self._back_up()

    @property
    def folder(self) -> Path:
        """Where everything of this laptop is."""
        return self.home

    @property
    def is_writing(self) -> bool:
        """Whether a transaction is under way."""
        return self.store.is_writing

    @retried
    def _back_up(self) -> Backup:
        saves, now, erasure = self.store.saved, self.clock.now(), self.store.unfinished_erasure()
        with telling.backing_up(self.log) as told:
            made = back_up(self.store.db, self.backups, now)
            told.append(made)
        self.backed_up(saves)
        # What is in the write-ahead log alone, one changed bit would lose unseen.
        if checkpoint(self.store.db):
            self.store.cover(self.backups.cover)
            if erasure is not None:
                quarantine.empty(self.home)
                drafts.forget_aside(self.home)
                drafts.forget_drafts(self.home, self.keys, lambda one: is_erased(self.store.db, one.visit_id))
                self.store.finish_erasure(erasure)
        with contextlib.suppress(StoreError):
            verify_one_weekly(self.store, self.backups, self.home, now, self.log)
        Ballast(self.home).keep()
        return made

    def finish_erasure(self) -> None:
        """After an erasure, here or at the centre: see `back_up`. What cannot be done now is due, also at
        the next opening."""
        with contextlib.suppress(StoreError):
            if self.store.unfinished_erasure() is not None:
                self.back_up()

    def backed_up(self, saves: int) -> None:
        """Count anew: a backup was made, here or by another connection, when this one had saved ``saves``."""
        self._backed_up_saves, self._backed_up_at = saves, self.clock.now()

    def close(self) -> None:
        """Leave the files, with a backup of what was saved. The keys live until the process ends."""
        self._close_reference()
        # Everything saved is durable: a backup that cannot be made now is made another time.
        with contextlib.suppress(StoreError, DatabaseError):
            if self.store.saved > self._backed_up_saves or self.store.unfinished_erasure() is not None:
                self.back_up()
        self.store.close()
        self.leave()

    def leave(self) -> None:
        """Nobody works here any more, as far as this session goes: others may replace the files."""
        self._presence.leave()

    def _close_reference(self) -> None:
        opened = self.__dict__.pop("reference", None)
        if opened is not None:
            opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def create_device(
    home: Path, passphrase: str, *, bus: str, agent_name: str, clock: Clock, ids: Ids, log: Log = unheard
) -> Session:
    """Make a laptop's files in ``home`` and open them. All of them stand, or none.

    The key is made as dear to derive as this laptop bears, which is measured here.

    Raises InvalidInput for a name that cannot be kept, StoreUnavailable when a laptop is already there.
    """
    problems: dict[str, str] = {}
    bus = Text(longest=120).read(bus, "bus", problems).strip()
    agent_name = Text(longest=80, required=True).read(agent_name, "agent", problems).strip()
    if problems:
        raise InvalidInput(problems)
    with new_home(home, STORE, KEYS) as folder:
        _fill(folder, passphrase, bus, Agent(ids.new(), agent_name), clock)
    return open_session(home, passphrase, clock=clock, ids=ids, log=log)


def open_session(home: Path, passphrase: str, *, clock: Clock, ids: Ids, log: Log = unheard) -> Session:
    """Unlock the laptop of this folder; a damaged or missing store is restored first: see `notice`.

    Raises WrongPassphrase (TooSoon after many of them), StoreTooNew, StoreDamaged, or StoreUnavailable
    when no laptop is there.
    """
    if not has_keys(home / KEYS):
        raise StoreUnavailable(f"Aucun poste ici : {KEYS} est absent. Vérifiez le dossier.")
    with home_lock(home), telling.opening(throttle_of(home, clock), log) as throttle:
        with throttle.attempt():
            keys = unlock(home / KEYS, passphrase, recent_agents(home / RECENT))
        session = enter(home, keys, clock=clock, ids=ids, log=log)
        if session.read_only is None:
            remember_agent(home / RECENT, keys.agent_id)
        return session


def enter(
    home: Path,
    keys: Keys,
    *,
    clock: Clock,
    ids: Ids,
    stand_in: Agent | None = None,
    log: Log = unheard,
) -> Session:
    """Open everything with keys that were just unlocked; the caller holds the lock of the folder.

    Finishes or takes back a change of keys that was cut short. When the disk refuses, or a newer fsbus
    wrote the store, for reading only: see `Session.read_only`. ``stand_in`` is who works when the keys are
    not those of an agent but of a coordinator.
    """
    opening = Opening(home, keys, clock, ids, stand_in, log)
    try:
        try:
            return _entered(opening)
        except DiskFull:
            if not Ballast(home).free():
                raise
        return _entered(opening)
    except (DiskRefuses, StoreTooNew) as refused:
        from fsbus.actions.reading_only import enter_to_read

        return enter_to_read(opening, refused)


@dataclass(frozen=True, repr=False)
class Opening:
    """What an opening is made with; see `enter`."""

    home: Path
    keys: Keys
    clock: Clock
    ids: Ids
    stand_in: Agent | None
    log: Log

    def session(self, store: Store) -> "Session":
        """The session on this store. Raises StoreDamaged when it does not know its agent."""
        agent = queries.agent(store.db, self.keys.agent_id) or self.stand_in
        if agent is None:
            raise StoreDamaged("L’agent de ce poste manque dans sa base : appelez le coordinateur.")
        return Session(self.home, self.keys, store, clock=self.clock, ids=self.ids, agent=agent, log=self.log)


def _entered(opening: Opening) -> Session:
    started = time.perf_counter()
    home, keys, clock, log = opening.home, opening.keys, opening.clock, opening.log
    files = files_of(home)
    settle(files, keys)
    require_writable(home, files.keys, files.database)
    damage = damage_in(home, files.keys, keys)
    store, restored = open_or_restore(place_of(home, keys, clock, log), Journals.of(home, keys))
    session: Session | None = None
    try:
        session = opening.session(store)
        session.mended = replace(damage, database=restored is not None)
        if not session.backups.all():
            _first_backup(session, must=bool(of_other_epochs(files, keys)))
        forget_others(files, keys)
        session.finish_erasure()
        drop_old(session.store, session.backups, home, clock.now())
        session.notice = None if restored is None else notice_of(restored)
    except BaseException:
        store.close()
        if session is not None:
            session.leave()
        raise
    Ballast(home).keep()
    if restored is not None:
        telling.restored(log, restored)
    telling.opened(log, session.agent.id, store, time.perf_counter() - started)
    return session


def place_of(
    home: Path, keys: Keys, clock: Clock, log: Log = unheard, *, database: Path | None = None
) -> Place:
    """The store of this folder and its backups; ``database`` when it has not its plain name yet."""
    return Place(database or home / STORE, keys, clock, Backups(home / FOLDER, keys), log)


def _first_backup(session: Session, *, must: bool) -> None:
    """A store without a single backup: a new one, or one whose keys just changed."""
    try:
        session.back_up()
    except StoreError:
        if must:
            raise


def throttle_of(home: Path, clock: Clock) -> Throttle:
    """What counts wrong passphrases at this laptop; to be used under the lock of the folder."""
    return Throttle(home / THROTTLE, clock.now)


def files_of(home: Path) -> Files:
    """The files of the laptop in this folder."""
    return Files(home / KEYS, home / STORE, home / REFERENCE, home / FOLDER)


def _fill(folder: Path, passphrase: str, bus: str, agent: Agent, clock: Clock) -> None:
    created = int(clock.now().timestamp())
    cost = key_cost.measured_cost()
    keys = create_keyfile(folder / KEYS, passphrase, agent.id, cost=cost, created=created)
    store = Store.create(folder / STORE, keys.subkey("db"), clock=clock)
    with contextlib.closing(store), store.batch():
        store.set_setting(_BUS, bus)
        name_anew(store)
        store.save([Edit(AGENT, agent.id, CREATE, body_of(agent))], actor=agent.id)
