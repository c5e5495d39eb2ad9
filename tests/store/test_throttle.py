"""Wrong passphrases are counted before they are tried, and slow down who makes them."""

import json
from pathlib import Path

import pytest

from fsbus.core.errors import KeysDamaged, TooSoon, WrongPassphrase
from fsbus.core.french import wait
from fsbus.store.throttle import Throttle
from tests.fakes import HeldTime

DELAYS = [0, 0, 0, 5, 15, 30, 60, 300, 900, 3600, 3600]


@pytest.fixture
def throttle(tmp_path: Path, held_time: HeldTime) -> Throttle:
    return Throttle(tmp_path / "throttle.json", held_time.now)


def fail(throttle: Throttle) -> WrongPassphrase:
    with pytest.raises(WrongPassphrase) as raised, throttle.attempt():
        raise WrongPassphrase("Non.")
    assert not isinstance(raised.value, TooSoon)
    return raised.value


def fail_until_wait(throttle: Throttle, held_time: HeldTime, times: int) -> None:
    for _ in range(times):
        held_time.advance(seconds=throttle.wait())
        fail(throttle)


def test_the_waits_grow_to_an_hour_and_stay_there(throttle: Throttle, held_time: HeldTime) -> None:
    for delay in DELAYS:
        wrong = fail(throttle)
        assert (wrong.wait, throttle.wait()) == (delay, delay)
        assert ("Prochain essai dans" in str(wrong)) == bool(delay)
        if delay:
            held_time.advance(seconds=delay - 1)
            with pytest.raises(TooSoon) as raised, throttle.attempt():
                pytest.fail("it was tried")
            assert raised.value.wait == 1
            held_time.advance(seconds=1)


class Killed(BaseException):
    """What nobody catches."""


def test_the_count_is_on_the_disk_before_the_key_is_derived(throttle: Throttle, tmp_path: Path) -> None:
    def derive() -> None:
        counted.append(json.loads((tmp_path / "throttle.json").read_bytes())["fails"])
        raise Killed

    counted = list[int]()
    for _ in range(4):
        with pytest.raises(Killed), throttle.attempt():
            derive()
    assert counted == [1, 2, 3, 4]
    assert throttle.wait() == 5


def test_the_count_is_made_durable_before_the_key_is_derived(
    throttle: Throttle, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = list[int]()
    monkeypatch.setattr("os.fsync", synced.append)
    with throttle.attempt():
        assert len(synced) == 2  # the file, then its name


def test_a_success_forgets_all_failures(throttle: Throttle, held_time: HeldTime, tmp_path: Path) -> None:
    fail_until_wait(throttle, held_time, 6)
    held_time.advance(seconds=30)
    (tmp_path / ".throttle.json.0a1b2c3d").write_bytes(b"half")  # killed while counting
    with throttle.attempt():
        pass
    assert list(tmp_path.iterdir()) == []
    assert fail(throttle).wait == 0


def test_an_error_that_is_no_guess_is_not_counted(throttle: Throttle, held_time: HeldTime) -> None:
    fail_until_wait(throttle, held_time, 3)
    for _ in range(9):
        with pytest.raises(KeysDamaged), throttle.attempt():
            raise KeysDamaged("…")
    assert fail(throttle).wait == 5


def test_a_clock_set_back_does_not_shorten_the_wait(throttle: Throttle, held_time: HeldTime) -> None:
    fail_until_wait(throttle, held_time, 9)
    held_time.advance(days=-400)
    assert throttle.wait() == 900
    held_time.advance(seconds=899)
    assert throttle.wait() == 1
    held_time.advance(seconds=1)
    assert throttle.wait() == 0


def test_a_clock_that_was_far_ahead_does_not_lengthen_it_for_ever(
    throttle: Throttle, held_time: HeldTime
) -> None:
    held_time.advance(days=4000)
    fail_until_wait(throttle, held_time, 10)
    held_time.advance(days=-4000)
    assert throttle.wait() == 3600
    held_time.advance(hours=1)
    assert throttle.wait() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"v":2,"fails":50,"left":60,"seen":"2026-11-24T08:00:00Z"}',
        b'{"v":1,"fails":50,"left":99999999,"seen":"2026-11-24T08:00:00Z"}',
        b'{"v":1,"fails":50,"left":60,"seen":"hier"}',
        b'{"v":1,"fails":-9,"left":60,"seen":"2026-11-24T08:00:00Z"}',
        b'{"v":1,"fails":9,"left":60,"seen":"2026-11-24T08:00:00Z","agent":"Ana"}',
    ],
)
def test_a_damaged_count_shuts_nobody_out(throttle: Throttle, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "throttle.json").write_bytes(content)
    assert throttle.wait() == 0
    assert fail(throttle).wait == 0


def test_a_full_disk_shuts_nobody_out(throttle: Throttle, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    with throttle.attempt():
        pass


def test_the_file_says_nothing_of_anybody(throttle: Throttle, tmp_path: Path) -> None:
    fail(throttle)
    assert json.loads((tmp_path / "throttle.json").read_bytes()) == {
        "v": 1,
        "fails": 1,
        "left": 0,
        "seen": "2026-11-24T11:00:00Z",
    }


def test_waits_are_said_in_french() -> None:
    said = [wait(seconds).replace("\u00a0", " ") for seconds in (1, 5, 60, 61, 900, 3540, 3541, 3600)]
    assert said == [
        "1 seconde",
        "5 secondes",
        "1 minute",
        "2 minutes",
        "15 minutes",
        "59 minutes",
        "1 heure",
        "1 heure",
    ]
