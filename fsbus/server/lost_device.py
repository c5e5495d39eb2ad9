"""What the centre knows of a laptop that was lost or stolen, and turning it away."""

from dataclasses import dataclass

from fsbus.core import protection
from fsbus.core.clock import Clock, as_utc_text
from fsbus.core.entities import AGENT, APPOINTMENT, PROCEDURE_RECORD, RESIDENT, VISIT
from fsbus.core.french import full_day, number
from fsbus.core.lost_device import moment, people_and_data, sheet
from fsbus.core.redaction import redacted
from fsbus.core.sheets import Part, Sheet
from fsbus.server import tables
from fsbus.server.centre import Centre
from fsbus.server.database import Condition, func, one_of, select
from fsbus.server.devices import device_called
from fsbus.server.revoking import turn_away


@redacted()
@dataclass(frozen=True)
class LostDevice:
    """The centre's knowledge of one laptop. Moments are UTC; ``sent_*`` came from it, ``feed_*`` may be on it too."""

    device: str
    name: str
    role: str
    feed: str
    enrolled_at: str
    last_seen_at: str | None
    revoked_at: str | None
    operations: int
    set_aside: int
    sent_visits: int
    sent_records: int
    first_day: str | None
    last_day: str | None
    feed_visits: int
    feed_records: int
    feed_people: int
    agents: tuple[str, ...]
    """Names of the agents who were added on it; whether they still open it, only the laptop knows."""


def lost_device(centre: Centre, device: str) -> LostDevice:
    """Everything known of this laptop, named by its identifier or its beginning. Raises InvalidInput (``device``)."""
    devices, replicas, log, records = tables.devices, tables.replicas, tables.log, tables.records
    visits = tables.TYPED[VISIT]
    with centre.database.read() as connection:
        wanted = device_called(connection, device)
        row = connection.execute(select(devices).where(devices.c.id == wanted)).one()
        sent_by = list(
            connection.execute(select(replicas.c.id).where(replicas.c.device_id == wanted)).scalars()
        )
        ours = one_of(connection, log.c.replica, sent_by)
        alive = one_of(connection, records.c.creator, sent_by) & records.c.erased_at.is_(None)
        of_feed = (records.c.feed == row.feed) & records.c.erased_at.is_(None)
        first, last = connection.execute(
            select(func.min(visits.c.visited_on), func.max(visits.c.visited_on)).where(visits.c.feed == row.feed)
        ).one()  # fmt: skip
        agents = tables.TYPED[AGENT]
        same = (records.c.feed == agents.c.feed) & (records.c.id == agents.c.id)
        names = connection.execute(
            select(agents.c.name).join(records, same).where(alive).order_by(agents.c.name)
        )

        def count(condition: Condition, kind: str) -> int:
            statement = select(func.count()).select_from(records).where(condition, records.c.kind == kind)
            return int(connection.execute(statement).scalar_one())

        return LostDevice(
            device=row.id,
            name=row.name,
            role=row.role,
            feed=row.feed,
            enrolled_at=row.enrolled_at,
            last_seen_at=row.last_seen_at,
            revoked_at=row.revoked_at,
            operations=int(
                connection.execute(select(func.count()).select_from(log).where(ours)).scalar_one()
            ),
            set_aside=int(
                connection.execute(
                    select(func.count()).select_from(log).where(ours, log.c.result == "quarantined")
                ).scalar_one()
            ),
            sent_visits=count(alive, VISIT),
            sent_records=count(alive, PROCEDURE_RECORD),
            first_day=first,
            last_day=last,
            feed_visits=count(of_feed, VISIT),
            feed_records=count(of_feed, PROCEDURE_RECORD),
            feed_people=count(of_feed, RESIDENT) + count(of_feed, APPOINTMENT),
            agents=tuple(str(name) for name in names.scalars()),
        )


def revoke(centre: Centre, device: str, *, clock: Clock | None = None) -> str:
    """Turn a laptop away for good, from its next request on; its whole identifier.

    What it sent stays. Asked twice, the first moment stays. Raises InvalidInput (``device``), and StoreUnavailable
    without a ledger.
    """
    devices = tables.devices
    with centre.database.write() as connection:
        wanted = device_called(connection, device)
        row = connection.execute(select(devices).where(devices.c.id == wanted).with_for_update()).one()
        turn_away(connection, centre.ledger, row, as_utc_text((clock or Clock()).now()))
    return wanted


def lost_sheet(known: LostDevice, *, clock: Clock | None = None) -> Sheet:
    """The sheet for the file, drawn up after the loss from what the centre has."""
    laptop = Part(
        "Le poste",
        facts=(
            ("Identifiant du poste", known.device),
            ("Nom donné à l’enrôlement", known.name),
            ("Rôle", known.role),
            ("Bus (fil)", known.feed),
            ("Rattaché le", moment(known.enrolled_at)),
            ("Dernier contact", moment(known.last_seen_at)),
            ("Refusé par le centre", moment(known.revoked_at, "pas encore\u00a0: faites-le maintenant")),
            ("Agents ajoutés sur ce poste", ", ".join(known.agents) or "aucun connu"),
        ),
    )
    data = Part(
        "Ce que le poste peut contenir",
        "Le poste garde ce qu’il a saisi et ce qu’il a reçu de son bus. Ce qui a été saisi après le dernier "
        "contact n’est pas au centre\u00a0: son nombre n’est pas connu ici.",
        facts=(
            ("Saisies reçues de ce poste", f"{number(known.operations)}, dont {number(known.set_aside)} mises de côté"),
            ("Visites créées sur ce poste", number(known.sent_visits)),
            ("Démarches créées sur ce poste", number(known.sent_records)),
            ("Visites du bus, au plus sur ce poste", number(known.feed_visits)),
            ("Démarches du bus, au plus sur ce poste", number(known.feed_records)),
            ("Personnes et rendez-vous du bus, au plus", number(known.feed_people)),
            ("Période du bus", _period(known)),
            *people_and_data(),
        ),
    )  # fmt: skip
    return sheet(
        known.device,
        as_utc_text((clock or Clock()).now()),
        "par le centre",
        (laptop, data),
        (
            "Dérivation de la clé",
            protection.derivation(64 * 1024, 3, 4).replace("Argon2id\u00a0: ", "Argon2id, au moins "),
        ),
        None,
        known.feed,
    )


def _period(known: LostDevice) -> str:
    from datetime import date

    if known.first_day is None or known.last_day is None:
        return "aucune visite"
    first, last = (full_day(date.fromisoformat(day)) for day in (known.first_day, known.last_day))
    return f"du {first} au {last}"
