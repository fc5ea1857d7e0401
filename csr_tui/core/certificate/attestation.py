"""What the maker of a token attests: that a key was made on it, and never leaves it."""

from __future__ import annotations

from cryptography import x509

from csr_tui.core import dn
from csr_tui.core.certificate.chain import leaf_of
from csr_tui.core.certificate.content import dump, public_key, signed_with
from csr_tui.core.certificate.files import certificates_in
from csr_tui.core.findings import InvalidError


def attestation_of(data: bytes, fingerprint: str) -> str:
    """The certificates in a file in PEM, that of the key first, each signed by the next.

    InvalidError where none is for this key, or one is not part of that chain. The CA judges the
    device and what its maker attests.
    """
    found = list(certificates_in(data))
    leaf = leaf_of(found, fingerprint)
    if leaf is None:
        raise InvalidError("The attestation is for another key than the one that signs the request.")
    chain = [leaf]
    found.remove(leaf)
    while issuer := next((one for one in found if _signed(chain[-1], one)), None):
        chain.append(issuer)
        found.remove(issuer)
    if found:
        raise InvalidError("The file has a certificate that does not belong to the attestation of the key.")
    return dump(chain)


def _signed(below: x509.Certificate, issuer: x509.Certificate) -> bool:
    return dn.key(dn.issuer(below)) == dn.key(dn.subject(issuer)) and signed_with(below, public_key(issuer))
