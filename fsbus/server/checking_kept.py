"""Checks what the centre keeps beside its records: ledger, marks, prepared files, statements."""

import hashlib

import msgspec

from fsbus.core.errors import StoreError
from fsbus.server import tables
from fsbus.server.centre import Centre
from fsbus.server.database import Connection, pages, select
from fsbus.server.settling import erased_in
from fsbus.wire.codec import Malformed, decode_request


def kept_problems(centre: Centre, connection: Connection) -> list[str]:
    """What is wrong there, in words; empty when all is well."""
    return [
        *_ledger_problems(centre, connection),
        *_durable_problems(connection),
        *_snapshot_problems(connection),
        *_statement_problems(connection),
        *_aside_problems(connection),
    ]


def _ledger_problems(centre: Centre, connection: Connection) -> list[str]:
    """The ledger of this machine and the database tell of the same erasures and revocations."""
    if centre.ledger is None:
        return []
    try:
        held, damaged = centre.ledger.read()
        turned_away = set(centre.ledger.read_revoked())
    except StoreError as error:
        return [f"registre des effacements\u00a0: {error}"]
    known = erased_in(connection)
    devices = tables.devices
    refused = set(connection.execute(select(devices.c.id).where(devices.c.revoked_at.is_not(None))).scalars())
    found = [f"registre des effacements\u00a0: {damaged} lignes illisibles"] if damaged > 1 else []
    for count, words in (
        (len(held - known), "fiches du registre ne sont pas effacées\u00a0: redémarrez le centre"),
        (len(known - held), "fiches effacées manquent au registre\u00a0: redémarrez le centre"),
        (len(turned_away - refused), "postes du registre ne sont pas refusés\u00a0: redémarrez le centre"),
        (len(refused - turned_away), "postes refusés manquent au registre\u00a0: redémarrez le centre"),
    ):
        found += [f"registre des effacements\u00a0: {count} {words}"] if count else []
    return found


def _durable_problems(connection: Connection) -> list[str]:
    """No laptop was told that a backup holds what the centre does not; every backup's marks can be read."""
    replicas, backups = tables.replicas, tables.backups
    beyond = select(replicas.c.id).where(replicas.c.durable_seq > replicas.c.last_seq)
    found = [
        f"copies\u00a0: {key} est dit gardé au-delà de son journal"
        for key in connection.execute(beyond).scalars()
    ]
    for row in connection.execute(select(backups.c.id, backups.c.marks)):
        try:
            msgspec.json.decode(row.marks, type=dict[str, int])
        except msgspec.DecodeError:
            found.append(f"copies\u00a0: les repères de {row.id} sont illisibles")
    return found


def _snapshot_problems(connection: Connection) -> list[str]:
    """Every prepared file is whole."""
    snapshots, parts = tables.snapshots, tables.snapshot_parts
    found = []
    for row in connection.execute(select(snapshots)).all():
        digest, size = hashlib.sha256(), 0
        mine = select(parts.c.bytes).where(parts.c.feed == row.feed, parts.c.id == row.id)
        for page in pages(connection, mine.order_by(parts.c.number), size=4):
            for part in page:
                digest.update(bytes(part.bytes))
                size += len(part.bytes)
        if (size, digest.hexdigest()) != (row.size, row.sha256):
            found.append(f"fil {row.feed}\u00a0: le fichier préparé {row.id} est abîmé")
    return found


def _statement_problems(connection: Connection) -> list[str]:
    """Every statement is the one that was signed."""
    table = tables.statements
    return [
        f"accord {row.id}\u00a0: le texte a changé"
        for page in pages(connection, select(table.c.id, table.c.statement))
        for row in page
        if hashlib.sha256(row.statement.encode()).hexdigest() != row.id
    ]


def _aside_problems(connection: Connection) -> list[str]:
    """What a revoked laptop sent can still be taken in."""
    table = tables.aside
    found = []
    for page in pages(connection, select(table.c.device, table.c.number, table.c.body), size=4):
        for row in page:
            try:
                decode_request(bytes(row.body))
            except Malformed:
                found.append(f"mis de côté\u00a0: l’envoi {row.number} du poste {row.device} est abîmé")
    return found
