"""Keeps, outside of the program, what each agent was told is recorded, and what a disk took with it."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Write:
    """One value that a person gave to one field, and the value that they had before their eyes then."""

    record: str
    field: str
    value: object
    before: object
    by: str
    """The laptop, by its name; a clone has its own."""
    confirmed: bool = True
    """False: the laptop died before it said « Enregistré », or nobody will take in what it says."""

    @property
    def key(self) -> "Key":
        return (self.record, self.field, repr(self.value))


Key = tuple[str, str, str]
"""A value in one field of one record."""


@dataclass
class Remembered:
    """What is somewhere that can still speak: values, records and erasures."""

    values: set[Key] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    erasures: set[str] = field(default_factory=set)


@dataclass
class Truth:
    """All that was confirmed, and all that is excused because no living place holds it any more."""

    writes: list[Write] = field(default_factory=list)
    born: dict[str, str] = field(default_factory=dict)
    """Record to its kind, once confirmed."""
    parents: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    """Record to the word that stands in each of its texts."""
    erasures: set[str] = field(default_factory=set)
    """Ids that an agent erased, what hung on them included."""
    lost: Remembered = field(default_factory=Remembered)
    touched_by: dict[str, set[str]] = field(default_factory=dict)
    rolled_back: set[str] = field(default_factory=set)
    """Laptops that were put back or cloned as a whole disk: they may contradict themselves."""
    count: int = 0

    def number(self) -> int:
        """The next of the numbers that make values unlike each other."""
        self.count += 1
        return self.count

    def recorded(self, record: str, kind: str, parent: str | None, *, confirmed: bool) -> None:
        """A record was made."""
        if confirmed:
            self.born[record] = kind
        if parent is not None:
            self.parents[record] = parent

    def wrote(self, write: Write) -> None:
        """A value was given."""
        self.writes.append(write)
        self.touched_by.setdefault(write.record, set()).add(write.by)

    def children(self, record: str) -> list[str]:
        """What hangs on a record."""
        return [child for child, parent in self.parents.items() if parent == record]

    def excuse_what_is_not_in(self, living: Remembered) -> None:
        """A disk died, or went back in time: what only it held is nobody's fault. It may come back all the same."""
        self.lost.values = {write.key for write in self.writes} - living.values
        self.lost.records |= set(self.born) - living.records
        self.lost.erasures |= {
            one for one in self.erasures if not {one, self.parents.get(one)} & living.erasures
        }

    def must_be_erased(self) -> set[str]:
        """Ids that nothing may bring back."""
        return self.erasures - self.lost.erasures

    def must_stand(self) -> set[str]:
        """Ids of records that must be at the centre, with all that they hang on."""
        gone = self.erasures | self.lost.records
        return {one for one in self.born if one not in gone and self.parents.get(one) not in gone}

    def not_covered(self, roots: Iterable[Key]) -> list[Write]:
        """Confirmed values that are neither among ``roots`` nor were replaced by somebody who saw them."""
        replaced: dict[Key, set[Key]] = {}
        for write in self.writes:
            replaced.setdefault(write.key, set()).add((write.record, write.field, repr(write.before)))
        covered, stack = set[Key](), list(roots)
        while stack:
            key = stack.pop()
            if key not in covered:
                covered.add(key)
                stack += replaced.get(key, ())
        stand = self.must_stand()
        return [
            write
            for write in self.writes
            if write.confirmed
            and write.record in stand
            and write.key not in covered
            and write.key not in self.lost.values
        ]
