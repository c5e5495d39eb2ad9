"""What the « Imprimer » page is opened on: the sheets of a visit, or one sheet of another page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from fsbus.actions.paper import on_paper
from fsbus.actions.session import Session
from fsbus.actions.wording import visit_title
from fsbus.core.papers import A4, Paper
from fsbus.core.redaction import redacted
from fsbus.core.sheets import Sheet
from fsbus.core.visit_sheets import LABELS, PAPERS_OF, OnPaper, kinds_for, sheet_of

FILE_NAMES = {"receipt": "recu", "documents": "pieces", "mandate": "mandat"}


class Papers(Protocol):
    """One thing on paper, read from the store when it is shown. ``gone`` is said when it is there no more."""

    @property
    def gone(self) -> str: ...
    @property
    def takes_name(self) -> bool:
        """Whether a person's name may be typed for it."""

    def read(self) -> bool:
        """Read it anew; False when it is there no more."""

    def differs(self) -> bool:
        """Whether the store holds something else than what was read."""

    def title(self) -> str: ...
    def kinds(self) -> Mapping[str, str]:
        """The sheets there are: code to French words."""

    def papers_of(self, kind: str) -> tuple[Paper, ...]: ...
    def sheet(self, kind: str, paper: Paper, name: str) -> Sheet: ...
    def file_name(self, kind: str) -> str:
        """Proposed for a file, without its end."""


class VisitPapers:
    """The sheets of one visit."""

    gone = "Cette visite n’est plus sur ce poste."
    takes_name = True

    def __init__(self, session: Session, visit_id: str) -> None:
        self._session, self._id = session, visit_id
        self._told: OnPaper | None = None

    def read(self) -> bool:
        """The visit and its procedure records."""
        self._told = on_paper(self._session, self._id)
        return self._told is not None

    def differs(self) -> bool:
        """Whether the visit was changed or erased."""
        return on_paper(self._session, self._id) != self._told

    def title(self) -> str:
        """Which visit."""
        return visit_title(self._visit.visit)

    def kinds(self) -> Mapping[str, str]:
        """Receipt, documents, mandate: those that it gives."""
        return {kind: LABELS[kind] for kind in kinds_for(self._visit, self._session.reference)}

    def papers_of(self, kind: str) -> tuple[Paper, ...]:
        """The papers of one sheet."""
        return PAPERS_OF[kind]

    def sheet(self, kind: str, paper: Paper, name: str) -> Sheet:
        """One sheet, with the name that was typed for it."""
        return sheet_of(kind, replace(self._visit, name=name), self._session.reference, paper)

    def file_name(self, kind: str) -> str:
        """What it is and the day, nothing of the person."""
        return f"{FILE_NAMES[kind]}-{self._visit.visit.visited_on}"

    @property
    def _visit(self) -> OnPaper:
        if self._told is None:
            raise RuntimeError("nothing was read")
        return self._told


@redacted()
@dataclass
class OneSheet:
    """A single sheet. ``make`` draws it up from what the store holds now, None when there is nothing any more."""

    words: str
    """What it is, in the list of sheets."""
    about: str
    """Below the title of the page."""
    stem: str
    """The name proposed for a file, without its end."""
    gone: str
    make: Callable[[], Sheet | None]
    papers: tuple[Paper, ...] = (A4,)
    takes_name: bool = False
    made: Sheet | None = None

    def read(self) -> bool:
        """Draw it up."""
        self.made = self.make()
        return self.made is not None

    def differs(self) -> bool:
        """Whether it would be drawn up otherwise now."""
        return self.make() != self.made

    def title(self) -> str:
        """What it is about."""
        return self.about

    def kinds(self) -> Mapping[str, str]:
        """This one."""
        return {"sheet": self.words}

    def papers_of(self, kind: str) -> tuple[Paper, ...]:  # noqa: ARG002  # the shape of every Papers
        """Its papers."""
        return self.papers

    def sheet(self, kind: str, paper: Paper, name: str) -> Sheet:  # noqa: ARG002  # the shape of every Papers
        """The sheet on this paper."""
        if self.made is None:
            raise RuntimeError("nothing was drawn up")
        return replace(self.made, paper=paper)

    def file_name(self, kind: str) -> str:  # noqa: ARG002  # the shape of every Papers
        """As given."""
        return self.stem
