"""The way from a certificate to its root: found by signature among what there is, in order, and checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from csr_tui.core.certificate import content
from csr_tui.core.findings import Finding
from csr_tui.core.text import visible
from csr_tui.errors import InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

Extension = TypeVar("Extension", bound=x509.ExtensionType)

MOST_LINKS = 10
"""No CA has so many below its root; a longer way is a loop."""

WEAK_HASHES = frozenset({"MD5", "SHA-1"})
LONGEST_LABEL = 64
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


@dataclass(frozen=True, slots=True)
class Chain:
    """A certificate and its issuers, each signed by the next; `root` is the self-signed end, where it is here."""

    leaf: x509.Certificate
    intermediates: tuple[x509.Certificate, ...]
    root: x509.Certificate | None

    @property
    def served(self) -> tuple[x509.Certificate, ...]:
        """What a server loads and sends, in its order; clients have the root already, or do not trust it."""
        return (self.leaf, *self.intermediates)

    @property
    def complete(self) -> bool:
        """Whether it ends at its root, or below one that is not here, as CAs send it."""
        return self.root is not None or bool(self.intermediates)


def leaf_of(certificates: Iterable[x509.Certificate], fingerprint: str) -> x509.Certificate | None:
    """The certificate for this public key, by the SHA-256 of its SubjectPublicKeyInfo; of several, the newest."""
    same = [one for one in certificates if fingerprint_of(one) == fingerprint]
    return max(same, key=lambda one: (one.not_valid_before_utc, one.not_valid_after_utc), default=None)


def fingerprint_of(certificate: x509.Certificate) -> str | None:
    """The SHA-256 of the SubjectPublicKeyInfo in lower-case hex; None for a key of a kind that cannot be read."""
    try:
        spki = certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    except _UNREADABLE:
        return None
    return hashlib.sha256(spki).hexdigest()


def chain_of(leaf: x509.Certificate, pool: Iterable[x509.Certificate], now: datetime) -> Chain:
    """Order what belongs to `leaf`, whatever else is in the pool; of several ways, the one that is valid and short."""
    left = [one for one in dict.fromkeys(pool) if one != leaf]
    served = [leaf]
    while not _self_signed(served[-1]):
        issuers = [one for one in left if _signed_by(served[-1], one)]
        if not issuers:
            return Chain(leaf, tuple(served[1:]), None)
        if len(served) > MOST_LINKS:
            raise InvalidError(f"More than {MOST_LINKS} CAs stand one above the other: that is no chain of a real CA.")
        best = max(issuers, key=lambda one: _preference(one, now))
        left.remove(best)
        served.append(best)
    root = served[-1]
    return Chain(leaf, tuple(served[1:-1]), root)


def judge(chain: Chain, now: datetime, *, serving: bool = False) -> tuple[Finding, ...]:
    """What is wrong with a chain; with `serving`, what keeps clients from trusting a server with it is an error too."""
    doubt = Finding.error if serving else Finding.warning
    found = [*_leaf(chain, now, doubt), *_issuers(chain, now)]
    if not chain.complete:
        found.append(doubt("chain", _missing(chain.leaf), source="RFC 8446 4.4.2"))
    if chain.root == chain.leaf:
        found.append(
            Finding.warning("chain", "It is signed with its own key: only clients that are told to will trust it.")
        )
    elif chain.root is not None and chain.root.not_valid_after_utc <= now:
        ended = f"The root {label(chain.root)} ended on {_day(chain.root.not_valid_after_utc)}."
        found.append(Finding.warning("chain", f"{ended} Ask your CA for a chain to a newer one."))
    return tuple(found)


def is_ca(certificate: x509.Certificate) -> bool:
    """Whether it may issue others, as far as it says."""
    try:
        constraints = _extension(certificate, x509.BasicConstraints)
    except _UNREADABLE:
        return False
    return constraints is not None and constraints.ca


def label(certificate: x509.Certificate) -> str:
    """What a person calls a certificate: its common name, or else its whole subject."""
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(common[0].value) if common else certificate.subject.rfc4514_string()
    return visible(text[:LONGEST_LABEL]) or "(without a name)"


def _leaf(chain: Chain, now: datetime, doubt: Callable[..., Finding]) -> list[Finding]:
    leaf = chain.leaf
    said = content.read(leaf)
    found = []
    if leaf.not_valid_after_utc <= now:
        ended = f"It ended on {_day(leaf.not_valid_after_utc)}."
        found.append(Finding.error("validity", f"{ended} Ask your CA for a new one.", source="RFC 5280 4.1.2.5"))
    elif leaf.not_valid_before_utc > now:
        begins = f"It is valid only from {leaf.not_valid_before_utc:%Y-%m-%d %H:%M} UTC."
        found.append(doubt("validity", f"{begins} Is this machine's clock right?", source="RFC 5280 4.1.2.5"))
    if said.signature_hash in WEAK_HASHES:
        told = f"It is signed with {said.signature_hash}, which no client takes any more. Ask your CA for SHA-256."
        found.append(Finding.error("signature", told, source="BR 7.1.3.2"))
    if not said.sans:
        told = "It holds no alternative name, and clients look at nothing else. Ask your CA for one with its names."
        found.append(doubt("sans", told, source="RFC 6125 6.4"))
    usage = _extension(leaf, x509.ExtendedKeyUsage)
    if usage is not None and not {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE} & set(
        usage
    ):
        told = "It is not for servers (no serverAuth among its extended key usages): clients refuse a server with it."
        found.append(doubt("usage", told, source="RFC 5280 4.2.1.12"))
    return found


def _issuers(chain: Chain, now: datetime) -> list[Finding]:
    found = []
    for below, issuer in enumerate(chain.intermediates):
        name = label(issuer)
        if issuer.not_valid_after_utc <= now:
            ended = f"The intermediate {name} ended on {_day(issuer.not_valid_after_utc)}."
            found.append(
                Finding.error("chain", f"{ended} Ask your CA for the one that took its place.", source="RFC 5280 6.1.3")
            )
        elif issuer.not_valid_before_utc > now:
            begins = f"The intermediate {name} is valid only from {_day(issuer.not_valid_before_utc)}."
            found.append(Finding.error("chain", f"{begins} Is this machine's clock right?", source="RFC 5280 6.1.3"))
        try:
            wrong = _no_ca(issuer, below)
        except _UNREADABLE:
            wrong = "has extensions that cannot be read"
        if wrong:
            found.append(
                Finding.error("chain", f"{name} signed the certificate below it, but {wrong}.", source="RFC 5280 6.1.4")
            )
    return found


def _no_ca(issuer: x509.Certificate, below: int) -> str:
    """Why a certificate may not stand above so many others; an empty text where it may."""
    constraints = _extension(issuer, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        return "it is not the certificate of a CA"
    usage = _extension(issuer, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        return "its key may not sign certificates"
    if constraints.path_length is not None and constraints.path_length < below:
        return f"no more than {constraints.path_length} CAs may stand below it"
    return ""


def _missing(last: x509.Certificate) -> str:
    """Whose certificate is missing above this one, and where it can be had."""
    names = last.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    issuer = visible(str(names[0].value if names else last.issuer.rfc4514_string())[:LONGEST_LABEL])
    access = _extension(last, x509.AuthorityInformationAccess)
    places = [
        visible(one.access_location.value)
        for one in access or ()
        if one.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
    ]
    had = f" It can be had at {places[0]}." if places else ""
    return (
        f"The certificate of its issuer, {issuer}, is missing.{had} Attach it too: your CA calls it chain, "
        "intermediate or bundle."
    )


def _signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether names and signature say so."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *_UNREADABLE):
        return False
    return True


def _self_signed(certificate: x509.Certificate) -> bool:
    return certificate.subject == certificate.issuer and _signed_by(certificate, certificate)


def _preference(issuer: x509.Certificate, now: datetime) -> tuple[bool, bool, datetime]:
    valid = issuer.not_valid_before_utc <= now < issuer.not_valid_after_utc
    return (valid, issuer.subject == issuer.issuer, issuer.not_valid_after_utc)


def _extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
