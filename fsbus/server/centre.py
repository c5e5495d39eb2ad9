"""The centre itself: its database at the right schema, its name, its epoch and its signing key."""

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from fsbus.core.clock import Clock, as_utc_text
from fsbus.core.errors import StoreDamaged, StoreUnavailable
from fsbus.core.redaction import redacted
from fsbus.core.system_words import reason
from fsbus.core.upcasting import TODAY, Upcasting
from fsbus.server import tables
from fsbus.server.appended import sync_folder
from fsbus.server.database import BUSY, UNREADABLE, Database, connect, insert, select, sqlite_file
from fsbus.server.ledger import LEDGER_VARIABLE, Ledger
from fsbus.server.lives import Lives, settle_life
from fsbus.server.migrations import upgrade
from fsbus.server.reaching import check_server, no_centre, not_a_centre, out_of_reach
from fsbus.wire.bundle import seal_recipient
from fsbus.wire.signing import new_private_key, public_key_of

KEY_VARIABLE = "FSBUS_CENTRE_KEY"
"""Environment variable that gives the private key, base64 of 32 bytes, where no file holds it."""


@redacted()
@dataclass(frozen=True)
class Centre:
    """What every request to the centre needs. Close it when done."""

    database: Database
    epoch: str
    audience: str
    private_key: bytes = field(repr=False)
    ledger: Ledger | None = None
    """Where erased and revoked ids are kept for good; without one, nothing can be erased, nobody turned away."""
    lives: Lives | None = None
    upcasting: Upcasting = TODAY

    @property
    def public_key(self) -> bytes:
        """What laptops pin when they enrol, 32 bytes."""
        return public_key_of(self.private_key)

    @cached_property
    def seal(self) -> str:
        """What laptops seal their sticks to, `age1…`."""
        return seal_recipient(self.private_key)

    def close(self) -> None:
        self.database.close()


def open_centre(
    url: str,
    *,
    key_file: Path | None = None,
    ledger: Path | None = None,
    clock: Clock | None = None,
    make: bool = True,
    environment: Mapping[str, str] = os.environ,
) -> Centre:
    """The centre behind ``sqlite:///FILE`` or ``postgresql://…``, at this program's schema, made if it is not there.
    Without ``make`` there is none to make: StoreUnavailable, and nothing is left behind.

    Several processes may open the same one at once. Its private key lies in ``key_file``, else in the
    environment variable, else beside the SQLite file with the suffix ``.key``; never in the database: a
    backup of the one does not hand out the other. The ledger of erased records is ``ledger``, else beside the
    SQLite file with the suffix ``.erased``, else named by its environment variable: what it holds is erased or
    revoked again, and a database that is older than what stands beside it begins a new life. Raises StoreUnavailable,
    StoreDamaged or StoreTooNew.
    """
    # They act on a centre's tables, as whoever serves one does.
    from fsbus.server.revoking import turn_away_again
    from fsbus.server.settling import settle

    moment = as_utc_text((clock or Clock()).now())
    kept = ledger_of(url, ledger, environment)
    file = sqlite_file(url)
    if file is not None and not make and not file.exists():
        raise StoreUnavailable(no_centre(url))
    lives = None if kept is None else Lives(kept.path.with_suffix(".life"))
    database = connect(url)
    try:
        with database.alone() as connection:
            check_server(connection)
            upgrade(connection)
            row = connection.execute(select(tables.centre)).one_or_none()
            if row is None and not make:
                raise StoreUnavailable(no_centre(url))
            key = _private_key(key_file or _key_beside(url, environment), environment, make=row is None)
            public = base64.b64encode(public_key_of(key)).decode()
            if row is None:
                values = {
                    "id": 1,
                    "epoch": secrets.token_hex(8),
                    "audience": f"fsbus-{secrets.token_hex(6)}",
                    "server_key": public,
                }
                connection.execute(insert(tables.centre).values(values))
                row = connection.execute(select(tables.centre)).one()
            if row.server_key != public:
                raise StoreDamaged(
                    "La clé du centre n’est pas celle de cette base\u00a0: remettez le bon fichier .key."
                )
            epoch = row.epoch if lives is None else settle_life(connection, lives, row.epoch, moment)
            again = 0
            if kept is not None:
                turn_away_again(connection, kept)
                again = settle(database, connection, kept, moment)
        if again:
            database.forget_erased()
    except BUSY:
        database.close()
        raise StoreUnavailable(out_of_reach(url)) from None
    except UNREADABLE:
        database.close()
        raise StoreDamaged(not_a_centre(url)) from None
    except BaseException:
        database.close()
        raise
    return Centre(database, epoch, row.audience, key, kept, lives)


def read_key(url: str, key_file: Path | None, environment: Mapping[str, str] = os.environ) -> bytes:
    """The private key of a centre whose database need not be there. Raises StoreUnavailable or StoreDamaged."""
    return _private_key(key_file or _key_beside(url, environment), environment, make=False)


def write_key_beside(url: str, key: bytes, environment: Mapping[str, str]) -> None:
    """Put the key where the next opening of this SQLite file looks for it, unless one is there."""
    path = _key_beside(url, environment)
    if path is not None and not path.exists():
        _write_key(path, key)


def ledger_of(url: str, given: Path | None, environment: Mapping[str, str] = os.environ) -> Ledger | None:
    """The ledger of this machine: the one given, beside the SQLite file, or named by the environment."""
    file = sqlite_file(url)
    named = given or (file.with_suffix(".erased") if file is not None else None)
    if named is None and LEDGER_VARIABLE in environment:
        named = Path(environment[LEDGER_VARIABLE])
    return None if named is None else Ledger(named)


def _key_beside(url: str, environment: Mapping[str, str]) -> Path | None:
    file = None if KEY_VARIABLE in environment else sqlite_file(url)
    return None if file is None else file.with_suffix(".key")


def _private_key(path: Path | None, environment: Mapping[str, str], *, make: bool) -> bytes:
    if path is None:
        given = environment.get(KEY_VARIABLE)
        if given is None:
            raise StoreUnavailable(
                f"La clé du centre manque\u00a0: donnez-la par --key-file FICHIER ou par la variable {KEY_VARIABLE}."
            )
        return _decoded(given, KEY_VARIABLE)
    try:
        return _decoded(path.read_text(encoding="ascii"), str(path))
    except FileNotFoundError:
        if not make:
            raise StoreDamaged(
                f"La clé du centre manque\u00a0: {path}. Remettez-la depuis votre copie\u00a0; rien n’a été changé."
            ) from None
    except (OSError, UnicodeDecodeError):
        raise StoreUnavailable(f"Impossible de lire la clé du centre\u00a0: {path}.") from None
    key = new_private_key()
    try:
        _write_key(path, key)
    except OSError as error:
        raise StoreUnavailable(
            f"Impossible d’écrire la clé du centre dans {path}\u00a0: {reason(error)}. Vérifiez le dossier et ses droits."
        ) from None
    return key


def _write_key(path: Path, key: bytes) -> None:
    """Whole or not at all, and durable before the database names its public half."""
    part = path.with_name(path.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(key) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise StoreDamaged(f"{where} ne contient pas une clé de centre (32 octets en base64).")
    return key
