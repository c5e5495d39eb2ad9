"""Takes an address of this machine to listen at."""

import os
import socket

from fsbus.core.errors import StoreUnavailable
from fsbus.core.system_words import reason

Address = tuple[str, int]
"""Host and port; port 0 takes a free one."""


def listen(address: Address) -> socket.socket:
    """A bound socket; listening begins with the server. Raises StoreUnavailable."""
    host, port = address
    listening: socket.socket | None = None
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        if os.name == "posix":
            # On Windows the same option would let two programs share the address.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        if listening is not None:
            listening.close()
        words = "nom de machine inconnu" if isinstance(error, socket.gaierror) else reason(error)
        raise StoreUnavailable(
            f"Impossible d’écouter sur {host}:{port} ({words}) : "
            "arrêtez le programme qui l’occupe, ou donnez une autre adresse."
        ) from None
    return listening


def port_of(listening: socket.socket) -> int:
    """The port that it really has."""
    return int(listening.getsockname()[1])


def url_of(listening: socket.socket) -> str:
    """Where a laptop finds it."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
