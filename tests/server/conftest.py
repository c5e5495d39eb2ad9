"""A centre on a real file, and doors to it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fsbus.server.centre import Centre, open_centre
from fsbus.server.direct import DirectApi
from tests.server.laptop import FEED, enrol, still_clock

Door = Callable[..., DirectApi]


@pytest.fixture
def centre_url(tmp_path: Path) -> str:
    """Where a centre may be made."""
    return f"sqlite:///{tmp_path / 'centre.db'}"


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
