"""A made-up history of the visit, four schemas long, whose last one has today's fields."""

from collections.abc import Mapping

from fsbus.core.upcasting import Upcasting

Fields = Mapping[str, object]


def _remark_is_note(kind: str, verb: str, fields: Fields) -> Fields:
    return {"note" if name == "remark" else name: value for name, value in fields.items()}


def _hours_are_minutes(kind: str, verb: str, fields: Fields) -> Fields:
    after = {name: value for name, value in fields.items() if name != "hours"}
    if "hours" in fields:
        hours = fields["hours"]
        after["minutes"] = hours * 60 if isinstance(hours, int) and not isinstance(hours, bool) else hours
    return after


def _desk_is_walk_in(kind: str, verb: str, fields: Fields) -> Fields:
    return {**fields, "channel": "walk_in"} if fields.get("channel") == "desk" else fields


FOUR = Upcasting(4, {1: _remark_is_note, 2: _hours_are_minutes, 3: _desk_is_walk_in})


def body_in(schema: int, body: Fields) -> dict[str, object]:
    """A visit of today as a laptop of that schema said it; its minutes must be whole hours."""
    said = dict(body)
    if schema < 4 and said.get("channel") == "walk_in":
        said["channel"] = "desk"
    if schema < 3:
        minutes = said.pop("minutes")
        assert isinstance(minutes, int)
        said["hours"] = minutes // 60
    if schema < 2:
        said["remark"] = said.pop("note")
    return said
