"""What a new laptop may be tried with: a demonstration in a folder of its own; no Qt."""

from pathlib import Path
from typing import Protocol

NOT_MADE = "La démonstration n’a pas pu être préparée. Un rapport a été écrit."


class Tryout(Protocol):
    """A demonstration that whoever starts the application can make."""

    @property
    def home(self) -> Path: ...
    def is_made(self) -> bool: ...
    def make(self) -> None: ...
    def passphrase(self) -> str: ...
