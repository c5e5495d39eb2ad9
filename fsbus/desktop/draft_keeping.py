"""Keeps what is being typed on the disk, sealed, close behind the keys, on its own thread."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, QTimer

from fsbus.actions import drafts
from fsbus.actions.session import Session
from fsbus.core.errors import FsbusError
from fsbus.desktop.background import Background
from fsbus.desktop.visit_form.typed import Typed

AFTER = 400
"""Milliseconds from a change to its writing, which takes with it all that changed meanwhile."""
AGAIN_AFTER = 5_000
"""Milliseconds before what the disk refused is tried again by itself."""
AT_MOST = 2.0
"""Seconds that closing waits for the disk."""
REFUSED = (
    "Votre saisie ne peut pas être gardée sur ce poste (disque plein ou refusé) : enregistrez-la sans attendre, "
    "ou recopiez-la sur papier si l’enregistrement est refusé aussi."
)


class DraftKeeper(QObject):
    """Writes what ``typed`` gives; ``tell`` shows a line in the form, or takes it away when empty.

    Its thread is not that of the exchanges: those may last minutes on a bad link. It reads no database.
    """

    def __init__(
        self,
        session: Session,
        *,
        typed: Callable[[], tuple[str, Typed] | None],
        tell: Callable[[str], None],
        on_bug: Callable[[Exception], None],
        parent: QObject,
        purpose: str = drafts.RECORDING,
    ) -> None:
        # Its parts hang on it, and it on its parent: a collection may run on another thread than theirs.
        super().__init__(parent)
        self._session, self._purpose = session, purpose
        self._typed = typed
        self._tell = tell
        self._on_bug = on_bug
        self._writer = Background(on_bug)
        self._writer.setParent(self)
        self._wait = QTimer(self, singleShot=True, interval=AFTER)
        self._wait.timeout.connect(self._keep)
        self._asked: tuple[str, Typed] | None = None
        """What was last given to the writer."""
        self._is_refused = self._has_told = False

    def touch(self) -> None:
        """Something was typed: what stands there is soon written. Never put off by what is typed next."""
        if not self._wait.isActive() and not self._writer.closed:
            self._wait.start()

    def forget(self) -> None:
        """The visit was saved, or given up: nothing of the draft stays, once what was asked before is done."""
        self._wait.stop()
        self._asked = None
        self._writer.run(
            lambda _tell: drafts.forget_draft(self._session, self._purpose),
            lambda _none: None,
            self._not_forgotten,
        )

    def flush(self) -> bool:
        """Write what is typed now; whether it is on the disk."""
        self._wait.stop()
        if not self._writer.closed:
            self._keep()
        return self._writer.wait(AT_MOST) and not self._is_refused

    def close(self) -> bool:
        """As `flush`, and stop."""
        written = self.flush()
        return self._writer.close(lambda: None, AT_MOST) and written

    def _keep(self) -> None:
        typed = self._typed()
        if typed == self._asked:
            return
        if typed is None:
            self.forget()
            return
        self._asked = typed
        visit_id, form = typed[0], typed[1].as_plain()
        self._writer.run(lambda _tell: self._write(visit_id, form), self._written, self._failed)

    def _write(self, visit_id: str, form: Mapping[str, object]) -> None:
        self._is_refused = True
        drafts.keep_draft(self._session, visit_id, form, self._purpose)
        self._is_refused = False

    def _written(self, _none: None) -> None:
        if self._has_told:
            self._has_told = False
            self._tell("")

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, FsbusError):
            self._on_bug(error)
            return
        self._has_told = True
        self._tell(REFUSED)
        self._asked = None
        QTimer.singleShot(AGAIN_AFTER, self, self.touch)

    def _not_forgotten(self, error: Exception) -> None:
        # The visit is recorded or given up all the same: what stays is found and destroyed at an opening.
        if not isinstance(error, FsbusError):
            self._on_bug(error)
