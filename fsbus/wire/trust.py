"""Reads, proves and signs the trust file: who may approve laptops, and which centres are the centre.

See PROTOCOL.md « Approval and trust.json ». A file has one form only, the canonical one, so that
no bit of it can be changed without a refusal.
"""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from fsbus.core.clock import as_utc_text, parse_utc_text
from fsbus.core.redaction import redacted
from fsbus.wire.canonical import NotCanonical, canonical
from fsbus.wire.codec import UNREADABLE
from fsbus.wire.signing import BadSignature, key_name, public_key_of, sign_bytes, verify_bytes

LARGEST = 1024 * 1024
"""Bytes of a trust file, at most."""
MOST = 2_000
"""Entries of one of its lists, at most."""
LONGEST_TEXT = 200
_LABEL = b"fsbus/v1/trust\0"
_KEY_BYTES, _SIGNATURE_BYTES = 32, 64
_FIELD = re.compile(r"`(?:\$\.?)?([A-Za-z_][\w.\[\]…]*)`(?: - at|$)")


class BadTrust(ValueError):
    """The trust file is not in its one form, is not signed as it must be, or is older than the known one.

    The message is a part of a French sentence: whoever writes or takes such a file reads it.
    """


@redacted()
class TrustedCentre(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A centre that laptops may exchange with. ``key`` is base64 of an Ed25519 key; ``seal`` its age recipient."""

    key: str
    seal: str
    url: str


@redacted()
class TrustedCoordinator(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Who may approve and revoke the laptops of a region, ``until`` a UTC moment."""

    name: str
    region: str
    key: str
    """Base64 of the Ed25519 key that signs statements."""
    recovery: str
    """Base64 of the X25519 recovery key, or empty."""
    until: str

    @property
    def key_id(self) -> str:
        """The name of the signing key, as statements say it."""
        return coordinator_id(raw_key(self.key))


@redacted()
class RootSignature(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The signature by one of the file's own roots, named by its place."""

    root: int
    signature: str


@redacted("version")
class TrustFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The content of a trust file; read it with `read_trust`, which proves it."""

    v: int
    version: int
    issued: str
    expires: str
    roots: tuple[str, ...]
    centres: tuple[TrustedCentre, ...]
    coordinators: tuple[TrustedCoordinator, ...]
    revoked: tuple[str, ...] = ()
    signatures: tuple[RootSignature, ...] = ()

    def coordinator(self, key_id: str) -> TrustedCoordinator | None:
        """The coordinator who signs with this key, unless the key was revoked."""
        if key_id in self.revoked:
            return None
        return next((one for one in self.coordinators if one.key_id == key_id), None)

    def knows_centre(self, key: bytes) -> bool:
        """Whether a centre with this Ed25519 key is one of the centres."""
        return any(raw_key(one.key) == key for one in self.centres)

    def knows_recovery(self, key: bytes) -> bool:
        """Whether this X25519 key is the recovery key of a coordinator whose signing key was not revoked."""
        return any(
            raw_key(one.recovery) == key
            for one in self.coordinators
            if one.recovery and one.key_id not in self.revoked
        )

    def is_past(self, now: str) -> bool:
        """Whether ``expires`` has come at this UTC text; it only warns."""
        return self.expires <= now


def coordinator_id(public_key: bytes) -> str:
    """The name of a coordinator's signing key."""
    return key_name(b"fsbus/v1/coordinator", public_key)


def root_id(public_key: bytes) -> str:
    """The fingerprint of a root, before it is cut into five groups of five."""
    return key_name(b"fsbus/v1/root", public_key)


def encode_trust(trust: TrustFile) -> bytes:
    """The one form of the file. Raises BadTrust."""
    return _form(msgspec.to_builtins(trust))


def sign_trust(trust: TrustFile, root_key: bytes) -> TrustFile:
    """The same with the signature of this private root key, in the order of the roots. Raises BadTrust when
    it is none of the file's roots."""
    _check(trust)
    public = base64.b64encode(public_key_of(root_key)).decode()
    if public not in trust.roots:
        raise BadTrust("cette racine n’est pas parmi celles du fichier")
    place, message = trust.roots.index(public), _signed_bytes(trust)
    signature = base64.b64encode(sign_bytes(root_key, message)).decode()
    # A signature from before the file was edited fits no more: it goes.
    others = [one for one in trust.signatures if one.root != place and _fits(trust, one, message)]
    kept = sorted([*others, RootSignature(place, signature)], key=lambda one: one.root)
    return msgspec.structs.replace(trust, signatures=tuple(kept))


def read_draft(raw: bytes) -> TrustFile:
    """A trust file as somebody wrote it: any layout, signed or not. Raises BadTrust."""
    if len(raw) > LARGEST:
        raise BadTrust("le fichier est trop gros")
    try:
        trust = msgspec.json.decode(raw, type=TrustFile)
    except UNREADABLE as error:
        raise BadTrust(_unreadable(error)) from None
    _check(trust)
    return trust


@redacted()
@dataclass(frozen=True)
class Proved:
    """A trust file that was read and proved: its content and the public keys of the roots that signed it."""

    trust: TrustFile
    signed_by: frozenset[bytes]


def read_trust(raw: bytes) -> Proved:
    """The file in its one form, each of its signatures proved, at least one. Raises BadTrust.

    It says nothing of whether its roots are to be trusted: see `accept`.
    """
    trust = read_draft(raw)
    if encode_trust(trust) != raw:
        raise BadTrust("il n’a pas la forme que la signature lui donne")
    if not trust.signatures:
        raise BadTrust("il n’est pas signé")
    message = _signed_bytes(trust)
    if not all(_fits(trust, one, message) for one in trust.signatures):
        raise BadTrust("une signature n’est pas la bonne")
    return Proved(trust, frozenset(raw_key(trust.roots[one.root]) for one in trust.signatures))


def accept(raw: bytes, known: TrustFile | None, *, first_root: bytes | None = None) -> TrustFile:
    """The file, when it may follow the ``known`` one. Raises BadTrust.

    A root of the known file must have signed; without one, ``first_root``, which somebody compared by
    voice. The version goes up, or the file is the very one that is known.
    """
    found = read_trust(raw)
    trusted = {first_root} if known is None else {raw_key(one) for one in known.roots}
    if not trusted & found.signed_by:
        raise BadTrust("aucune racine déjà connue ne l’a signé")
    if known is not None and (
        found.trust.version < known.version or (found.trust.version == known.version and found.trust != known)
    ):
        raise BadTrust("un plus récent est déjà connu")
    return found.trust


def raw_key(text: str) -> bytes:
    """The 32 bytes behind base64 in its one form. Raises BadTrust."""
    return _raw(text, _KEY_BYTES)


def _raw(text: str, length: int) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise BadTrust("une clé ou une signature n’est pas en base64") from None
    # The last character holds spare bits: another one would say the same bytes.
    if len(raw) != length or base64.b64encode(raw).decode() != text:
        raise BadTrust(f"une clé ou une signature n’a pas ses {length} octets en base64")
    return raw


def _unreadable(error: Exception) -> str:
    """Which field is missing or wrong, as msgspec names it, with none of its value."""
    named = _FIELD.search(str(error))
    return (
        f"champ {named[1]} manquant, inconnu ou d’une autre sorte"
        if named
        else "ce n’est pas du JSON lisible"
    )


def _fits(trust: TrustFile, one: RootSignature, message: bytes) -> bool:
    try:
        verify_bytes(raw_key(trust.roots[one.root]), message, _raw(one.signature, _SIGNATURE_BYTES))
    except BadSignature:
        return False
    return True


def _form(value: object) -> bytes:
    try:
        return canonical(value)
    except NotCanonical:
        raise BadTrust("il contient ce qui ne peut pas être signé") from None


def _signed_bytes(trust: TrustFile) -> bytes:
    content = msgspec.to_builtins(trust)
    del content["signatures"]
    return _LABEL + _form(content)


def _check(trust: TrustFile) -> None:
    """Raises BadTrust unless every part is in its bounds and its one form."""
    if trust.v != 1:
        raise BadTrust("il vient d’un fsbus plus récent")
    if not 1 <= trust.version <= 2**31:
        raise BadTrust("sa version n’est pas un nombre à partir de 1")
    lists = (trust.roots, trust.centres, trust.coordinators, trust.revoked, trust.signatures)
    if not trust.roots or any(len(one) > MOST for one in lists):
        raise BadTrust("aucune racine, ou une liste trop longue")
    for moment in (trust.issued, trust.expires, *(one.until for one in trust.coordinators)):
        _check_moment(moment)
    keys = [*trust.roots, *(one.key for one in trust.centres), *(one.key for one in trust.coordinators)]
    for key in [*keys, *(one.recovery for one in trust.coordinators if one.recovery)]:
        raw_key(key)
    for named in (trust.roots, [one.key for one in trust.coordinators]):
        if len(set(named)) != len(named):
            raise BadTrust("une clé y est deux fois")
    _check_texts(one for each in trust.coordinators for one in (each.name, each.region))
    _check_texts(one.url for one in trust.centres)
    if any(not 0 <= one.root < len(trust.roots) for one in trust.signatures):
        raise BadTrust("une signature n’est d’aucune de ses racines")
    if len({one.root for one in trust.signatures}) != len(trust.signatures):
        raise BadTrust("deux signatures de la même racine")


def _check_texts(texts: Iterable[str]) -> None:
    for text in texts:
        if not 0 < len(text) <= LONGEST_TEXT or not text.isprintable():
            raise BadTrust("un nom, une région ou une adresse est vide, trop long ou illisible")


def _check_moment(text: str) -> None:
    try:
        fits = as_utc_text(parse_utc_text(text)) == text
    except ValueError:
        fits = False
    if not fits:
        raise BadTrust("une date n’est pas de la forme 2026-11-24T08:00:00Z")
