"""The code that a coordinator dictates to a laptop which cannot reach the centre."""

import base64
from dataclasses import dataclass, field

from fsbus.core.errors import InvalidInput, NotAllowed
from fsbus.core.lease import LONGEST_CODE
from fsbus.core.redaction import redacted
from fsbus.server import tables
from fsbus.server.centre import Centre
from fsbus.server.database import select
from fsbus.server.devices import device_called
from fsbus.wire.lease_codes import CHALLENGE_DIGITS, code_for, grouped, parse_digits


@redacted()
@dataclass(frozen=True)
class LeaseCode:
    """The answer to one challenge of one laptop. ``code`` is 12 digits, in groups of four."""

    device: str
    name: str
    days: int
    code: str = field(repr=False)


def lease_code(centre: Centre, device: str, challenge: str, days: int = LONGEST_CODE) -> LeaseCode:
    """The code for the challenge that this laptop shows; ``device`` is its name, or the beginning of it.

    Raises InvalidInput, naming the field, and NotAllowed for a laptop that was turned away or has no key.
    """
    digits = parse_digits(challenge, "challenge", CHALLENGE_DIGITS)
    if not 1 <= days <= LONGEST_CODE:
        raise InvalidInput({"days": f"De 1 à {LONGEST_CODE} jours."})
    with centre.database.read() as connection:
        table, wanted = tables.devices, device_called(connection, device)
        row = connection.execute(select(table).where(table.c.id == wanted)).one()
    if row.revoked_at is not None:
        raise NotAllowed(f"Le poste « {row.name} » n’est plus accepté : aucun code pour lui.")
    if row.lease_key is None:
        raise NotAllowed(
            f"Le poste « {row.name} » a été rattaché avant les codes de téléphone : il doit joindre le centre."
        )
    code = code_for(base64.b64decode(row.lease_key), digits, days)
    return LeaseCode(row.id, row.name, days, grouped(code))
