"""The product in one file: a day off line on two laptops, a bad link, and everybody agrees."""

from pathlib import Path

from fsbus.actions.passphrases import propose_passphrase
from fsbus.core.clock import system_now
from fsbus.training.day import MORNING_RECORDS, MORNING_VISITS, Day
from fsbus.training.demo import evening_clock


def test_a_day_off_line_on_two_laptops_reaches_the_centre_whole(tmp_path: Path) -> None:
    day = Day(tmp_path / "day", evening_clock(system_now()), [propose_passphrase(), propose_passphrase()])

    account = day.run()

    assert account.failed == []
    assert (day.expected_visits, day.expected_records) == (MORNING_VISITS + 1, MORNING_RECORDS + 2)
    assert sum(len(step.checks) for step in account.steps) >= 15
