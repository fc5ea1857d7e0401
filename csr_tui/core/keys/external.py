"""Private keys that other programs made, in whatever form they keep them."""

from __future__ import annotations

from csr_tui.core import dn, formats, pem
from csr_tui.core.findings import Finding, InvalidError
from csr_tui.core.keys import identity, keystore, loading, strength
from csr_tui.core.keys.kinds import KINDS, PrivateKey, kind_of
from csr_tui.core.secret import Secret
from csr_tui.core.text import escaped
from csr_tui.errors import PasswordError

FORMS = "Choose a key in PEM (BEGIN PRIVATE KEY), DER or PKCS#12."
MANY = (
    "Save the key in a separate file. To extract it from a PKCS#12: keytool -importkeystore "
    "-srckeystore FILE -srcalias NAME -destkeystore NEW.p12 -deststoretype pkcs12."
)


def read(data: bytes, password: Secret | None = None) -> tuple[PrivateKey, bool]:
    """The one key in a file, in PEM, DER or PKCS#12, and whether that is encrypted.

    PasswordError where it is encrypted and the password is missing or another one, InvalidError where there is no key,
    or more than one.
    """
    found = _keys(data, password)
    if not found:
        raise InvalidError(f"This file contains no private key. {formats.named(data) or FORMS}")
    different = {identity.fingerprint(key): (name, key) for name, key, _ in found}
    if len(different) > 1:
        names = ", ".join(f"{escaped(name)} ({identity.label(key.public_key())})" for name, key in different.values())
        raise InvalidError(f"This file contains {len(different)} private keys: {names}. {MANY}")
    return found[0][1:]


def _keys(data: bytes, password: Secret | None) -> list[tuple[str, PrivateKey, bool]]:
    """Each key with its name and whether it is encrypted."""
    found = []
    for block in pem.blocks(data):
        kind = formats.kind_in(block)
        if kind == "PKCS12" and not block.odd:
            found += _pkcs12(block.der, password)
        elif kind.endswith("PRIVATE KEY"):
            found.append((f"line {block.line}", *_opened(block, password)))
    return found


def _opened(block: pem.Block, password: Secret | None) -> tuple[PrivateKey, bool]:
    """A key, and whether it took the password."""
    try:
        if (key := loading.private_key(block, None)) is not None:
            return key, False
        given = password.reveal().encode() if password is not None else b""
        if not given or (key := loading.private_key(block, given)) is None:
            raise PasswordError("The key is encrypted: its password is required.")
        return key, True
    except InvalidError as error:
        raise InvalidError(f"The private key in this file cannot be read. {error}") from error


def check(key: PrivateKey) -> None:
    """InvalidError for a key that can be broken, or of a kind that no request here has."""
    public = key.public_key()
    finding = strength.weakness(public)
    if finding is None and kind_of(identity.spec_of(public)) is None:
        known = ", ".join(kind.label for kind in KINDS)
        sentence = f"csr-tui does not support {identity.label(public)} keys. Use one of: {known}."
        finding = Finding.error("key-kind", "key_parameter", sentence)
    if finding is not None:
        raise InvalidError(finding.message, (finding,))


def _pkcs12(data: bytes, password: Secret | None) -> list[tuple[str, PrivateKey, bool]]:
    loaded = keystore.load(data, password)
    if loaded is None:
        raise PasswordError("The key is encrypted: its password is required.")
    store, encrypted = loaded
    if not store.keys:
        raise InvalidError("This PKCS#12 contains no private key.")
    found = []
    for number, entry in enumerate(store.keys, 1):
        if entry.key is None:
            raise InvalidError(entry.wrong)
        found.append((entry.name or _holder(store, entry.key) or f"key {number}", entry.key, encrypted))
    return found


def _holder(store: keystore.Keystore, key: PrivateKey) -> str:
    """For whom the certificate of a key is."""
    own = identity.fingerprint(key)
    names = (
        dn.label(dn.subject(one)) for one in store.certificates if identity.fingerprint_of(dn.fields(one)[5].raw) == own
    )
    return next(names, "")
