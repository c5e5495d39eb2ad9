"""Takes the trust file in on a laptop, once its root was compared by voice."""

from pathlib import Path

from fsbus.actions.session import Session
from fsbus.core.clock import as_utc_text
from fsbus.core.errors import InvalidInput, NotAllowed
from fsbus.store.trusting import newest_at_centre, read_trusted, take_trust
from fsbus.store.whole_files import read_whole
from fsbus.wire.signing import five_by_five
from fsbus.wire.trust import LARGEST, BadTrust, Proved, TrustFile, raw_key, read_trust, root_id

_NOT_ONE = "Ce n’est pas un fichier de confiance entier et signé\u00a0: redemandez-le à votre organisation."


def read_file(path: Path) -> tuple[bytes, Proved]:
    """The bytes of a trust file and what they prove. Raises InvalidInput (``file``)."""
    raw = read_whole(path, LARGEST + 1)
    if raw is None:
        raise InvalidInput({"file": f"Fichier absent\u00a0: {path.name}. Vérifiez le nom."})
    try:
        return raw, read_trust(raw)
    except BadTrust as error:
        raise InvalidInput({"file": f"{_NOT_ONE} ({error})"}) from None


def first_root(proved: Proved) -> bytes:
    """The first root of the file that signed it: the one to compare by voice."""
    return next(key for key in map(raw_key, proved.trust.roots) if key in proved.signed_by)


def root_fingerprint(proved: Proved) -> str:
    """What two people compare by voice: 25 signs in groups of 5."""
    return five_by_five(root_id(first_root(proved)))


def trust_of(session: Session) -> TrustFile | None:
    """The file that this laptop goes by."""
    return read_trusted(session.store.db)


def import_trust(session: Session, path: Path, confirmed: str | None) -> TrustFile:
    """Go by this file. The first one needs its root's fingerprint, as the coordinator dictates it.

    Raises InvalidInput (``file``, ``fingerprint``); nothing is changed then.
    """
    session.require_writable()
    raw, proved = read_file(path)
    told = root_fingerprint(proved)
    if trust_of(session) is None and _signs(confirmed or "") != _signs(told):
        raise InvalidInput(
            {
                "fingerprint": "Cette empreinte n’est pas celle du fichier\u00a0: il ne vient pas de votre organisation. "
                "Rien n’a été changé."
            }
        )
    root = first_root(proved)
    try:
        return session.store.maintain(lambda db: take_trust(db, raw, root))
    except BadTrust as error:
        raise InvalidInput(
            {
                "file": "Ce fichier de confiance ne peut pas suivre celui de ce poste\u00a0: il est plus ancien, ou signé "
                f"par une racine inconnue ({error}). Rien n’a été changé."
            }
        ) from None


def require_trusted_recovery(session: Session, public_key: bytes) -> None:
    """Raises NotAllowed when a trust file is known and no coordinator of it has this recovery key."""
    trust = trust_of(session)
    if trust is not None and not trust.knows_recovery(public_key):
        raise NotAllowed(
            "Cette clé de secours n’est celle d’aucun coordinateur du fichier de confiance. Rien n’a été changé."
        )


def trust_facts(session: Session) -> dict[str, object] | None:
    """What `status` tells of the file: its version (0: none), the one at the centre; None when there is neither."""
    trust, newest = trust_of(session), newest_at_centre(session.store.db)
    if trust is None:
        return {"version": 0, "at_centre": newest} if newest else None
    past = trust.is_past(as_utc_text(session.clock.now()))
    return {"version": trust.version, "at_centre": newest, "expires": trust.expires, "is_past": past}


def _signs(text: str) -> str:
    return "".join(text.lower().split())
