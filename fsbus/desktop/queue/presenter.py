"""Decides what the queue shows, and what its keys do and say."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Protocol

from fsbus.actions import queue
from fsbus.actions.queue import Standing
from fsbus.actions.session import Session
from fsbus.core.attendance import HOURS
from fsbus.core.clock import parse_utc_text
from fsbus.core.errors import FsbusError
from fsbus.core.french import NO_BREAK, duration
from fsbus.core.queue import BOOKED, GAVE_UP, RECEIVED, Ticket, arrivals
from fsbus.core.queue_words import about, in_one_line, last_ticket, ticket_sheet, who_waits
from fsbus.core.sheets import Sheet
from fsbus.desktop.queue.shown import QueueShown
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.written_days import short_time
from fsbus.store import queries

CHOOSE_FIRST = "Choisissez d’abord un ticket dans la liste."
NOBODY = "Personne n’attend."
CLOSED = "La file est fermée\u00a0: ses tickets sont détruits, les chiffres du jour sont gardés."
NOTHING_TO_CLOSE = "La file est déjà vide."
IN_PERSON = frozenset({"walk_in", "appointment"})
SAID = {RECEIVED: "reçue", GAVE_UP: "repartie", BOOKED: "repartie avec un rendez-vous"}


class QueueScreen(Protocol):
    """What the presenter needs of the page and of the line on the page of the day."""

    def show_queue(self, shown: QueueShown) -> None: ...
    def confirm_close(self, question: str) -> bool: ...


class QueuePresenter:
    """``say`` tells what was done; ``offer`` tells it and may take it back; ``on_closed``: figures were recorded."""

    def __init__(
        self,
        view: QueueScreen,
        session: Session,
        *,
        say: Callable[[str], None],
        offer: Callable[[str, Callable[[], None]], None],
        on_closed: Callable[[], None],
    ) -> None:
        self._view, self._session = view, session
        self._say, self._offer, self._on_closed = say, offer, on_closed

    def refresh(self) -> None:
        """Show the queue as it is now; those of a day before, or of a stop that was left, are destroyed first."""
        try:
            if queue.close_past(self._session):
                self._on_closed()
        except FsbusError as error:
            self._say(error.words)
        self._show(queue.standing(self._session))

    def add(self) -> None:
        """One more at the door."""
        before = queue.standing(self._session)

        def work() -> None:
            made = queue.add(self._session)
            text = f"Ticket {made.number}{NO_BREAK}: {about(before.wait)}."
            if before.too_late and before.closes_at:
                text = f"{text} {last_ticket(before.closes_at)}"
            self._offer(text, lambda: self._try(lambda: queue.take_away(self._session, made.number)))

        self._try(work)

    def call_next(self) -> None:
        """Call who came first."""

        def work() -> None:
            called = queue.call_next(self._session)
            if called is None:
                self._say(NOBODY)
            else:
                self._called(called)

        self._try(work)

    def call(self, key: str) -> None:
        """Call the person of this line before the others."""
        self._try(lambda: self._called(queue.call(self._session, self._number(key))))

    def open(self, key: str) -> None:
        """Enter on a line: call who waits; who was called was received."""
        one = self._ticket(key)
        if one is None or one.is_waiting:
            self.call(key)
        else:
            self.leave(key, RECEIVED)

    def leave(self, key: str, how: str) -> None:
        """Note how the person of this line left."""

        def work() -> None:
            was = queue.leave(self._session, self._number(key), how)
            self._offer(f"Ticket {was.number}{NO_BREAK}: {SAID[how]}.", lambda: self._put_back(was))

        self._try(work)

    def step_back(self, key: str) -> None:
        """Take back the last thing noted of this line: gone, called, or come."""

        def work() -> None:
            one = self._ticket(key)
            number = self._number(key)
            if one is None or one.is_waiting:
                queue.take_away(self._session, number)
                self._say(f"Ticket {number} retiré.")
            elif one.is_called:
                queue.put_back(self._session, replace(one, called_at=None, agent_id=None))
                self._say(f"Ticket {number}{NO_BREAK}: attend de nouveau.")
            else:
                queue.put_back(self._session, replace(one, left_at=None, how=None))
                self._say(f"Ticket {number}{NO_BREAK}: de nouveau dans la file.")

        self._try(work)

    def close(self) -> None:
        """The bus closes here, once the agent said yes."""
        now = queue.standing(self._session)
        if not now.tickets:
            self._say(NOTHING_TO_CLOSE)
            return
        left = f"{who_waits(len(now.waiting))} encore. " if now.waiting else ""
        if self._view.confirm_close(f"{left}Fermer la file\u202f?"):

            def work() -> None:
                queue.close(self._session)
                self._on_closed()
                self._say(CLOSED)

            self._try(work)

    def visit_saved(self, visit_id: str) -> None:
        """Who was called by this agent and came first was received: their ticket ends with the visit."""
        visit = queries.visit(self._session.store.db, visit_id)
        mine = [one for one in queue.standing(self._session).called if one.agent_id == self._session.agent.id]
        if visit is not None and visit.channel in IN_PERSON and mine:
            self._try(lambda: queue.leave(self._session, mine[0].number, RECEIVED))

    def sheet(self, key: str) -> Sheet | None:
        """The paper ticket of this line; None when it is no longer in the queue."""
        now, one = queue.standing(self._session), self._ticket(key)
        if one is None:
            return None
        return ticket_sheet(
            one.number,
            self._session.bus,
            date.fromisoformat(one.day),
            _hour(one.arrived_at),
            now.wait_of(one) if one.is_waiting else 0,
        )

    def _called(self, called: Ticket) -> None:
        was = replace(called, called_at=None, agent_id=None)
        self._offer(f"Ticket {called.number} appelé.", lambda: self._put_back(was))

    def _put_back(self, was: Ticket) -> None:
        self._try(lambda: queue.put_back(self._session, was))

    def _try(self, work: Callable[[], object]) -> None:
        """Do it, and show the queue; what refuses is told."""
        try:
            work()
        except FsbusError as error:
            self._say(error.words)
        self.refresh()

    def _ticket(self, key: str) -> Ticket | None:
        tickets = queue.standing(self._session).tickets
        return next((one for one in tickets if str(one.number) == key), None)

    @staticmethod
    def _number(key: str) -> int:
        if not key:
            raise FsbusError(CHOOSE_FIRST)
        return int(key)

    def _show(self, now: Standing) -> None:
        ordered = [*now.called, *now.waiting, *reversed([one for one in now.tickets if one.left_at])]
        self._view.show_queue(
            QueueShown(
                line=in_one_line(len(now.waiting), now.wait),
                warning=last_ticket(now.closes_at) if now.too_late and now.closes_at else "",
                waiting=len(now.waiting),
                wait=duration(now.wait),
                called=len(now.called),
                received=sum(one.how == RECEIVED for one in now.tickets),
                rows=tuple(
                    TableRow(str(one.number), (str(one.number), _hour(one.arrived_at), *self._told(one, now)))
                    for one in ordered
                ),
                hours=_hours(now.tickets),
            )
        )

    def _told(self, one: Ticket, now: Standing) -> tuple[str, str]:
        at = self._session.clock.now()
        ended = one.called_at or one.left_at
        until = parse_utc_text(ended) if ended else at
        waited = max(0, int((until - parse_utc_text(one.arrived_at)).total_seconds() // 60))
        if one.is_waiting:
            words = f"Attend — {about(now.wait_of(one))}"
        elif one.is_called:
            words = f"Avec un agent depuis {_hour(one.called_at)}"
        else:
            words = f"{SAID[one.how or RECEIVED].capitalize()} à {_hour(one.left_at)}"
        return words, duration(waited)


def _hour(at: str | None) -> str:
    return short_time(parse_utc_text(at)) if at else ""


def _hours(tickets: tuple[Ticket, ...]) -> tuple[tuple[str, int], ...]:
    """Arrivals by hour, from the first to the last one."""
    counts = arrivals(tickets)
    busy = [number for number, name in enumerate(HOURS) if counts[name]]
    if not busy:
        return ()
    span = range(busy[0], busy[-1] + 1)
    return tuple((f"{number}{NO_BREAK}h", counts[HOURS[number]]) for number in span)
