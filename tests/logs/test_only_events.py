"""Words that others chose reach no file and no terminal: what a laptop tells is declared once."""

import ast

import pytest

from tests.test_house_rules import python_files, read

LOUD = {"logging", "traceback", "warnings", "faulthandler", "syslog"}
CALLS = {"print", "qWarning", "qDebug", "qCritical"}
TELLERS = {
    "fsbus/logs/foreign_words.py": "hears others and keeps no words",
    "fsbus/logs/fault_file.py": "lets Python write the frames of a native fault",
    "fsbus/desktop/locking/leaving.py": "ends a process that hangs, by the same means, and writes nowhere",
    "fsbus/cli/__init__.py": "sets the encoding of the terminal",
    "fsbus/cli/access.py": "asks for a passphrase",
    "fsbus/cli/opening.py": "asks for the passphrase",
    "fsbus/cli/output.py": "says our own sentences to whoever asked at a terminal",
}


def loud(path: str, text: str) -> list[str]:
    """What in this module of a laptop could tell more than events do; the centre has its own log."""
    if not path.startswith("fsbus/") or path in TELLERS or path.startswith(("fsbus/server/", "fsbus/bench/")):
        return []
    wrong = []
    for node in ast.walk(ast.parse(text)):
        found: list[str] = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names if alias.name.partition(".")[0] in LOUD]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in LOUD:
            found = [str(node.module)]
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in {"sys.stderr", "sys.__stderr__"}:
            found = [ast.unparse(node)]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in CALLS:
            found = [ast.unparse(node.func)]
        wrong += [f"{path}: {name}" for name in found]
    return wrong


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("import logging", "from fsbus.core.events import Log"),
        ("from traceback import format_exc", "import trace"),
        ("print(x)", "say(x)"),
        ("sys.stderr.write(x)", "sys.stdout.write(x)"),
    ],
)
def test_the_rule_tells_bad_from_good(bad: str, good: str) -> None:
    assert loud("fsbus/store/a.py", bad)
    assert not loud("fsbus/store/a.py", good)


def test_no_module_of_a_laptop_tells_anything_but_events() -> None:
    files = [name for name in python_files() if name.startswith("fsbus/")]
    assert set(TELLERS) <= set(files)
    assert [wrong for name in files for wrong in loud(name, read(name))] == []
