"""Shows what is to be checked, one choice after the other, and takes each decision."""

from collections.abc import Callable, Mapping
from typing import Protocol

from fsbus.actions import choosing, put_aside, removing
from fsbus.actions.conflicts import Side, ToChoose, to_choose
from fsbus.actions.put_aside import PutAside
from fsbus.actions.session import Session
from fsbus.core.errors import FsbusError
from fsbus.desktop.to_check.desk import (
    AGAIN,
    CORRECT,
    GIVE_UP,
    PUT_BACK,
    TAKE,
    ChoiceShown,
    DeskShown,
    RowShown,
    ValueShown,
)

NOTHING = "Rien à vérifier. Ce que deux postes ont changé différemment apparaîtra ici après un échange."
KEPT, TAKEN = "Gardé\u00a0: ", "Pris\u00a0: "
LOSES = "Le centre n’a pas cette fiche\u00a0: l’abandonner l’efface pour de bon."
CORRECT_HERE = "Corrigez\u00a0: ce qui est corrigé repart au prochain échange."
GIVES_UP = "La fiche redeviendra celle du centre au prochain échange."


Correct = Callable[[str, Mapping[str, tuple[str, ...]], str], None]
"""Opens the form on a visit, on the fields of each record (id) that were refused, with the reason beside them."""


class DeskScreen(Protocol):
    """What the presenter needs of the screen."""

    def show_desk(self, shown: DeskShown) -> None: ...
    def say(self, text: str) -> None: ...
    def confirm(self, question: str, words: str, yes: str) -> bool: ...


class ToCheckPresenter:
    """The desk of one session. ``on_count`` gets how many things wait; ``on_changed`` is called after a decision."""

    def __init__(
        self,
        view: DeskScreen,
        session: Session,
        *,
        on_count: Callable[[int], None],
        on_changed: Callable[[], None],
        read_visit: Callable[[str], None],
        correct: Correct,
    ) -> None:
        self._view, self._session = view, session
        self._on_count, self._on_changed, self._read_visit = on_count, on_changed, read_visit
        self._correct = correct
        self._choices: list[ToChoose] = []
        self._aside: dict[str, PutAside] = {}
        self._removed: dict[str, removing.Removed] = {}

    def refresh(self) -> None:
        """Read everything again and show it."""
        # A choice that came meanwhile must not slip under the fingers.
        first = self._choices[0].id if self._choices else ""
        self._choices = sorted(to_choose(self._session), key=lambda one: one.id != first)
        self._aside = {one.record_id: one for one in put_aside.put_aside(self._session)}
        self._removed = {one.id: one for one in removing.removed(self._session)}
        self._on_count(len(self._choices) + len(self._aside))
        self._view.show_desk(
            DeskShown(
                summary=_summary(len(self._choices), len(self._aside)),
                choice=self._choice(),
                aside=tuple(
                    RowShown(
                        one.record_id,
                        one.about,
                        f"{_first_upper(one.what)}\u00a0: {one.why} {_advice(one)}",
                        (CORRECT, AGAIN, GIVE_UP) if one.visit_id else (AGAIN, GIVE_UP),
                    )
                    for one in self._aside.values()
                ),
                removed=tuple(
                    RowShown(one.id, one.about, "Ni comptée ni montrée ailleurs.", (PUT_BACK,))
                    for one in self._removed.values()
                ),
            )
        )

    def choose(self, which: str) -> None:
        """Keep what stands, or take the other value; the next choice follows."""
        if not self._choices:
            return
        one = self._choices[0]
        side, told = (one.other, TAKEN) if which == TAKE else (one.kept, KEPT)
        self._do(
            lambda: choosing.choose(self._session, one.id, side.side),
            f"{told}{one.field}, {_short(side.value)}.",
        )

    def read(self) -> None:
        """Go and read the visit of the choice."""
        if self._choices and self._choices[0].visit_id:
            self._read_visit(self._choices[0].visit_id)

    def settle(self, what: str, record_id: str) -> None:
        """Correct, send again, give up, or put back."""
        if what == CORRECT and record_id in self._aside:
            refused = self._aside[record_id]
            self._correct(refused.visit_id, {record_id: refused.fields}, refused.beside)
        elif what == PUT_BACK and record_id in self._removed:
            one = self._removed[record_id]
            self._do(lambda: removing.put_back(self._session, one.kind, one.id), f"Remis\u00a0: {one.about}.")
        elif what == AGAIN and record_id in self._aside:
            self._do(lambda: put_aside.send_again(self._session, record_id), "Part au prochain échange.")
        elif what == GIVE_UP and record_id in self._aside:
            aside = self._aside[record_id]
            words = LOSES if aside.is_new else GIVES_UP
            if self._view.confirm(f"Abandonner\u00a0: {aside.about}\u202f?", words, "&Abandonner"):
                self._do(lambda: put_aside.give_up(self._session, record_id), "Abandonné.")

    def _do(self, work: Callable[[], object], told: str) -> None:
        try:
            work()
        except FsbusError as error:
            told = error.words
        self.refresh()
        self._view.say(told)
        self._on_changed()

    def _choice(self) -> ChoiceShown | None:
        if not self._choices:
            return None
        one = self._choices[0]
        count = len(self._choices)
        return ChoiceShown(
            place="" if count == 1 else f"1 sur {count}",
            about=f"{one.about} · {one.feed}" if one.feed else one.about,
            field=one.field,
            kept=ValueShown("En place", one.kept.value, _told_by(one.kept)),
            other=ValueShown("Autre valeur", one.other.value, _told_by(one.other)),
            is_readable=bool(one.visit_id),
        )


def _advice(one: PutAside) -> str:
    return CORRECT_HERE if one.visit_id and one.fields else one.advice


def _told_by(side: Side) -> str:
    return ", ".join(part for part in (side.author or "Auteur inconnu de ce poste", side.moment) if part)


def _summary(choices: int, aside: int) -> str:
    parts = []
    if choices:
        parts.append("1 choix à faire" if choices == 1 else f"{choices} choix à faire")
    if aside:
        parts.append(
            "1 fiche mise de côté par le centre"
            if aside == 1
            else f"{aside} fiches mises de côté par le centre"
        )
    return " · ".join(parts) or NOTHING


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _short(text: str) -> str:
    return f"«\u00a0{text if len(text) <= 60 else text[:57] + '…'}\u00a0»"
