"""Hold the whole checkout to the house's rules, and show for each rule that it can fail."""

import ast
import os
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
TOP_LEVEL = {
    "fsbus", "resources", "installers", "tests", ".ci",
    "pyproject.toml", "README.md", "Makefile", "CHANGELOG.md", ".gitignore",
}  # fmt: skip
VAGUE = {"utils", "util", "misc", "helpers", "helper", "common", "manager", "managers"}
THREADS = {
    "Thread", "Timer", "ThreadPoolExecutor", "ProcessPoolExecutor", "QThread", "QThreadPool", "QRunnable",
    "start_new_thread", "to_thread", "run_in_executor",
}  # fmt: skip
NO_PARAMETERS = r"\s*(PRAGMA|CREATE|DROP|ALTER|SAVEPOINT|RELEASE|ROLLBACK)\b"
SQL_NAMES = {
    "table",
    "column",
    "columns",
    "marks",
}  # cannot be parameters; they come from the shapes in the code
SQL_CALLS = {"execute", "executemany", "executescript", "query"}

# Built in pieces, so that this file is not its own first offender.
FORBIDDEN_TEXT = [
    re.compile("".join(pieces))
    for pieces in (
        (r"(?<![\w.])/ro", "ot/"),
        (r"(?<![\w./])/wo", "rk/"),
        ("--(extra-)?ind", "ex-url"),
        ("pypi.o", "rg/simple"),
        ("files.python", "hosted"),
        (r"shared/des", "ign"),
        (r"\.lib", "rary/"),
        (r"\bfarm", r"-\w"),
        ("/tmp/te", "am"),
    )
]

Rule = Callable[[str, str], list[str]]  # (path in the checkout, text) -> what is wrong


@cache
def house_files() -> tuple[str, ...]:
    """Every file of the checkout that is kept or about to be, as POSIX paths; works without git too."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        return tuple(sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file()))
    except (OSError, subprocess.CalledProcessError):
        ignored = {line.strip("/ ") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()} | {
            ".git"
        }
        found = []
        for folder, folders, files in os.walk(ROOT):
            folders[:] = [name for name in folders if name not in ignored and not name.endswith(".egg-info")]
            found += [(Path(folder) / name).relative_to(ROOT).as_posix() for name in files]
        return tuple(sorted(found))


def python_files() -> list[str]:
    return [name for name in house_files() if name.endswith(".py")]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def names_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and last part of every name a module imports, uses or reaches into."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr


# --- the rules ------------------------------------------------------------------------------------------------------


def short_enough(path: str, text: str) -> list[str]:
    lines = text.count("\n")
    return [f"{path}: {lines} lines, 400 at most"] if lines > 400 else []


def telling_name(path: str, text: str) -> list[str]:
    words = {word for part in Path(path).with_suffix("").parts for word in part.lower().split("_")}
    return [f"{path}: « {word} » says nothing about the job" for word in sorted(words & VAGUE)]


def one_job_sentence(path: str, text: str) -> list[str]:
    """The docstring begins with one sentence of at most 100 characters; an empty module needs none."""
    if not text.strip():
        return []
    first = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
    if not first:
        return [f"{path}: no docstring that says its one job"]
    wrong = []
    if len(first) > 100:
        wrong.append(f"{path}: first line of the docstring has {len(first)} characters, 100 at most")
    if not first.endswith("."):
        wrong.append(f"{path}: first line of the docstring is not a whole sentence")
    if re.search(r"(?<!\be\.g)(?<!\bi\.e)[.!?] +[A-Z]", first):
        wrong.append(f"{path}: first line of the docstring has more than one sentence")
    return wrong


def threads_in_one_place(path: str, text: str) -> list[str]:
    allowed = {"fsbus/desktop/background.py", "fsbus/server/serving.py", "fsbus/bench/crowd.py"}
    if not path.startswith("fsbus/") or path in allowed:
        return []
    return [
        f"{path}:{line}: {name} outside fsbus/desktop/background.py"
        for line, name in names_in(ast.parse(text))
        if name in THREADS
    ]


def no_qt_in_presenters(path: str, text: str) -> list[str]:
    if not path.endswith("presenter.py"):
        return []
    wrong = []
    for node in ast.walk(ast.parse(text)):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        wrong += [f"{path}: imports {module}" for module in modules if module.partition(".")[0] == "PySide6"]
    return wrong


def plain_text_labels(path: str, text: str) -> list[str]:
    """Qt guesses rich text: a note could show links. Labels come from the factory, boxes say plain."""
    if not path.startswith("fsbus/") or path.startswith("fsbus/desktop/widgets/"):
        return []
    wrong = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).removeprefix("QtWidgets.")
            if called == "QLabel":
                wrong.append(f"{path}:{node.lineno}: QLabel( outside fsbus.desktop.widgets.labels")
            if re.match(r"QMessageBox\.[a-z]", called):
                wrong.append(f"{path}:{node.lineno}: {called}( guesses rich text")
            if called == "QMessageBox" and "setTextFormat(Qt.TextFormat.PlainText)" not in text:
                wrong.append(
                    f"{path}:{node.lineno}: QMessageBox without setTextFormat(Qt.TextFormat.PlainText)"
                )
    return wrong


def is_constant_text(node: ast.expr) -> bool:
    """True for texts, CONSTANTS, what is made only of these, and the statements that take no parameters."""
    if isinstance(node, ast.JoinedStr):
        start = node.values[0] if node.values else None
        if isinstance(start, ast.Constant) and re.match(NO_PARAMETERS, str(start.value)):
            return True
        return all(
            is_constant_text(part.value) for part in node.values if isinstance(part, ast.FormattedValue)
        )
    if isinstance(node, ast.BinOp):
        return is_constant_text(node.left) and is_constant_text(node.right)
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "format":
        return all(is_constant_text(part) for part in [*node.args, *(word.value for word in node.keywords)])
    if isinstance(node, ast.Name | ast.Attribute):
        name = getattr(node, "id", getattr(node, "attr", ""))
        return name.isupper() or name in SQL_NAMES
    return isinstance(node, ast.Constant)


def no_values_in_sql(path: str, text: str) -> list[str]:
    """SQL put together in the call itself is made of constants; values go in as parameters."""
    if not path.startswith("fsbus/"):
        return []
    return [
        f"{path}:{node.lineno}: SQL made with something that is not a CONSTANT"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") in SQL_CALLS
        and node.args
        and isinstance(node.args[0], ast.JoinedStr | ast.BinOp | ast.Call)
        and not (isinstance(node.args[0], ast.Call) and getattr(node.args[0].func, "attr", "") != "format")
        and not is_constant_text(node.args[0])
    ]


def nothing_that_runs_data(path: str, text: str) -> list[str]:
    wrong = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = {alias.name for alias in node.names} | {getattr(node, "module", "") or ""}
            wrong += [
                f"{path}:{node.lineno}: {name}"
                for name in sorted(modules & {"pickle", "marshal", "shelve", "yaml"})
            ]
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec"}:
                wrong.append(f"{path}:{node.lineno}: {node.func.id}(")
            wrong += [
                f"{path}:{node.lineno}: {word.arg}={word.value.value!r}"
                for word in node.keywords
                if isinstance(word.value, ast.Constant)
                and (word.arg, word.value.value) in {("verify", False), ("shell", True)}
            ]
    return wrong


def reasons_given(path: str, text: str) -> list[str]:
    """A silenced check names its rule and says why on the same line."""
    silenced = re.compile(
        r"#\s*(?:type: ignore\[[\w, -]+\]|noqa: [A-Z0-9, ]+?)(?P<reason>\s*$|\s*[#:–—-].*$|\s+\w.*$)"
    )
    wrong = []
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"#\s*(type: ?ignore|noqa)\b", line):
            found = silenced.search(line)
            if found is None or len(re.findall(r"\w{2,}", found["reason"])) < 2:
                wrong.append(f"{path}:{number}: silenced without its reason")
    return wrong


def no_address_of_a_machine(path: str, text: str) -> list[str]:
    return [
        f"{path}:{number}: {found.group()}"
        for number, line in enumerate(text.splitlines(), 1)
        for pattern in FORBIDDEN_TEXT
        if (found := pattern.search(line))
    ]


def only_pins_and_hashes(path: str, text: str) -> list[str]:
    pin = re.compile(r"[a-z0-9][a-z0-9.-]*==[\w.!+]+( ; [\w .'()=!<>]+)? \\")
    digest = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
    lines = text.splitlines()
    wrong = [
        f"{path}:{number}: neither a pinned package nor a hash"
        for number, line in enumerate(lines, 1)
        if not pin.fullmatch(line) and not digest.fullmatch(line)
    ]
    bare = [now for now, after in pairwise([*lines, ""]) if pin.fullmatch(now) and "--hash" not in after]
    return wrong + [f"{path}: no hash for {line}" for line in bare]


def dependency_has_its_reason(path: str, text: str) -> list[str]:
    """Each requirement of pyproject.toml has a comment on its line or on the one before."""
    lines = text.partition("\n[tool.")[0].splitlines()
    return [
        f"{path}:{number + 1}: no reason beside {line.strip()}"
        for number, line in enumerate(lines)
        if re.match(r'\s+"[A-Za-z0-9._-]+[<>=!~]', line)
        and "#" not in line
        and not lines[number - 1].lstrip().startswith("#")
    ]


RULES: list[tuple[Rule, str, str, str]] = [
    (short_enough, "fsbus/a.py", "x = 1\n" * 401, "x = 1\n" * 400),
    (telling_name, "fsbus/store/date_utils.py", "", ""),
    (one_job_sentence, "fsbus/a.py", '"""Opens. Closes."""', '"""Open the store, e.g. at unlock."""'),
    (one_job_sentence, "fsbus/a.py", '"""Opens the store and\nmore."""', '"""Open the store."""\n'),
    (one_job_sentence, "fsbus/a.py", "x = 1", ""),
    (one_job_sentence, "fsbus/a.py", f'"""{"a" * 100}."""', f'"""{"a" * 99}."""'),
    (threads_in_one_place, "fsbus/sync/a.py", "import threading\nthreading.Thread()", "import threading\nthreading.Lock()"),
    (threads_in_one_place, "fsbus/a.py", "from PySide6.QtCore import QThread", "from PySide6.QtCore import QTimer"),
    (no_qt_in_presenters, "fsbus/desktop/a/presenter.py", "from PySide6.QtCore import Qt", "from typing import Protocol"),
    (plain_text_labels, "fsbus/desktop/a/view.py", "QtWidgets.QLabel(x)", "labels.text(x)"),
    (plain_text_labels, "fsbus/desktop/a/view.py", "QMessageBox.warning(x)", "QMessageBox.Icon.NoIcon"),
    (plain_text_labels, "fsbus/desktop/a/view.py", "QMessageBox(x)", "QMessageBox(x).setTextFormat(Qt.TextFormat.PlainText)"),
    (no_values_in_sql, "fsbus/a.py", 'c.execute(f"SELECT {name}")', 'c.execute(f"SELECT {COLUMNS} FROM {t.NAME}", [name])'),
    (no_values_in_sql, "fsbus/a.py", 'c.execute("SELECT %s" % name)', 'c.execute("SELECT ?", [name])'),
    (no_values_in_sql, "fsbus/a.py", 'c.execute("SELECT {}".format(name))', 'c.execute(COUNT.format(table=shape.table))'),
    (no_values_in_sql, "fsbus/a.py", 'c.execute("SELECT " + name)', 'c.execute(f"PRAGMA user_version = {n}")'),
    (nothing_that_runs_data, "tests/a.py", "import pickle", "import json"),
    (nothing_that_runs_data, "tests/a.py", "eval(x)", "dialog.exec()"),
    (nothing_that_runs_data, "tests/a.py", "get(u, verify=False)", "get(u, verify=True)"),
    (nothing_that_runs_data, "tests/a.py", "run(u, shell=True)", "run(u, shell=False)"),
    (reasons_given, "fsbus/a.py", "x = 1  # no" + "qa: E501", "x = 1  # no" + "qa: E501 - one address on one line"),
    (reasons_given, "fsbus/a.py", "x  # type" + ": ignore", "x  # type" + ": ignore[attr-defined]  # stub lacks it"),
    (no_address_of_a_machine, "a.md", "see /ro" + "ot/x", "see /roots"),
    (no_address_of_a_machine, "a.txt", "--ind" + "ex-url x", "index of pages"),
    (only_pins_and_hashes, "a.txt", "a==1", f"a==1 \\\n    --hash=sha256:{'0' * 64}"),
    (only_pins_and_hashes, "a.txt", f"a @ file:///x \\\n    --hash=sha256:{'0' * 64}", ""),
    (dependency_has_its_reason, "p", 'd = [\n    "a>=1",\n]', 'd = [\n    # Why.\n    "a>=1",\n    "b>=2",  # why\n]'),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "path", "bad", "good"), RULES)
def test_each_rule_tells_bad_from_good(rule: Rule, path: str, bad: str, good: str) -> None:
    assert rule(path, bad)
    assert rule is telling_name or not rule(path, good)


# --- the house ------------------------------------------------------------------------------------------------------

PYTHON_RULES: list[Rule] = [
    short_enough, telling_name, one_job_sentence, threads_in_one_place, no_qt_in_presenters, plain_text_labels,
    no_values_in_sql, nothing_that_runs_data, reasons_given,
]  # fmt: skip


@pytest.mark.parametrize("rule", PYTHON_RULES)
def test_every_module_keeps(rule: Rule) -> None:
    files = python_files()
    assert len(files) > 10
    assert [wrong for name in files for wrong in rule(name, read(name))] == []


def test_nothing_names_a_machine_or_a_registry() -> None:
    """Data files of resources/ are the State's own texts; what we wrote about them is read."""
    ours = [
        name for name in house_files() if not name.startswith("resources/") or name.endswith((".md", ".toml"))
    ]
    wrong = []
    for name in ours:
        try:
            wrong += no_address_of_a_machine(name, read(name))
        except UnicodeDecodeError:  # a picture, a font, a golden store
            continue
    assert wrong == []


def locked(name: str) -> dict[str, str]:
    """Package -> version of one lock file."""
    return dict(re.findall(r"^([a-z0-9.-]+)==([^ ;]+)", read(f"installers/locks/{name}.txt"), re.MULTILINE))


@pytest.mark.parametrize("name", ["dev", "runtime"])
def test_lock_files_hold_only_pins_and_hashes(name: str) -> None:
    assert len(locked(name)) > 20
    assert only_pins_and_hashes(name, read(f"installers/locks/{name}.txt")) == []


def test_the_locks_are_what_pyproject_asks_for() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    runtime = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["server"]]
    runtime += project["dependency-groups"]["build"]
    for lock, wanted in (("runtime", runtime), ("dev", [*runtime, *project["dependency-groups"]["dev"]])):
        for requirement in map(Requirement, wanted):
            version = locked(lock).get(canonicalize_name(requirement.name), "")
            assert version, f"{lock}: {requirement.name} is missing — run `make lock`"
            assert version in requirement.specifier, f"{lock}: {version}, not {requirement} — run `make lock`"
    assert locked("runtime").items() <= locked("dev").items()


def test_each_dependency_has_its_reason() -> None:
    assert dependency_has_its_reason("pyproject.toml", read("pyproject.toml")) == []


def test_each_resource_folder_says_where_it_comes_from() -> None:
    folders = {
        name.split("/")[1] for name in house_files() if name.startswith("resources/") and name.count("/") > 1
    }
    assert [
        folder for folder in sorted(folders) if f"resources/{folder}/SOURCES.md" not in house_files()
    ] == []


def test_the_top_of_the_house_holds_only_what_the_map_names() -> None:
    assert {name.split("/")[0] for name in house_files()} <= TOP_LEVEL
