"""A centre and its laptops, from a template in memory; all chance comes from the seed."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TypeVar

from fsbus.core.changes import CREATE
from fsbus.core.clock import Clock
from fsbus.core.entities import AGENT
from fsbus.core.errors import DeviceRevoked
from fsbus.server import admin, lost_device, regions, tables
from fsbus.server.bundles import answer_bundle
from fsbus.server.centre import Centre, open_centre
from fsbus.server.copies import load_bodies
from fsbus.server.database import select
from fsbus.server.direct import DirectApi
from fsbus.server.enrolling import enroll
from fsbus.store.keyfile import Keys
from fsbus.store.store import Edit, Enrolment, Store
from fsbus.sync.engine import Engine, SyncReport
from fsbus.wire.api import Answer, Refused, Request
from fsbus.wire.codec import decode_request, encode_request
from fsbus.wire.enrolment import build_enroll_request, read_enroll_answer
from tests.simulation.chance import all_chance_from
from tests.simulation.laptop import DATABASE, SimulatedLaptop
from tests.simulation.truth import Truth
from tests.sync.doors import UncertainDoor
from tests.sync.equal import ERASED, States

MORNING = datetime(2026, 11, 24, 8, tzinfo=UTC)
REGION = "nord"
LAPTOPS = {"anne": "bus-3", "bela": "bus-3", "chloe": "bus-7", "dora": REGION}
"""Whose laptop writes to which feed; that of the region is a coordinator's, and reads all three."""
GOOD, LOST_REQUEST, LOST_ANSWER, TWICE, MEANWHILE = (
    "good",
    "lost request",
    "lost answer",
    "twice",
    "meanwhile",
)
MEMORY = Path("/dev/shm")
_T = TypeVar("_T")


@dataclass(frozen=True)
class Template:
    """An empty centre and its enrolled laptops, closed; their files are copied for each world."""

    folder: Path
    keys: dict[str, Keys]
    devices: dict[str, str]


@dataclass
class Moment:
    """The time of the whole world; it never stands still."""

    at: datetime = MORNING

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=7)
        return self.at


@cache
def _kept_folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="fsbus-template-", dir=MEMORY if MEMORY.is_dir() else None)


@cache
def template() -> Template:
    """Made once in a process."""
    folder, moment = Path(_kept_folder().name), Moment()
    chance = Random("the template")
    keys, devices = {}, {}
    with all_chance_from(chance):
        clock = Clock(moment)
        centre = open_centre(f"sqlite:///{folder / 'centre.db'}", clock=clock)
        for number, (name, feed) in enumerate(LAPTOPS.items()):
            role = "coordinator" if feed == REGION else "agent"
            code = admin.enroll_code(centre, feed, role, clock=clock).code
            request, pending = build_enroll_request(code, name, chance.randbytes(32))
            granted = read_enroll_answer(pending, enroll(centre, request, moment()))
            devices[name] = granted.device
            agent = f"01a20000-0000-7000-8000-{number:012x}"
            keys[name] = Keys(agent, chance.randbytes(16), 1, chance.randbytes(32))
            (folder / name).mkdir()
            store = Store.create(folder / name / DATABASE, keys[name].subkey("db"), clock=clock)
            store.save([Edit(AGENT, agent, CREATE, {"name": name})], actor=agent)
            store.set_enrolment(Enrolment.at("https://centre.exemple.fr", granted))
            store.close()
        for feed in sorted(set(LAPTOPS.values()) - {REGION}):
            regions.set_region(centre, feed, REGION)
        centre.close()
    return Template(folder, keys, devices)


class World:
    """What there is, and what is done to it. Close it when done."""

    def __init__(self, folder: Path, chance: Random) -> None:
        made = template()
        shutil.copytree(made.folder, folder, dirs_exist_ok=True)
        self.folder, self.chance = folder, chance
        self.now, self.truth = Moment(), Truth()
        self.clock = Clock(self.now)
        self.centre: Centre = self._opened()
        self.sent: list[tuple[str, bytes]] = []
        """(device, request) of every request that left a laptop: a network may deliver it much later."""
        self.copies: list[Path] = []
        """Of the centre, of other days."""
        self.sticks: list[tuple[str, bytes]] = []
        """(device, sealed file) on its way to the centre; it may come twice, late, or never."""
        self.answers: list[tuple[str, bytes]] = []
        """(device, sealed file) on its way back."""
        self.lives = 0
        self.laptops = {
            name: SimulatedLaptop(
                name, folder / name, made.keys[name], made.devices[name], feed, self.now, self.truth
            )
            for name, feed in LAPTOPS.items()
        }
        for name, keys in made.keys.items():
            self.truth.born[keys.agent_id] = AGENT
            self.truth.touched_by[keys.agent_id] = {name}

    @property
    def _url(self) -> str:
        return f"sqlite:///{self.folder / 'centre.db'}"

    def _opened(self) -> Centre:
        return open_centre(self._url, clock=self.clock)

    def close(self) -> None:
        for laptop in self.laptops.values():
            laptop.close()
        self.centre.close()

    def at_work(self) -> list[SimulatedLaptop]:
        """The laptops that the centre accepts, by name."""
        return [laptop for _, laptop in sorted(self.laptops.items()) if not laptop.revoked]

    def door(self, laptop: SimulatedLaptop) -> DirectApi:
        """The laptop's own way to the centre, without accidents."""
        return DirectApi(self.centre, laptop.device, Clock(self.now))

    def sync(
        self, laptop: SimulatedLaptop, fates: list[str], chunk: int, meanwhile: Callable[[], None]
    ) -> SyncReport:
        """One synchronisation by a bad link. Raises Interrupted or DeviceRevoked."""
        door = BadLink(self, laptop, fates, meanwhile)
        return Engine(laptop.store, door, Clock(laptop.now), sleep=lambda _: None, chunk=chunk).run()

    def settle(self, laptop: SimulatedLaptop) -> SyncReport:
        """One synchronisation by a good link."""
        return self.sync(laptop, [], 320_000, lambda: None)

    def deliver_late(self, device: str, body: bytes) -> str:
        """A request of another moment arrives once more; nobody hears the answer. What the centre said."""
        try:
            DirectApi(self.centre, device, Clock(self.now)).exchange(decode_request(body))
        except (Refused, DeviceRevoked) as refused:
            return str(refused)
        if self.is_revoked(device):
            raise AssertionError(f"a request of the revoked device {device} was accepted")
        return "taken"

    # --- the centre ---

    def answer_stick(self, device: str, sealed: bytes) -> None:
        """The centre reads a stick and gives its answers back."""
        made = answer_bundle(self.centre, sealed, clock=Clock(self.now))
        assert made.refused or not self.is_revoked(device), f"the stick of the revoked {device} was taken"
        self.answers.append((device, made.sealed))

    def shown_to(self, laptop: SimulatedLaptop) -> States:
        """What the centre holds in all feeds that this laptop reads."""
        return self.states_of(*LAPTOPS.values()) if laptop.feed == REGION else self.states_of(laptop.feed)

    def states_of(self, *feeds: str) -> States:
        """What the centre holds in these feeds, to the last erased id."""
        records, found = tables.records, dict[str, object]()
        with self.centre.database.read() as connection:
            rows = connection.execute(select(records).where(records.c.feed.in_(feeds))).all()
            bodies = load_bodies(connection, rows)
        for row in rows:
            gone = row.erased_at is not None
            deleted = bool(getattr(row, "deleted", False))
            found[row.id] = ERASED if gone else [row.kind, row.version, bodies[row.feed, row.id], deleted]
        return found

    def copy_centre(self) -> None:
        """What a backup of the centre would hold now."""
        copy = self.folder / f"copy-{len(self.copies)}.db"
        self.centre.close()
        shutil.copyfile(self.folder / "centre.db", copy)
        self.centre = self._opened()
        self.copies.append(copy)

    def put_centre_back(self, copy: Path) -> None:
        """The file of the centre is replaced by a copy of another day; it sees so at its start, and begins anew."""
        self.centre.close()
        for ending in ("-wal", "-shm"):
            (self.folder / f"centre.db{ending}").unlink(missing_ok=True)
        shutil.copyfile(copy, self.folder / "centre.db")
        before = self.centre.epoch
        self.centre = self._opened()
        self.lives += self.centre.epoch != before

    def restart_centre(self) -> None:
        self.centre.close()
        self.centre = self._opened()

    def revoke(self, device: str) -> None:
        """Turn a laptop away, and all clones of it."""
        lost_device.revoke(self.centre, device, clock=Clock(now=self.now))
        for laptop in self.laptops.values():
            laptop.revoked |= laptop.device == device

    def is_revoked(self, device: str) -> bool:
        return any(laptop.revoked for laptop in self.laptops.values() if laptop.device == device)


class BadLink(UncertainDoor):
    """The door of one laptop to the centre that there is at that moment; every request may come again later."""

    def __init__(
        self, world: World, laptop: SimulatedLaptop, fates: Iterable[str], meanwhile: Callable[[], None]
    ) -> None:
        super().__init__(world.door(laptop), fates, meanwhile)
        self._world, self._laptop = world, laptop

    def exchange(self, request: Request) -> Answer:
        body = encode_request(request)
        self._world.sent.append((self._laptop.device, body))
        return super().exchange(decode_request(body))

    def _once(self, ask: Callable[[], _T]) -> _T:
        def asked() -> _T:
            self.door = self._world.door(self._laptop)
            answer = ask()
            if self._laptop.revoked:
                raise AssertionError(f"{self._laptop.name} was revoked, and was answered")
            return answer

        return super()._once(asked)
