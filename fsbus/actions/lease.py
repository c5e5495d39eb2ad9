"""The lease of this laptop: kept up while it is open, asked about, lengthened by a code."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fsbus.actions.session import Session
from fsbus.core import french, lease
from fsbus.core.clock import as_utc_text
from fsbus.core.errors import InvalidInput, LeaseExpired, NotAllowed, StoreError
from fsbus.core.events import LeaseCodeTried, LeaseSeen
from fsbus.core.lease import DAY, Lease
from fsbus.core.redaction import redacted
from fsbus.store.leasing import new_challenge
from fsbus.store.link import Enrolment
from fsbus.wire.lease_codes import CODE_DIGITS, days_of, parse_digits

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = int((datetime.max.replace(tzinfo=UTC) - _EPOCH).total_seconds())
_ASKED_ANEW = "asked_anew"
_BELIEVED = 60
"""Days without contact above which the laptop's own date is the likelier fault."""


@redacted()
@dataclass(frozen=True)
class LeaseState:
    """Where the lease stands. Moments are UTC text in the centre's time; ``wait`` is in seconds.

    ``challenge`` (8 digits) is empty when no code can be used; ``days_left`` counts a day begun as one.
    """

    last_contact_at: str
    until: str
    days_without_contact: int
    days_left: int
    warns: bool
    expired: bool
    codes_left: int
    wait: int
    enrolled: bool
    challenge: str = field(repr=False)

    def as_json(self) -> dict[str, object]:
        """For `fsbus status` and `fsbus lease`."""
        return {
            "last_contact_at": self.last_contact_at,
            "until": self.until,
            "days_without_contact": self.days_without_contact,
            "days_left": self.days_left,
            "warns": self.warns,
            "expired": self.expired,
            "codes_left": self.codes_left,
            "wait": self.wait,
            "challenge": self.challenge or None,
        }

    def notice(self) -> str:
        """What the agent is to know and do, in French; empty when nothing is."""
        if self.expired and not self.enrolled:
            return (
                "Ce poste a été refait depuis une copie, et n’est plus rattaché au centre\u00a0: "
                "demandez un code d’enrôlement au coordinateur (« fsbus enroll »)."
            )
        if self.expired:
            return f"{self._how_long()} Il doit reprendre contact avec le centre avant de s’ouvrir."
        if not self.warns:
            return ""
        left = self.left_in_words()
        return f"{self._how_long()} Synchronisez dès que possible\u00a0: sans réseau, il s’ouvrira encore {left}."

    def left_in_words(self) -> str:
        """How long it may still work off line: ``14 jours``, ``moins d’un jour``, ``plus du tout``."""
        if self.expired:
            return "plus du tout"
        return f"{self.days_left}\u00a0jours" if self.days_left > 1 else "moins d’un jour"

    def _how_long(self) -> str:
        days = self.days_without_contact
        if days > _BELIEVED:
            return (
                "D’après son horloge, ce poste n’a pas joint le centre depuis plus de deux mois "
                "(vérifiez la date du poste)."
            )
        if days < 1:
            return "Ce poste n’a pas joint le centre."
        return f"Ce poste n’a pas joint le centre depuis {days} jour{'s' if days > 1 else ''}."


class LeaseWatch:
    """Keeps the lease up while a session is open; one for each opening, used by the thread of its session.

    ``monotonic`` gives seconds that nobody can set.
    """

    def __init__(self, session: Session, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._session, self._monotonic = session, monotonic
        self._since = monotonic()
        self._note(lambda known: lease.passed(lease.forfeited(known), self._wall(), 0, lease.AHEAD))
        # What a damaged store cannot tell is told by who opens it, in the words of the store.
        with contextlib.suppress(StoreError):
            self._log()

    def _log(self) -> None:
        if (state := lease_state(self._session)) is not None:
            self._session.log(LeaseSeen(days_left=state.days_left, warns=state.warns, expired=state.expired))

    def tick(self) -> None:
        """To be called every few minutes: what passed since the last time is kept."""
        self._count(lease.AHEAD)

    def stop(self) -> None:
        """At the end: what was paid in advance and not used is given back."""
        self._count(0)

    def _count(self, ahead: int) -> None:
        now = self._monotonic()
        elapsed = int(now - self._since)
        # What is below a second stays for the next time: many short ticks must not come to nothing.
        self._since += elapsed
        self._note(lambda known: lease.passed(known, self._wall(), elapsed, ahead))

    def _note(self, change: Callable[[Lease], Lease]) -> None:
        session = self._session
        # A full or failing disk must not shut the agent out: what waits may exist nowhere else.
        with contextlib.suppress(StoreError):
            if _has_one(session):
                session.store.change_lease(
                    lambda known: lease.asking(change(known or _first(session)), new_challenge())
                )

    def _wall(self) -> int:
        return _wall(self._session)


def lease_state(session: Session) -> LeaseState | None:
    """Where the lease stands now; None for a laptop that is not enrolled, which has none. Writes nothing."""
    if not _has_one(session):
        return None
    enrolment = session.store.link().enrolment
    known = session.store.lease() or _first(session)
    return _told(lease.passed(known, _wall(session), 0, known.paid), enrolment)


def _has_one(session: Session) -> bool:
    """A laptop made anew from a copy keeps the lease of the one before until it is enrolled: else making it
    anew would end all leases."""
    return session.store.link().enrolment is not None or session.store.lease() is not None


def is_expired(session: Session) -> bool:
    """Whether this laptop opens only after a contact or a code."""
    state = lease_state(session)
    return state is not None and state.expired


def require_lease(session: Session) -> None:
    """Raises LeaseExpired when the laptop must hear its centre first."""
    state = lease_state(session)
    if state is not None and state.expired:
        if not state.enrolled:
            raise LeaseExpired(f"{state.notice()} Tout ce qui est enregistré est gardé.")
        raise LeaseExpired(
            f"{state.notice()} Lancez «\u00a0fsbus sync\u00a0», ou demandez un code au coordinateur "
            "(«\u00a0fsbus lease\u00a0»). Tout ce qui est enregistré est gardé."
        )


def use_code(session: Session, typed: str) -> LeaseState:
    """Lengthen the lease by the code that a coordinator dictated, and say where it stands.

    Raises InvalidInput (field ``code``) when the code is wrong or is no code, NotAllowed when none may be
    used. A wrong one is counted, durably, before anything is told of it.
    """
    enrolment = session.store.link().enrolment
    if enrolment is None:
        raise NotAllowed("Ce poste n’est rattaché à aucun centre\u00a0: il n’a pas de bail.")
    if not enrolment.lease_key:
        raise NotAllowed(
            "Ce poste a été rattaché avant les codes de téléphone\u00a0: il doit joindre le centre."
        )
    code = parse_digits(typed, "code", CODE_DIGITS)
    result = ""

    def change(known: Lease | None) -> Lease:
        nonlocal result
        known = known or _first(session)
        now = lease.passed(known, _wall(session), 0, known.paid)
        if now.asks_in_vain:
            result = _ASKED_ANEW
            return lease.asking(now, new_challenge())
        days = days_of(enrolment.lease_key, now.challenge, code)
        after, result = lease.tried(now, days, new_challenge())
        return after

    after = session.store.change_lease(change)
    session.log(LeaseCodeTried(taken=result == lease.CODE_TAKEN))
    if result == lease.CODE_TAKEN:
        return _told(after, enrolment)
    if result == _ASKED_ANEW:
        raise InvalidInput(
            {"code": "La question datait de la veille\u00a0: dictez la nouvelle au coordinateur."}
        )
    if not after.codes_left:
        raise NotAllowed(
            f"{lease.MOST_CODES} codes ont déjà servi depuis le dernier contact\u00a0: ce poste doit joindre le centre."
        )
    if result == lease.NOT_TRIED:
        raise NotAllowed(
            f"Trop de codes faux\u00a0: réessayez dans {french.wait(after.wait)}. Rien n’est effacé."
        )
    if after.wait:
        raise InvalidInput(
            {
                "code": f"Ce code est faux. La question a changé\u00a0: attendez {french.wait(after.wait)}, "
                "puis dictez la nouvelle au coordinateur."
            }
        )
    raise InvalidInput(
        {"code": "Ce code ne répond pas à la question affichée\u00a0: relisez les deux avec le coordinateur."}
    )


def _told(now: Lease, enrolment: Enrolment | None) -> LeaseState:
    usable = bool(now.codes_left and enrolment is not None and enrolment.lease_key)
    return LeaseState(
        last_contact_at=_text(now.contact),
        until=_text(now.until),
        days_without_contact=now.without_contact // DAY,
        days_left=-(-now.left // DAY),
        warns=now.warns,
        expired=now.expired,
        codes_left=now.codes_left if usable else 0,
        wait=now.wait,
        enrolled=enrolment is not None,
        challenge=now.challenge if usable else "",
    )


def _first(session: Session) -> Lease:
    """For a laptop that was enrolled before leases were kept."""
    return lease.begun(_wall(session), new_challenge())


def _wall(session: Session) -> int:
    return int(session.clock.now().timestamp())


def _text(moment: int) -> str:
    return as_utc_text(_EPOCH + timedelta(seconds=min(max(0, moment), _LAST)))
