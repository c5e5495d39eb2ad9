"""Verifies everything this laptop holds, and rebuilds what can be derived again."""

import contextlib
from dataclasses import asdict, dataclass

from fsbus.actions.mending import Damage, damage_in
from fsbus.actions.session import KEYS, Session
from fsbus.core.clock import as_utc_text
from fsbus.core.errors import KeysDamaged, StoreDamaged, StoreError
from fsbus.core.events import Checked
from fsbus.core.redaction import redacted
from fsbus.store import queries
from fsbus.store.checking import fulltext_problems, is_of_fulltext, log_problems, rebuild_fulltext
from fsbus.store.database import problems_in
from fsbus.store.quarantine import QUARANTINE

_PARTS = (
    "keys", "journal", "erased", "database", "foreign_keys", "operations", "fulltext", "reference", "backups",
)  # fmt: skip
_FOREIGN = "foreign key:"
_LAST, _SOUND = "last_check", "sound"


@redacted()
@dataclass(frozen=True)
class LastCheck:
    """The moment of a check, in UTC, and whether nothing was wrong any more after it."""

    at: str
    sound: bool


@redacted("is_sound")
@dataclass(frozen=True)
class Found:
    """What a check found. Lists are empty when all is well; ``repaired`` names what was rebuilt."""

    keys: tuple[str, ...]
    journal: tuple[str, ...]
    erased: tuple[str, ...]
    database: tuple[str, ...]
    foreign_keys: tuple[str, ...]
    operations: tuple[str, ...]
    fulltext: tuple[str, ...]
    reference: tuple[str, ...]
    backups: tuple[str, ...]
    counts: dict[str, int]
    repaired: tuple[str, ...]
    read_only: str | None = None
    """Why the laptop could only be opened for reading."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong any more."""
        return self.read_only is None and not any(
            getattr(self, part) for part in _PARTS if part not in self.repaired
        )

    @property
    def needs_restoring(self) -> bool:
        """Whether only a backup can put it right."""
        return self.read_only is None and bool(self.database or self.foreign_keys or self.operations)

    def as_json(self) -> dict[str, object]:
        """One object, `sound` first."""
        return {"sound": self.is_sound, **asdict(self)}


def check_device(session: Session, *, repair: bool) -> Found:
    """Check keys, journals, erased list, database, foreign keys, operation log, full-text index, lists, backups.

    What the opening put right is told, and named as repaired. With ``repair``, the full-text index and the official lists are rebuilt when they are wrong: both
    are derived. A damaged backup is put aside and another made. Nothing that was recorded is ever
    changed: a damaged database is for `restore_damaged`. Nothing is repaired in a laptop opened for reading.
    """
    db, repair = session.store.db, repair and session.read_only is None
    files, repaired = _file_problems(session)
    # SQLite looks into the index too: what it finds there is derived, and no damage of the file.
    everywhere = problems_in(db)
    fulltext = [problem for problem in everywhere if is_of_fulltext(problem)]
    foreign_keys = [problem for problem in everywhere if problem.startswith(_FOREIGN)]
    database = [
        problem for problem in everywhere if not is_of_fulltext(problem) and problem not in foreign_keys
    ]
    # A damaged file cannot be counted or searched: what it says first is enough.
    operations = [] if database else log_problems(db)
    fulltext = fulltext or ([] if database else session.store.maintain(fulltext_problems))
    reference = _reference_problems(session)
    if repair and fulltext and not database:
        session.store.maintain(rebuild_fulltext)
        if not problems_in(db) and not session.store.maintain(fulltext_problems):
            repaired.append("fulltext")
    if repair and reference:
        session.rebuild_reference()
        if not _reference_problems(session):
            repaired.append("reference")
    backups = _backup_problems(session)
    if repair and backups and not database:
        _put_aside(session, backups)
        if not _backup_problems(session):
            repaired.append("backups")
    facts = queries.status_facts(db) if not database else None
    counts = (
        {}
        if facts is None
        else {
            "visits": facts.visits,
            "procedure_records": facts.procedure_records,
            "pending": facts.pending,
            "conflicts": facts.open_conflicts,
            "quarantined": facts.quarantined,
        }
    )
    if session.mended.database and not database:
        repaired.append("database")
    found = Found(
        files.keys,
        files.journal,
        files.erased,
        tuple(database),
        tuple(foreign_keys),
        tuple(operations),
        tuple(fulltext),
        tuple(reference),
        tuple(backups),
        counts,
        tuple(repaired),
        session.read_only,
    )
    session.log(
        Checked(
            sound=found.is_sound,
            database=len(database),
            operations=len(operations),
            fulltext=len(fulltext),
            reference=len(reference),
            repaired=len(repaired),
        )
    )
    _remember(session, sound=found.is_sound)
    return found


def last_check(session: Session) -> LastCheck | None:
    """When this laptop was last checked, and whether all was well; None before the first time."""
    kept = (session.store.setting(_LAST) or "").split()
    return LastCheck(kept[0], kept[1] == _SOUND) if len(kept) == 2 else None


def too_damaged(damage: StoreDamaged) -> Found:
    """What is known of a laptop that cannot even be opened: whether its keys or its database are at fault."""
    told = (str(damage),)
    keys = told if isinstance(damage, KeysDamaged) else ()
    return Found(keys, (), (), () if keys else told, (), (), (), (), (), {}, ())


def _file_problems(session: Session) -> tuple[Damage, list[str]]:
    """What is or was damaged beside the database, and the parts where nothing is any more."""
    before, now = session.mended, damage_in(session.home, session.home / KEYS, session.keys)
    both = Damage(
        tuple({*before.keys, *now.keys}),
        tuple(sorted({*before.journal, *now.journal})),
        tuple({*before.erased, *now.erased}),
    )
    return both, [
        part for part in ("keys", "journal", "erased") if getattr(before, part) and not getattr(now, part)
    ]


def _backup_problems(session: Session) -> list[str]:
    """Names of the backups that cannot be read whole."""
    found = []
    for backup in session.backups.all():
        try:
            session.backups.verify(backup.path)
        except StoreError:
            found.append(backup.path.name)
    return found


def _put_aside(session: Session, names: list[str]) -> None:
    folder = session.home / QUARANTINE
    with contextlib.suppress(OSError, StoreError):
        folder.mkdir(exist_ok=True, mode=0o700)
        for name in names:
            (session.backups.folder / name).replace(folder / name)
        session.back_up()


def _remember(session: Session, *, sound: bool) -> None:
    # A store that cannot be written is what a check is for: it says so, and remembers nothing.
    with contextlib.suppress(StoreError):
        session.store.set_setting(_LAST, f"{as_utc_text(session.clock.now())} {_SOUND if sound else 'wrong'}")


def _reference_problems(session: Session) -> list[str]:
    try:
        reference = session.reference
        found = problems_in(reference.db)
        missing = [kind for kind, edition in reference.editions().items() if not edition.rows]
        return found + [f"{kind}: empty" for kind in missing]
    except StoreError as error:
        return [str(error)]
