"""Builds the screens behind the lock and ties each view to its presenter.

Imported once the store is open: it brings the store and the exchange with it, which the unlock
screen must not wait for. Whoever makes `Screens` keeps it: Qt holds slots weakly, so presenters that
nobody owns would be collected and their buttons would silently do nothing.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from PySide6.QtCore import QObject, QTimer

from fsbus.actions.drafts import kept_draft, put_draft_aside
from fsbus.actions.session import Session
from fsbus.core.entities import PROCEDURE_RECORD, VISIT
from fsbus.core.errors import FsbusError
from fsbus.desktop.answers.door import PAGE as ANSWERS
from fsbus.desktop.answers.door import AnswersDoor
from fsbus.desktop.corrections import Corrections
from fsbus.desktop.draft_keeping import DraftKeeper
from fsbus.desktop.keys.door import KeysDoor
from fsbus.desktop.network_hints import NetworkHints
from fsbus.desktop.paper.door import PaperDoor
from fsbus.desktop.running import Runner
from fsbus.desktop.stick.presenter import Stick, StickPresenter
from fsbus.desktop.stick.view import StickView
from fsbus.desktop.sync_panel.automatic import AutomaticExchange, Ended
from fsbus.desktop.sync_panel.countdown import Countdown
from fsbus.desktop.sync_panel.presenter import Exchange, SyncPresenter
from fsbus.desktop.sync_panel.state import SyncState
from fsbus.desktop.sync_panel.view import SyncPanelView
from fsbus.desktop.to_check.presenter import ToCheckPresenter
from fsbus.desktop.to_check.view import ToCheckView
from fsbus.desktop.today.presenter import TodayPresenter
from fsbus.desktop.today.view import TodayView
from fsbus.desktop.visit_details.presenter import VisitDetailsPresenter
from fsbus.desktop.visit_details.view import VisitDetailsView
from fsbus.desktop.visit_form.presenter import VisitFormPresenter
from fsbus.desktop.visit_form.tying import tie
from fsbus.desktop.visit_form.typed import from_plain
from fsbus.desktop.visit_form.view import VisitFormView
from fsbus.desktop.window import MainWindow

MINUTES_SHOWN_EVERY = 10.0


class Refreshed(Protocol):
    """A page that is read anew before it is shown."""

    def refresh(self) -> None: ...


def _no_page() -> Refreshed:
    raise RuntimeError("this application has no such page")


class Screens(QObject):
    """Today, the visit form, the reading of a visit and the sync panel of one open session.

    ``by_itself``: exchange with the centre from time to time without being asked.
    """

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        *,
        runner: Runner,
        exchange: Exchange,
        stick: Stick,
        on_bug: Callable[[Exception], None],
        by_itself: bool = True,
        security: "Callable[[], Refreshed] | None" = None,
    ) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self.today = TodayView()
        self.visit = VisitFormView()
        self.details = VisitDetailsView()
        self.sync = SyncPanelView()
        self.today_presenter = TodayPresenter(self.today, session)
        self.visit_presenter = VisitFormPresenter(
            self.visit, session, on_saved=self._saved, on_closed=self._closed
        )
        self.drafts = DraftKeeper(
            session,
            typed=self.visit_presenter.typed,
            tell=self.visit.show_notice,
            on_bug=on_bug,
            parent=self,
        )
        self.corrections = Corrections(
            window,
            session,
            leave=self._back_to,
            on_changed=self._decided,
            on_bug=on_bug,
            on_form=self._serve,
            parent=self,
        )
        self.details_presenter = VisitDetailsPresenter(
            self.details, session, on_changed=self._decided, on_removed=self.corrections.offer_to_put_back
        )
        self.sync_presenter = SyncPresenter(
            self.sync,
            session,
            runner=runner,
            exchange=exchange,
            on_state=self._show_state,
            on_changed=self._changed,
            on_bug=on_bug,
            on_ended=self._exchange_ended,
        )
        self.stick = StickView()
        self.sync.add_part(self.stick)
        self.stick_presenter = StickPresenter(
            self.stick,
            session.device,
            runner=runner,
            stick=stick,
            on_done=self._carried,
            on_bug=on_bug,
        )
        next_one, look = Countdown(self), Countdown(self)
        self.automatic = AutomaticExchange(
            runner=runner,
            exchange=self.sync_presenter.sync_quietly,
            reach=exchange.reachable,
            next_one=next_one,
            look=look,
        )
        next_one.rang.connect(self.automatic.ring)
        look.rang.connect(self.automatic.look)
        self.to_check = ToCheckView()
        self.to_check_presenter = ToCheckPresenter(
            self.to_check,
            session,
            on_count=lambda count: window.show_count("to_check", count),
            on_changed=self._decided,
            read_visit=self.read_visit,
            correct=self._correct_refused,
        )
        self.answers = AnswersDoor(window, session, self.visit, on_bug=on_bug, parent=self)
        self.paper = PaperDoor(
            window,
            session,
            runner=runner,
            visit_here=self._visit_here,
            on_back=self._leave_paper,
            on_bug=on_bug,
        )
        self.keys = KeysDoor(window, parent=self)
        self._make_security = security or _no_page
        self.security: Refreshed | None = None
        self._clock = QTimer(self, interval=int(MINUTES_SHOWN_EVERY * 1000))
        self._connect()
        window.add_page("today", self.today)
        window.add_page("visit", self.visit)
        window.add_page("details", self.details)
        window.add_page("sync", self.sync)
        window.add_page("to_check", self.to_check)
        window.show_opened(session.bus, session.agent.name)
        self.today_presenter.refresh()
        self.sync_presenter.refresh()
        self.to_check_presenter.refresh()
        window.show_page("today")
        window.say(f"Bonjour {session.agent.name.split()[0]}.")
        self._clock.start()
        self.corrections.resume()
        self.resume_draft()
        if by_itself:
            self.automatic.start()
            NetworkHints(self, self.automatic.network_changed)

    def new_visit(self) -> None:
        """Open the form, or come back to the one under way."""
        self._window.show_tab("visit", True)
        if not self.visit_presenter.is_open:
            self._window.show_page("visit")
            self.visit_presenter.open()
        elif self._window.page() != "visit":
            self._window.show_page("visit")

    def resume_draft(self) -> None:
        """Open the form on what this agent was typing when it was last closed, if anything was."""
        try:
            draft = kept_draft(self._session)
            typed = None if draft is None else from_plain(draft.form)
        except FsbusError as error:
            self._window.say(str(error))
            return
        except ValueError:
            # Sealed and whole, yet not a form: nothing to show, and nothing to destroy.
            put_draft_aside(self._session)
            return
        if draft is not None and typed is not None:
            self._window.show_tab("visit", True)
            self._window.show_page("visit")
            self.visit_presenter.resume(draft.visit_id, draft.kept_at, typed)

    def show_page(self, name: str) -> None:
        """Go to a page, read anew."""
        if name == ANSWERS:
            self.answers.enter()
            return
        if name == "today":
            self.today_presenter.refresh()
        elif name == "sync":
            self.sync_presenter.refresh()
        elif name == "to_check":
            self.to_check_presenter.refresh()
        self._window.show_page(name)

    def correct_visit(self, visit_id: str) -> None:
        """Open the form on a recorded visit, to come back to the page shown now."""
        self.corrections.correct(visit_id, self._window.page())

    def show_security(self) -> None:
        """Open the « Sécurité » page, built the first time."""
        if self.security is None:
            self.security = self._make_security()
        self.security.refresh()
        self._window.show_page("security")

    def is_typing(self) -> bool:
        """Whether a visit is being typed, or corrected."""
        return self.visit_presenter.is_open or self.corrections.is_open

    def read_visit(self, visit_id: str) -> None:
        """Show everything that was recorded of a visit; nothing happens when it was erased meanwhile."""
        if self.details_presenter.show(visit_id):
            self._window.show_page("details")

    def leave_details(self) -> None:
        """Back to the list, the keyboard on the line it came from."""
        self.show_page("today")
        if self.today.visits.chosen():
            self.today.visits.setFocus()

    def sync_now(self) -> None:
        """Show the sync panel and exchange."""
        self.show_page("sync")
        self.sync_presenter.sync()

    def may_close(self) -> bool:
        """Whether the window may close; asks the agent when a visit is being typed, which is kept."""
        if not self.corrections.may_close():
            return False
        if self.visit_presenter.typed() is None:
            return True
        self._window.show_page("visit")
        return self.visit.confirm_leave(self.drafts.flush())

    def stop(self) -> None:
        """No more timers; what is typed is kept; the exchange under way is asked to stop."""
        self._clock.stop()
        self.automatic.stop()
        self.sync_presenter.cancel()
        self.answers.close()
        self.drafts.close()
        self.corrections.stop()

    def _correct_refused(self, visit_id: str, refused: Mapping[str, tuple[str, ...]], why: str) -> None:
        self.corrections.correct(visit_id, "to_check", refused, why)

    def _serve(self, form: VisitFormView) -> None:
        self.answers.serve(form)

    def _back_to(self, page: str, visit_id: str) -> None:
        """Where the correction came from: the line of the list, the visit read, or the desk."""
        if page == "details":
            self.read_visit(visit_id)
        if page != "details" or self._window.page() != "details":
            self.show_page("to_check" if page == "to_check" else "today")
        if self._window.page() == "today" and self.today.visits.chosen():
            self.today.visits.setFocus()

    def _saved(self, text: str) -> None:
        # The visit just recorded must be seen in the list, not hidden by a search of before.
        self.today.search.clear()
        self._leave_form()
        self.today.visits.choose(self.visit_presenter.visit_id)
        self._window.say(text, printable=True)

    def _visit_here(self) -> str:
        """The visit before the eyes: the one that is read, or chosen in the list; empty when there is none."""
        page = self._window.page()
        if page == "details":
            return self.details_presenter.visit_id
        return self.today.visits.chosen() if page == "today" else ""

    def _leave_paper(self, page: str) -> None:
        if page == "details" and self.details_presenter.refresh():
            self._window.show_page("details")
        else:
            self.leave_details()

    def _closed(self) -> None:
        self._leave_form()

    def _leave_form(self) -> None:
        self.drafts.forget()
        self._window.show_tab("visit", False)
        self.sync_presenter.refresh()
        self.show_page("today")

    def _show_state(self, state: SyncState) -> None:
        self._window.show_state(state.line())
        self.stick_presenter.allow(state.enrolled)

    def _carried(self, kinds: frozenset[str]) -> None:
        self.sync_presenter.refresh()
        self._changed(kinds)

    def _changed(self, kinds: frozenset[str]) -> None:
        self.to_check_presenter.refresh()
        self.corrections.refresh()
        if kinds & {VISIT, PROCEDURE_RECORD}:
            self.today_presenter.refresh()
            if self._window.page() == "details" and not self.details_presenter.refresh():
                self.leave_details()
            self.paper.refresh()

    def _exchange_ended(self, how: Ended) -> None:
        self.automatic.ended(how)

    def _decided(self) -> None:
        """What was chosen, removed or put back shows everywhere, and waits to be sent."""
        self.today_presenter.refresh()
        self.sync_presenter.refresh()
        if self._window.page() != "to_check":
            self.to_check_presenter.refresh()
        if self._window.page() == "details" and not self.details_presenter.refresh():
            self.leave_details()

    def _connect(self) -> None:
        window, today, visit, sync = self._window, self.today, self.visit, self.sync
        details = self.details
        window.page_requested.connect(self.show_page)
        window.new_visit_requested.connect(self.new_visit)
        window.sync_requested.connect(self.sync_now)
        window.security_requested.connect(self.show_security)
        self._clock.timeout.connect(self.visit_presenter.tick)
        today.new_visit_requested.connect(self.new_visit)
        today.stop_searched.connect(self.today_presenter.search_stops)
        today.stop_picked.connect(self.today_presenter.pick_stop)
        today.visits_searched.connect(self.today_presenter.search_visits)
        today.visit_opened.connect(self.read_visit)
        today.correct_requested.connect(self.correct_visit)
        details.back_requested.connect(self.leave_details)
        details.correct_requested.connect(lambda: self.correct_visit(self.details_presenter.visit_id))
        details.print_requested.connect(self.paper.print_here)
        details.remove_requested.connect(self.details_presenter.remove)
        details.put_back_requested.connect(self.details_presenter.put_back)
        self.to_check.chosen.connect(self.to_check_presenter.choose)
        self.to_check.read_requested.connect(self.to_check_presenter.read)
        self.to_check.settled.connect(self.to_check_presenter.settle)
        # First: the « Enregistré » of the visit before must not stand beside the refusal of this one.
        visit.save_requested.connect(window.hush)
        tie(visit, self.visit_presenter)
        visit.edited.connect(self.drafts.touch)
        self.stick.write_requested.connect(self.stick_presenter.write)
        self.stick.read_requested.connect(self.stick_presenter.read)
        sync.sync_requested.connect(self.sync_presenter.sync)
        sync.cancel_requested.connect(self.sync_presenter.cancel)
        sync.enroll_requested.connect(self.sync_presenter.enroll)
