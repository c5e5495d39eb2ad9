"""Decides what « La semaine » shows: hours open, days and agents against what the label asks."""

from datetime import date, timedelta
from typing import Protocol

from fsbus.actions import plain_records
from fsbus.actions.circuit import passages_between
from fsbus.actions.session import Session
from fsbus.core.circuit import Incident
from fsbus.core.french import duration, full_day, weekday_and_day
from fsbus.core.week_figures import WANTED_AGENTS, WANTED_DAYS, WANTED_MINUTES, Week, week, week_of
from fsbus.desktop.circuit.shown import WeekShown
from fsbus.store import day_queries

NOT_CLOSED = "Seuls comptent les passages dont l’ouverture et la fermeture sont notées."


class WeekScreen(Protocol):
    """What the presenter needs of the screen."""

    def show_week(self, shown: WeekShown) -> None: ...


class WeekPresenter:
    """One week of one bus."""

    def __init__(self, view: WeekScreen, session: Session) -> None:
        self._view, self._session = view, session
        self._monday = week_of(date.fromisoformat(plain_records.today(session)))

    def refresh(self) -> None:
        """Show the week as the store holds it."""
        span = self._monday.isoformat(), (self._monday + timedelta(days=6)).isoformat()
        told = week(
            self._monday,
            passages_between(self._session, *span),
            day_queries.between(self._session.store.db, Incident, *span),
        )
        self._view.show_week(
            WeekShown(
                f"Semaine {self._monday.isocalendar().week}, du lundi {full_day(self._monday)}",
                (
                    (duration(told.held), f"sur {duration(WANTED_MINUTES)} demandées"),
                    (
                        str(told.days_held),
                        f"jour{'s' if told.days_held > 1 else ''} sur {WANTED_DAYS} demandés",
                    ),
                    (duration(told.planned), "prévues au circuit"),
                    (duration(told.lost), "ôtées par les incidents"),
                ),
                _words(told),
                tuple((_short(one.day), one.held) for one in told.days),
            )
        )

    def turn(self, step: int) -> None:
        """Show another week."""
        self._monday += timedelta(days=7 * step)
        self.refresh()


def _words(told: Week) -> tuple[str, ...]:
    words = [NOT_CLOSED]
    if told.too_few_agents:
        count = told.too_few_agents
        held = "passage tenu" if count == 1 else "passages tenus"
        words.append(f"{count} {held} par moins de {WANTED_AGENTS} agents.")
    if told.holidays:
        days = ", ".join(
            f"{weekday_and_day(date.fromisoformat(day))} ({name})" for day, name in told.holidays
        )
        share = duration(WANTED_MINUTES * (WANTED_DAYS - min(len(told.holidays), WANTED_DAYS)) // WANTED_DAYS)
        words.append(f"Semaine avec jour férié\u00a0: {days}. Au prorata, {share} seraient demandées.")
    return tuple(words)


def _short(day: str) -> str:
    return weekday_and_day(date.fromisoformat(day)).capitalize()
