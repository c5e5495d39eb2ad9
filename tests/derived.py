"""The real Argon2id, asked once in a process for the same passphrase, salt and cost."""

from fsbus.store import keyfile
from fsbus.store.key_slots import Cost


class Derived:
    """What `keyfile.argon2id` gave, kept: tests open the same copied laptop again and again."""

    def __init__(self) -> None:
        self._derive, self._known = keyfile.argon2id, dict[object, bytes]()

    def __call__(
        self, password: bytes, salt: bytes, cost: Cost, associated: bytes, *, secret: bytes | None = None
    ) -> bytes:
        asked = (password, salt, cost, associated, secret)
        if asked not in self._known:
            self._known[asked] = self._derive(password, salt, cost, associated, secret=secret)
        return self._known[asked]
