"""The contents of extensions and attributes of a request or certificate, as text for people."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch

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


def challenge_length(attributes: x509.Attributes) -> int | None:
    """The length of the challenge password in characters; None without one. Its text never leaves this function."""
    for attribute in attributes:
        if attribute.oid.dotted_string == CHALLENGE_OID:
            return len(attribute.value.decode("utf-8", "replace"))
    return None


@singledispatch
def _words(_: x509.ExtensionType) -> str:
    return ""


@_words.register
def _(value: x509.BasicConstraints) -> str:
    if not value.ca:
        return "CA:FALSE"
    return "CA:TRUE, any path length" if value.path_length is None else f"CA:TRUE, path length {value.path_length}"


@_words.register
def _(value: x509.NameConstraints) -> str:
    return "; ".join((*_trees("permitted", value.permitted_subtrees), *_trees("excluded", value.excluded_subtrees)))


@_words.register
def _(value: x509.TLSFeature) -> str:
    return ", ".join(one.name for one in value)


@_words.register
def _(value: x509.CertificatePolicies) -> str:
    return _listed([one.policy_identifier.dotted_string for one in value])


@_words.register
def _(value: x509.MSCertificateTemplate) -> str:
    version = ".".join(str(one) for one in (value.major_version, value.minor_version) if one is not None)
    return f"{value.template_id.dotted_string}{f' version {version}' if version else ''}"


@_words.register
def _(value: x509.UnrecognizedExtension) -> str:
    return der.string(value.value) if value.oid.dotted_string == _TEMPLATE_NAME else ""


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
