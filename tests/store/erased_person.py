"""Somebody who is recorded and then erased: made, looked for, opened again, for tests of erasure."""

from fsbus.actions.session import Session, enter
from tests.builders import AGENT_ID, edits_of, recorded, referral_draft
from tests.deciphered import holding

NEEDLES = (b"mimosa",)


def save(session: Session, word: str = "Mimosa") -> str:
    """A visit whose every text holds the word."""
    procedures = [
        referral_draft(
            precise_answer=f"{word} : dossier vermillon.",
            missing_documents=[f"livret de {word}"],
            referral={"partner": "CNAV", "contact": f"{word} pervenche", "channel": "phone"},
        )
    ]
    one = recorded(note=f"{word} reviendra jeudi", procedures=procedures)
    session.store.save(edits_of(one), actor=AGENT_ID)
    return one.visit.id


def readable_in(session: Session) -> list[str]:
    return holding(session.home, session.keys, *NEEDLES)


def again(session: Session) -> Session:
    """Open as the application does, but for the second of the passphrase."""
    return enter(session.home, session.keys, clock=session.clock, ids=session.ids)
