"""Keeps the trust file at the centre, and acts on what coordinators signed about laptops."""

import base64
from dataclasses import dataclass
from datetime import datetime

import msgspec

from fsbus.core.clock import as_utc_text
from fsbus.core.errors import InvalidInput, NotAllowed
from fsbus.core.redaction import redacted
from fsbus.server import tables
from fsbus.server.centre import Centre
from fsbus.server.database import AnyRow, Connection, insert, select, update
from fsbus.server.devices import ACTIVE, device_called
from fsbus.server.revoking import turn_away
from fsbus.wire.api import Approval
from fsbus.wire.signing import five_by_five
from fsbus.wire.statements import (
    APPROVE,
    BadStatement,
    Signed,
    Statement,
    check_powers,
    prove,
    sign_statement,
)  # fmt: skip
from fsbus.wire.trust import BadTrust, TrustedCoordinator, TrustFile, accept, raw_key, read_trust, root_id


@redacted()
@dataclass(frozen=True)
class Judged:
    """What became of a statement about one laptop: its identifier, what was said, and by whom."""

    device: str
    name: str
    did: str
    coordinator: str


def newest_trust(connection: Connection) -> TrustFile | None:
    """The newest trust file that the centre took, or None: it was proved then."""
    table = tables.trust
    body = connection.execute(select(table.c.body).order_by(table.c.version.desc()).limit(1)).scalar()
    return None if body is None else msgspec.json.decode(body, type=TrustFile)


def fingerprint_of(raw: bytes) -> str:
    """The fingerprint, 5×5, of the first root that signed the file. Raises InvalidInput (``file``)."""
    return five_by_five(root_id(_first_root(raw)))


def take_trust(centre: Centre, raw: bytes, confirmed: str | None) -> TrustFile:
    """Go by this file from now on: new laptops wait for a coordinator. The first one needs its root's fingerprint.

    Raises InvalidInput (``file``, ``fingerprint``); nothing is changed then.
    """
    root = _first_root(raw)
    with centre.database.write() as connection:
        known = newest_trust(connection)
        if known is None and not confirmed:
            raise InvalidInput(
                {
                    "fingerprint": "Empreinte à donner\u00a0: --fingerprint, telle que celui qui garde la racine la dicte. Rien n’a été changé."
                }
            )
        if known is None and _signs(confirmed or "") != root_id(root):
            raise InvalidInput(
                {
                    "fingerprint": "Cette empreinte n’est pas celle de la racine du fichier. Rien n’a été changé."
                }
            )
        try:
            trust = accept(raw, known, first_root=root)
        except BadTrust as error:
            raise InvalidInput({"file": f"Ce fichier ne peut pas être pris\u00a0: {error}."}) from None
        if not trust.knows_centre(centre.public_key):
            raise InvalidInput(
                {
                    "file": "La clé de ce centre n’y est pas\u00a0: aucun poste ne voudrait plus de lui. Rien n’a été changé."
                }
            )
        if trust != known:
            connection.execute(insert(tables.trust).values(version=trust.version, body=raw.decode()))
    return trust


def judge(centre: Centre, device: str, do: str, key: bytes, now: datetime) -> Judged:
    """Sign a statement about this laptop with a coordinator's key, and take it.

    ``device`` is its identifier or the beginning of it. Raises InvalidInput (``device``), and as `take_statement`.
    """
    with centre.database.read() as connection:
        table = tables.devices
        row = connection.execute(select(table).where(table.c.id == device_called(connection, device))).one()
    signed = sign_statement(do, row.id, row.feed, row.role, at=as_utc_text(now), key=key)
    return take_statement(centre, signed, now)


def take_statement(centre: Centre, signed: Signed, now: datetime) -> Judged:
    """Keep what a coordinator signed, and act on it. The same statement again changes nothing.

    Raises NotAllowed when it is not proved, not within the coordinator's powers, or not of the laptop as it is, and
    StoreUnavailable for a revocation without a ledger.
    """
    moment = as_utc_text(now)
    with centre.database.write() as connection:
        trust = newest_trust(connection)
        if trust is None:
            raise NotAllowed(
                "Ce centre n’a pas de fichier de confiance\u00a0: «\u00a0fsbus server trust FICHIER\u00a0» d’abord."
            )
        statement, coordinator, row = _proved(connection, signed, trust, moment)
        known = connection.execute(
            select(tables.statements.c.id).where(tables.statements.c.id == signed.id)
        ).one_or_none()
        if known is None:
            _keep(connection, signed, statement, moment)
            _act(centre, connection, signed, statement, row, moment)
    return Judged(row.id, row.name, statement.do, coordinator.name)


def approval_of(text: str | None) -> Approval | None:
    """What hello hands a device of its own approval, from the column of `devices`."""
    return None if text is None else msgspec.json.decode(text, type=Approval)


def _proved(
    connection: Connection, signed: Signed, trust: TrustFile, moment: str
) -> tuple[Statement, TrustedCoordinator, AnyRow]:
    devices, feeds = tables.devices, tables.feeds
    try:
        statement, coordinator = prove(signed, trust)
        row = connection.execute(select(devices).where(devices.c.id == statement.device)).one_or_none()
        if row is None or (row.feed, row.role) != (statement.feed, statement.role):
            raise BadStatement("aucun poste de ce nom, de ce fil et de ce rôle")
        region = connection.execute(select(feeds.c.region).where(feeds.c.name == row.feed)).scalar()
        check_powers(statement, coordinator, region, moment)
    except BadStatement as error:
        raise NotAllowed(f"Cette signature n’est pas prise\u00a0: {error}.") from None
    if statement.do == APPROVE and row.revoked_at is not None:
        raise NotAllowed(
            "Ce poste a été refusé pour de bon\u00a0: il s’enrôle à nouveau, avec une nouvelle clé."
        )
    return statement, coordinator, row


def _keep(connection: Connection, signed: Signed, statement: Statement, moment: str) -> None:
    values = {
        "id": signed.id,
        "device": statement.device,
        "did": statement.do,
        "by_key": statement.by,
        "feed": statement.feed,
        "at": statement.at,
        "statement": signed.statement.decode(),
        "signature": base64.b64encode(signed.signature).decode(),
        "taken_at": moment,
    }
    connection.execute(insert(tables.statements).values(values))


def _act(
    centre: Centre, connection: Connection, signed: Signed, statement: Statement, row: AnyRow, moment: str
) -> None:
    if statement.do != APPROVE:
        turn_away(connection, centre.ledger, row, moment)
        return
    approval = Approval(*(base64.b64encode(one).decode() for one in (signed.statement, signed.signature)))
    values = {"state": ACTIVE, "approval": msgspec.json.encode(approval).decode()}
    connection.execute(update(tables.devices).where(tables.devices.c.id == row.id).values(values))


def _first_root(raw: bytes) -> bytes:
    try:
        proved = read_trust(raw)
    except BadTrust as error:
        raise InvalidInput(
            {"file": f"Ce n’est pas un fichier de confiance entier et signé\u00a0: {error}."}
        ) from None
    return next(key for key in map(raw_key, proved.trust.roots) if key in proved.signed_by)


def _signs(text: str) -> str:
    return "".join(text.lower().split())
