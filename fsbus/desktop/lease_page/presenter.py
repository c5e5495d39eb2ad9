"""Decides how a laptop whose lease has ended comes back: by an exchange, or by a coordinator's code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from fsbus.actions.lease import LeaseState, lease_state, use_code
from fsbus.actions.session import Session
from fsbus.core.errors import FsbusError, InvalidInput, Offline
from fsbus.core.french import NARROW, NO_BREAK, number
from fsbus.core.redaction import redacted
from fsbus.desktop.running import Runner
from fsbus.desktop.sync_panel.presenter import Exchange
from fsbus.wire.lease_codes import grouped

OFFLINE = (
    f"Le centre est hors d’atteinte pour l’instant. Approchez-vous du réseau et réessayez, "
    f"ou appelez le coordinateur{NO_BREAK}: tout est gardé sur ce poste."
)
NO_CODE = (
    f"Aucun code ne peut plus servir avant un échange{NO_BREAK}: trouvez du réseau, ou appelez le coordinateur. "
    "Tout est gardé sur ce poste."
)


@redacted()
@dataclass(frozen=True)
class LeaseWords:
    """What the screen says. Without ``challenge``, no code can be used, and ``by_phone`` says why."""

    why: str
    kept: str
    device: str
    challenge: str
    by_phone: str


class LeaseScreen(Protocol):
    """What the presenter needs of the screen."""

    def show_words(self, words: LeaseWords) -> None: ...
    def show_busy(self, busy: bool) -> None: ...
    def show_progress(self, done: int, total: int) -> None: ...
    def say(self, text: str) -> None: ...
    def typed(self) -> str: ...
    def show_problem(self, text: str) -> None: ...


class LeasePresenter:
    """Shows where the lease stands; ``on_back`` is called once the laptop may be opened again."""

    def __init__(
        self,
        view: LeaseScreen,
        session: Session,
        *,
        runner: Runner,
        exchange: Exchange,
        on_back: Callable[[], None],
        on_bug: Callable[[Exception], None],
    ) -> None:
        self._view, self._session = view, session
        self._runner, self._exchange = runner, exchange
        self._on_back, self._on_bug = on_back, on_bug
        self._busy = False

    def refresh(self) -> None:
        """Read where the lease stands, and say so; go on when it is alive."""
        state = lease_state(self._session)
        if state is None or not state.expired:
            self._on_back()
            return
        self._view.show_words(self._words(state))

    def sync(self) -> None:
        """Exchange now; what waits goes out whatever the lease says."""
        if self._busy:
            return
        self._set_busy(True)
        self._view.say("")

        def job(tell: Callable[[object], None]) -> None:
            self._exchange.sync(lambda done, total: tell((done, total)), lambda: False)

        self._runner.run(job, lambda _none: self._exchanged(), self._failed, self._progressed)

    def use_code(self) -> None:
        """Try the code that was typed."""
        if self._busy:
            return
        try:
            use_code(self._session, self._view.typed())
        except InvalidInput as wrong:
            self.refresh()
            self._view.show_problem(wrong.problems.get("code", str(wrong)))
        except FsbusError as error:
            self.refresh()
            self._view.show_problem(str(error))
        else:
            self.refresh()

    def _exchanged(self) -> None:
        self._set_busy(False)
        self.refresh()

    def _failed(self, error: Exception) -> None:
        self._set_busy(False)
        # Some answers may have come before it failed: they count.
        self.refresh()
        if isinstance(error, Offline):
            self._view.say(OFFLINE)
        elif isinstance(error, FsbusError):
            self._view.say(str(error))
        else:
            self._view.say("L’échange s’est arrêté. Un rapport a été écrit\u202f; rien n’est perdu.")
            self._on_bug(error)

    def _progressed(self, value: object) -> None:
        if isinstance(value, tuple):
            self._view.show_progress(int(value[0]), int(value[1]))

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self._view.show_progress(0, 0)
        self._view.show_busy(busy)

    def _words(self, state: LeaseState) -> LeaseWords:
        waiting = self._session.store.pending_count()
        kept = "Tout ce qui est enregistré est gardé."
        if waiting:
            many = waiting > 1
            kept = (
                f"Tout ce qui est enregistré est gardé{NARROW}; {number(waiting)}{NO_BREAK}"
                f"saisie{'s partiront' if many else ' partira'} avec l’échange."
            )
        device = self._session.device.upper()
        return LeaseWords(
            why=state.notice(),
            kept=kept,
            device=" ".join(device[start : start + 5] for start in range(0, len(device), 5)),
            challenge=grouped(state.challenge),
            by_phone="" if state.challenge else NO_CODE,
        )
