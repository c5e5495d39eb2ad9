"""What the sync panel has done with a USB stick on the worker, with the worker's own connection."""

from pathlib import Path
from typing import TYPE_CHECKING

from fsbus.desktop.device import Device

if TYPE_CHECKING:
    from fsbus.sync.bundles import Taken, Written


class StickJobs:
    """Each method takes long and runs on the worker; errors are those of `fsbus.sync.bundles`."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def write(self, path: Path) -> "Written":
        """Write what waits into this file."""
        from fsbus.sync.bundles import write_bundle

        session = self._device.opened()
        return write_bundle(session.store, path, clock=session.clock)

    def read(self, path: Path) -> "Taken":
        """Take the centre's answer from this file."""
        from fsbus.sync.bundles import read_bundle

        session = self._device.opened()
        return read_bundle(session.store, path, clock=session.clock)
