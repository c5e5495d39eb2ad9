"""The laptops that the centre knows: who they are, and which feed is theirs."""

import base64
from dataclasses import dataclass, field

from fsbus.core.errors import DevicePending, DeviceRevoked, InvalidInput
from fsbus.core.redaction import redacted
from fsbus.server import tables
from fsbus.server.database import Connection, select, update
from fsbus.server.granting import granted
from fsbus.wire.api import Problem, Refused

PENDING, ACTIVE = "pending", "active"
_FEWEST = 5
"""Signs of an identifier from which its beginning is enough to name a laptop."""
_TOO_SHORT = (
    "Donnez au moins le premier groupe de cinq lettres\u00a0: voyez «\u00a0fsbus server devices\u00a0»."
)


@redacted()
@dataclass(frozen=True)
class Device:
    """An enrolled laptop. ``feed`` is where its new records go, ``feeds`` what it reads and changes, its own first."""

    id: str
    public_key: bytes = field(repr=False)
    role: str
    feed: str
    feeds: tuple[str, ...]
    revoked: bool
    pending: bool = False
    """Whether no coordinator has approved it yet."""
    approval: str | None = None
    """The statement that approved it, as the database keeps it."""

    def check(self) -> None:
        """Raises DeviceRevoked when it was turned away, DevicePending when nobody approved it yet."""
        if self.revoked:
            raise DeviceRevoked("Ce poste n’est plus accepté par le centre.")
        if self.pending:
            raise DevicePending("Ce poste attend l’accord d’un coordinateur.")

    def check_feed(self, feed: str) -> None:
        """Raises DeviceRevoked, or Refused when this feed is not granted."""
        self.check()
        if feed not in self.feeds:
            raise Refused(Problem("not_granted"))


def find_device(connection: Connection, device_id: str) -> Device | None:
    """The device of this name, or None."""
    row = connection.execute(select(tables.devices).where(tables.devices.c.id == device_id)).one_or_none()
    if row is None:
        return None
    key = base64.b64decode(row.public_key)
    return Device(
        row.id,
        key,
        row.role,
        row.feed,
        granted(connection, row.role, row.feed),
        row.revoked_at is not None,
        row.state == PENDING,
        row.approval,
    )


def device_called(connection: Connection, device: str) -> str:
    """The identifier that begins so; exactly one. Raises InvalidInput (``device``)."""
    devices, wanted = tables.devices, device.replace(" ", "").replace("-", "").lower()
    if len(wanted) < _FEWEST:
        raise InvalidInput({"device": _TOO_SHORT})
    named = select(devices.c.id).where(devices.c.id.startswith(wanted, autoescape=True))
    found = list(connection.execute(named).scalars())
    if len(found) != 1:
        raise InvalidInput(
            {"device": "Aucun poste de cet identifiant : voyez « fsbus server devices »."}
            if not found
            else {"device": "Plusieurs postes commencent ainsi : donnez plus de caractères."}
        )
    return str(found[0])


def the_device(connection: Connection, device: str) -> Device:
    """The device of this identifier, or of its beginning. Raises InvalidInput (``device``)."""
    found = find_device(connection, device_called(connection, device))
    if found is None:
        raise InvalidInput({"device": "Aucun poste de cet identifiant : voyez « fsbus server devices »."})
    return found


def note_seen(connection: Connection, device_id: str, moment: str) -> None:
    """Keep when the device last wrote."""
    statement = update(tables.devices).where(tables.devices.c.id == device_id)
    connection.execute(statement.values(last_seen_at=moment))


def keep_lease_key(connection: Connection, device_id: str, key: bytes) -> None:
    """Keep what proves a coordinator's code to this device, as its newest enrolment gave it."""
    statement = update(tables.devices).where(tables.devices.c.id == device_id)
    connection.execute(statement.values(lease_key=base64.b64encode(key).decode()))
