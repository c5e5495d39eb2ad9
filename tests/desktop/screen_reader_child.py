"""A screen reader of our own, in the system's Python: tells the tree and what is announced.

`python3 screen_reader_child.py`, with the address of a session bus in its environment. It prints one JSON object a
line: `{"said": text}` and `{"focus": [role, name]}` as they come; for each line that it reads, `{"tree": [...]}`.
"""

import json
import os
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402  # once its version is chosen

DEEPEST = 40
STATES = ("CHECKED", "SELECTED", "FOCUSED", "FOCUSABLE", "ENABLED", "EDITABLE", "CHECKABLE")


def tell(**words: object) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def walk(one: "Atspi.Accessible", found: list[dict[str, object]], depth: int = 0) -> None:
    states = one.get_state_set()
    if depth and not states.contains(Atspi.StateType.SHOWING) and depth > 1:
        return
    found.append(
        {
            "role": one.get_role_name(),
            "name": one.get_name(),
            "description": one.get_description(),
            "labels": [
                relation.get_target(number).get_name()
                for relation in one.get_relation_set()
                if relation.get_relation_type() == Atspi.RelationType.LABELLED_BY
                for number in range(relation.get_n_targets())
            ],
            "states": [word for word in STATES if states.contains(getattr(Atspi.StateType, word))],
            "depth": depth,
        }
    )
    for number in range(one.get_child_count() if depth < DEEPEST else 0):
        child = one.get_child_at_index(number)
        if child is not None:
            walk(child, found, depth + 1)


def tree() -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    desktop = Atspi.get_desktop(0)
    for number in range(desktop.get_child_count()):
        application = desktop.get_child_at_index(number)
        if application is not None:
            walk(application, found)
    return found


def heard(event: "Atspi.Event") -> None:
    if event.type.startswith("object:announcement"):
        tell(said=str(event.any_data))
    elif event.detail1:
        tell(focus=[event.source.get_role_name(), event.source.get_name()])


def asked(source: int, _condition: object) -> bool:
    if not os.read(source, 4096):
        loop.quit()
        return False
    Atspi.get_desktop(0).clear_cache()
    tell(tree=tree())
    return True


loop = GLib.MainLoop()
Atspi.init()
listener = Atspi.EventListener.new(heard)
for kind in ("object:announcement", "object:state-changed:focused"):
    listener.register(kind)
GLib.io_add_watch(0, GLib.IO_IN | GLib.IO_HUP, asked)
tell(ready=True)
loop.run()
