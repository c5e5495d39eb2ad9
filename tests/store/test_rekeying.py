"""An agent is shut out by a new master key; killed at any moment, the laptop opens with all it held."""

import contextlib
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fsbus.actions.agents import add_agent, list_agents, remove_agent
from fsbus.actions.session import KEYS, REFERENCE, STORE, Session, files_of, open_session
from fsbus.core.clock import Clock
from fsbus.core.entities import Agent
from fsbus.core.errors import StoreDamaged, StoreError, StoreUnavailable, WrongPassphrase
from fsbus.core.ids import Ids
from fsbus.store import keyring, queries, rekeying
from fsbus.store.backup import FOLDER
from fsbus.store.ballast import NAME
from fsbus.store.checking import fulltext_problems, log_problems
from fsbus.store.database import close_database, open_database, problems_in
from fsbus.store.home_lock import LOCK, PRESENCE
from fsbus.store.keyfile import Keys
from tests.builders import edits_of, recorded
from tests.devices import PASSPHRASE, Template

OF_DENIS = "quai des tilleuls gris sous la pluie"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Shared:
    """A closed laptop of two agents with some visits; the second's keys, and the ids of the visits."""

    home: Path
    denis: Agent
    keys: Keys
    visits: frozenset[str]


@pytest.fixture(scope="module")
def shared(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Shared:
    home = tmp_path_factory.mktemp("shared") / "home"
    shutil.copytree(template.home, home)
    with opened(home) as session:
        denis = add_agent(session, "Denis Exemple", OF_DENIS)
        visits = [recorded(note="Élodie d’Artagnan") for _ in range(30)]
        for one in visits:
            session.store.save(edits_of(one), actor=session.agent.id)
    with opened(home, OF_DENIS) as session:
        return Shared(home, denis, session.keys, frozenset(one.visit.id for one in visits))


@pytest.fixture
def home(tmp_path: Path, shared: Shared) -> Path:
    return shutil.copytree(shared.home, tmp_path / "home")


@contextlib.contextmanager
def opened(home: Path, passphrase: str = PASSPHRASE) -> Iterator[Session]:
    session = open_session(home, passphrase, clock=Clock(), ids=Ids())
    try:
        yield session
    finally:
        session.close()


def opens_with(home: Path, keys: Keys) -> list[str]:
    """The files of this laptop that a thief with these old keys could read as databases."""
    found = []
    for path in sorted(home.rglob("*")):
        if path.is_file() and path.stat().st_size and path.suffix not in (".fsk", ".json"):
            for label in ("db", "reference"):
                with contextlib.suppress(StoreError):
                    close_database(open_database(path, keys.subkey(label), must_exist=True))
                    found.append(path.name)
    return found


def check(home: Path, shared: Shared, confirmed: set[str]) -> int:
    """It opens for who stays, holds everything, is shut for who left if the change was made; its epoch."""
    with opened(home) as session:
        db = session.store.db
        assert problems_in(db) + log_problems(db) + session.store.maintain(fulltext_problems) == []
        held = {visit.id for visit, _ in queries.visits_between(db, "0001-01-01", "9999-12-31")}
        assert held >= shared.visits | confirmed
        epoch = int(session.keys.epoch)
        assert len(list_agents(session)) == (2 if epoch == 1 else 1)
    names = {path.name for path in home.iterdir()} - {LOCK, PRESENCE, "throttle.json", "recent.json"}
    names -= {path.name for path in home.glob(f"ops-{epoch}-*.fsj")}
    assert names | {REFERENCE} == {KEYS, f"{KEYS}.prev", STORE, REFERENCE, FOLDER, NAME}
    # A copy that a kill left unfinished goes within the hour.
    copies = [path for path in (home / FOLDER).iterdir() if not path.match(f".part-{epoch}-*")]
    assert copies
    assert all(path.match(f"bak-{epoch}-*.fsbak") for path in copies)
    assert (home / KEYS).read_bytes() == (home / f"{KEYS}.prev").read_bytes()
    if epoch == 1:
        assert not confirmed
        with opened(home, OF_DENIS) as session:
            assert session.agent == shared.denis
    else:
        with pytest.raises(WrongPassphrase):
            keyring.unlock(home / KEYS, OF_DENIS)
        assert opens_with(home, shared.keys) == []
    return epoch


def test_a_removed_agent_opens_nothing_written_later(home: Path, shared: Shared) -> None:
    old = shutil.copytree(home, home.with_name("copied-before"))
    with opened(home) as session:
        after = remove_agent(session, shared.denis.id, PASSPHRASE)
        late = recorded(note="écrit après le départ")
        after.store.save(edits_of(late), actor=after.agent.id)
        assert [access.agent.id for access in list_agents(after)] == [after.agent.id]
        after.close()
    assert check(home, shared, {late.visit.id}) == 2
    # With what he knows, and the key files of before, over the files of now.
    for name in (KEYS, f"{KEYS}.prev"):
        shutil.copy(old / name, home / name)
    with pytest.raises(StoreDamaged), opened(home, OF_DENIS):
        pass


def test_the_removed_agents_name_and_work_stay(home: Path, shared: Shared) -> None:
    with opened(home) as session:
        remove_agent(session, shared.denis.id, PASSPHRASE).close()
    with opened(home) as session:
        assert queries.agent(session.store.db, shared.denis.id) == shared.denis
        assert session.reference.is_commune("02361")  # built anew under the new key


def test_while_another_window_is_open_nobody_is_removed(home: Path, shared: Shared) -> None:
    with opened(home, OF_DENIS) as other, opened(home) as session:
        with pytest.raises(StoreUnavailable, match="fermez-la"):
            remove_agent(session, shared.denis.id, PASSPHRASE)
        one = recorded()
        other.store.save(edits_of(one), actor=other.agent.id)
    assert sorted(path.name for path in home.glob("*.epoch-*")) == []
    with opened(home) as session:
        assert queries.visit(session.store.db, one.visit.id) is not None


def test_another_process_that_has_the_laptop_open_holds_it_up_too(home: Path, shared: Shared) -> None:
    code = (
        "import sys; from pathlib import Path; from fsbus.actions.session import open_session;"
        "from fsbus.core.clock import Clock; from fsbus.core.ids import Ids;"
        "s = open_session(Path(sys.argv[1]), sys.argv[2], clock=Clock(), ids=Ids());"
        "t = s.reopen(); t.close(); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(home), OF_DENIS],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with opened(home) as session, pytest.raises(StoreUnavailable, match="fermez-la"):
            remove_agent(session, shared.denis.id, PASSPHRASE)
        other.communicate(b"")
    assert check(home, shared, set()) == 1


def test_a_full_disk_leaves_the_laptop_as_it_was(
    home: Path, shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with opened(home) as session, monkeypatch.context() as patch:
        patch.setattr("fsbus.store.rekeying.fsync_file", no_space)
        with pytest.raises(StoreUnavailable):
            remove_agent(session, shared.denis.id, PASSPHRASE)
    assert check(home, shared, set()) == 1


def test_a_disk_full_at_the_backup_of_the_new_keys_leaves_the_laptop_as_it_was(
    home: Path, shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new database is whole by then: it must not come into use without a backup."""

    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with opened(home) as session, monkeypatch.context() as patch:
        patch.setattr("fsbus.store.backup.fsync_file", no_space)
        with pytest.raises(StoreUnavailable, match="libérez de la place"):
            remove_agent(session, shared.denis.id, PASSPHRASE)
        assert {path.name[:6] for path in (home / FOLDER).iterdir()} == {"bak-1-"}
    assert check(home, shared, set()) == 1


def test_a_key_file_damaged_before_the_new_pair_opened_leads_back_to_the_old_pair(
    home: Path, shared: Shared
) -> None:
    """Cut between the key file and the names, then struck by damage: the worst of both."""
    with opened(home) as session:
        keys = session.keys
    rekeying.rotate(files_of(home), keys, without=shared.denis.id, now=Clock().now())
    content = bytearray((home / KEYS).read_bytes())
    content[-1] ^= 1
    (home / KEYS).write_bytes(content)
    with opened(home) as session:
        assert session.keys.epoch == 1
    for path in home.glob(f"{KEYS}.abime-*"):
        path.unlink()
    assert check(home, shared, set()) == 1


def test_a_change_cut_after_the_key_file_is_finished_at_the_next_opening(home: Path, shared: Shared) -> None:
    with opened(home) as session:
        keys = session.keys
    rekeying.rotate(files_of(home), keys, without=shared.denis.id, now=Clock().now())
    with pytest.raises(WrongPassphrase), opened(home, OF_DENIS):
        pass
    assert check(home, shared, set()) == 2


# --- killed ------------------------------------------------------------------------------------------------


def command(home: Path, shared: Shared, die_at: int) -> list[str]:
    oracle = str(home.with_name(f"{home.name}.oracle"))
    program = [sys.executable, "-m", "tests.store.rotating_child"]
    return [*program, str(home), PASSPHRASE, shared.denis.id, oracle, str(die_at)]


def confirmed_in(home: Path) -> set[str]:
    oracle = home.with_name(f"{home.name}.oracle")
    return set(oracle.read_text().rpartition("\n")[0].split()) if oracle.exists() else set()


def run(home: Path, shared: Shared, *, die_at: int = 0, kill_after: float | None = None) -> tuple[float, int]:
    """Let the change run, or end, or kill it: seconds it lasted; how many fsyncs, renames and removals."""
    with subprocess.Popen(command(home, shared, die_at), cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"begins\n"
        began = time.monotonic()
        if kill_after is not None:
            time.sleep(kill_after)
            child.kill()
        told, _ = child.communicate()
        seconds = time.monotonic() - began
    assert child.returncode in (0, 9, -9)
    return seconds, int(told or 0)


def kills(folder: Path, shared: Shared, times: int) -> Iterator[int]:
    """Epochs found after kills: half at fsyncs, renames and removals, half at random instants."""
    chance = random.Random(20261124)
    whole = folder / "whole"
    shutil.copytree(shared.home, whole)
    seconds, boundaries = run(whole, shared)
    assert boundaries >= 20
    assert check(whole, shared, confirmed_in(whole)) == 2
    for number in range(times):
        home = folder / f"home-{number}"
        shutil.copytree(shared.home, home)
        if number % 2:
            run(home, shared, kill_after=chance.uniform(0, seconds))
        else:
            run(home, shared, die_at=1 + chance.randrange(boundaries))
        yield check(home, shared, confirmed_in(home))
        shutil.rmtree(home)


def test_20_kills_leave_a_laptop_that_opens_with_all_it_held(tmp_path: Path, shared: Shared) -> None:
    assert set(kills(tmp_path, shared, 20)) == {1, 2}


@pytest.mark.torture
def test_200_kills_leave_a_laptop_that_opens_with_all_it_held(tmp_path: Path, shared: Shared) -> None:
    assert set(kills(tmp_path, shared, 200)) == {1, 2}
