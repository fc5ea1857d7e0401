"""The contents of extensions and attributes of a request or certificate, as text for people."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography import x509

from csr_tui.core import der
from csr_tui.core.extensions import Extensions, name_text
from csr_tui.core.extra import CHALLENGE_OID, EMAIL_TAG

_NAMES = {
    "1.3.6.1.5.5.7.1.24": "must-staple (TLS feature)",
    "2.5.29.14": "subject key identifier",
    "2.5.29.19": "basic constraints",
    "2.5.29.30": "name constraints",
    "2.5.29.32": "certificate policies",
    "1.3.6.1.4.1.311.20.2": "Microsoft certificate template",
    "1.3.6.1.4.1.311.21.7": "Microsoft certificate template",
    "1.3.6.1.4.1.311.21.10": "Microsoft application policies",
    "1.2.840.113549.1.9.15": "S/MIME capabilities",
    CHALLENGE_OID: "challenge password",
    "1.2.840.113549.1.9.2": "unstructured name",
    "1.2.840.113549.1.9.8": "unstructured address",
}
_TEMPLATE_NAME = "1.3.6.1.4.1.311.20.2"
_MOST = 20


def extension_name(oid: str) -> str:
    """What people call an extension or an attribute, and its object identifier."""
    return f"{_NAMES[oid]} ({oid})" if oid in _NAMES else oid


def described(extensions: Extensions) -> Iterator[tuple[str, str]]:
    """The object identifier of each extension that can be put in words, and those words."""
    for value in extensions.values:
        if text := _words(value):
            yield value.oid.dotted_string, text


def challenge_length(request: x509.CertificateSigningRequest) -> int | None:
    """The length of the challenge password in characters; None without one. Its text never leaves this function."""
    for attribute in request.attributes:
        if attribute.oid.dotted_string == CHALLENGE_OID:
            return len(attribute.value.decode("utf-8", "replace"))
    return None


def _words(value: x509.ExtensionType) -> str:
    match value:
        case x509.BasicConstraints(ca=True, path_length=None):
            return "CA:TRUE, any path length"
        case x509.BasicConstraints(ca=True):
            return f"CA:TRUE, path length {value.path_length}"
        case x509.BasicConstraints():
            return "CA:FALSE"
        case x509.NameConstraints():
            return "; ".join(
                (*_trees("permitted", value.permitted_subtrees), *_trees("excluded", value.excluded_subtrees))
            )
        case x509.TLSFeature():
            return ", ".join(one.name for one in value)
        case x509.CertificatePolicies():
            return _listed([one.policy_identifier.dotted_string for one in value])
        case x509.MSCertificateTemplate():
            version = ".".join(str(one) for one in (value.major_version, value.minor_version) if one is not None)
            return f"{value.template_id.dotted_string}{f' version {version}' if version else ''}"
        case x509.UnrecognizedExtension() if value.oid.dotted_string == _TEMPLATE_NAME:
            return der.string(value.value)
    return ""


def _trees(word: str, names: list[x509.GeneralName] | None) -> Iterator[str]:
    if names:
        yield f"{word} {_listed([_bare(name) for name in names])}"


def _bare(name: x509.GeneralName) -> str:
    """A subtree: a host name or a network, which `name_text` would mark as no name of a host."""
    if isinstance(name, x509.RFC822Name):
        return f"{EMAIL_TAG}{name.value}"
    if isinstance(name, x509.DNSName | x509.UniformResourceIdentifier | x509.IPAddress):
        return str(name.value) or "everything"
    return name_text(name)


def _listed(texts: list[str]) -> str:
    more = [f"{len(texts) - _MOST} more"] if len(texts) > _MOST else []
    return ", ".join(texts[:_MOST] + more)
