"""What is wrong with a chain: its dates, its names, its signatures, and its order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from csr_tui.core import dn, extensions
from csr_tui.core.certificate import content, faults
from csr_tui.core.certificate.chain import Chain
from csr_tui.core.certificate.faults import WEAK_HASHES
from csr_tui.core.findings import Finding
from csr_tui.core.text import counted, escaped
from csr_tui.core.usages import MainName


def judge(chain: Chain, now: datetime, *, serving: bool = False) -> tuple[Finding, ...]:
    """What is wrong with a chain; with `serving`, what keeps clients from trusting a server with it is an error too."""
    doubt = Finding.error if serving else Finding.warning
    found = [*_leaf(chain, now, doubt), *_issuers(chain, now), *_authority(chain)]
    if not chain.complete:
        found.append(doubt("chain-incomplete", "chain", _missing(chain.leaf), source="RFC 8446 4.4.2"))
    if chain.root == chain.leaf:
        found.append(
            Finding.warning("self-signed", "chain", "It is self-signed: only clients configured to trust it accept it.")
        )
    elif chain.root is not None and chain.root.not_valid_after_utc <= now:
        ended = f"The root {label(chain.root)} expired on {_day(chain.root.not_valid_after_utc)}."
        found.append(Finding.warning("root-expired", "chain", f"{ended} Ask your CA for a chain to a newer one."))
    return tuple(found)


def unused(chain: Chain, candidate: x509.Certificate, now: datetime) -> str:
    """Why a certificate has no place in a chain, to follow its name."""
    if candidate == chain.cut:
        return _why_cut(chain, candidate, now)
    if candidate.not_valid_after_utc <= now:
        return f"expired on {_day(candidate.not_valid_after_utc)}"
    if candidate.not_valid_before_utc > now:
        return f"is not valid before {_day(candidate.not_valid_before_utc)}"
    if content.spki(candidate) == content.spki(chain.leaf):
        return "is another certificate for the same key"
    return "is not part of the chain"


def is_ca(certificate: x509.Certificate) -> bool:
    """Whether its basic constraints let it issue others."""
    return extensions.read(certificate).ca


def label(certificate: x509.Certificate) -> str:
    """What a person calls a certificate: its common name, or else its whole subject."""
    return dn.label(dn.subject(certificate))


def _leaf(chain: Chain, now: datetime, doubt: Callable[..., Finding]) -> list[Finding]:
    leaf, usage = chain.leaf, chain.usage
    details = content.read(leaf)
    found = []
    if leaf.not_valid_after_utc <= now:
        ended = f"It expired on {_day(leaf.not_valid_after_utc)}, so clients reject it."
        found.append(
            Finding.error("expired", "validity", f"{ended} Ask your CA for a new one.", source="RFC 5280 4.1.2.5")
        )
    elif leaf.not_valid_before_utc > now:
        begins = f"It is valid only from {leaf.not_valid_before_utc:%Y-%m-%d %H:%M} UTC."
        found.append(
            doubt("not-yet-valid", "validity", f"{begins} Is this machine's clock right?", source="RFC 5280 4.1.2.5")
        )
    if details.signature_hash in WEAK_HASHES:
        sentence = f"It is signed with {details.signature_hash}, which clients reject. Ask your CA for SHA-256."
        found.append(Finding.error("weak-signature", "signature", sentence, source="BR 7.1.3.2"))
    if content.serial(leaf) <= 0:
        sentence = "Its serial number is not positive: some clients reject it. Ask your CA for a new one."
        found.append(Finding.warning("serial-not-positive", "serial", sentence, source="RFC 5280 4.1.2.2"))
    if not details.sans and usage.main is not MainName.TEXT:
        sentence = "It has no subject alternative names, which clients require. Ask your CA for one with its names."
        found.append(doubt("names-missing", "sans", sentence, source="RFC 6125 6.4"))
    if missing := faults.missing_usage(details.extensions, usage):
        sentence = f"It is not valid for {usage.label} (no {missing} in its extended key usages): clients reject it."
        found.append(doubt("not-for-servers", "usage", sentence, source="RFC 5280 4.2.1.12"))
    found += [Finding.warning("extension-malformed", "extensions", problem) for problem in details.extensions.problems]
    return found


def _authority(chain: Chain) -> Iterator[Finding]:
    """Why clients reject what the certificate of a CA signs."""
    if chain.usage.path_length is None:
        return
    if why := faults.unable(extensions.read(chain.leaf)):
        sentence = f"It {why}: clients reject the certificates that it signs. Ask your CA for a new one."
        yield Finding.warning("not-a-ca", "usage", sentence, source="RFC 5280 4.2.1.9")
    above = [one for one in (*chain.intermediates, chain.root) if one is not None and one != chain.leaf]
    for below, issuer in enumerate(above, 1):
        if extensions.read(issuer).path_length == below - 1:
            allowed = "no CAs" if below == 1 else f"at most {counted(below - 1, 'CA')}"
            sentence = f"{label(issuer)} allows {allowed} below it: clients reject the certificates that this CA signs."
            yield Finding.warning("not-a-ca", "chain", sentence, source="RFC 5280 4.2.1.9")


def _issuers(chain: Chain, now: datetime) -> Iterator[Finding]:
    below = chain.leaf
    place = 0
    for issuer in chain.intermediates:
        stated = extensions.read(issuer)
        if fault := faults.fault(issuer, stated, place, now):
            ask = "Ask your CA for its current chain, or for a new certificate."
            yield Finding.error("issuer-rejected", "chain", f"The issuer {label(issuer)} {fault}. {ask}")
        for doubt in faults.doubts(stated, chain.usage, agrees=faults.agree(extensions.read(below), stated)):
            yield Finding.warning("issuer-doubtful", "chain", f"The intermediate {label(issuer)} {doubt}.")
        for problem in stated.malformed:
            yield Finding.warning(
                "extension-malformed",
                "chain",
                f"The extension {problem} of the intermediate {label(issuer)} is malformed.",
            )
        place += dn.key(dn.subject(issuer)) != dn.key(dn.issuer(issuer))
        below = issuer
    if chain.cut is not None:
        name, why = label(chain.cut), _why_cut(chain, chain.cut, now)
        yield Finding.warning(
            "chain-cut",
            "chain",
            f"The certificate of {name} by {dn.label(dn.issuer(chain.cut))} {why}. It is left out: clients that trust "
            f"{name} itself accept the chain without it.",
            source="RFC 5280 6.1.3",
        )


def _why_cut(chain: Chain, cut: x509.Certificate, now: datetime) -> str:
    stated, last = extensions.read(cut), extensions.read(chain.served[-1])
    below = sum(dn.key(dn.subject(one)) != dn.key(dn.issuer(one)) for one in chain.intermediates)
    return faults.fault(cut, stated, below, now) or " and ".join(
        faults.doubts(stated, chain.usage, agrees=faults.agree(last, stated))
    )


def _missing(last: x509.Certificate) -> str:
    """Whose certificate is missing above this one, and where it can be had."""
    access = extensions.read(last).get(x509.AuthorityInformationAccess)
    places = [
        escaped(one.access_location.value)
        for one in access or ()
        if one.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
    ]
    had = f" It is available at {places[0]}." if places else ""
    return (
        f"The certificate of its issuer, {dn.label(dn.issuer(last))}, is missing.{had} Attach it too: your CA calls it "
        "chain, intermediate or bundle."
    )


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d} UTC"
