"""A laptop that exchanges by stick: what it writes and reads, and the centre's part, as bytes."""

import secrets
from pathlib import Path

from fsbus.server import admin
from fsbus.server.bundles import Answered, answer_bundle
from fsbus.server.direct import DirectApi
from fsbus.server.enrolling import enroll
from fsbus.store.link import Enrolment
from fsbus.sync.bundles import Taken, Written, read_bundle, write_bundle
from fsbus.wire.enrolment import build_enroll_request, read_enroll_answer
from fsbus.wire.signing import new_private_key
from tests.sync.equal import central_states, differences, replica_states
from tests.sync.world import LaptopUnderTest, World


class StickLaptop(LaptopUnderTest):
    """Enrolled as the application does it, so that it has its keys."""

    def __init__(self, world: World, name: str, feed: str = "bus-3") -> None:
        code = admin.enroll_code(world.centre, feed, clock=world.clock).code
        request, pending = build_enroll_request(code, name, new_private_key())
        granted = read_enroll_answer(pending, enroll(world.centre, request, world.clock.now()))
        super().__init__(world, name, granted.device, granted.private_key)
        self.store.set_enrolment(Enrolment.at("https://centre.exemple.fr", granted))
        self.stick = world.folder / f"stick-{name}"
        self.stick.mkdir()

    @property
    def enrolment(self) -> Enrolment:
        enrolled = self.store.link().enrolment
        assert enrolled is not None
        return enrolled

    def write_file(self, name: str = "bus.fsb") -> Written:
        return write_bundle(self.store, self.stick / name, clock=self.world.clock)

    def write(self) -> bytes:
        """The bytes of a new file."""
        self.write_file()
        return (self.stick / "bus.fsb").read_bytes()

    def read(self, sealed: bytes) -> Taken:
        path = self.stick / "retour.fsb"
        path.write_bytes(sealed)
        return self.read_file(path)

    def read_file(self, path: Path) -> Taken:
        return read_bundle(self.store, path, clock=self.world.clock)

    def carry(self) -> Taken:
        """There and back."""
        return self.read(answer(self.world, self.write()).sealed)


def answer(world: World, sealed: bytes) -> Answered:
    """What the centre gives back for a file."""
    return answer_bundle(world.centre, sealed, clock=world.clock)


def equal_to_centre(world: World, laptop: StickLaptop) -> None:
    central = central_states(DirectApi(world.centre, laptop.device, world.clock))
    assert differences(replica_states(laptop.store.db), central) == {}


def unlike_any_other() -> str:
    """Letters that do not compress, and that look like no number that a note may not hold."""
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(60))
