"""Of two versions of one record, which one holds changes that the other lacks."""

import pytest

from fsbus.core.lives import LIFE, is_ahead


@pytest.mark.parametrize(
    ("mine", "theirs", "ahead"),
    [
        (3, 2, True),
        (2, 2, False),
        (2, 3, False),
        (5, LIFE + 3, True),
        (3, LIFE + 3, False),
        (2, LIFE + 3, False),
        (LIFE + 3, 5, False),
        (LIFE + 6, 5, True),
        (LIFE + 4, LIFE + 3, True),
        (LIFE + 5, 3 * LIFE + 4, True),
    ],
)
def test_lives_are_compared_by_what_changed_since_the_beginning(mine: int, theirs: int, ahead: bool) -> None:
    assert is_ahead(mine, theirs) is ahead
