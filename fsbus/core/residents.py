"""A person whom the service follows up, named only for that and only for a time."""

from collections.abc import Mapping
from dataclasses import dataclass

from fsbus.core import codes
from fsbus.core.fields import Code, Day, Field, Identifier, Insee, Problems, Text, Whole
from fsbus.core.redaction import redacted

FIELDS: Mapping[str, Field] = {
    "family_name": Text(longest=80, required=True),
    "given_name": Text(longest=80),
    "phone": Text(longest=30),
    "email": Text(longest=120),
    "birth_year": Whole(1900, 2100),
    "commune": Insee(),
    "notice": Code(codes.NOTICE, required=True),
    "notice_on": Day(required=True),
    "keep_until": Day(required=True),
    "code": Text(longest=16),
    "note": Text(longest=500),
    "merged_into": Identifier(),
}


@redacted("id")
@dataclass(frozen=True)
class Resident:
    """A person who is followed up (« usager »): what is needed to call them back, and nothing else.

    ``notice`` and ``notice_on``: how and when they were told what is kept and for how long (RGPD, art. 13);
    ``keep_until`` is the last day of keeping; ``code`` stands on their receipt; ``merged_into``: the
    resident that this one was found to be.
    """

    id: str
    family_name: str
    notice: str
    notice_on: str
    keep_until: str
    given_name: str = ""
    phone: str = ""
    email: str = ""
    birth_year: int | None = None
    commune: str | None = None
    code: str = ""
    note: str = ""
    merged_into: str | None = None


def check_rules(fields: Mapping[str, object], path: str, problems: Problems) -> None:
    """A term of keeping comes after the notice that told it."""
    if str(fields.get("keep_until") or "9") < str(fields.get("notice_on") or ""):
        problems.setdefault(f"{path}keep_until", "Le terme doit suivre le jour de l’information.")
