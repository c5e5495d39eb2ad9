"""The long jobs of the desktop with the real store and the real centre, run in the background.

Nothing heavy is imported before a job runs: the unlock window must be there at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fsbus.core.clock import Clock
from fsbus.core.errors import InvalidInput, StoreError
from fsbus.core.redaction import redacted
from fsbus.desktop.running import Runner, Tell

if TYPE_CHECKING:
    from fsbus.actions.lease import LeaseWatch
    from fsbus.actions.session import Session
    from fsbus.core.events import Log
    from fsbus.core.ids import Ids
    from fsbus.sync.engine import SyncReport
    from fsbus.sync.pacing import Timing

KEYFILE = "keys.fsk"
RESTORING = "Rétablissement de la base depuis la dernière copie… N’éteignez pas ce poste."
MIGRATING = "Mise à jour de la base… N’éteignez pas ce poste."


@redacted()
@dataclass
class Device:
    """This laptop: its folder, and the worker's own session once it is open."""

    home: Path
    runner: Runner
    clock: Clock
    ids: "Ids | None"
    """Made when a store is opened, unless given."""
    on_bug: Callable[[Exception], None]
    log: "Log"
    session: "Session | None" = field(default=None, repr=False)
    lease: "LeaseWatch | None" = field(default=None, repr=False)
    timing: "Timing | None" = None
    """How long the centre is waited for; as always, unless given."""

    def exists(self) -> bool:
        """Whether a store was made here."""
        return any((self.home / name).exists() for name in (KEYFILE, f"{KEYFILE}.prev"))

    def open(
        self,
        passphrase: str,
        done: "Callable[[Session], None]",
        failed: Callable[[Exception], None],
        progress: Callable[[str], None],
    ) -> None:
        """Open the store on the worker, then a second connection here, which ``done`` gets.

        ``progress`` is told in French what takes longer than usual.
        """

        def job(tell: Tell) -> "Session":
            from fsbus.actions.session import open_session
            from fsbus.core.events import Event, Migrating, Restoring

            def log(event: Event) -> None:
                self.log(event)
                if isinstance(event, (Migrating, Restoring)):
                    tell(RESTORING if isinstance(event, Restoring) else MIGRATING)

            return self._keep(open_session(self.home, passphrase, clock=self.clock, ids=self._ids(), log=log))

        self.runner.run(job, lambda worker: done(worker.reopen()), failed, lambda told: progress(str(told)))

    def create(
        self,
        passphrase: str,
        bus: str,
        agent: str,
        done: "Callable[[Session], None]",
        failed: Callable[[Exception], None],
    ) -> None:
        """Make the store on the worker; otherwise as `open`."""

        def job(_tell: object) -> "Session":
            from fsbus.actions.session import create_device

            return self._keep(
                create_device(
                    self.home,
                    passphrase,
                    bus=bus,
                    agent_name=agent,
                    clock=self.clock,
                    ids=self._ids(),
                    log=self.log,
                )
            )

        self.runner.run(job, lambda worker: done(worker.reopen()), failed)

    def accept(
        self,
        code: str,
        passphrase: str,
        done: "Callable[[Session], None]",
        failed: Callable[[Exception], None],
    ) -> None:
        """Exchange an invitation code for this passphrase on the worker; otherwise as `open`."""

        def job(_tell: object) -> "Session":
            from fsbus.actions.agents import accept_invitation

            return self._keep(
                accept_invitation(
                    self.home, code, passphrase, clock=self.clock, ids=self._ids(), log=self.log
                )
            )

        self.runner.run(job, lambda worker: done(worker.reopen()), failed)

    def remove_agent(
        self,
        agent_id: str,
        passphrase: str,
        done: "Callable[[Session], None]",
        failed: "Callable[[Exception, Session | None], None]",
    ) -> None:
        """Shut an agent out on the worker; no other connection may be open.

        Both callbacks get a new connection for this thread; ``failed`` none when the laptop does not open again.
        """

        def job(_tell: object) -> "tuple[Session | None, Exception | None]":
            from fsbus.actions.agents import remove_agent
            from fsbus.actions.session import open_session
            from fsbus.core.errors import FsbusError

            if self.lease is not None:
                self.lease.stop()
                self.lease = None
            worker, self.session = self.opened(), None
            trouble: Exception | None = None
            try:
                return self._keep(remove_agent(worker, agent_id, passphrase)), None
            except Exception as error:  # noqa: BLE001 -- told once the laptop is open again
                trouble = error
            worker.close()
            try:
                return self._keep(
                    open_session(self.home, passphrase, clock=self.clock, ids=self._ids(), log=self.log)
                ), trouble
            except FsbusError:
                return None, trouble

        def ended(result: "tuple[Session | None, Exception | None]") -> None:
            worker, trouble = result
            mine = None if worker is None else worker.reopen()
            if trouble is not None:
                failed(trouble, mine)
            elif mine is not None:
                done(mine)

        self.runner.run(job, ended, self.on_bug)

    def adopt(self, session: "Session") -> None:
        """Give the worker its own connection beside a session opened elsewhere; nothing when it has one."""

        def job(_tell: object) -> None:
            if self.session is None:
                self._watch_lease(session.reopen())

        self.runner.run(job, lambda _none: None, self.on_bug)

    def warm_up(self) -> None:
        """Load what opening will need while the agent types the passphrase."""

        def job(_tell: object) -> None:
            import fsbus.actions.session
            import fsbus.store.reference  # noqa: F401 -- loading is all that is wanted

        self.runner.run(job, lambda _none: None, self.on_bug)

    def sync(self, progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> "SyncReport":
        """Exchange with the centre until nothing is left; on the worker."""
        from fsbus.sync.remembered import exchange_and_remember

        session = self.opened()
        return exchange_and_remember(
            session.store,
            clock=session.clock,
            progress=progress,
            cancelled=cancelled,
            log=session.log,
            spare=None if session.read_only else session.spare_store,
            timing=self.timing,
        )

    def reachable(self) -> bool:
        """Whether a connection to the centre's address can be made; on the worker. A hint, no proof."""
        from fsbus.sync.http_api import is_reachable
        from fsbus.sync.rhythm import LOOK_FOR

        enrolment = self.opened().store.link().enrolment
        return enrolment is not None and is_reachable(enrolment.server_url, LOOK_FOR)

    def enroll(self, url: str, code: str) -> None:
        """Attach this laptop with a one-time code; on the worker."""
        from fsbus.store.standing import key_to_enrol
        from fsbus.sync import http_api

        session = self.opened()
        # Before the code is spent.
        session.require_writable()
        key = key_to_enrol(session.store, session.signing_key)
        session.store.set_enrolment(http_api.enroll(url, code, session.agent.name, key))

    def back_up(self, done: Callable[[], None]) -> None:
        """Make a backup on the worker; when the disk refuses it, it is due again a minute later."""

        def job(_tell: object) -> bool:
            try:
                self.opened().back_up()
            except StoreError:
                return False
            return True

        self.runner.run(job, lambda made: done() if made else None, self.on_bug)

    def close(self) -> None:
        """Close the worker's connection; on the worker."""
        if self.lease is not None:
            self.lease.stop()
            self.lease = None
        if self.session is not None:
            self.session.close()
            self.session = None

    def keep_lease(self) -> None:
        """Keep how long the laptop has been open; on the worker."""
        if self.lease is not None:
            self.lease.tick()

    def _watch_lease(self, session: "Session") -> None:
        from fsbus.actions.lease import LeaseWatch

        self.session = session
        self.lease = LeaseWatch(session)

    def _ids(self) -> "Ids":
        from fsbus.core.ids import Ids

        return self.ids or Ids(self.clock.now)

    def _keep(self, session: "Session") -> "Session":
        self._watch_lease(session)
        # The official lists are built at the first opening: here, where no window waits.
        _ = session.reference
        return session

    def opened(self) -> "Session":
        """The worker’s own session; only on the worker. RuntimeError before there is one."""
        if self.session is None:
            raise RuntimeError("the store is not open")
        return self.session


class NewPhrases:
    """Passphrases of the first run, from the French list made for them."""

    def new(self) -> str:
        """Six words."""
        from fsbus.actions.passphrases import propose_passphrase

        return propose_passphrase()

    def weakness(self, phrase: str) -> str | None:
        """Why it is too easy to guess; None when it is good."""
        from fsbus.actions.passphrases import refuse_weak

        try:
            refuse_weak(phrase)
        except InvalidInput as refused:
            return next(iter(refused.problems.values()))
        return None
