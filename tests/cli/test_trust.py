"""The command line makes roots, coordinators’ keys and signed files, and lets a laptop go by one."""

import json
from pathlib import Path

import pytest

from fsbus.store import key_cost
from fsbus.store.key_slots import FLOOR
from tests.cli.conftest import Runner
from tests.wire.trusted import CENTRE, NOW, ROOT, signed_trust, text_of


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_cost, "measured_cost", lambda: FLOOR)


def written(path: Path, content: dict[str, object]) -> str:
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    return str(path)


def test_from_a_root_and_a_coordinators_key_to_a_signed_file_that_a_laptop_goes_by(ready: Runner) -> None:
    root = ready("trust", "new-root", str(ready.folder / "racine.fst"))
    made = ready("coordinator", "new", str(ready.folder / "nord.fsr"))
    assert (root.status, made.status) == (0, 0)
    assert ready("coordinator", "show", str(ready.folder / "nord.fsr")).out[0]["key"] == made.out[0]["key"]
    coordinator = {"name": "Nord", "region": "nord", "until": "2099-01-01T00:00:00Z"}
    draft = {
        "v": 1, "version": 1, "issued": NOW, "expires": "2099-01-01T00:00:00Z", "roots": [root.out[0]["root"]],
        "centres": [{"key": text_of(CENTRE), "seal": "age1x", "url": "https://centre.exemple.fr"}],
        "coordinators": [coordinator | {name: made.out[0][name] for name in ("key", "recovery")}],
    }  # fmt: skip
    file = written(ready.folder / "trust.json", draft)
    assert ready("trust", "show", file).status == 2, "not signed yet"

    signed = ready("trust", "sign", file, "--root", str(ready.folder / "racine.fst"))
    shown = ready("trust", "show", file)
    assert signed.out[0]["signatures"] == 1
    assert shown.out[0]["fingerprint"] == root.out[0]["fingerprint"]
    assert f'"id": "{made.out[0]["id"]}"' in json.dumps(shown.out[0]["coordinators"])

    assert ready("trust", "import", file).status == 2, "nobody compared the fingerprint"
    wrong = ready("trust", "import", file, "--fingerprint", "aaaaa bbbbb ccccc ddddd eeeee")
    assert (wrong.status, list(wrong.out[0])) == (2, ["problems"])
    assert ready("status").out[0]["trust"] is None
    taken = ready("trust", "import", file, "--fingerprint", str(root.out[0]["fingerprint"]).upper())
    assert taken.out[0]["version"] == 1
    assert ready("status").out[0]["trust"] == {
        "version": 1, "at_centre": 0, "expires": "2099-01-01T00:00:00Z", "is_past": False,
    }  # fmt: skip

    ours = ready(
        "agents", "recovery-key", str(made.out[0]["public"]), "--fingerprint", str(made.out[0]["fingerprint"])
    )
    assert ours.status == 0
    other = ready("recovery", "new", str(ready.folder / "autre.fsr"))
    refused = ready(
        "agents",
        "recovery-key",
        str(other.out[0]["public"]),
        "--fingerprint",
        str(other.out[0]["fingerprint"]),
    )
    assert refused.status == 5
    assert "aucun coordinateur" in refused.err


def test_a_laptop_takes_no_older_file_and_none_of_a_stranger(ready: Runner) -> None:
    def imported(name: str, raw: bytes, *words: str) -> int:
        (ready.folder / name).write_bytes(raw)
        return ready("trust", "import", str(ready.folder / name), *words).status

    (ready.folder / "2.json").write_bytes(signed_trust(2))
    told = str(ready("trust", "show", str(ready.folder / "2.json")).out[0]["fingerprint"])
    assert imported("2.json", signed_trust(2), "--fingerprint", told) == 0
    assert imported("1.json", signed_trust(1)) == 2
    assert (
        imported("stranger.json", signed_trust(3, bytes(range(32)), roots=(text_of(bytes(range(32))),))) == 2
    )
    assert imported("3.json", signed_trust(3, ROOT)) == 0


def test_what_is_refused_is_named_and_nothing_is_written_over(run: Runner) -> None:
    file = run.folder / "draft.json"
    assert run("trust", "show", str(file)).out == [
        {"problems": {"file": "Fichier absent\u00a0: draft.json. Vérifiez le nom."}}
    ]
    file.write_bytes(b"{}")
    assert run("trust", "sign", str(file), "--root", str(run.folder / "absent.fst")).status == 2
    key = run.folder / "racine.fst"
    assert run("trust", "new-root", str(key)).status == 0
    before = key.read_bytes()
    assert run("trust", "new-root", str(key)).status == 6
    assert run("coordinator", "show", str(key)).status == 2, "a root is no coordinator's key"
    assert key.read_bytes() == before
    stranger = written(file, json.loads(signed_trust(1)))
    signed = run("trust", "sign", stranger, "--root", str(key))
    assert signed.status == 2
    assert "n’est pas parmi celles du fichier" in signed.err
    assert file.read_text(encoding="utf-8") == json.dumps(json.loads(signed_trust(1)), indent=2)
