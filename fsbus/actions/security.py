"""Reads how this laptop is guarded and what is on it, for the screen and the command line."""

from dataclasses import dataclass

from fsbus.actions.agents import Access, list_agents
from fsbus.actions.backups import last_backup
from fsbus.actions.checking import LastCheck, last_check
from fsbus.actions.lease import LeaseState, lease_state
from fsbus.actions.locking import idle_minutes
from fsbus.actions.session import KEYS, Session
from fsbus.core.redaction import redacted
from fsbus.store import keyring, queries
from fsbus.store.queries import Extent, StatusFacts
from fsbus.store.recovery_file import fingerprint


@redacted()
@dataclass(frozen=True)
class SecurityState:
    """How this laptop is guarded and what is on it. Moments are UTC text; sizes are bytes."""

    bus: str
    device: str
    access: tuple[Access, ...]
    recovery: tuple[str, ...]
    """Fingerprints of the coordinators' keys that may let someone in again."""
    facts: StatusFacts
    extent: Extent
    size: int
    centre: str | None
    feed: str | None
    last_backup: str | None
    backups: int
    last_check: LastCheck | None
    lease: LeaseState | None
    idle_minutes: int
    """After so many without a key the laptop locks itself."""
    memory_kib: int
    rounds: int
    lanes: int

    def as_json(self) -> dict[str, object]:
        """For `fsbus security`."""
        check = self.last_check
        return {
            "bus": self.bus,
            "device": self.device,
            "agents": [access.as_json() for access in self.access],
            "recovery_keys": list(self.recovery),
            "visits": self.facts.visits,
            "identified_visits": self.extent.identified,
            "procedure_records": self.facts.procedure_records,
            "people": self.extent.people,
            "known_agents": self.extent.agents,
            "pending": self.facts.pending,
            "conflicts": self.facts.open_conflicts,
            "quarantined": self.facts.quarantined,
            "first_day": self.extent.first_day,
            "last_day": self.extent.last_day,
            "bytes": self.size,
            "server": self.centre,
            "feed": self.feed,
            "last_sync_at": self.facts.last_sync_at,
            "last_backup": self.last_backup,
            "backups": self.backups,
            "lease": None if self.lease is None else self.lease.as_json(),
            "last_check": None if check is None else {"at": check.at, "sound": check.sound},
            "idle_minutes": self.idle_minutes,
            "encryption": {
                "database": "SQLCipher 4, AES-256, HMAC-SHA512",
                "keys": "AES-256-GCM-SIV, HPKE X25519",
                "derivation": "Argon2id",
                "memory_kib": self.memory_kib,
                "rounds": self.rounds,
                "lanes": self.lanes,
            },
        }


def security_of(session: Session) -> SecurityState:
    """Everything there is to know now; nothing is written. Raises KeysDamaged, StoreError."""
    enrolment = session.store.link().enrolment
    keys = session.home / KEYS
    cost = keyring.weakest_cost(keys, session.keys)
    return SecurityState(
        bus=session.bus,
        device=session.device,
        access=list_agents(session),
        recovery=tuple(fingerprint(key) for key in keyring.recovery_keys(keys, session.keys)),
        facts=queries.status_facts(session.store.db),
        extent=queries.extent(session.store.db),
        size=sum(path.stat().st_size for path in session.home.rglob("*") if path.is_file()),
        centre=None if enrolment is None else enrolment.server_url,
        feed=None if enrolment is None else enrolment.writes,
        last_backup=last_backup(session),
        backups=len(session.backups.all()),
        last_check=last_check(session),
        lease=lease_state(session),
        idle_minutes=idle_minutes(session),
        memory_kib=cost.memory_kib,
        rounds=cost.rounds,
        lanes=cost.lanes,
    )
