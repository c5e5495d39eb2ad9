"""The queue at the door by the command line: one more, the next, how it stands."""

import argparse

from fsbus.cli.opening import opened
from fsbus.cli.output import put


def queue(options: argparse.Namespace) -> int:
    """`queue`: who waits and how long, after one more or the next if asked; numbers, no name."""
    from fsbus.actions import queue as door

    with opened(options) as session:
        door.close_past(session)
        done = door.add(session) if options.add else door.call_next(session) if options.next else None
        now = door.standing(session)
        put(
            {
                "number": done.number if done else None,
                "day": now.day,
                "waiting": [one.number for one in now.waiting],
                "called": [one.number for one in now.called],
                "wait_minutes": now.wait,
                "agents": now.agents,
                "closes_at": now.closes_at,
                "last_ticket": now.too_late,
            }
        )
    return 0
