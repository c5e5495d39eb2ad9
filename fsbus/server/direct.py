"""The centre as a `SyncApi` without a network: the same exchange, in this process."""

from collections.abc import Sequence
from dataclasses import dataclass

from fsbus.core.clock import Clock
from fsbus.core.errors import DeviceRevoked
from fsbus.core.redaction import redacted
from fsbus.server import snapshots, sums, sync
from fsbus.server.centre import Centre
from fsbus.server.devices import Device, find_device
from fsbus.wire.api import (
    Answer,
    HelloAnswer,
    Request,
    SnapshotAnswer,
    State,
    StatesHeader,
    SumsAnswer,
)
from fsbus.wire.codec import decode_state


@redacted()
@dataclass(frozen=True)
class DirectApi:
    """One device's door to the centre. Raises `Refused` and `DeviceRevoked` as the HTTP one does."""

    centre: Centre
    device: str
    clock: Clock

    def hello(self, replica: str) -> HelloAnswer:
        return sync.hello(self.centre, self._device(), replica, self.clock.now())

    def exchange(self, request: Request) -> Answer:
        header, lines = sync.exchange(self.centre, self._device(), request, self.clock.now())
        return Answer(header, [decode_state(line) for line in lines])

    def snapshot(self, feed: str) -> SnapshotAnswer:
        return snapshots.snapshot(self.centre, self._device(), feed, self.clock.now())

    def snapshot_part(self, feed: str, snapshot: str, start: int, length: int) -> bytes:
        return snapshots.snapshot_range(
            self.centre, self._device(), feed, snapshot, start, start + length - 1
        )

    def sums(self, feed: str) -> SumsAnswer:
        return sums.sums(self.centre, self._device(), feed)

    def bucket(self, feed: str, number: int) -> SumsAnswer:
        return sums.bucket(self.centre, self._device(), feed, number)

    def states(self, feed: str, ids: Sequence[str]) -> tuple[StatesHeader, list[State]]:
        header, lines = sums.states(self.centre, self._device(), feed, ids)
        return header, [decode_state(line) for line in lines]

    def _device(self) -> Device:
        with self.centre.database.read() as connection:
            device = find_device(connection, self.device)
        if device is None:
            raise DeviceRevoked("Ce poste n’est pas connu du centre.")
        return device
