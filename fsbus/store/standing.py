"""Remembers that the centre makes this laptop wait, or turned it away."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from fsbus.core.clock import as_utc_text, parse_utc_text
from fsbus.core.redaction import redacted
from fsbus.store.link import STANDING, require_real
from fsbus.wire.signing import new_private_key

if TYPE_CHECKING:
    from fsbus.store.store import Store

PENDING, REVOKED, UNKNOWN = "pending", "revoked", "unknown_device"
SIGNING_KEY = "signing_key"
"""The setting that holds the laptop's private key, in hex."""
RARELY = timedelta(hours=6)
"""Between two tries of a laptop that was turned away: somebody may have taken it back by mistake."""


@redacted()
@dataclass(frozen=True)
class Standing:
    """The centre's last word on this laptop, when it is not that all is well. Moments are UTC text."""

    problem: str
    since: str
    tried_at: str
    handed: bool = False
    """Whether all that waited was sent once more, to be kept aside at the centre."""

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to try again without being asked to."""
        if self.problem != REVOKED:
            return True
        last = parse_utc_text(self.tried_at)
        # A clock that was set back must not make wait for years.
        return not last <= now < last + RARELY


def read_standing(store: "Store") -> Standing | None:
    """What the centre said last; None when it takes this laptop in, or was not asked."""
    kept = store.setting(STANDING)
    return None if kept is None else msgspec.json.decode(kept, type=Standing)


def note_refused(store: "Store", problem: str, now: datetime, *, handed: bool = False) -> Standing:
    """Remember this refusal; ``since`` stays that of the first one of its kind."""
    at, known = as_utc_text(now), read_standing(store)
    if known is None or known.problem != problem:
        noted = Standing(problem, at, at, handed)
    else:
        noted = Standing(problem, known.since, at, known.handed or handed)
    store.set_setting(STANDING, msgspec.json.encode(noted).decode())
    return noted


def note_accepted(store: "Store") -> None:
    """The centre answered as it answers those it takes in."""
    if store.setting(STANDING) is not None:
        store.set_setting(STANDING, None)


def key_to_enrol(store: "Store", key: bytes) -> bytes:
    """The private key to enrol with: ``key``, the laptop's own, unless its laptop was turned away for good."""
    require_real(store.db)
    standing, enrolment = read_standing(store), store.link().enrolment
    if standing is None or standing.problem != REVOKED or enrolment is None or enrolment.signing_key != key:
        return key
    fresh = new_private_key()
    store.set_setting(SIGNING_KEY, fresh.hex())
    return fresh


def name_anew(store: "Store") -> None:
    """Give the laptop of this store a name of its own at the centre, where it is to be enrolled."""
    store.set_setting(SIGNING_KEY, new_private_key().hex())
    store.forget_enrolment()
