"""Counts the letters by which two words differ: more, fewer, changed, two that changed places."""


def letters_apart(one: str, other: str, at_most: int) -> int:
    """How many, by optimal string alignment; ``at_most + 1`` as soon as it is sure to be more."""
    if one == other:
        return 0
    beyond = at_most + 1
    if abs(len(one) - len(other)) > at_most:
        return beyond
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        this = [row] + [beyond] * len(other)
        # Further from the diagonal than what is allowed, nothing can be near enough.
        for column in range(max(1, row - at_most), min(len(other), row + at_most) + 1):
            facing = other[column - 1]
            cost = min(last[column - 1] + (letter != facing), last[column] + 1, this[column - 1] + 1)
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == facing:
                cost = min(cost, before[column - 2] + 1)
            this[column] = cost
        if min(this) > at_most and (row == 1 or min(last) > at_most):
            return beyond
        before, last = last, this
    return min(last[-1], beyond)
