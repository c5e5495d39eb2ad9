"""The demonstration that a new laptop offers: where it is, and what makes it."""

from pathlib import Path

from fsbus.core.clock import Clock


class Tryout:
    """Beside the folder of the laptop, never in it: nothing of it can be taken for the real one."""

    def __init__(self, home: Path) -> None:
        self.folder = home.with_name(f"{home.name}-demonstration")

    @property
    def home(self) -> Path:
        """The folder of its store."""
        return self.folder / "poste" / "home"

    def is_made(self) -> bool:
        """Whether there is one to go on with."""
        return (self.folder / "prete").is_file()

    def make(self) -> None:
        """Make it anew; some seconds."""
        # Nobody waits for it at the start: made-up days bring the store with them.
        from fsbus.training.tryout import make

        make(self.folder, Clock())

    def passphrase(self) -> str:
        """Kept beside it: it guards nobody's data."""
        return (self.folder / "poste" / "phrase.txt").read_text(encoding="utf-8").strip()
