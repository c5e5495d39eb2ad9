"""Makes the keys that sign for an organisation, away from any laptop, and signs trust files."""

import base64
from dataclasses import dataclass
from pathlib import Path

from fsbus.actions.passphrases import refuse_weak
from fsbus.core.errors import InvalidInput
from fsbus.core.privacy import check_file_name
from fsbus.core.redaction import redacted
from fsbus.store import key_cost
from fsbus.store.recovery_file import (
    fingerprint,
    make_recovery_key,
    open_recovery_key,
    public_file,
    read_public_key,
    signing_key_of,
)
from fsbus.store.root_file import make_root_key, open_root_key
from fsbus.store.whole_files import read_whole, write_whole
from fsbus.wire.signing import five_by_five, public_key_of
from fsbus.wire.trust import (
    LARGEST,
    BadTrust,
    TrustFile,
    coordinator_id,
    encode_trust,
    read_draft,
    root_id,
    sign_trust,
)  # fmt: skip


@redacted()
@dataclass(frozen=True)
class CoordinatorKeys:
    """The public side of a coordinator's key, as a trust file lists it. Keys are base64."""

    id: str
    key: str
    recovery: str
    fingerprint: str
    """Of the recovery key, as laptops compare it."""


def new_root(path: Path, passphrase: str) -> tuple[str, str]:
    """A new root key sealed in ``path``: its public half in base64, and its fingerprint, 5×5.

    Raises InvalidInput when the passphrase is weak, StoreUnavailable when the file exists.
    """
    refuse_weak(passphrase)
    public = make_root_key(path, passphrase, cost=key_cost.measured_cost())
    return _text(public), five_by_five(root_id(public))


def new_coordinator(path: Path, passphrase: str) -> CoordinatorKeys:
    """A new coordinator's key: one file for both uses, the recovery key's public half beside.

    Raises InvalidInput when the passphrase is weak, StoreUnavailable when a file exists.
    """
    refuse_weak(passphrase)
    make_recovery_key(path, passphrase, cost=key_cost.measured_cost())
    return coordinator_keys(path, passphrase)


def coordinator_keys(path: Path, passphrase: str) -> CoordinatorKeys:
    """The public side of the key in this file. Raises as `fsbus.store.recovery_file.open_recovery_key`."""
    signs = public_key_of(signing_key(path, passphrase))
    recovery = read_public_key(public_file(path))
    return CoordinatorKeys(coordinator_id(signs), _text(signs), _text(recovery), fingerprint(recovery))


def signing_key(path: Path, passphrase: str) -> bytes:
    """The private key that signs statements about laptops."""
    return signing_key_of(open_recovery_key(path, passphrase))


def sign_file(path: Path, root: Path, passphrase: str) -> TrustFile:
    """Sign the trust file in ``path``, however it was laid out, and write it in its one form.

    Raises InvalidInput (``file``), naming what is wrong, and as `open_root_key` for ``root``.
    """
    raw = read_whole(path, LARGEST + 1)
    if raw is None:
        raise InvalidInput({"file": f"Fichier absent\u00a0: {path.name}. Vérifiez le nom."})
    try:
        draft = read_draft(raw)
        signed = sign_trust(draft, open_root_key(root, passphrase))
    except BadTrust as error:
        raise InvalidInput({"file": f"{path.name} ne peut pas être signé\u00a0: {error}."}) from None
    check_file_name(path)
    write_whole(path, encode_trust(signed))
    return signed


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
