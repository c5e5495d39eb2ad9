"""The posters of a month for the « Imprimer » page: one for each commune where the bus comes."""

from collections.abc import Mapping

from fsbus.actions.posters import posters_of
from fsbus.actions.session import Session
from fsbus.core.french import month_and_year
from fsbus.core.papers import Paper
from fsbus.core.poster import PAPERS, PosterTold, poster
from fsbus.core.sheets import Sheet


class PosterPapers:
    """``first`` is the commune whose poster stands first."""

    gone = "Le bus ne passe plus ce mois-là."
    takes_name = False

    def __init__(self, session: Session, month: str, first: str = "") -> None:
        self._session, self._month, self._first = session, month, first
        self._told: dict[str, PosterTold] = {}

    def read(self) -> bool:
        """The passages of the month."""
        self._told = posters_of(self._session, self._month)
        return bool(self._told)

    def differs(self) -> bool:
        """Whether the circuit was changed."""
        return posters_of(self._session, self._month) != self._told

    def title(self) -> str:
        """Which month."""
        return f"Affiches de {month_and_year(self._month)}"

    def kinds(self) -> Mapping[str, str]:
        """The communes, the one asked for first."""
        order = sorted(self._told, key=lambda code: code != self._first)
        return {code: f"Affiche\u00a0: {self._told[code].commune}" for code in order}

    def papers_of(self, kind: str) -> tuple[Paper, ...]:  # noqa: ARG002  # the same for each commune
        """A4, and A3 for a large board."""
        return PAPERS

    def sheet(self, kind: str, paper: Paper, name: str) -> Sheet:  # noqa: ARG002  # no name stands on a poster
        """The poster of one commune."""
        return poster(self._told[kind], paper)

    def file_name(self, kind: str) -> str:
        """The month and the commune's code."""
        return f"affiche-{self._month}-{kind}"
