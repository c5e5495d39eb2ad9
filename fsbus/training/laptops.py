"""The laptops of a demonstration: real stores, opened and used through the application's own actions."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fsbus.actions.session import Session, create_device, open_session
from fsbus.core.clock import Clock
from fsbus.core.entities import as_line
from fsbus.core.ids import Ids
from fsbus.store import queries
from fsbus.sync import http_api


@dataclass(frozen=True)
class Laptop:
    """One laptop: its folder, and its passphrase outside of it."""

    home: Path
    passphrase_file: Path
    clock: Clock
    ids: Ids

    @classmethod
    def make(cls, folder: Path, passphrase: str, *, bus: str, agent: str, clock: Clock) -> "Laptop":
        """A new store in ``folder/home``."""
        folder.mkdir(parents=True)
        passphrase_file = folder / "phrase.txt"
        passphrase_file.write_text(passphrase + "\n", encoding="utf-8")
        passphrase_file.chmod(0o600)
        laptop = cls(folder / "home", passphrase_file, clock, Ids(clock.now))
        create_device(laptop.home, passphrase, bus=bus, agent_name=agent, clock=clock, ids=laptop.ids).close()
        return laptop

    @property
    def passphrase(self) -> str:
        """As the agent would type it."""
        return self.passphrase_file.read_text(encoding="utf-8").strip()

    @contextmanager
    def opened(self) -> Iterator[Session]:
        """Unlocked, and locked again at the end."""
        session = open_session(self.home, self.passphrase, clock=self.clock, ids=self.ids)
        try:
            yield session
        finally:
            session.close()


def enroll(session: Session, url: str, code: str) -> str:
    """Attach an open laptop to the centre; the device's name there."""
    enrolment = http_api.enroll(url, code, session.agent.name, session.signing_key)
    session.store.set_enrolment(enrolment)
    return enrolment.device


def sync(session: Session) -> Mapping[str, int | float]:
    """One synchronisation over HTTP; its figures."""
    report = http_api.sync_by_http(session.store, clock=session.clock)
    return {
        "pushed": report.pushed,
        "pulled": report.pulled,
        "requests": report.requests,
        "bytes_sent": report.bytes_sent,
        "bytes_received": report.bytes_received,
        "seconds": report.seconds,
    }


def lines(session: Session) -> list[dict[str, object]]:
    """Every visit with its procedure records, in order of id."""
    found = [as_line(*one) for one in queries.visits_between(session.store.db, "0001-01-01", "9999-12-31")]
    return sorted(found, key=lambda line: str(line["visit_id"]))
