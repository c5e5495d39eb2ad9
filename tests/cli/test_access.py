"""The command line of access: agents, the coordinator’s key, what is guarded, a lost laptop."""

from pathlib import Path

import pytest

from fsbus.store import key_cost
from fsbus.store.key_slots import FLOOR
from tests.cli.conftest import PASSPHRASE, Runner

OF_DENIS = "quai des tilleuls gris sous la pluie"
OF_SACHA = "mousse aux trois ponts et deux lampes"
OF_COORDINATOR = "grelot fanion sillage ardoise torchis ibis"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_cost, "measured_cost", lambda: FLOOR)


def phrase_in(run: Runner, text: str) -> str:
    path = run.folder / f"phrase-{len(text)}.txt"
    path.write_text(text, encoding="utf-8")
    return str(path)


def as_agent(run: Runner, passphrase: str) -> None:
    run.passphrase_file.write_text(passphrase, encoding="utf-8")


def test_agents_are_added_invited_changed_and_removed(ready: Runner) -> None:
    added = ready("agents", "add", "--name", "Denis", "--new-passphrase-file", phrase_in(ready, OF_DENIS))
    invited = ready("agents", "invite", "--name", "Sacha")
    assert (added.status, invited.status) == (0, 0)
    listed = ready("agents").out
    assert [(one["name"], one["invited"], one["me"]) for one in listed] == [
        ("Ana", False, True), ("Denis", False, False), ("Sacha", True, False),
    ]  # fmt: skip
    code = str(invited.out[0]["code"])
    accepted = ready("agents", "accept", "--code", code, "--new-passphrase-file", phrase_in(ready, OF_SACHA))
    assert accepted.out == [{"id": invited.out[0]["id"], "name": "Sacha"}]
    assert (
        ready("agents", "accept", "--code", code, "--new-passphrase-file", phrase_in(ready, OF_SACHA)).status
        == 3
    )
    changed = ready("agents", "passphrase", "--new-passphrase-file", phrase_in(ready, OF_COORDINATOR))
    assert changed.status == 0
    assert ready("status").status == 3
    as_agent(ready, OF_COORDINATOR)
    assert ready("agents", "remove", "Denis").out[0]["removed"] is True
    assert [one["name"] for one in ready("agents", "list").out] == ["Ana", "Sacha"]
    as_agent(ready, OF_DENIS)
    assert ready("status").status == 3


def test_what_is_refused_names_its_option(ready: Runner) -> None:
    for words, field in (
        (("agents", "add", "--name", "Denis"), "new_passphrase_file"),
        (("agents", "remove", "Personne"), "id"),
        (("agents", "recovery-key", str(ready.folder / "absent.pub")), "file"),
        (("security", "--sheet", str(ready.folder / "fiche.doc")), "sheet"),
        (("recovery", "new", str(ready.folder / "secours.fsr")), "passphrase"),
    ):
        if words[0] == "recovery":
            as_agent(ready, "trop court")
        ran = ready(*words)
        assert ran.status == 2, words
        assert set(ran.out[0]["problems"]) == {field}  # type: ignore[call-overload]  # a JSON object
    assert (
        ready("agents", "add", "--name", " ", "--new-passphrase-file", phrase_in(ready, OF_DENIS)).status == 3
    )


def test_a_coordinator_lets_in_again_who_forgot_and_the_work_stays_theirs(ready: Runner) -> None:
    key = ready.folder / "secours.fsr"
    before = ready("agents").out[0]["id"]
    as_agent(ready, OF_COORDINATOR)
    made = ready("recovery", "new", str(key))
    told = str(made.out[0]["fingerprint"])
    assert ready("recovery", "show", f"{key}.pub").out == [{"fingerprint": told}]
    as_agent(ready, PASSPHRASE)
    for wrong in (f"{told[:-1]}{'a' if told[-1] != 'a' else 'b'}", ""):
        refused = ready("agents", "recovery-key", f"{key}.pub", "--fingerprint", wrong)
        assert set(refused.out[0]["problems"]) == {"fingerprint"}  # type: ignore[call-overload]  # a JSON object
    assert ready("security").out[0]["recovery_keys"] == []
    assert ready("agents", "recovery-key", f"{key}.pub", "--fingerprint", told.upper()).status == 0
    assert ready("security").out[0]["recovery_keys"] == [told]
    as_agent(ready, OF_COORDINATOR)
    invited = ready("recovery", "open", str(key), "--name", "ana")
    assert invited.out[0]["id"] == before
    as_agent(ready, PASSPHRASE)
    assert ready("status").status == 3
    code = str(invited.out[0]["code"])
    new = phrase_in(ready, OF_DENIS)
    assert ready("agents", "accept", "--code", code, "--new-passphrase-file", new).out[0]["id"] == before
    as_agent(ready, OF_DENIS)
    assert [one["name"] for one in ready("agents").out] == ["Ana"]


def test_a_lost_laptop_is_made_anew_by_the_coordinator_without_any_agent(ready: Runner) -> None:
    key, home = ready.folder / "secours.fsr", ready.folder / "neuf"
    as_agent(ready, OF_COORDINATOR)
    told = str(ready("recovery", "new", str(key)).out[0]["fingerprint"])
    as_agent(ready, PASSPHRASE)
    ready("agents", "recovery-key", f"{key}.pub", "--fingerprint", told)
    copy = str(ready("backup", str(ready.folder / "stick")).out[0]["file"])
    as_agent(ready, OF_COORDINATOR)
    assert ready("restore", copy, "--recovery-key", str(key)).out[0]["problems"].keys() == {"recovery_key"}  # type: ignore[attr-defined]  # a JSON object
    assert ready("--home", str(home), "restore", copy, "--recovery-key", str(key)).status == 0
    invited = ready("--home", str(home), "recovery", "open", str(key), "--name", "Ana")
    new = phrase_in(ready, OF_DENIS)
    code = str(invited.out[0]["code"])
    ready("--home", str(home), "agents", "accept", "--code", code, "--new-passphrase-file", new)
    as_agent(ready, OF_DENIS)
    assert [one["name"] for one in ready("--home", str(home), "agents").out] == ["Ana"]
    assert ready("--home", str(home), "check").out[0]["sound"] is True


def test_a_key_that_the_laptop_does_not_know_opens_nothing(ready: Runner) -> None:
    key = ready.folder / "autre.fsr"
    as_agent(ready, OF_COORDINATOR)
    ready("recovery", "new", str(key))
    assert ready("recovery", "open", str(key), "--name", "Ana").status == 3
    assert ready("recovery", "new", str(key)).status == 6
    as_agent(ready, PASSPHRASE)
    assert ready("recovery", "open", str(key), "--name", "Ana").status == 3
    assert ready("agents").status == 0


def test_the_state_of_security_and_the_sheet(ready: Runner) -> None:
    state = ready("security").out[0]
    assert (state["visits"], state["last_check"], state["server"]) == (0, None, None)
    ready("check")
    assert ready("security").out[0]["last_check"]["sound"] is True  # type: ignore[index]  # a JSON object
    for name in ("fiche.html", "fiche.pdf"):
        path = ready.folder / name
        assert ready("security", "--sheet", str(path)).out == [{"path": str(path)}]
    page = (ready.folder / "fiche.html").read_text(encoding="utf-8")
    assert str(state["device"]) in page
    assert f"fsbus server revoke {state['device']}" in page
    assert (ready.folder / "fiche.pdf").read_bytes().startswith(b"%PDF")


def test_the_centre_tells_of_a_lost_laptop_and_turns_it_away(run: Runner, tmp_path: Path) -> None:
    base = f"sqlite:///{tmp_path / 'centre.db'}"
    assert run("server", "enroll-code", "--feed", "bus-3", "--database", base).status == 0
    ran = run("server", "lost-device", "abcdefgh", "--database", base)
    assert ran.status == 2
    assert set(ran.out[0]["problems"]) == {"device"}  # type: ignore[call-overload]  # a JSON object
    assert run("server", "revoke", "a", "--database", base).status == 2


def test_a_file_that_is_no_copy_is_not_taken_for_one_of_a_newer_fsbus(ready: Runner) -> None:
    text = ready.folder / "notes.txt"
    text.write_text("une liste de courses, prise par erreur")
    ran = ready("restore", str(text))
    assert (ran.status, ran.out) == (6, [])
    assert "n’est pas une copie" in ran.err
    assert "plus récente" not in ran.err
