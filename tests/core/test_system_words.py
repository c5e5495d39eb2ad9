"""What the system refuses is said in French, whatever language it speaks itself."""

import errno
import os
import socket
from pathlib import Path

import pytest

from fsbus.core.errors import StoreUnavailable
from fsbus.core.system_words import reason
from fsbus.server.listening import listen


def test_a_missing_file_and_one_that_is_a_folder_are_told(tmp_path: Path) -> None:
    for path, told in ((tmp_path / "absent", "fichier ou dossier absent"), (tmp_path, "c’est un dossier")):
        with pytest.raises((FileNotFoundError, IsADirectoryError)) as caught:
            path.read_bytes()
        assert reason(caught.value) == told


def test_an_error_that_has_no_words_here_is_told_by_its_number() -> None:
    assert reason(OSError(errno.EXDEV, os.strerror(errno.EXDEV))) == f"erreur {errno.EXDEV} du système"
    assert reason(OSError("no number")) == "erreur du système"


def test_an_address_that_is_taken_or_unknown_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(StoreUnavailable, match="adresse déjà prise"):
            listen(("127.0.0.1", taken.getsockname()[1]))

    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(StoreUnavailable, match="nom de machine inconnu"):
        listen(("nulle-part.invalid", 8765))
