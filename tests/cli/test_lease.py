"""The lease at the command line: said, ended, brought back by a contact or by a coordinator's code."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fsbus.actions.session import open_session
from fsbus.core.clock import Clock
from fsbus.core.ids import Ids
from fsbus.core.lease import DAY, Lease
from fsbus.server import admin
from fsbus.server.serving import EmbeddedCentre
from tests.cli.conftest import PASSPHRASE, Runner


@pytest.fixture
def served(tmp_path: Path) -> Iterator[EmbeddedCentre]:
    with EmbeddedCentre(f"sqlite:///{tmp_path / 'centre.db'}") as centre:
        yield centre


@pytest.fixture
def enrolled(ready: Runner, served: EmbeddedCentre) -> Runner:
    code = admin.enroll_code(served.centre, "bus-3").code
    assert ready("enroll", "--server", served.url, "--code", code).status == 0
    assert ready("sync").status == 0
    return ready


def grow_old(run: Runner, days: int) -> None:
    """As if the laptop had been left alone for so long: what it noted is that much older."""

    def older(lease: Lease | None) -> Lease:
        assert lease is not None
        return replace(
            lease,
            contact=lease.contact - days * DAY,
            until=lease.until - days * DAY,
            flow=lease.flow - days * DAY,
            base=lease.base - days * DAY,
            wall=lease.wall - days * DAY,
        )

    with open_session(run.folder / "home", PASSPHRASE, clock=Clock(), ids=Ids()) as session:
        session.store.change_lease(older)


def lease_of(run: Runner) -> dict[str, object]:
    found = run("status").out[0]["lease"]
    assert isinstance(found, dict)
    return found


def test_a_laptop_without_a_centre_works_without_limit(ready: Runner) -> None:
    said = ready("lease")
    assert (said.status, said.out[0]["lease"]) == (0, None)
    assert "sans limite" in said.err
    assert ready("status").out[0]["lease"] is None
    assert ready("lease", "--code", "1" * 12).status == 5


def test_the_status_says_how_long_it_may_still_work_off_line(enrolled: Runner) -> None:
    assert lease_of(enrolled)["days_left"] == 14
    grow_old(enrolled, 8)
    found = lease_of(enrolled)
    assert (found["days_left"], found["warns"], found["expired"]) == (6, True, False)
    assert enrolled("visits").status == 0
    assert "depuis 8 jours" in enrolled("lease").err


def test_when_it_has_ended_only_what_brings_it_back_runs(
    enrolled: Runner, served: EmbeddedCentre, tmp_path: Path
) -> None:
    grow_old(enrolled, 20)
    refused = [
        ("visits",), ("find", "retraite"), ("record", "-"), ("report", "--month", "2026-11", "--format", "json"),
    ]  # fmt: skip
    for words in refused:
        ran = enrolled(*words)
        assert (ran.status, ran.out) == (5, []), words
        assert "depuis 20 jours" in ran.err
        assert "fsbus sync" in ran.err
    assert enrolled("check").status == 0
    assert lease_of(enrolled)["expired"] is True
    assert enrolled("sync").status == 0
    assert enrolled("visits").status == 0
    assert lease_of(enrolled)["days_left"] == 14


def test_a_coordinators_code_opens_it_by_telephone(
    enrolled: Runner, served: EmbeddedCentre, tmp_path: Path
) -> None:
    grow_old(enrolled, 20)
    shown = enrolled("lease")
    lease = shown.out[0]["lease"]
    assert isinstance(lease, dict)
    challenge, device = str(lease["challenge"]), str(shown.out[0]["device"])
    assert f"{challenge[:4]}\u00a0{challenge[4:]}" in shown.err
    database = ("--database", f"sqlite:///{tmp_path / 'centre.db'}")
    made = enrolled(
        "server", "lease-code", "--device", device, "--challenge", challenge, "--days", "3", *database
    )
    assert made.status == 0
    assert (made.out[0]["device"], made.out[0]["days"]) == (device, 3)

    wrong = enrolled("lease", "--code", "3" + "0" * 11)
    assert (wrong.status, set(wrong.out[0]["problems"])) == (2, {"code"})  # type: ignore[call-overload]  # an object
    used = enrolled("lease", "--code", str(made.out[0]["code"]))
    assert used.status == 0
    assert enrolled("visits").status == 0
    assert lease_of(enrolled)["days_left"] == 3
    assert enrolled("lease", "--code", str(made.out[0]["code"])).status == 2


def test_the_centre_refuses_what_is_no_challenge(run: Runner, served: EmbeddedCentre, tmp_path: Path) -> None:
    database = ("--database", f"sqlite:///{tmp_path / 'centre.db'}")
    ran = run("server", "lease-code", "--device", "abcde", "--challenge", "12", *database)
    assert (ran.status, set(ran.out[0]["problems"])) == (2, {"challenge"})  # type: ignore[call-overload]  # an object
