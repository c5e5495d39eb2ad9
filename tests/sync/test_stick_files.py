"""Sticks that are pulled out, full or gone: a file is whole or not there, and never readable."""

import errno
import os
import tempfile
from pathlib import Path

import pytest

from fsbus.core.errors import DiskFull, InvalidInput, StoreUnavailable
from fsbus.store.store import Store
from fsbus.sync import bundles
from fsbus.wire import bundle as wire
from tests.sync.carrier import StickLaptop, answer
from tests.sync.world import World


def test_a_stick_pulled_out_at_any_moment_holds_the_whole_file_or_none(
    world: World, laptop: StickLaptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop.record("une")
    whole = laptop.write()
    path = laptop.stick / "bus.fsb"
    for cut in ("open", "write", "fsync", "replace"):
        path.unlink(missing_ok=True)
        with monkeypatch.context() as patch:
            _break(patch, cut, OSError(errno.EIO, "pulled out"))
            with pytest.raises(StoreUnavailable):
                laptop.write_file()
        if path.exists():
            assert wire.unpack(path.read_bytes(), world.centre.private_key, wire.REQUESTS).parts
    path.write_bytes(whole)
    with monkeypatch.context() as patch:
        _break(patch, "write", OSError(errno.EIO, "pulled out"))
        with pytest.raises(StoreUnavailable):
            laptop.write_file()
    assert path.read_bytes() == whole


def _break(patch: pytest.MonkeyPatch, name: str, error: OSError) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise error

    if name == "write":
        # The file opens, and takes nothing.
        patch.setattr(os, "fdopen", fail)
    elif name == "replace":
        patch.setattr(Path, "replace", fail)
    else:
        patch.setattr(os, name, fail)


def test_a_full_stick_says_so(laptop: StickLaptop, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop.record("une")
    _break(monkeypatch, "fsync", OSError(errno.ENOSPC, "full"))
    with pytest.raises(DiskFull, match="clé USB est pleine"):
        laptop.write_file()
    assert not list(laptop.stick.iterdir())


def test_what_a_pulled_stick_left_behind_is_swept_at_the_next_writing(laptop: StickLaptop) -> None:
    left, kept = laptop.stick / ".bus.fsb.0a1b2c3d", laptop.stick / ".bus.fsb.notes"
    left.write_bytes(b"half")
    kept.write_bytes(b"mine")
    laptop.write()
    assert not left.exists()
    assert kept.read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["photo.jpg", "dossier"])
def test_another_kind_of_file_is_never_written_over(laptop: StickLaptop, name: str) -> None:
    (laptop.stick / "photo.jpg").write_bytes(b"\xff\xd8 souvenirs")
    (laptop.stick / "dossier").mkdir()
    with pytest.raises(InvalidInput, match="existe déjà"):
        laptop.write_file(name)
    assert (laptop.stick / "photo.jpg").read_bytes() == b"\xff\xd8 souvenirs"


def test_a_stick_that_is_not_there_is_told(laptop: StickLaptop) -> None:
    with pytest.raises(InvalidInput, match="clé USB"):
        bundles.write_bundle(laptop.store, laptop.stick / "absente" / "bus.fsb", clock=laptop.world.clock)
    with pytest.raises(InvalidInput, match="absent"):
        laptop.read_file(laptop.stick / "rien.fsb")


def test_no_word_reaches_the_disk_in_the_clear(
    world: World, laptop: StickLaptop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    needle = "aiguille-7141"
    temp = tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temp))
    written: list[bytes] = []
    real = os.fdopen

    def watched(descriptor: int, *args: object, **kwargs: object) -> object:
        file = real(descriptor, *args, **kwargs)  # type: ignore[call-overload]  # passed on as they came
        write = file.write

        def heard(data: bytes) -> object:
            written.append(bytes(data))
            return write(data)

        file.write = heard
        return file

    monkeypatch.setattr(os, "fdopen", watched)
    laptop.record(needle)
    laptop.write_file()
    monkeypatch.undo()
    given = answer(world, (laptop.stick / "bus.fsb").read_bytes())
    laptop.read(given.sealed)
    laptop.store.close()
    laptop.store = Store.open(laptop.path, laptop.key, clock=world.clock)
    for path in [*laptop.stick.rglob("*"), laptop.path, *temp.rglob("*")]:
        assert needle.encode() not in path.read_bytes()
    assert not any(needle.encode() in piece for piece in written)
