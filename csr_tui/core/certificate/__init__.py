"""Certificates: taken out of whatever a CA sends, put in order, checked, and compared with what was asked for."""

from csr_tui.core.certificate.attestation import attestation_of
from csr_tui.core.certificate.chain import Chain, chain_of, leaf_of
from csr_tui.core.certificate.content import (
    Certificate,
    algorithms,
    dump,
    fingerprint_of,
    public_key,
    read,
    serial,
    signed_with,
    spki,
)
from csr_tui.core.certificate.files import CertificateFile, certificates_in, look, read_der, stored_leaf
from csr_tui.core.certificate.issued import EarlierCertificate, compared, differences, differences_of, earlier, mistaken
from csr_tui.core.certificate.judging import is_ca, judge, label, unused

__all__ = [
    "Certificate",
    "CertificateFile",
    "Chain",
    "EarlierCertificate",
    "algorithms",
    "attestation_of",
    "certificates_in",
    "chain_of",
    "compared",
    "differences",
    "differences_of",
    "dump",
    "earlier",
    "fingerprint_of",
    "is_ca",
    "judge",
    "label",
    "leaf_of",
    "look",
    "mistaken",
    "public_key",
    "read",
    "read_der",
    "serial",
    "signed_with",
    "spki",
    "stored_leaf",
    "unused",
]
