"""The centre's check finds what is wrong with what it keeps beside its records."""

from collections.abc import Callable

import pytest

from fsbus.server import tables
from fsbus.server.centre import Centre
from fsbus.server.checking import check
from fsbus.server.database import insert, update
from fsbus.server.direct import DirectApi
from fsbus.server.ledger import Erased
from tests.server.keeping import work
from tests.server.laptop import FEED, enrol, numbered_id, still_clock


def _durable(centre: Centre) -> None:
    with centre.database.write() as connection:
        connection.execute(update(tables.replicas).values(durable_seq=99))


def _mark(centre: Centre) -> None:
    row = {"id": "0" * 32, "made_at": "2026-11-24T08:00:00Z", "marks": "[1"}
    with centre.database.write() as connection:
        connection.execute(insert(tables.backups).values(row))


def _snapshot(centre: Centre) -> None:
    row = {"feed": FEED, "id": "1" * 32, "epoch": centre.epoch, "to_seq": 1, "size": 3, "sha256": "0" * 64}
    with centre.database.write() as connection:
        connection.execute(insert(tables.snapshots).values(**row, records=1, made_at="2026-11-24T08:00:00Z"))
        part = {"feed": FEED, "id": "1" * 32, "number": 0, "bytes": b"abc"}
        connection.execute(insert(tables.snapshot_parts).values(part))


def _statement(centre: Centre) -> None:
    words = {"device": "d", "did": "approve", "by_key": "k", "feed": FEED, "at": "2026-11-24T08:00:00Z"}
    with centre.database.write() as connection:
        connection.execute(
            insert(tables.statements).values(
                id="0" * 64, **words, statement="{}", signature="", taken_at="2026-11-24T08:00:00Z"
            )
        )


def _aside(centre: Centre) -> None:
    words = {"device": "d", "number": 1, "replica": "0" * 32, "received_at": "2026-11-24T08:00:00Z"}
    with centre.database.write() as connection:
        connection.execute(insert(tables.aside).values(**words, size=3, body=b"abc"))


def _ledger_has_more(centre: Centre) -> None:
    assert centre.ledger is not None
    centre.ledger.append([Erased(FEED, numbered_id(110), "visit")])


def _ledger_has_less(centre: Centre) -> None:
    assert centre.ledger is not None
    centre.ledger.path.unlink()


def _ledger_is_damaged(centre: Centre) -> None:
    assert centre.ledger is not None
    path = centre.ledger.path
    path.write_bytes(path.read_bytes() + b"\ntorn\ntorn again")


DAMAGE = {
    "gardé au-delà": _durable,
    "repères": _mark,
    "fichier préparé": _snapshot,
    "texte a changé": _statement,
    "mis de côté": _aside,
    "ne sont pas effacées": _ledger_has_more,
    "manquent au registre": _ledger_has_less,
    "lignes illisibles": _ledger_is_damaged,
}


@pytest.mark.parametrize(("words", "damage"), DAMAGE.items(), ids=DAMAGE)
def test_each_fault_is_found_alone(centre: Centre, words: str, damage: Callable[[Centre], None]) -> None:
    work(DirectApi(centre, enrol(centre).device, still_clock()))
    assert check(centre).ok
    damage(centre)
    [problem] = check(centre).problems
    assert words in problem
