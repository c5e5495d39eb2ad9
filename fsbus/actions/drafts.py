"""What an agent is typing: kept sealed on this laptop, found again at the next opening, forgotten."""

from collections.abc import Mapping

from fsbus.actions.session import Session
from fsbus.actions.visits import forget_recorded_drafts
from fsbus.core.errors import StoreDamaged, StoreTooNew
from fsbus.store import drafts
from fsbus.store.drafts import CORRECTING, RECORDING, Draft

__all__ = ["CORRECTING", "RECORDING", "Draft", "forget_draft", "keep_draft", "kept_draft", "put_draft_aside"]


def keep_draft(session: Session, visit_id: str, form: Mapping[str, object], purpose: str = RECORDING) -> None:
    """Keep what is typed for the visit that will have this id, or that has it and is corrected; durable on return.

    Raises StoreUnavailable.

    ``form`` holds plain JSON values. Reads no database, so any one thread may call it.
    """
    draft = Draft(visit_id, session.clock.now(), form, purpose)
    drafts.write_draft(session.home, session.keys, session.agent.id, draft)


def kept_draft(session: Session, purpose: str = RECORDING) -> Draft | None:
    """What the agent who works here was typing and did not save, or None.

    A draft that cannot be read is put aside first: then raises StoreDamaged or StoreTooNew, whose words say
    so. Raises StoreUnavailable when the disk refuses.
    """
    forget_recorded_drafts(session)
    try:
        return drafts.read_draft(session.home, session.keys, session.agent.id, purpose)
    except (StoreDamaged, StoreTooNew):
        put_draft_aside(session, purpose)
        raise


def put_draft_aside(session: Session, purpose: str = RECORDING) -> None:
    """Give the draft of the agent who works here another name, out of the way. Raises StoreUnavailable."""
    drafts.put_aside(session.home, session.keys, session.agent.id, purpose)


def forget_draft(session: Session, purpose: str = RECORDING) -> None:
    """Destroy the draft of the agent who works here: it was saved, or given up. Raises StoreUnavailable.

    Reads no database, so any one thread may call it.
    """
    drafts.forget_draft(session.home, session.keys, session.agent.id, purpose)
