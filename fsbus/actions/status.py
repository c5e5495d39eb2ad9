"""Where this laptop stands: what waits, what is to be checked, when the centre was last heard."""

from dataclasses import asdict

from fsbus import __version__
from fsbus.actions.backups import last_backup
from fsbus.actions.checking import last_check
from fsbus.actions.lease import lease_state
from fsbus.actions.session import Session
from fsbus.actions.standing import standing_facts
from fsbus.actions.trusting import trust_facts
from fsbus.core.changes import SCHEMA
from fsbus.store import queries
from fsbus.store.exchanges import past_exchanges
from fsbus.wire.signing import five_by_five
from fsbus.wire.version import PROTOCOL


def status_of(session: Session) -> dict[str, object]:
    """One JSON object of facts; ``lease`` is null before the enrolment, ``last_backup`` before the first one.

    ``acked``: operations that the centre confirmed; ``exchanges``: the last ten, the newest first.
    """
    link = session.store.link()
    lease, check = lease_state(session), last_check(session)
    enrolment = link.enrolment
    facts = queries.status_facts(session.store.db)
    return {
        "bus": session.bus,
        "agent": session.agent.name,
        "device": session.device,
        "replica": session.store.replica,
        "enrolled": enrolment is not None,
        "server": None if enrolment is None else enrolment.server_url,
        "feeds": [] if enrolment is None else list(enrolment.feeds),
        "visits": facts.visits,
        "procedure_records": facts.procedure_records,
        "pending": session.store.pending_count(),
        "acked": link.acked,
        "conflicts": facts.open_conflicts,
        "quarantined": facts.quarantined,
        "last_sync_at": link.last_sync_at,
        "name": five_by_five(session.device),
        "standing": standing_facts(session),
        "trust": trust_facts(session),
        "exchanges": [asdict(one) for one in past_exchanges(session.store)],
        "lease": None if lease is None else lease.as_json(),
        "last_backup": last_backup(session),
        "last_check": None if check is None else asdict(check),
        "versions": {
            "fsbus": __version__,
            "protocol": PROTOCOL,
            "schema": SCHEMA,
            "reference": {kind: edition.edition for kind, edition in session.reference.editions().items()},
        },
    }
