"""Says in French why the database of a centre cannot be reached, or is not one for a centre."""

from fsbus.core.errors import StoreUnavailable
from fsbus.server.database import Connection, database_name

OLDEST_POSTGRESQL = 15


def check_server(connection: Connection) -> None:
    """Raises StoreUnavailable when this PostgreSQL is too old, or keeps texts otherwise than in UTF-8."""
    if connection.dialect.name == "sqlite":
        return
    version = int((connection.dialect.server_version_info or (0,))[0])
    if version < OLDEST_POSTGRESQL:
        raise StoreUnavailable(
            f"PostgreSQL {OLDEST_POSTGRESQL} ou plus récent est attendu ; ce serveur est en version {version}."
        )
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise StoreUnavailable(
            f"La base PostgreSQL doit être en UTF8 (elle est en {encoding}) : créez-en une autre."
        )


def takes_writes(connection: Connection) -> bool:
    """Whether this server is the one that writes: not a standby, not set to be read only."""
    if connection.dialect.name == "sqlite":
        return True
    asked = "SELECT NOT (pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean)"
    return bool(connection.exec_driver_sql(asked).scalar_one())


def out_of_reach(url: str) -> str:
    """What to tell when the database at this URL is busy or away from the beginning."""
    name = database_name(url)
    if name is None:
        return "La base du centre est occupée, ou le disque est plein : réessayez."
    return (
        f"PostgreSQL ne répond pas pour la base « {name} », ou refuse ce compte : vérifiez qu’il "
        "tourne, puis l’adresse, le compte et le mot de passe donnés à --database."
    )


def no_centre(url: str) -> str:
    """What to tell when no centre was ever made at this URL, by a command that makes none."""
    name = database_name(url)
    where = "ce fichier" if name is None else f"la base «\u00a0{name}\u00a0»"
    return (
        f"Il n’y a pas de centre dans {where}\u00a0: vérifiez --database, rien n’a été créé. "
        "Un nouveau centre se fait par «\u00a0fsbus serve\u00a0» ou «\u00a0fsbus server enroll-code\u00a0»."
    )


def not_a_centre(url: str) -> str:
    """What to tell when what lies at this URL cannot be read as a centre's database."""
    name = database_name(url)
    if name is None:
        return "Ce fichier n’est pas une base du centre, ou il est abîmé : rien n’y a été changé."
    return (
        f"La base « {name} » n’est pas celle d’un centre, ou ce compte ne peut pas y créer de "
        "tables : rien n’y a été changé."
    )
