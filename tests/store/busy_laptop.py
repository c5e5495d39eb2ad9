"""A laptop in the middle of its life, what it told its agents, and whether it keeps its word.

The oracle is a file outside of the laptop, with one line per event, appended in one write: `try IDS` before
a save, `saved IDS` after it was confirmed; `amending ID MINUTES`, `amended …`; `erasing ID`, `erased ID`; `typing NUMBER`,
`typed NUMBER` around the keeping of a draft.
"""

import contextlib
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import pytest

from fsbus.actions import backups as backup_actions
from fsbus.actions import session as sessions
from fsbus.actions.drafts import kept_draft
from fsbus.actions.session import KEYS, REFERENCE, STORE, Session, open_session
from fsbus.core.changes import CREATE
from fsbus.core.clock import Clock
from fsbus.core.entities import AGENT, VISIT, Agent, body_of
from fsbus.core.ids import Ids
from fsbus.server import admin
from fsbus.server.centre import open_centre
from fsbus.server.direct import DirectApi
from fsbus.store import connecting, examining, keyring, migrations, queries
from fsbus.store.checking import fulltext_problems, log_problems
from fsbus.store.database import Database, problems_in, rows
from fsbus.store.keyfile import Keys, public_key_of
from fsbus.store.store import Edit
from fsbus.sync.engine import Engine
from tests.builders import edits_of, recorded
from tests.devices import Template
from tests.server.laptop import enrol

COORDINATOR = bytes(range(1, 33))
"""The private key of a recovery slot, of tests only: it opens the key file without the passphrase's half second."""
CENTRE = "centre.db"


@dataclass(frozen=True)
class Busy:
    """A closed laptop in ``folder/home``, its centre beside it. ``guest`` was invited, and can be shut out."""

    folder: Path
    agent: str
    guest: str
    device: str
    visits: tuple[str, ...]

    @property
    def home(self) -> Path:
        """The laptop's files."""
        return self.folder / "home"

    @property
    def oracle(self) -> Path:
        """What it told."""
        return self.folder / "oracle.txt"

    def copied(self, folder: Path) -> "Busy":
        """The same laptop elsewhere."""
        shutil.copytree(self.folder, folder)
        return replace(self, folder=folder)

    def as_text(self) -> str:
        """What `from_text` reads."""
        return json.dumps(asdict(self) | {"folder": str(self.folder)})

    @classmethod
    def from_text(cls, text: str) -> "Busy":
        """For another process."""
        told = json.loads(text)
        return cls(**told | {"folder": Path(told["folder"]), "visits": tuple(told["visits"])})

    def keys(self) -> Keys:
        """The keys of today, by the coordinator's."""
        return replace(keyring.recover(self.home / KEYS, COORDINATOR), agent_id=self.agent)

    @contextlib.contextmanager
    def opened(self, home: Path | None = None) -> Iterator[Session]:
        """Opened by the application's own `open_session`; closed as it closes."""
        with self.without_passphrase():
            session = open_session(home or self.home, "", clock=Clock(), ids=Ids())
            try:
                yield session
            finally:
                session.close()

    @contextlib.contextmanager
    def without_passphrase(self) -> Iterator[None]:
        """Whatever derives keys from a passphrase takes them from the recovery slot of the same file."""

        def unlock(path: Path, passphrase: str, likely: Sequence[str] = ()) -> Keys:
            return replace(keyring.recover(path, COORDINATOR), agent_id=self.agent)

        with pytest.MonkeyPatch.context() as patch:
            for module in (keyring, sessions, backup_actions):
                patch.setattr(module, "unlock", unlock)
            yield

    def sync(self, session: Session) -> None:
        """Exchange with the centre beside until nothing is left."""
        centre = open_centre(f"sqlite:///{self.folder / CENTRE}")
        try:
            door = DirectApi(centre, self.device, session.clock)
            report = Engine(session.store, door, session.clock, sleep=lambda _: None).run()
            assert (report.finished, report.quarantined) == (True, 0)
        finally:
            centre.close()


def busy_laptop(template: Template, folder: Path) -> Busy:
    """Made from the template: a recovery slot, a guest, a centre, visits, two backups, an erasure, a journal."""
    home = folder / "home"
    shutil.copytree(template.home, home)
    (home / REFERENCE).unlink()
    keyring.set_recovery(home / KEYS, template.keys, public_key_of(COORDINATOR))
    centre = open_centre(f"sqlite:///{folder / CENTRE}")
    device = enrol(centre).device
    centre.close()
    guest = Agent(Ids().new(), "Denis Exemple")
    laptop = Busy(folder, template.agent.id, guest.id, device, ())
    visits = [recorded(note="Élodie d’Artagnan") for _ in range(6)]
    with laptop.opened() as session:
        keyring.invite_agent(home / KEYS, session.keys, guest.id)
        session.store.save([Edit(AGENT, guest.id, CREATE, body_of(guest))], actor=laptop.agent)
        for one in visits:
            session.store.save(edits_of(one), actor=laptop.agent)
        session.back_up()
        session.store.erase({visits[0].visit.id: VISIT}, actor=laptop.agent)
        session.back_up()
        session.store.save(edits_of(last := recorded()), actor=laptop.agent)
        session.backed_up(session.store.saved)
    held = (*(one.visit.id for one in visits[1:]), last.visit.id)
    laptop.oracle.touch()
    return replace(laptop, visits=held)


@dataclass
class Told:
    """What an oracle says: ids of visits; minutes by id."""

    tried: set[str] = field(default_factory=set)
    saved: set[str] = field(default_factory=set)
    erasing: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    minutes: dict[str, list[int]] = field(default_factory=dict)
    """The last that was confirmed, and what was tried since."""
    drafts: list[int] = field(default_factory=lambda: [0])
    """The same of what is typed: numbers, 0 for nothing typed yet."""

    @classmethod
    def read(cls, lines: Iterable[str]) -> "Told":
        """Of whole lines only: one that a kill cut was not told."""
        told = cls()
        for line in lines:
            event, *words = line.split()
            if event == "try":
                told.tried |= set(words)
            elif event == "saved":
                told.saved |= set(words)
            elif event in ("amending", "amended"):
                known = told.minutes.setdefault(words[0], [25])
                if event == "amended":
                    known.clear()
                known.append(int(words[1]))
            elif event in ("typing", "typed"):
                if event == "typed":
                    told.drafts.clear()
                told.drafts.append(int(words[0]))
            elif event == "erasing":
                told.erasing |= set(words)
            elif event == "erased":
                told.erased |= set(words)
        return told

    @classmethod
    def of(cls, oracle: Path) -> "Told":
        """What stands in this file."""
        return cls.read(oracle.read_text().rpartition("\n")[0].splitlines())


def check(laptop: Busy, session: Session, told: Told) -> set[str]:
    """Nothing confirmed is lost or doubled, nothing is half there, and the files hold; the visits."""
    db = session.store.db
    assert problems_in(db) + log_problems(db) + session.store.maintain(fulltext_problems) == []
    found = {visit.id: (visit, records) for visit, records in everything(db)}
    held = set(found)
    promised = (set(laptop.visits) | told.saved) - told.erasing
    assert promised <= held, f"{len(promised - held)} of {len(promised)} lost"
    assert not told.erased & held, "an erased visit came back"
    assert held <= set(laptop.visits) | told.saved | told.tried
    assert {len(records) for _, records in found.values()} == {2}
    for one, minutes in told.minutes.items():
        assert one in told.erasing or found[one][0].minutes in minutes
    draft = kept_draft(session)
    assert (0 if draft is None else draft.form["typed"]) in told.drafts
    doubled = rows(
        db, "SELECT record_id FROM operations WHERE verb = 'create' GROUP BY record_id HAVING count(*) > 1"
    )
    assert list(doubled) == []
    return held


def check_centre(laptop: Busy, session: Session, held: set[str], *, restored: bool) -> None:
    """After a last exchange, the centre has what the laptop has, once; it is in no conflict with itself.

    But when it was ``restored``: what is changed between that and the next exchange, of a record that was changed
    before, may be asked about.
    """
    laptop.sync(session)
    assert session.store.pending_count() == 0
    assert session.store.link().enrolment is None
    centre = open_centre(f"sqlite:///{laptop.folder / CENTRE}")
    try:
        lines = list(admin.visits(centre))
    finally:
        centre.close()
    assert sorted(str(line["visit_id"]) for line in lines) == sorted(held)
    assert {len(list(line["procedures"])) for line in lines} <= {2}  # type: ignore[call-overload]  # plain JSON
    if not restored:
        assert queries.status_facts(session.store.db).open_conflicts == 0


def everything(db: Database) -> list[queries.VisitWithRecords]:
    """Every visit with its records."""
    return list(queries.visits_between(db, "0001-01-01", "9999-12-31"))


@contextlib.contextmanager
def later_release() -> Iterator[None]:
    """A release of fsbus that has one migration more: its stores are not those of today."""

    def more(db: Database) -> None:
        db.conn.execute("ALTER TABLE visits ADD COLUMN queue_minutes INTEGER")
        db.conn.execute("CREATE TABLE later (n INTEGER) STRICT")
        db.conn.executemany("INSERT INTO later (n) VALUES (?)", [(n,) for n in range(3_000)])

    steps = (*migrations.MIGRATIONS, more)
    migrate, known = migrations.migrate, migrations.require_known
    with pytest.MonkeyPatch.context() as patch:
        for module in (connecting, examining, migrations):
            patch.setattr(module, "MIGRATIONS", steps)
        patch.setattr(connecting, "migrate", lambda db: migrate(db, steps))
        patch.setattr(examining, "require_known", lambda db: known(db, steps))
        yield


@contextlib.contextmanager
def noted(what: str) -> Iterator[None]:
    """Say with a failure what was tried."""
    try:
        yield
    except BaseException as error:
        error.add_note(what)
        raise


def files_left(home: Path) -> list[str]:
    """What an unfinished work of ours left in a laptop that was just opened; fresh parts of a copy apart."""
    names = [path.name for path in home.iterdir() if path.name not in (KEYS, STORE)]
    return [name for name in names if ".epoch-" in name or name.startswith((".restore-", f".{KEYS}."))]
