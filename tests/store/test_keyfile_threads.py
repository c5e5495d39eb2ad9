"""Two derivations asked for at once end, one after the other."""

import subprocess
import sys

TWO_AT_ONCE = """
import threading
from fsbus.store.key_slots import FLOOR
from fsbus.store.keyfile import argon2id
made = []
threads = [
    threading.Thread(target=lambda: made.append(argon2id(b"phrase", bytes(16), FLOOR, b"")), daemon=True)
    for _ in range(2)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(set(made)) == 1 and len(made) == 2
"""


def test_two_derivations_in_one_process_do_not_wait_for_each_other_for_ever() -> None:
    # In a process of its own: without the lock it would hang, and could not be stopped from inside.
    subprocess.run([sys.executable, "-c", TWO_AT_ONCE], check=True, timeout=60)
