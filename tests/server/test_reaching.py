"""A database that cannot be a centre's is told in French, without a password, and nothing is made."""

import stat
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from fsbus.cli import main
from fsbus.core.errors import StoreDamaged, StoreUnavailable
from fsbus.server.centre import KEY_VARIABLE, open_centre
from tests.postgresql import TestServer


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


def test_a_server_that_is_away_is_told_without_its_password() -> None:
    with pytest.raises(StoreUnavailable, match="PostgreSQL ne répond pas pour la base") as caught:
        open_centre("postgresql://bus:mirabelle@127.0.0.1:1/fsbus")
    assert "mirabelle" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://a@b/c", "centre.db", "postgresql+nothing", "", "sqlite://"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(StoreUnavailable, match=r"sqlite:///FICHIER"):
        open_centre(url)


def test_a_database_of_another_alphabet_is_refused(postgresql: TestServer, tmp_path: Path) -> None:
    options = "ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
    with (
        postgresql.empty_database(options) as url,
        pytest.raises(StoreUnavailable, match="UTF8"),
    ):
        open_centre(url, key_file=tmp_path / "centre.key")
    assert list(tmp_path.iterdir()) == []


def test_an_account_that_may_not_make_tables_is_told(postgresql: TestServer, tmp_path: Path) -> None:
    with postgresql.empty_database() as url:
        with psycopg.connect(url) as connection:
            name = sql.Identifier(connection.info.dbname)
            connection.execute(
                sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name)
            )
        with pytest.raises(StoreDamaged, match="ne peut pas y créer de tables"):
            open_centre(url, key_file=tmp_path / "centre.key")


def test_the_key_lies_in_the_file_that_was_named(empty_url: str, tmp_path: Path) -> None:
    key = tmp_path / "keys" / "centre.key"
    with pytest.raises(StoreUnavailable, match="Impossible d’écrire la clé"):
        open_centre(empty_url, key_file=key)
    key.parent.mkdir()
    first = open_centre(empty_url, key_file=key)
    first.close()
    again = open_centre(empty_url, key_file=key)
    again.close()
    assert again.public_key == first.public_key
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.unlink()
    with pytest.raises(StoreDamaged, match="La clé du centre manque"):
        open_centre(empty_url, key_file=key)


def test_without_a_file_beside_it_a_database_asks_for_its_key(postgresql: TestServer) -> None:
    with (
        postgresql.empty_database() as url,
        pytest.raises(StoreUnavailable, match=r"--key-file FICHIER .* FSBUS_CENTRE_KEY"),
    ):
        open_centre(url)


def test_every_task_takes_a_database_and_a_key_file(
    empty_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--database", empty_url, "--key-file", str(tmp_path / "centre.key")]
    assert main(["server", *given, "enroll-code", "--feed", "bus-3"]) == 0
    assert main(["server", "check", *given]) == 0
    assert '"sound":true' in capsys.readouterr().out
