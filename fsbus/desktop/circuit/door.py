"""Hangs the « Tournée » page in the window."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QWidget

from fsbus.actions import stops
from fsbus.core.entities import AGENT, INCIDENT, PASSAGE, STOP
from fsbus.core.errors import FsbusError
from fsbus.desktop.circuit.day import DayPresenter
from fsbus.desktop.circuit.plan import PlanPresenter
from fsbus.desktop.circuit.view import PLAN, TODAY, WEEK, CircuitView
from fsbus.desktop.circuit.week import WeekPresenter
from fsbus.desktop.corrections import TAKEN_BACK, TAKEN_BACK_IN_PART
from fsbus.desktop.door import Door, Shell
from fsbus.desktop.entry import DAY, Entry
from fsbus.desktop.widgets.panels import Panel
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.desktop.widgets.type_ahead import TypeAhead

KINDS = frozenset({AGENT, STOP, PASSAGE, INCIDENT})
MOST_SUGGESTIONS = 8
NO_POSTER = "Le bus ne passe nulle part ce mois-là : choisissez un autre mois."


class CircuitDoor(Door):
    """Setting out: today's stops as they happen, the circuit, the week."""

    entry = Entry("circuit", "Tournée", DAY, "2")

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        view = self.view = CircuitView()
        self.day = DayPresenter(
            view, self.session, changed=self._changed, say=self.window.say, offer=self._offer
        )
        self.plan = PlanPresenter(
            view, self.session, changed=self._changed, say=self.window.say, offer=self._offer
        )
        self.week = WeekPresenter(view, self.session)
        self._stopped = False
        self.window.add_page(self.entry.name, view)
        view.part_shown.connect(lambda _number: self._read())
        self._tie_day()
        self._tie_plan()
        view.week_before.clicked.connect(lambda: self.week.turn(-1))
        view.week_after.clicked.connect(lambda: self.week.turn(1))
        for field in (view.stops.commune, view.stop.commune):
            field.searched.connect(lambda text, field=field: self._propose(field, text))

    def enter(self) -> None:
        """Show the page, read anew."""
        self._read()
        self.window.show_page(self.entry.name)

    def refresh(self, kinds: frozenset[str]) -> None:
        """Stops, passages and incidents, while they are in sight."""
        if kinds & KINDS and self.window.page() == self.entry.name:
            self._read()

    def stop(self) -> None:
        """What is typed of a passage is recorded, once: the store is closed after that."""
        if not self._stopped:
            self._stopped = True
            self.day.keep()

    def _read(self) -> None:
        read = {TODAY: self.day.refresh, PLAN: self.plan.refresh, WEEK: self.week.refresh}
        read[self.view.part()]()

    def _tie_day(self) -> None:
        stops_card, passage, incidents = self.view.stops, self.view.passage, self.view.incidents
        stops_card.stops.picked.connect(self.day.choose)
        stops_card.add.clicked.connect(self._begin_unplanned)
        self._tie(stops_card.panel, self._add_unplanned, stops_card.add)
        passage.marked.connect(self.day.mark)
        for save in (passage.save, passage.save_checks):
            save.clicked.connect(self.day.save)
        passage.restore.clicked.connect(self.day.restore)
        for door, panel, first in (
            (passage.call_off, passage.calling_off, passage.reason),
            (passage.put_off, passage.putting_off, passage.new_day),
        ):
            door.clicked.connect(lambda _on=False, panel=panel, first=first: _open(panel, first))
        for panel, door in (
            (passage.calling_off, passage.call_off),
            (passage.putting_off, passage.put_off),
            (stops_card.panel, stops_card.add),
            (incidents.panel, incidents.add),
        ):
            panel.left.connect(lambda panel=panel, door=door: _leave(panel, door))
        self._tie(passage.calling_off, lambda: self.day.call_off(passage.reason.code()), passage.restore)
        self._tie(passage.putting_off, lambda: self.day.put_off(passage.new_day.text()), passage.restore)
        incidents.add.clicked.connect(self._begin_incident)
        self._tie(incidents.panel, self._add_incident, incidents.add)
        incidents.end.clicked.connect(lambda: self._with_incident(self.day.end_incident))
        incidents.take_off.clicked.connect(lambda: self._with_incident(self.day.take_off_incident))

    def _tie_plan(self) -> None:
        view, plan = self.view, self.plan
        view.add.clicked.connect(plan.begin)
        view.plan.opened.connect(plan.change)
        view.change.clicked.connect(lambda: plan.change(view.plan.chosen()))
        view.take_off.clicked.connect(lambda: plan.take_off(view.plan.chosen()))
        view.stop.edited.connect(plan.preview)
        view.stop.left.connect(plan.leave)
        view.stop.submitted.connect(lambda: view.stop.show_problems(plan.submit()))
        view.poster.clicked.connect(self._print_posters)
        view.months.before.clicked.connect(lambda: plan.turn(-1))
        view.months.after.clicked.connect(lambda: plan.turn(1))

    def _print_posters(self) -> None:
        from fsbus.desktop.circuit.papers import PosterPapers

        month, first = self.plan.month(), self.plan.commune_of(self.view.plan.chosen())
        papers = PosterPapers(self.session, month, first)
        if papers.read():
            self.shell.open_on_paper(papers)
        else:
            self.window.say(NO_POSTER)

    def _tie(self, panel: Panel, does: Callable[[], dict[str, str]], after: QWidget) -> None:
        """``after`` has the keyboard once it was done; when it was left, the button that opened it."""
        panel.submitted.connect(lambda: self._submit(panel, does, after))

    def _submit(self, panel: Panel, does: Callable[[], dict[str, str]], after: QWidget) -> None:
        problems = does()
        panel.show_problems(problems)
        if not problems:
            panel.hide()
            after.setFocus()

    def _begin_unplanned(self) -> None:
        card = self.view.stops
        code = stops.last(self.session) or ""
        commune = self.session.reference.commune(code) if code else None
        card.commune.set_value(code if commune else "", commune.label if commune else "")
        for line in (card.place, card.opens, card.closes):
            line.clear()
        _open(card.panel, card.commune)

    def _add_unplanned(self) -> dict[str, str]:
        card = self.view.stops
        return self.day.add_unplanned(
            card.commune.code(), card.place.text(), card.opens.text(), card.closes.text()
        )

    def _begin_incident(self) -> None:
        card = self.view.incidents
        card.what.set_code("")
        card.closed.setChecked(False)
        for line in (card.minutes, card.note):
            line.clear()
        card.started.setText(self.day.now())
        _open(card.panel, card.what)

    def _add_incident(self) -> dict[str, str]:
        card = self.view.incidents
        return self.day.add_incident(
            card.what.code(),
            card.started.text(),
            card.minutes.text(),
            card.closed.isChecked(),
            card.note.text(),
        )

    def _with_incident(self, does: Callable[[str], None]) -> None:
        table = self.view.incidents.incidents
        if table.chosen():
            does(table.chosen())
        else:
            table.setFocus()

    def _propose(self, field: TypeAhead, text: str) -> None:
        before = stops.last(self.session)
        last = self.session.reference.commune(before) if before else None
        if text.strip():
            near = last.departement_code if last else None
            found = self.session.reference.search_communes(text, MOST_SUGGESTIONS, near)
        else:
            found = [last] if last else []
        field.set_suggestions([Suggestion(hit.insee_code, hit.label) for hit in found])

    def _changed(self, kind: str) -> None:
        self.shell.changed(frozenset({kind}), self)

    def _offer(self, text: str, undo: Callable[[], bool]) -> None:
        self.window.offer(text, lambda: self._undo(undo))

    def _undo(self, undo: Callable[[], bool]) -> None:
        try:
            told = TAKEN_BACK if undo() else TAKEN_BACK_IN_PART
        except FsbusError as refused:
            told = refused.words
        self.window.say(told)


def _open(panel: Panel, first: QWidget) -> None:
    panel.show_problems({})
    panel.show()
    # The layout comes first: the page scrolls to where the field is then.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    first.setFocus()


def _leave(panel: Panel, door: QWidget) -> None:
    panel.hide()
    door.setFocus()
