"""Which parts of a procedure's card are shown: what its outcome calls for, and what is written."""

from fsbus.core.records import ENDINGS
from fsbus.desktop.visit_form.entry import ProcedureEntry

ANSWER, REFERRAL, FOLLOW_UP, MANDATE = "precise_answer", "referral", "follow_up", "mandate"
DOCUMENTS, BLOCKERS = "missing_documents", "blockers"
TAKEN_UP = frozenset({"follow_up", "no_network", "escalated"})
"""Outcomes that are taken up another day; the first one must say which."""
ALL = frozenset({ANSWER, REFERRAL, FOLLOW_UP, MANDATE, DOCUMENTS, BLOCKERS})


def parts_of(item: ProcedureEntry, wants_details: bool) -> frozenset[str]:
    """The parts to show. What is filled in is never hidden: nothing is saved unseen."""
    if wants_details:
        return ALL
    referral = (item.referral_partner, item.referral_contact, item.referral_channel, item.referral_on)
    needed = {
        ANSWER: (bool(item.outcome) and item.outcome not in ENDINGS) or bool(item.precise_answer),
        REFERRAL: item.outcome == "referred" or any(referral),
        FOLLOW_UP: item.outcome in TAKEN_UP or bool(item.follow_up_on or item.follow_up_note),
        MANDATE: item.mode == "on_behalf"
        or bool(item.mandate_kind or item.mandate_on or item.mandate_reason),
        DOCUMENTS: item.outcome == "follow_up" or bool(item.missing_documents),
        BLOCKERS: item.outcome == "escalated" or bool(item.blockers),
    }
    return frozenset(part for part, shown in needed.items() if shown)
