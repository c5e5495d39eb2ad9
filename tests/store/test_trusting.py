"""A store that knows a trust file is attached to no centre that is not in it."""

from pathlib import Path

import pytest

from fsbus.core.clock import Clock
from fsbus.core.errors import NotAllowed
from fsbus.store.store import Enrolment, Store
from fsbus.store.trusting import read_trusted, take_trust
from fsbus.wire.signing import public_key_of
from fsbus.wire.trust import BadTrust
from tests.wire.trusted import CENTRE, ROOT, signed_trust


def enrolment(centre: bytes) -> Enrolment:
    return Enrolment(
        "https://centre.exemple.fr",
        "d" * 25,
        "fsbus-1",
        public_key_of(centre),
        bytes(32),
        ("bus-3",),
        "bus-3",
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "fsbus.db", bytes(32), clock=Clock())


def test_a_centre_that_is_not_in_the_trust_file_is_refused(store: Store) -> None:
    store.set_enrolment(enrolment(ROOT))  # nothing is known yet
    store.maintain(lambda db: take_trust(db, signed_trust(1), public_key_of(ROOT)))
    store.set_enrolment(enrolment(CENTRE))
    with pytest.raises(NotAllowed, match="fichier de confiance"):
        store.set_enrolment(enrolment(ROOT))
    known = store.link().enrolment
    assert known is not None
    assert known.server_key == public_key_of(CENTRE)
    store.close()


def test_a_refused_file_leaves_the_known_one(store: Store) -> None:
    store.maintain(lambda db: take_trust(db, signed_trust(2), public_key_of(ROOT)))
    with pytest.raises(BadTrust):
        store.maintain(lambda db: take_trust(db, signed_trust(1), public_key_of(ROOT)))
    trust = read_trusted(store.db)
    assert trust is not None
    assert trust.version == 2
    store.close()
