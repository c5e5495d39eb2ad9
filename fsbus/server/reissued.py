"""Merges what a restored laptop says next, which knows its own words of before whatever its name."""

from collections.abc import Mapping
from dataclasses import replace

from fsbus.core.changes import Change
from fsbus.core.merge import CONFLICTED, MERGED, Copy, Merge, merge


def merge_knowing(copy: Copy, change: Change, said: Mapping[str, object]) -> Merge:
    """Merge a change whose author replaces own words: a field that the centre has as this replica said it last.

    A restored laptop brings its operations again under a new name; they change nothing, and their first author
    is another replica. What it says next is in no conflict with them.
    """
    own = {name for name in change.fields if name in said and said[name] == copy.body.get(name)}
    first = {name: value for name, value in change.fields.items() if name in own}
    others = {name: value for name, value in change.fields.items() if name not in own}
    seen = merge(copy, replace(change, base=copy.version, fields=first))
    rest = merge(seen.copy, replace(change, fields=others))
    result = CONFLICTED if rest.proposals else MERGED
    return replace(rest, result=result, changed=seen.changed or rest.changed)
