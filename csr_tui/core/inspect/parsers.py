"""What one request, certificate or key in DER says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from cryptography import x509

from csr_tui.core import certificate, csr
from csr_tui.core.certificate.faults import WEAK_HASHES
from csr_tui.core.fields import FIELDS
from csr_tui.core.findings import InvalidError
from csr_tui.core.inspect.item import CERTIFICATE, PRIVATE_KEY, PUBLIC_KEY, REQUEST, Item
from csr_tui.core.keys import identity, loading, strength
from csr_tui.core.keys.strength import NEW_KEY
from csr_tui.core.parsing import parsing
from csr_tui.core.secret import Secret

if TYPE_CHECKING:
    from csr_tui.core import pem
    from csr_tui.core.keys.kinds import PrivateKey, PublicKey

LONGEST = {"serialNumber": 64, **{field.short: field.longest for field in FIELDS}}
"""Characters of a part of a subject, as RFC 5280 A.1 bounds them."""


def request(der: bytes) -> Item:
    """A certificate signing request; InvalidError where this is none."""
    read = csr.read(der)
    problems = [*read.odd, *_subject(read.subject)]
    if not read.signature_valid:
        problems.append("The signature is invalid: the request was changed after signing, or cut off.")
    if read.signature_hash in WEAK_HASHES:
        problems.append(f"It is signed with {read.signature_hash}; use SHA-256 or better.")
    return Item(
        REQUEST,
        read.fingerprint,
        (
            *((short, value) for short, _, value in read.subject),
            *(("name", name) for name in read.sans),
            ("key", read.key_label),
            ("signed with", read.signature_hash),
            *(("usage", usage) for usage in (*read.key_usage, *read.extended_key_usage)),
            *(("extension", csr.extension_name(oid)) for oid in read.other_extensions),
        ),
        (*problems, *_weak(read.public_key)),
        modulus=identity.modulus(read.public_key),
    )


def certificate_in(der: bytes, now: datetime | None) -> Item:
    """A certificate; its dates are judged where the time is given. InvalidError where it cannot be read."""
    try:
        return of_certificate(certificate.read_der(der), now)
    except InvalidError:  # a part that pyca reads when it is asked for; the others can be shown
        with parsing("This certificate"):
            item = of_certificate(x509.load_der_x509_certificate(der), now)
        return replace(
            item,
            problems=(
                *item.problems,
                "Part of it is not valid DER: some clients reject it.",
            ),
        )


def of_certificate(loaded: x509.Certificate, now: datetime | None) -> Item:
    """What a certificate says, and what is bad about it alone; InvalidError where it cannot be read."""
    with parsing("This certificate"):
        return _certificate(loaded, now)


def _certificate(loaded: x509.Certificate, now: datetime | None) -> Item:
    read = certificate.read(loaded)
    others = read.extensions.ca or read.subject == read.issuer  # nobody can renew a CA but its owner
    problems = []
    if certificate.serial(loaded) <= 0:
        advice = "" if others else " Ask the CA for another."
        problems.append(f"Its serial number is not positive: clients written in Go reject it.{advice}")
    if now is not None and now > read.not_after:
        advice = "" if others else " Renew it."
        problems.append(f"It expired on {read.not_after:%Y-%m-%d}: clients reject it.{advice}")
    if now is not None and now < read.not_before:
        problems.append(f"It is not valid before {read.not_before:%Y-%m-%d %H:%M} UTC: clients reject it until then.")
    # A root is trusted by being there, whatever its own signature is made with.
    if read.signature_hash in WEAK_HASHES and read.issuer != read.subject:
        problems.append(f"It is signed with {read.signature_hash}, which clients reject.")
    problems += read.problems
    return Item(
        CERTIFICATE,
        read.fingerprint,
        (
            ("subject", read.subject),
            ("issuer", read.issuer),
            ("serial", f"{certificate.serial(loaded):x}"),
            *(("name", name) for name in read.sans),
            ("from", f"{read.not_before:%Y-%m-%d %H:%M} UTC"),
            ("until", f"{read.not_after:%Y-%m-%d %H:%M} UTC"),
            ("CA", "yes" if read.extensions.ca else "no"),
            ("key", read.key_label),
            ("signed with", read.signature_hash),
        ),
        (*problems, *(problem.removesuffix(NEW_KEY if others else "") for problem in _weak(read.public_key))),
        modulus=identity.modulus(read.public_key),
        certificate=loaded,
    )


def private_key(block: pem.Block, password: Secret | None) -> Item:
    """A private key; InvalidError where this is none, PasswordError where it has another password."""
    if (key := loading.private_key(block, None)) is not None:
        return of_key(key, "no")
    given = password.reveal().encode() if password is not None else b""
    if not given or (key := loading.private_key(block, given)) is None:
        return Item(PRIVATE_KEY, lines=(("encrypted", "yes"),), locked=True)
    return of_key(key, "yes; the password decrypts it")


def of_key(key: PrivateKey, encrypted: str) -> Item:
    """What a private key says; InvalidError where it is larger than any that is used."""
    public = key.public_key()
    loading.checked_size(public)
    lines = (("key", identity.label(public)), ("encrypted", encrypted))
    return Item(PRIVATE_KEY, identity.fingerprint(public), lines, _weak(public), modulus=identity.modulus(public))


def public_key(der: bytes) -> Item:
    """A public key; InvalidError where this is none."""
    with parsing("This public key"):
        key = loading.public_key(der)
        return Item(PUBLIC_KEY, identity.fingerprint(key), (("key", identity.label(key)),), _weak(key))


def _subject(parts: tuple[csr.Part, ...]) -> tuple[str, ...]:
    """What CAs refuse in a subject, whoever wrote it."""
    found = []
    for short, _, value in parts:
        if short == "C" and len(value) != 2:
            found.append("Its country (C) is not a two-letter code: CAs reject it.")
        elif not value:
            found.append(f"A field of its subject ({short}) is empty: CAs reject it.")
        elif len(value) > LONGEST.get(short, len(value)):
            found.append(f"A field of its subject ({short}) has more than {LONGEST[short]} characters: CAs reject it.")
    return tuple(found)


def _weak(key: PublicKey) -> tuple[str, ...]:
    finding = strength.weakness(key)
    return () if finding is None else (finding.message,)
