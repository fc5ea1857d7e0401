"""The contents of a certificate signing request from any source."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from cryptography import x509

from csr_tui.core import der, dn, extension_text, extensions, formats, names, pem
from csr_tui.core.csr.subject import Part, subject_parts
from csr_tui.core.csr.usage import ASKED_EXTENSIONS, EXTENDED_KEY_USAGES, names_of
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import identity, loading, signature
from csr_tui.core.keys.kinds import PublicKey, label_of
from csr_tui.core.parsing import parsing
from csr_tui.core.record import KeySpec
from csr_tui.core.text import counted

KEY = "The key of this certificate request"
LARGEST = 1 << 20
"""Bytes; no request is larger, and nothing larger is parsed."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a CSR says. `sans` are the texts of names, their kind in front where their form does not say it.

    `critical`, `other_extensions` and `attributes` are object identifiers, `extension_texts` what those extensions say;
    `odd` has a sentence on each thing that is not as the standards ask. The challenge password is counted, never kept.
    """

    subject: tuple[Part, ...]
    sans: tuple[str, ...]
    key: KeySpec
    key_label: str
    public_key: PublicKey
    fingerprint: str
    signature_hash: str
    signature_valid: bool
    key_usage: tuple[str, ...]
    extended_key_usage: tuple[str, ...]
    critical: tuple[str, ...]
    other_extensions: tuple[str, ...]
    pem: str
    attributes: tuple[str, ...] = ()
    challenge_length: int | None = None
    extension_texts: tuple[tuple[str, str], ...] = ()
    odd: tuple[str, ...] = ()


def read(data: bytes | str) -> Request:
    """What a CSR in PEM or DER says, whoever made it; InvalidError, with the reason, for everything that is none."""
    der, more = _requests(data.encode("utf-8", "replace") if isinstance(data, str) else data)
    odd: tuple[str, ...] = ()
    try:
        loaded = _load(der)
    except InvalidError as error:
        from csr_tui.core.csr import odd_request

        mended, odd = odd_request.readable(der)
        try:
            loaded = replace(_load(mended, signed=odd_request.signed(der)), pem=_pem(der))
        except InvalidError:
            raise error from None
    if more:
        odd = (*odd, f"The file contains {counted(more, 'more request')}: only the first was read.")
    return replace(loaded, odd=(*odd, *loaded.odd)) if odd else loaded


def read_whole(data: bytes) -> Request:
    """A CSR from its bytes in DER, with nothing before or behind them; InvalidError where the library refuses it.

    Its subject is read by us alone: what the library makes of it takes 5 % of a request.
    """
    with parsing("This certificate request"):
        request = x509.load_der_x509_csr(data)
        return _describe(request, _pem(data))


def key_fingerprint(text: str) -> str:
    """That of the key in a CSR that was read before: without the rest of it, which takes five times as long."""
    with suppress(InvalidError), parsing("This certificate request"):
        return identity.fingerprint_of(identity.spki_of(x509.load_pem_x509_csr(text.encode()).public_key()))
    return read(text).fingerprint  # which takes some of what the library refuses


def _load(der: bytes, signed: bytes | None = None) -> Request:
    """Parse a CSR in DER."""
    with parsing("This certificate request"):
        request = x509.load_der_x509_csr(der)
        _ = request.subject  # parsed when it is asked for; what pyca refuses is put right before it is read
        return _describe(request, _pem(der), signed)


def _requests(data: bytes) -> tuple[bytes, int]:
    """The first request in a file, in DER, and how many more there are."""
    if len(data) > LARGEST:
        raise InvalidError("This is not a certificate request: it is larger than 1 MiB.")
    blocks = [(block, formats.kind_in(block)) for block in pem.blocks(data)]
    found = [block for block, kind in blocks if kind == "CERTIFICATE REQUEST"]
    if not found:
        other = next((kind for _, kind in blocks if kind), "")
        instead = formats.named(data) or (f"It contains {formats.spoken(other)}." if other else "")
        if not instead and (name := formats.text_format(data)):
            instead = f"It is {name}."
        expected = "This is not a certificate request: expected PEM (BEGIN CERTIFICATE REQUEST) or DER."
        raise InvalidError(f"{expected} {instead}".rstrip())
    if wrong := found[0].wrong or pem.damage(found[0].der):
        raise InvalidError(f"This certificate request cannot be read. {wrong}")
    return found[0].der, len(found) - 1


def _pem(der: bytes) -> str:
    return pem.armoured(pem.Block("CERTIFICATE REQUEST", der)).decode("ascii")


def _describe(request: x509.CertificateSigningRequest, pem: str, signed: bytes | None = None) -> Request:
    """`signed` are the bytes under its signature, where they are others than those in it."""
    inner, attributes = request.tbs_certrequest_bytes, request.attributes
    _, name, spki, *_ = der.element(inner).parts
    algorithm = spki.parts[0]
    identity.check_algorithm(algorithm, KEY)
    public = identity.used(request.public_key(), algorithm, KEY)
    loading.checked_size(public)
    spec, found = identity.spec_of(public), extensions.read(request)
    extended = found.get(x509.ExtendedKeyUsage) or ()
    return Request(
        subject=subject_parts(dn.read(name.raw)),
        sans=found.sans,
        key=spec,
        key_label=label_of(spec),
        public_key=public,
        fingerprint=identity.fingerprint(public),
        signature_hash=signature.made_with(request),
        signature_valid=signature.verifies(request, inner if signed is None else signed, public),
        key_usage=names_of(found.get(x509.KeyUsage)),
        extended_key_usage=tuple(EXTENDED_KEY_USAGES.get(oid, oid.dotted_string) for oid in extended),
        critical=found.critical,
        other_extensions=tuple(oid for oid in found.oids if oid not in ASKED_EXTENSIONS),
        pem=pem,
        challenge_length=extension_text.challenge_length(attributes),
        extension_texts=tuple(extension_text.described(found)),
        attributes=tuple(one.oid.dotted_string for one in attributes),
        odd=(*found.problems, *filter(None, map(names.mistake, found.sans))),
    )
