"""The keys and certificates in a PKCS#12, all of them: the library gives its first key alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs12

from csr_tui.core import der, pem
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import loading
from csr_tui.core.keys.identity import used_private
from csr_tui.core.keys.kinds import PrivateKey
from csr_tui.core.parsing import UNUSUAL, parsing, refused_key
from csr_tui.core.secret import Secret
from csr_tui.errors import PasswordError

_DATA = bytes.fromhex("2a864886f70d010701")
_ENCRYPTED_DATA = bytes.fromhex("2a864886f70d010706")
_BAGS = bytes.fromhex("2a864886f70d010c0a01")
_KEY, _SHROUDED, _SECRET, _NESTED = 1, 2, 5, 6
_FRIENDLY_NAME = bytes.fromhex("2a864886f70d010914")
_MOST_NESTED = 5

DOES_NOT_OPEN = "The password does not decrypt this PKCS#12, or the file is damaged."
OTHER_MAC = (
    "This PKCS#12 is not encrypted, but its MAC does not match this password: the password is another one, or the "
    "file was changed."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A private key and what it is called; no key, but the reason, where it cannot be read."""

    name: str
    key: PrivateKey | None = field(repr=False)
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Keystore:
    """What a PKCS#12 holds; `secrets` counts the secret keys, which have no public half.

    `mac_only`: nothing in it is encrypted, and its password protects it against changes only. `wrong` is the reason
    why no certificates are listed, if one that cannot be read hides the others.
    """

    name: str
    keys: tuple[Entry, ...]
    certificates: tuple[x509.Certificate, ...]
    secrets: int
    mac_only: bool = False
    wrong: str = ""


def load(data: bytes, password: Secret | None) -> tuple[Keystore, bool] | None:
    """What is in it, and whether it took the password to decrypt it; None where it is encrypted and there is none.

    Without a password, the MAC of one that is not encrypted is not verified.
    PasswordError where the password does not open it, InvalidError where it cannot be read.
    """
    if pem.is_cut(data):
        raise InvalidError(pem.CUT)
    _bounded(data)
    given = password.reveal().encode() if password is not None else None
    if (store := _opened(data, None)) is not None:
        return store, False
    clear = is_clear(data)
    if not clear and given is None:
        return None
    bare = clear and not given
    if (store := _opened(_without_mac(data) if bare else data, given or None)) is not None:
        return replace(store, mac_only=clear), not clear
    if bare:
        raise InvalidError(f"This PKCS#12 cannot be read: {UNUSUAL}.")
    raise PasswordError(OTHER_MAC if clear else DOES_NOT_OPEN)


def _opened(data: bytes, password: bytes | None) -> Keystore | None:
    """What is in it; None where the password is another one, or the file is damaged."""
    try:
        with parsing("This PKCS#12"):
            loaded = pkcs12.load_pkcs12(data, password)
    except InvalidError as error:
        if "Invalid password" in str(error.__cause__):
            return None
        entries, secrets = _entries(data, password)
        if not entries or (password is None and not is_clear(data)):
            raise
        why = "a key in it cannot be read" if refused_key(error.__cause__) else UNUSUAL
        return Keystore("", tuple(entries), (), secrets, wrong=f"Its certificates were left out: {why}.")
    return _of(data, loaded, password)


def is_clear(data: bytes) -> bool:
    """Whether nothing in it is encrypted."""
    try:
        safes = _safes(data)
        shrouded = any(kind == _SHROUDED for safe in safes for kind, _, _ in _bags(safe, 0))
        return len(safes) == len(_infos(data)) and not shrouded
    except (IndexError, ValueError):
        return False


def _without_mac(data: bytes) -> bytes:
    return der.encoded(der.SEQUENCE, *(part.raw for part in der.element(data).parts[:2]))


def _of(data: bytes, loaded: pkcs12.PKCS12KeyAndCertificates, password: bytes | None) -> Keystore:
    entries, secrets = _entries(data, password)
    if len(entries) <= 1 and loaded.key is not None:  # it may be in a part that is encrypted as a whole
        entries = [_used(entries[0].name if entries else "", loaded.key)]
    own = (loaded.cert,) if loaded.cert is not None else ()
    name = loaded.cert.friendly_name if loaded.cert is not None else None
    return Keystore(
        name.decode("utf-8", "replace") if name else "",
        tuple(entries),
        tuple(one.certificate for one in (*own, *loaded.additional_certs)),
        secrets,
    )


def _entries(data: bytes, password: bytes | None) -> tuple[list[Entry], int]:
    """The keys in those parts that are not encrypted as a whole, and how many secret keys are beside them."""
    entries, secrets = [], 0
    try:
        bags = [bag for safe in _safes(data) for bag in _bags(safe, 0)]
    except (IndexError, ValueError):
        return [], 0
    for kind, value, name in bags:
        if kind == _SECRET:
            secrets += 1
        elif kind in (_KEY, _SHROUDED):
            entries.append(_entry(value, name, password))
    return entries, secrets


def _entry(value: der.Element, name: str, password: bytes | None) -> Entry:
    try:
        key = loading.private_key(pem.Block("PRIVATE KEY", value.raw), password if password is not None else b"")
    except (InvalidError, PasswordError) as error:
        return Entry(name, None, str(error))
    return Entry(name, key)


def _used(name: str, key: PrivateKeyTypes) -> Entry:
    try:
        return Entry(name, used_private(key))
    except InvalidError as error:
        return Entry(name, None, str(error))


def _safes(data: bytes) -> list[bytes]:
    """The contents that are not encrypted as a whole."""
    return [parts[1].parts[0].octets for parts in _infos(data) if parts[0].content == _DATA]


def _infos(data: bytes) -> list[tuple[der.Element, ...]]:
    """Its parts, each the kind and the content."""
    authenticated = der.element(data).parts[1].parts[1].parts[0].octets
    return [info.parts for info in der.element(authenticated).parts]


def _bags(safe: bytes, depth: int) -> list[tuple[int, der.Element, str]]:
    """Kind, value and name of each bag."""
    found = []
    for bag in der.element(safe).parts:
        parts = bag.parts
        kind = parts[0].content[-1] if parts[0].content[:-1] == _BAGS else 0
        value = parts[1].parts[0]
        if kind == _NESTED and depth < _MOST_NESTED:
            found += _bags(value.raw, depth + 1)
        else:
            found.append((kind, value, _name(parts[2].parts if len(parts) > 2 else ())))
    return found


def _name(attributes: tuple[der.Element, ...]) -> str:
    for attribute in attributes:
        kind, values = attribute.parts
        if kind.content == _FRIENDLY_NAME:
            return values.parts[0].content.decode("utf-16-be", "replace")
    return ""


def _bounded(data: bytes) -> None:
    """InvalidError where the rounds of its MAC or of one of its parts would take minutes."""
    try:
        top = der.element(data).parts
        if len(top) > 2:
            loading.bounded(der.encoded(der.SEQUENCE, top[2].raw))
        for parts in _infos(data):
            if parts[0].content == _ENCRYPTED_DATA:
                content = parts[1].parts[0].parts[1].parts[1]
                loading.bounded(der.encoded(der.SEQUENCE, content.raw))
            elif parts[0].content == _DATA:
                for kind, value, _ in _bags(parts[1].parts[0].octets, 0):
                    if kind == _SHROUDED:
                        loading.bounded(value.raw)
    except (IndexError, ValueError):
        return
