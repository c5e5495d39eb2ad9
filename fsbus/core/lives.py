"""Tells versions of different lives of the centre apart, so that none is taken for another."""

LIFE = 2**16
"""Versions of one life of the centre: no record is changed so often in one. The number of the life stands above."""


def is_ahead(mine: int, theirs: int) -> bool:
    """Whether one version holds changes that the other lacks.

    Of two lives, the changes since the beginning of the record are compared: the older life may have gone on after
    the copy that the newer one began from.
    """
    if mine // LIFE == theirs // LIFE:
        return mine > theirs
    return mine % LIFE > theirs % LIFE
