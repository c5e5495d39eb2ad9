"""The code that a coordinator dictates to a laptop which cannot reach the centre."""

import base64
from dataclasses import dataclass, field

from fsbus.core.errors import InvalidInput, NotAllowed
from fsbus.core.lease import LONGEST_CODE
from fsbus.server import tables
from fsbus.server.centre import Centre
from fsbus.server.database import AnyRow, select
from fsbus.wire.lease_codes import CHALLENGE_DIGITS, code_for, grouped, parse_digits

SHORTEST_NAME = 5
"""Characters of a device's name that may stand for it, when no other begins so."""


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
    row = _device_row(centre, device)
    if row.revoked_at is not None:
        raise NotAllowed(f"Le poste « {row.name} » n’est plus accepté : aucun code pour lui.")
    if row.lease_key is None:
        raise NotAllowed(
            f"Le poste « {row.name} » a été rattaché avant les codes de téléphone : il doit joindre le centre."
        )
    code = code_for(base64.b64decode(row.lease_key), digits, days)
    return LeaseCode(row.id, row.name, days, grouped(code))


def _device_row(centre: Centre, device: str) -> AnyRow:
    wanted = device.strip().lower().replace("-", "").replace(" ", "").replace(" ", "")
    with centre.database.read() as connection:
        rows = connection.execute(select(tables.devices)).all()
    found = [row for row in rows if row.id == wanted]
    if not found and len(wanted) >= SHORTEST_NAME:
        found = [row for row in rows if row.id.startswith(wanted)]
    if len(found) != 1:
        known = "Poste inconnu" if not found else "Plusieurs postes commencent ainsi"
        raise InvalidInput({"device": f"{known} : relisez son identifiant (« fsbus server devices »)."})
    return found[0]
