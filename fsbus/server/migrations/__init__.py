"""The numbered migrations of the centre's database, applied by `upgrade` when it opens."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from fsbus.core.errors import StoreTooNew
from fsbus.server.database import Connection


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring the tables to this program's schema, or an older one, inside the caller's transaction.

    Raises StoreTooNew, having changed nothing, when a newer program made the database.
    """
    config = _config()
    config.attributes["connection"] = connection
    known = ScriptDirectory.from_config(config)
    if to != "head" and to not in {script.revision for script in known.walk_revisions()}:
        raise StoreTooNew(
            "Cette copie du centre vient d’un fsbus plus récent\u00a0: installez cette version."
        )
    current = MigrationContext.configure(connection).get_current_revision()
    if current == known.get_current_head():
        return
    if current is not None and current not in {script.revision for script in known.walk_revisions()}:
        raise StoreTooNew("La base du centre vient d’un fsbus plus récent\u00a0: installez cette version.")
    command.upgrade(config, to)


def head() -> str | None:
    """The newest migration that this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    # Config reads a percent sign as the start of a name to fill in.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def is_current(connection: Connection) -> bool:
    """Whether the database is at the newest migration that this program knows."""
    return MigrationContext.configure(connection).get_current_revision() == head()
