"""Fail a test that logs a warning nobody expected, or that reaches beyond this machine.

Warnings of Python (`filterwarnings = error`) and of Qt (`qt_log_level_fail = WARNING`) are held by pyproject.toml.
A test that must log says so: `@pytest.mark.expects_log("pattern")`; the pattern must then be met.
Programs that a test starts by themselves are not watched.
"""

import ipaddress
import logging
import os
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


class Listener(logging.Handler):
    """Keeps the text of every record of level WARNING and above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(f"{record.levelname} {record.name}: {record.getMessage()}")


def unexpected_and_unmet(heard: list[str], patterns: list[str]) -> list[str]:
    """What is wrong with the log of a test: lines no pattern matches, patterns no line meets."""
    unexpected = [line for line in heard if not any(re.search(pattern, line) for pattern in patterns)]
    unmet = [pattern for pattern in patterns if not any(re.search(pattern, line) for line in heard)]
    return [f"unexpected log: {line}" for line in unexpected] + [
        f"never logged: {pattern}" for pattern in unmet
    ]


@pytest.fixture(autouse=True)
def no_unexpected_log(request: pytest.FixtureRequest) -> Iterator[None]:
    listener = Listener()
    logging.getLogger().addHandler(listener)
    yield
    logging.getLogger().removeHandler(listener)
    patterns = [str(mark.args[0]) for mark in request.node.iter_markers("expects_log")]
    wrong = unexpected_and_unmet(listener.heard, patterns)
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


def is_here(host: object) -> bool:
    """True for this machine: loopback addresses, localhost, "" and None."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host).split("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse names and addresses of other machines, and remember it: the refusal may be swallowed."""
    reached: list[str] = []

    def refuse(what: str, host: object) -> None:
        reached.append(f"{what} {host!r}")
        raise OSError(f"a test may not reach another machine: {what} {host!r}")

    def guard_address(name: str) -> None:
        real = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any) -> Any:
            if self.family in {socket.AF_INET, socket.AF_INET6} and not is_here(address[0]):
                refuse(name, address[0])
            return real(self, address)

        monkeypatch.setattr(socket.socket, name, guarded)

    def guarded_lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_here(host):
            refuse("look up", host)
        return real_lookup(host, *args, **kwargs)

    real_lookup = socket.getaddrinfo
    guard_address("connect")
    guard_address("connect_ex")
    monkeypatch.setattr(socket, "getaddrinfo", guarded_lookup)
    yield
    if reached:
        pytest.fail("a test may not reach another machine: " + ", ".join(reached), pytrace=False)
