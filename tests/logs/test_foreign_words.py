"""What libraries and Python would print is heard by name, level and type, and its words go nowhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import logging, sys, warnings
from pathlib import Path
from fsbus.core.clock import system_now
from fsbus.logs.event_log import EventLog
from fsbus.logs.foreign_words import hear_libraries
secret = sys.argv[2]
hear_libraries(EventLog(Path(sys.argv[1]), system_now))
hear_libraries(EventLog(Path(sys.argv[1]), system_now))
logging.getLogger("urllib3.connectionpool").warning("GET /v1/sync?name=%s", secret)
logging.getLogger("requests").debug(secret)
logging.getLogger(secret).error(secret)
try:
    raise KeyError(secret)
except KeyError:
    logging.getLogger("sqlalchemy.engine").exception(secret)
logging.getLogger("alembic").warning("%d", secret)
logging.error(secret)
warnings.warn(secret, UserWarning)
"""


def test_nothing_of_their_words_is_printed_or_kept(tmp_path: Path) -> None:
    secret = "Zéphyrine-Nédelec"
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), secret],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONWARNINGS": ""},
        capture_output=True,
        check=True,
        text=True,
    )
    assert ran.stdout + ran.stderr == ""
    text = (tmp_path / "fsbus.log").read_text(encoding="utf-8")
    assert secret not in text
    told = [
        {name: value for name, value in json.loads(line).items() if name != "at"}
        for line in text.splitlines()
    ]
    assert told == [
        {"event": "library", "library": "urllib3", "level": "warning", "error": None},
        {"event": "library", "library": "?", "level": "error", "error": None},
        {"event": "library", "library": "sqlalchemy", "level": "error", "error": "KeyError"},
        {"event": "library", "library": "alembic", "level": "warning", "error": None},
        {"event": "library", "library": "?", "level": "error", "error": None},
        {"event": "warned", "category": "UserWarning"},
    ]
