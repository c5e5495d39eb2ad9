"""The centre is asked about, backed up and restored, as an administrator types it."""

import base64
from datetime import datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Runner


@pytest.fixture
def nowhere(run: Runner) -> str:
    """The address of a centre that nobody made yet."""
    return f"sqlite:///{run.folder / 'centre.db'}"


@pytest.fixture
def url(run: Runner, nowhere: str) -> str:
    """A centre, made by its first code."""
    assert run("server", "enroll-code", "--feed", "bus-3", "--database", nowhere).status == 0
    return nowhere


def test_the_centre_is_administered_on_its_database(run: Runner, nowhere: str) -> None:
    database = ("--database", nowhere)

    made = run("server", "enroll-code", "--feed", "bus-3", *database)
    assert set(made.out[0]) == {"code", "feed", "role", "expires_at"}
    end = datetime.fromisoformat(str(made.out[0]["expires_at"])).astimezone()
    # As people read it, on the clock of the room; the JSON says UTC.
    assert f" {end.year} à {end:%H:%M} (UTC{end.isoformat()[-6:]})" in made.err
    assert str(made.out[0]["expires_at"]).endswith("Z")
    assert str(made.out[0]["expires_at"]) not in made.err
    assert run("server", *database, "devices").out == []
    assert run("server", "visits", *database).out == []
    assert run("server", "check", *database).out[0]["sound"] is True
    assert run("server", "report", "--month", "2026-11", *database).out[0]["month"] == "2026-11"
    assert run("server", "report", "--month", "novembre", *database).status == 2
    assert run("server", "devices").status == 2


def test_a_centre_is_copied_proved_and_made_again(run: Runner, url: str) -> None:
    folder = run.folder / "copies"
    folder.mkdir()
    made = run("server", "backup", str(folder), "--database", url)
    assert made.status == 0
    [said] = made.out
    path = Path(str(said["path"]))
    assert path.parent == folder
    proved = run("server", "backup", "--verify", str(path), "--database", url)
    assert (proved.status, proved.out[0]["id"]) == (0, said["id"])
    elsewhere = f"sqlite:///{run.folder / 'autre.db'}"
    # Without the key, nothing; with it, a centre that opens by itself.
    ledger = ("--ledger", str(run.folder / "centre.erased"))
    refused = run("server", "restore", str(path), *ledger, "--database", elsewhere)
    assert (refused.status, "La clé du centre manque" in refused.err) == (6, True)
    key = ("--key-file", str(run.folder / "centre.key"), *ledger)
    back = run("server", "restore", str(path), *key, "--database", elsewhere)
    assert (back.status, back.out[0]["sound"], back.out[0]["id"]) == (0, True, said["id"])
    assert run("server", "check", "--database", elsewhere).status == 0
    again = run("server", "restore", str(path), *key, "--database", elsewhere)
    assert (again.status, "pas vide" in again.err) == (6, True)


@pytest.mark.parametrize(
    "words",
    [
        ("check",), ("devices",), ("visits",), ("feeds",), ("trust",), ("aside",), ("report", "--month", "2026-11"),
        ("lost-device", "abcde"), ("revoke", "abcde"), ("feed", "bus-3", "--region", "nord"), ("backup", "."),
        ("backup", "--verify", "x.age"), ("backup", "--mark"), ("bundle", "x.fsb", "--out", "y.fsb"),
        ("lease-code", "--device", "abcde", "--challenge", "12345678"),
    ],
)  # fmt: skip
def test_no_task_but_the_first_code_makes_a_centre_that_is_not_there(
    run: Runner, nowhere: str, words: tuple[str, ...]
) -> None:
    before = sorted(run.folder.rglob("*"))
    ran = run("server", *words, "--database", nowhere)
    assert (ran.status, ran.out) == (6, [])
    assert "Il n’y a pas de centre dans ce fichier" in ran.err
    assert sorted(run.folder.rglob("*")) == before


def test_an_empty_file_is_no_centre_either(run: Runner, nowhere: str) -> None:
    (run.folder / "centre.db").touch()
    ran = run("server", "check", "--database", nowhere)
    assert (ran.status, "Il n’y a pas de centre" in ran.err) == (6, True)
    assert not (run.folder / "centre.key").exists()
    assert not (run.folder / "centre.erased").exists()


def test_a_restore_that_fails_leaves_nothing_and_wants_every_ledger(run: Runner, url: str) -> None:
    copy = str(run.folder / "copie.age")
    assert run("server", "backup", copy, "--database", url).status == 0
    (run.folder / "registre.erased").write_text("autre chose", encoding="utf-8")
    before = sorted(run.folder.rglob("*"))
    for ledger, told in (
        ("absent.erased", "absent"),
        ("registre.erased", "n’est pas un fichier de ce centre"),
    ):
        ran = run(
            "server", "restore", copy, "--key-file", str(run.folder / "centre.key"),
            "--ledger", str(run.folder / "centre.erased"), "--other-ledger", str(run.folder / ledger),
            "--database", f"sqlite:///{run.folder / 'autre.db'}",
        )  # fmt: skip
        assert (ran.status, told in ran.err) == (6, True)
    assert sorted(run.folder.rglob("*")) == before


def test_a_restore_without_the_ledger_is_made_only_when_it_is_said_to_be_lost(run: Runner, url: str) -> None:
    copy = str(run.folder / "copie.age")
    assert run("server", "backup", copy, "--database", url).status == 0
    before = sorted(run.folder.rglob("*"))
    words = (
        "server", "restore", copy, "--key-file", str(run.folder / "centre.key"),
        "--database", f"sqlite:///{run.folder / 'autre.db'}",
    )  # fmt: skip
    # Beside a new database there is none; a name mistyped is the same.
    for given in ((), ("--ledger", str(run.folder / "absent.erased"))):
        ran = run(*words, *given)
        assert (ran.status, ran.out) == (6, [])
        assert "révoqués depuis la copie reviendraient" in ran.err
        assert "--ledger-lost" in ran.err
    assert sorted(run.folder.rglob("*")) == before
    assert run(*words, "--ledger-lost").status == 0


def test_too_few_letters_of_a_laptop_and_a_port_too_high_are_told_as_such(run: Runner, url: str) -> None:
    short = run("server", "revoke", "abcd", "--database", url)
    assert (short.status, "premier groupe de cinq lettres" in short.err) == (2, True)
    high = run("serve", "--listen", "127.0.0.1:80000", "--database", url)
    assert (high.status, "de 0 à 65535" in high.err) == (2, True)


def test_a_copy_made_by_other_means_is_marked_then_confirmed(run: Runner, url: str) -> None:
    marked = run("server", "backup", "--mark", "--database", url)
    assert marked.status == 0
    confirmed = run("server", "backup", "--confirm", str(marked.out[0]["backup"]), "--database", url)
    assert (confirmed.status, confirmed.out[0]["replicas"]) == (0, 0)
    assert run("server", "backup", "--confirm", "inconnu", "--database", url).status == 2


@pytest.mark.parametrize(
    "words",
    [[], ["--mark", "--verify", "x"], ["."], ["absent.txt"], ["absent.age", "--recipient", "age1faux"]],
)
def test_what_is_asked_wrongly_is_told(
    run: Runner, url: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(run.folder)
    if words == ["."]:
        words = ["absent/centre.age"]
        expected = 6
    else:
        expected = 2
    ran = run("server", "backup", *words, "--database", url)
    assert (ran.status, bool(ran.err)) == (expected, True)
    assert list(run.folder.glob("**/*.age")) == []


def test_a_damaged_copy_is_told_and_a_missing_one_too(run: Runner, url: str) -> None:
    copy = run.folder / "copie.age"
    assert run("server", "backup", str(copy), "--database", url).status == 0
    assert run("server", "backup", str(copy), "--database", url).status == 2
    copy.write_bytes(copy.read_bytes()[:-1])
    assert run("server", "backup", "--verify", str(copy), "--database", url).status == 6
    assert run("server", "backup", "--verify", str(run.folder / "rien.age"), "--database", url).status == 6


def test_a_centre_of_another_key_opens_no_backup(run: Runner, url: str) -> None:
    assert run("server", "backup", str(run.folder / "copie.age"), "--database", url).status == 0
    other = run.folder / "autre.key"
    other.write_bytes(base64.b64encode(bytes(range(32))))
    empty = f"sqlite:///{run.folder / 'vide.db'}"
    ran = run(
        "server",
        "restore",
        str(run.folder / "copie.age"),
        "--key-file",
        str(other),
        "--database",
        empty,
        "--ledger",
        str(run.folder / "centre.erased"),
    )
    assert (ran.status, "centre.erased" in ran.err) == (6, False), "it is the key that is wrong"
    assert not (run.folder / "vide.db").exists()
