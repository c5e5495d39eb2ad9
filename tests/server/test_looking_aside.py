"""What is kept aside is opened before a transaction begins, so that nobody waits for it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fsbus.server import aside, looking_aside
from fsbus.server import sync as exchanging
from fsbus.server.centre import Centre
from fsbus.server.checking import check
from fsbus.server.database import Connection, Database
from fsbus.server.direct import DirectApi
from fsbus.server.looking_aside import Looked, look
from fsbus.server.lost_device import revoke
from fsbus.server.taking_aside import take
from fsbus.wire.api import Request
from fsbus.wire.codec import decode_request
from tests.server.conftest import Door
from tests.server.laptop import NOW, Notebook, numbered_id, record_body, visit_body
from tests.server.test_aside import VISIT, plain, refused
from tests.server.test_exchange import send

MANY = 30


class Opened:
    """How many kept requests were opened while a transaction of writing was open."""

    inside = 0

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        begun, self._writing = Database.write, 0

        @contextmanager
        def write(database: Database) -> Iterator[Connection]:
            with begun(database) as connection:
                self._writing += 1
                try:
                    yield connection
                finally:
                    self._writing -= 1

        def opened(body: bytes) -> Request:
            self.inside += self._writing > 0
            return decode_request(body)

        patch.setattr(Database, "write", write)
        patch.setattr(aside, "decode_request", opened)
        patch.setattr(looking_aside, "decode_request", opened)


@pytest.fixture
def many(centre: Centre, door: Door) -> tuple[DirectApi, Notebook]:
    """A revoked laptop of which thirty requests are kept, with one visit each."""
    api, notes = door(), Notebook()
    revoke(centre, api.device)
    for number in range(MANY):
        notes.create(numbered_id(500 + number), visit_body(note=f"Zéphyrine {number}"))
        refused(api, notes, number + 1, 1)
    return api, notes


def test_keeping_one_more_opens_none_of_those_before_inside(
    centre: Centre, many: tuple[DirectApi, Notebook], monkeypatch: pytest.MonkeyPatch
) -> None:
    api, notes = many
    notes.create(numbered_id(900), visit_body())
    opened = Opened(monkeypatch)
    refused(api, notes, MANY + 1, 1)
    assert opened.inside == 0
    refused(api, notes, 15, 2)
    assert opened.inside == 2, "those that it lies over"
    assert take(centre, api.device, NOW).taken == MANY + 1
    assert opened.inside == 2
    assert check(centre).problems == ()


def test_an_erasure_opens_inside_only_what_names_the_erased_record(
    centre: Centre, many: tuple[DirectApi, Notebook], door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, mine = door(), Notebook()
    mine.create(numbered_id(507), visit_body())
    send(here, mine)
    mine.add("erase", numbered_id(507))
    opened = Opened(monkeypatch)
    send(here, mine, 2)
    assert opened.inside == 1
    kept = plain(centre)
    assert 'Zéphyrine 7"'.encode() not in kept
    assert kept.count("Zéphyrine".encode()) == MANY - 1


def test_what_comes_between_the_look_and_the_transaction_is_emptied_too(
    centre: Centre, many: tuple[DirectApi, Notebook], door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, notes = many
    here, mine = door(), Notebook()
    mine.create(VISIT, visit_body())
    send(here, mine)
    notes.create(VISIT, visit_body(note="Ernestine"))
    notes.create(numbered_id(901), record_body(VISIT, precise_answer="Ernestine"), "procedure_record")

    def slowly(database: Database, *_: str) -> Looked:
        found = look(database)
        refused(api, notes, MANY + 1, 2)
        return found

    monkeypatch.setattr(exchanging, "look", slowly)
    mine.add("erase", VISIT)
    send(here, mine, 2)
    assert b"Ernestine" not in plain(centre)
