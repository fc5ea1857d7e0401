"""The contents of one request, certificate or key in DER."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from cryptography import x509

from csr_tui.core import certificate, csr, der, dn, extensions, pem
from csr_tui.core.certificate.faults import WEAK_HASHES
from csr_tui.core.extension_text import described, extension_name
from csr_tui.core.fields import FIELDS
from csr_tui.core.findings import InvalidError
from csr_tui.core.inspect.item import CERTIFICATE, PRIVATE_KEY, PUBLIC_KEY, REQUEST, Item
from csr_tui.core.keys import identity, loading, strength
from csr_tui.core.keys.kinds import PrivateKey, PublicKey
from csr_tui.core.keys.strength import NEW_KEY
from csr_tui.core.parsing import parsing
from csr_tui.core.secret import Secret
from csr_tui.core.text import counted
from csr_tui.errors import PasswordError

LONGEST = {"serialNumber": 64, **{field.short: field.longest for field in FIELDS}}
"""Characters of a part of a subject, as RFC 5280 A.1 bounds them."""


def request(data: bytes) -> Item:
    """A certificate signing request; InvalidError where this is none."""
    try:
        read = csr.read(data)
    except InvalidError as error:
        return _keyless_request(data, error)
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
            *_extensions(read.other_extensions, dict(read.extension_texts)),
            *_challenge(read.challenge_length),
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
        return replace(item, problems=(*item.problems, "Part of it is not valid DER: some clients reject it."))


def of_certificate(loaded: x509.Certificate, now: datetime | None) -> Item:
    """The contents of a certificate, and its own problems; InvalidError where it cannot be read."""
    with parsing("This certificate"):
        try:
            return _certificate(loaded, now)
        except InvalidError as error:
            return _keyless_certificate(loaded, error)


def _certificate(loaded: x509.Certificate, now: datetime | None) -> Item:
    read = certificate.read(loaded)
    others = read.extensions.ca or read.subject == read.issuer  # nobody can renew a CA but its owner
    texts = dict(described(read.extensions))
    problems = []
    if certificate.serial(loaded) <= 0:
        advice = "" if others else " Ask the CA for another."
        problems.append(f"Its serial number is not positive: clients written in Go reject it.{advice}")
    if now is not None and now > read.not_after:
        advice = "" if others else " Renew it."
        problems.append(f"It expired on {read.not_after:%Y-%m-%d} UTC: clients reject it.{advice}")
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
            *_validity(read.not_before, read.not_after),
            ("CA", "yes" if read.extensions.ca else "no"),
            *_extensions(texts, texts),
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
    if password is None:
        return Item(PRIVATE_KEY, lines=(("encrypted", "yes"),), locked=True)
    given = password.reveal().encode()
    if not given or (key := loading.private_key(block, given)) is None:
        raise PasswordError("The password is empty: it does not decrypt the key.")
    return of_key(key, "yes; the password decrypts it")


def of_key(key: PrivateKey, encrypted: str) -> Item:
    """The facts of a private key; InvalidError where it is larger than any that is used."""
    public = key.public_key()
    loading.checked_size(public)
    lines = (("key", identity.label(public)), ("encrypted", encrypted))
    return Item(PRIVATE_KEY, identity.fingerprint(public), lines, _weak(public), modulus=identity.modulus(public))


def public_key(der: bytes) -> Item:
    """A public key; InvalidError where this is none."""
    with parsing("This public key"):
        key = loading.public_key(der)
        return Item(PUBLIC_KEY, identity.fingerprint(key), (("key", identity.label(key)),), _weak(key))


def _keyless_request(data: bytes, error: InvalidError) -> Item:
    """A request with a key of an unsupported kind, and everything else in it."""
    try:
        with parsing("This certificate request"):
            loaded = x509.load_der_x509_csr(data)
            _, name, key, *_ = der.element(loaded.tbs_certrequest_bytes).parts
            parts, found = csr.subject_parts(dn.read(name.raw)), extensions.read(loaded)
    except InvalidError:
        raise error from None
    texts = dict(described(found))
    lines = (
        *((short, value) for short, _, value in parts),
        *(("name", name) for name in found.sans),
        *_extensions(texts, texts),
    )
    return Item(REQUEST, identity.fingerprint_of(key.raw), lines, (str(error), *found.problems, *_subject(parts)))


def _keyless_certificate(loaded: x509.Certificate, error: InvalidError) -> Item:
    """A certificate with a key of an unsupported kind, and everything else in it."""
    found = extensions.read(loaded)
    texts = dict(described(found))
    lines = (
        ("subject", dn.text(dn.subject(loaded))),
        ("issuer", dn.text(dn.issuer(loaded))),
        ("serial", f"{certificate.serial(loaded):x}"),
        *(("name", name) for name in found.sans),
        *_validity(loaded.not_valid_before_utc, loaded.not_valid_after_utc),
        ("CA", "yes" if found.ca else "no"),
        *_extensions(texts, texts),
    )
    return Item(CERTIFICATE, certificate.fingerprint_of(loaded), lines, (str(error), *found.problems))


def _validity(first: datetime, last: datetime) -> tuple[tuple[str, str], ...]:
    return ("from", f"{first:%Y-%m-%d %H:%M} UTC"), ("until", f"{last:%Y-%m-%d %H:%M} UTC")


def _extensions(oids: Iterable[str], texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for oid in oids:
        yield "extension", ": ".join(filter(None, (extension_name(oid), texts.get(oid, ""))))


def _challenge(length: int | None) -> Iterator[tuple[str, str]]:
    if length is not None:
        yield "challenge", f"a challenge password of {counted(length, 'character')}, readable by everybody"


def _subject(parts: tuple[csr.Part, ...]) -> tuple[str, ...]:
    """What CAs refuse in any subject."""
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
