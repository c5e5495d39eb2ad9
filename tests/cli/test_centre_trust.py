"""The command line of the centre grants regions, approves, revokes, and takes in what was kept aside."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fsbus.server.serving import EmbeddedCentre
from fsbus.store import key_cost
from fsbus.store.key_slots import FLOOR
from fsbus.store.recovery_file import open_recovery_key, signing_key_of
from fsbus.wire.signing import public_key_of
from fsbus.wire.trust import TrustedCentre
from tests.builders import draft
from tests.cli.conftest import PASSPHRASE, Ran, Runner
from tests.wire.trusted import ROOT, coordinator, signed_trust


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_cost, "measured_cost", lambda: FLOOR)


@pytest.fixture
def served(run: Runner) -> Iterator[EmbeddedCentre]:
    with EmbeddedCentre(f"sqlite:///{run.folder / 'centre.db'}") as running:
        yield running


def centre(run: Runner, *words: str) -> Ran:
    return run("server", *words, "--database", f"sqlite:///{run.folder / 'centre.db'}")


def enrol(run: Runner, served: EmbeddedCentre) -> Ran:
    code = str(centre(run, "enroll-code", "--feed", "bus-3").out[0]["code"])
    return run("enroll", "--server", served.url, "--code", code, "--agent", "Ana")


def record(run: Runner) -> None:
    assert (
        run("record", "-", stdin=json.dumps(draft(started_at="2026-11-20T09:20:00+01:00")).encode()).status
        == 0
    )


def trust_file(run: Runner, served: EmbeddedCentre) -> str:
    """A trust file with this centre and the coordinator's key of `nord.fsr`."""
    key = signing_key_of(open_recovery_key(run.folder / "nord.fsr", PASSPHRASE))
    ours = base64.b64encode(public_key_of(served.centre.private_key)).decode()
    path: Path = run.folder / "trust.json"
    path.write_bytes(
        signed_trust(
            1,
            ROOT,
            expires="2099-01-01T00:00:00Z",
            coordinators=(coordinator(key, until="2099-01-01T00:00:00Z"),),
            centres=(TrustedCentre(ours, "", served.url),),
        )
    )
    return str(path)


def test_from_a_laptop_that_waits_to_its_approval_its_revocation_and_its_last_work(
    ready: Runner, served: EmbeddedCentre
) -> None:
    key = str(ready.folder / "nord.fsr")
    assert ready("coordinator", "new", key).status == 0
    file = trust_file(ready, served)
    assert centre(ready, "trust").out[0]["version"] == 0
    assert centre(ready, "trust", file).status == 2, "nobody compared the fingerprint"
    told = str(ready("trust", "show", file).out[0]["fingerprint"])
    assert centre(ready, "trust", file, "--fingerprint", told).out[0]["version"] == 1

    enrolled = enrol(ready, served)
    (listed,) = centre(ready, "devices").out
    assert (enrolled.status, listed["state"]) == (0, "pending")
    assert str(listed["groups"]) in enrolled.err, "the agent reads aloud what the coordinator sees"
    record(ready)
    assert ready("sync").status == 5
    status = ready("status").out[0]
    assert (status["name"], status["pending"]) == (listed["groups"], 4)
    assert isinstance(status["standing"], dict)
    assert status["standing"]["problem"] == "pending"

    device = str(listed["device"])
    assert centre(ready, "approve", device, "--key", key).status == 5, "bus-3 is of no region yet"
    assert centre(ready, "feed", "bus-3", "--region", "nord").status == 0
    assert centre(ready, "approve", device[:6], "--key", key).out[0]["approved"] is True
    assert ready("sync").out[0]["pushed"] == 4
    status = ready("status").out[0]
    assert (status["standing"], status["trust"]) == (None, {"version": 0, "at_centre": 1})

    assert centre(ready, "revoke", device, "--key", key).out[0] == {
        "device": device, "revoked": True, "by": "Coordination Nord",
    }  # fmt: skip
    record(ready)
    assert ready("sync").status == 5
    (kept,) = centre(ready, "aside").out
    assert (kept["device"], kept["operations"]) == (device, 3)
    assert len(centre(ready, "visits").out) == 1
    assert centre(ready, "aside", device, "take").out[0]["taken"] == 3
    assert (len(centre(ready, "visits").out), centre(ready, "aside").out) == (2, [])
    assert centre(ready, "check").out[0]["sound"] is True


def test_a_laptop_goes_to_no_centre_that_its_trust_file_does_not_know(
    ready: Runner, served: EmbeddedCentre
) -> None:
    other = ready.folder / "other.json"
    other.write_bytes(signed_trust(1, ROOT))
    told = str(ready("trust", "show", str(other)).out[0]["fingerprint"])
    assert ready("trust", "import", str(other), "--fingerprint", told).status == 0
    refused = enrol(ready, served)
    assert (refused.status, ready("status").out[0]["enrolled"]) == (5, False)
    assert "fichier de confiance" in refused.err


def test_feeds_and_what_is_aside_are_listed_dropped_and_refused_by_name(
    ready: Runner, served: EmbeddedCentre
) -> None:
    assert enrol(ready, served).status == 0
    assert centre(ready, "feeds").out == [
        {"feed": "bus-3", "region": None, "training": False, "records": 0, "devices": 1}
    ]
    assert centre(ready, "feed", "bus-9", "--no-region").out == [
        {
            "problems": {
                "feed": "Aucun fil de ce nom\u00a0: voyez «\u00a0fsbus server feeds\u00a0». Un fil naît avec son premier code."
            }
        }
    ]
    (listed,) = centre(ready, "devices").out
    assert listed["state"] == "active"
    device = str(listed["device"])
    assert centre(ready, "revoke", device).status == 0
    record(ready)
    assert ready("sync").status == 5
    assert centre(ready, "aside", device, "drop").out == [{"device": device, "dropped": True}]
    assert centre(ready, "aside", device, "take").out[0]["taken"] == 0
    assert centre(ready, "aside", "zzzzzz").status == 2

    assert enrol(ready, served).status == 0, "with a new code, under a new name"
    assert ready("sync").out[0]["pushed"] == 4
    assert sorted(str(one["state"]) for one in centre(ready, "devices").out) == ["active", "revoked"]
