"""Tells who is whom among people found to be one, whatever was merged into whom, and in which order."""

from collections.abc import Mapping


def roots(into: Mapping[str, str | None]) -> dict[str, str]:
    """Each id with that of the person it stands for; ``into`` is what `Resident.merged_into` says of each.

    Two laptops may have merged in opposite directions: of a ring, the oldest id stands for all. A person
    merged into one who is not here stands alone: nobody is out of sight.
    """
    found: dict[str, str] = {}
    for start in sorted(into):
        path: list[str] = []
        at = start
        while at not in found and at not in path:
            path.append(at)
            following = into[at]
            if following is None or following not in into:
                found[at] = at
            else:
                at = following
        root = found[at] if at in found else min(path[path.index(at) :])
        found |= dict.fromkeys(path, root)
    return found
