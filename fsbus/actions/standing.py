"""Says in French where this laptop stands with its centre, and what to do."""

from fsbus.actions.session import Session
from fsbus.store.standing import PENDING, REVOKED, Standing, read_standing
from fsbus.wire.signing import five_by_five


def standing_of(session: Session) -> Standing | None:
    """The centre's last word on this laptop; None when it takes it in, or was not asked."""
    return read_standing(session.store)


def standing_facts(session: Session) -> dict[str, object] | None:
    """What `status` tells of it."""
    standing = standing_of(session)
    return None if standing is None else {"problem": standing.problem, "since": standing.since}


def standing_in_words(standing: Standing, device: str) -> str:
    """What to do now. ``device`` is the laptop's name, to be read aloud."""
    if standing.problem == PENDING:
        return f"Ce poste attend l’accord du coordinateur. Lisez-lui ce nom au téléphone\u00a0: {five_by_five(device)}"
    if standing.problem == REVOKED:
        return (
            "Le centre n’accepte plus ce poste. Appelez le coordinateur. Rien n’est perdu\u00a0: tout reste sur ce poste, "
            "et repart une fois le poste rattaché à nouveau avec un nouveau code."
        )
    return "Le centre ne connaît pas ce poste. Appelez le coordinateur. Rien n’est perdu\u00a0: tout reste sur ce poste."
