"""What keeps clients from accepting an issuer in a chain."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from csr_tui.core.certificate import content
from csr_tui.core.csr.usage import EXTENDED_KEY_USAGES
from csr_tui.core.extensions import Extensions
from csr_tui.core.keys.signature import made_with
from csr_tui.core.usages import Usage

WEAK_HASHES = frozenset({"MD5", "SHA-1"})
LEAST_BITS = 2048


def fault(issuer: x509.Certificate, extensions: Extensions, below: int, now: datetime) -> str:
    """Why no client accepts this issuer above `below` other CAs, to follow its name; an empty text where all do."""
    public = content.public_key(issuer)
    if issuer.not_valid_after_utc <= now:
        return f"expired on {issuer.not_valid_after_utc:%Y-%m-%d} UTC"
    if issuer.not_valid_before_utc > now:
        return f"is valid only from {issuer.not_valid_before_utc:%Y-%m-%d} UTC"
    if why := unable(extensions):
        return why
    if too_deep(extensions, below):
        return f"allows at most {extensions.path_length} CAs below it"
    if made_with(issuer) in WEAK_HASHES:
        return f"is signed with {made_with(issuer)}"
    if isinstance(public, rsa.RSAPublicKey) and public.key_size < LEAST_BITS:
        return f"has an RSA key of only {public.key_size:,} bits"
    return ""


def unable(extensions: Extensions) -> str:
    """Why a certificate can issue no others, to follow its name; an empty text where it can."""
    usage = extensions.get(x509.KeyUsage)
    if not extensions.ca:
        return "is not the certificate of a CA"
    if usage is not None and not usage.key_cert_sign:
        return "has a key that is not allowed to sign certificates"
    return ""


def too_deep(extensions: Extensions, below: int) -> bool:
    """Whether more CAs are below it than it allows."""
    return extensions.path_length is not None and extensions.path_length < below


def agree(below: Extensions, issuer: Extensions) -> bool:
    """Whether the key identifiers of the two are the same, where both have one (RFC 5280, 4.2.1.1)."""
    wanted, own = below.get(x509.AuthorityKeyIdentifier), issuer.get(x509.SubjectKeyIdentifier)
    return wanted is None or own is None or wanted.key_identifier in {None, own.digest}


def missing_usage(extensions: Extensions, usage: Usage) -> str:
    """The extended key usages that it lacks for this usage; an empty text where it names none or lacks none."""
    named = extensions.get(x509.ExtendedKeyUsage)
    if named is None or ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in named:
        return ""
    present = {EXTENDED_KEY_USAGES.get(oid) for oid in named}
    return ", ".join(one for one in usage.extended_key_usage if one not in present)


def doubts(issuer: Extensions, usage: Usage, *, agrees: bool) -> tuple[str, ...]:
    """Why some clients do not accept it, to follow its name; `agrees` is whether its key identifier matches."""
    found = []
    if not agrees:
        found.append("has a different key identifier than the certificate below it states: OpenSSL rejects it")
    if missing := missing_usage(issuer, usage):
        found.append(f"does not allow certificates for {usage.label} (no {missing} in its extended key usages)")
    found += [f"has a critical extension that csr-tui does not know ({one})" for one in issuer.unknown]
    return tuple(found)
