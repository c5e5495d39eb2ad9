"""What the help tells is true."""

from fsbus.cli.parser import EXAMPLE
from tests.cli.conftest import Runner


def test_the_example_that_the_help_gives_is_recorded(ready: Runner) -> None:
    assert ready("record", "-", stdin=EXAMPLE.encode()).status == 0
