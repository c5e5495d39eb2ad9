"""A centre on a real file, and doors to it."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fsbus.server.centre import KEY_VARIABLE, Centre, open_centre
from fsbus.server.direct import DirectApi
from fsbus.server.ledger import LEDGER_VARIABLE
from fsbus.wire.signing import new_private_key
from tests.postgresql import TestServer
from tests.server.laptop import FEED, enrol, still_clock

Door = Callable[..., DirectApi]


@pytest.fixture(params=["sqlite", "postgresql"])
def centre_url(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Where a centre may be made, on each engine in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'centre.db'}"
        return
    monkeypatch.setenv(KEY_VARIABLE, base64.b64encode(new_private_key()).decode())
    monkeypatch.setenv(LEDGER_VARIABLE, str(tmp_path / "centre.erased"))
    server: TestServer = request.getfixturevalue("postgresql")
    with server.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where there is no table yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: TestServer = request.getfixturevalue("postgresql")
    with server.empty_database() as url:
        yield url


@pytest.fixture
def centre(centre_url: str) -> Iterator[Centre]:
    opened = open_centre(centre_url)
    yield opened
    opened.close()


@pytest.fixture
def door(centre: Centre) -> Door:
    """Makes the door of a newly enrolled device."""

    def make(feed: str = FEED) -> DirectApi:
        return DirectApi(centre, enrol(centre, feed).device, still_clock())

    return make
