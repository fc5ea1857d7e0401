"""What a file is, by its first bytes or its structure, and how to turn it into something that is read here."""

from __future__ import annotations

import re
from collections.abc import Callable

from csr_tui.core import der, pem
from csr_tui.core.text import escaped

_OPENSSL = frozenset({f"{kind}PRIVATE KEY" for kind in ("", "ENCRYPTED ", "RSA ", "EC ", "DSA ")})
"""Labels of the forms of keys that OpenSSL writes."""

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_HEADER = rb"\A\x30(?:\x80|[\x00-\x7f]|\x81.|\x82..|\x83...|\x84....)"
_IS_PKCS12 = re.compile(_HEADER + rb"\x02\x01\x03\x30", re.DOTALL)
_IS_PKCS7 = re.compile(_HEADER + rb"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", re.DOTALL)
_PKCS12_FROM = "-destkeystore NEW.p12 -deststoretype pkcs12."


_SPOKEN = {
    "CERTIFICATE": "a certificate",
    "CERTIFICATE REQUEST": "a certificate request",
    "TRUSTED CERTIFICATE": "a certificate",
    "CRL": "a list of revoked certificates",
    "PUBLIC KEY": "a public key",
    "RSA PUBLIC KEY": "a public key",
    "PKCS7": "a PKCS#7",
    "PKCS12": "a PKCS#12",
}


_SAME = {"TRUSTED CERTIFICATE": "CERTIFICATE", "CMS": "PKCS7", "RSA PUBLIC KEY": "PUBLIC KEY"}
_FAMILIES = frozenset({"CERTIFICATE", "CERTIFICATE REQUEST", "PKCS7", "PKCS12", "PRIVATE KEY", "PUBLIC KEY"})
_SIGNED = frozenset({"CERTIFICATE", "CERTIFICATE REQUEST", "PKCS7"})
"""What is of one kind under whatever label, by its structure."""


def _family(label: str) -> str:
    """The label without what does not change what is below it."""
    return "PRIVATE KEY" if label.endswith(" PRIVATE KEY") else _SAME.get(label, label)


def is_zip(data: bytes) -> bool:
    """Whether this begins as a zip does."""
    return data.startswith(ZIP)


def is_pkcs12(data: bytes) -> bool:
    """Whether this begins as a PKCS#12 does."""
    return _IS_PKCS12.match(data) is not None


def is_pkcs7(data: bytes) -> bool:
    """Whether this begins as signed data in PKCS#7 does."""
    return _IS_PKCS7.match(data) is not None


def kind_of(data: bytes) -> str:
    """The label that PEM would have for this DER; an empty one where it is of no kind that is read here."""
    if is_pkcs12(data):
        return "PKCS12"
    if is_pkcs7(data):
        return "PKCS7"
    try:
        parts = der.element(data).parts
        match [part.tag for part in parts]:
            case [der.SEQUENCE, der.SEQUENCE, der.BITS]:
                return _signed(parts[0])
            case [der.SEQUENCE, der.BITS]:
                return "PUBLIC KEY"
            case [der.INTEGER, der.INTEGER]:
                return "RSA PUBLIC KEY"
            case [der.SEQUENCE, der.OCTETS]:
                return "ENCRYPTED PRIVATE KEY"
            case [der.INTEGER, der.SEQUENCE, der.OCTETS, *_] | [der.INTEGER, der.OCTETS, *_]:
                return "PRIVATE KEY"
            case [der.INTEGER, der.INTEGER, der.INTEGER, *_]:
                return "PRIVATE KEY"
    except der.BrokenError:
        pass
    return ""


def kind_in(block: pem.Block) -> str:
    """The kind of a block: that of its content where it is another than the label, else the label if it has one."""
    label, content = block.kind, "" if block.headers else kind_of(pem.first(block.der))
    is_known = _family(label) in _FAMILIES or content in _SIGNED
    is_other = content and is_known and _family(content) != _family(label)
    return content if is_other or not label else label


def foreign_key(block: pem.Block) -> str:
    """Why the private key in a block is in a form that is not read here; an empty text where it is in one that is."""
    match block.kind:
        case "OPENSSH PRIVATE KEY":
            held, new = block.der[:300], "Generate a new key."
            if re.search(rb"\0\0\0.sk-", held):
                return f"This SSH key is on a security key (FIDO), which signs no requests. {new}"
            if b"\0\0\0\x0bssh-ed25519" in held:
                return f"This is an Ed25519 key in OpenSSH's own format, which ssh-keygen does not convert. {new}"
            return "This key is in OpenSSH's own format. Convert it to PEM: ssh-keygen -p -m PEM -f FILE."
        case "TSS2 PRIVATE KEY":
            return "This key is encrypted by a TPM, and only that TPM can use it. Generate a new key."
        case label if label and label not in _OPENSSL and not kind_of(block.der) and not pem.is_cut(block.der):
            return f"This key is in another program's own format ({escaped(label[:40])}). Export it from there as PEM."
    return ""


def spoken(kind: str) -> str:
    """What people call a thing with this label, such as `a private key`."""
    if kind.endswith("PRIVATE KEY"):
        return "a private key"
    return _SPOKEN.get(kind, f"something else ({escaped(kind[:40])})")


def _signed(content: der.Element) -> str:
    """Whether signed content is a certificate, a request or a list of revoked certificates."""
    parts = content.parts
    tags = [part.tag for part in parts]
    if not der.TIMES.isdisjoint(tags):
        return "CRL"
    if (
        tags[:1] == [der.INTEGER]
        and len(parts) >= 3
        and [one.tag for one in parts[2].parts] == [der.SEQUENCE, der.BITS]
    ):
        return "CERTIFICATE REQUEST"
    return "CERTIFICATE" if len(parts) >= 6 else ""


def text_format(data: bytes) -> str:
    """What a text is, by its beginning, where `named` does not know it and it is no table and no TOML."""
    text = pem.text(data)[:20_000].lstrip()
    return next((name for is_one, name in _TEXT_FORMATS if is_one(text)), "")


def _is_yaml(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return lines[:1] == ["---"] or (lines != [] and all(map(_YAML.match, lines[:3])))


def _is_bks(data: bytes) -> bool:
    return data[:4] in {b"\0\0\0\x01", b"\0\0\0\x02"} and data[4:8] == b"\0\0\0\x14"


def _is_bcfks(data: bytes) -> bool:
    """Whether this is encrypted contents with an integrity check beside them."""
    try:
        parts = der.element(data).parts
        tags = [part.tag for part in parts]
        return tags == [der.SEQUENCE] * 2 and [one.tag for one in parts[0].parts] == [der.SEQUENCE, der.OCTETS]
    except der.BrokenError:
        return False


def _is_html(data: bytes) -> bool:
    return re.search(rb"<(!doctype html|html)", data[:1000], re.IGNORECASE) is not None


def _is_mail(data: bytes) -> bool:
    return (
        re.search(rb"^(MIME-Version|Content-Transfer-Encoding):", data[:20_000], re.IGNORECASE | re.MULTILINE)
        is not None
    )


def _base64_of(is_one: Callable[[bytes], bool]) -> Callable[[bytes], bool]:
    return lambda data: is_one(pem.decoded(pem.text(data)))


def _begins(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(magic)


_YAML = re.compile(r"\s*(- |[\w-]+:(\s|$))")

_TEXT_FORMATS: tuple[tuple[Callable[[str], object], str], ...] = (
    (re.compile(r"[\[{][\s\[]*[\"{}\]]").match, "JSON"),
    (re.compile(r"^[ \t]*distinguished_name[ \t]*=", re.MULTILINE).search, "an OpenSSL configuration"),
    (_is_yaml, "YAML"),
)
"""Whether a text is of a format that requests are not read from, and the name of that format."""

_OTHERS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (lambda data: not pem.text(data).strip("\0 \t\r\n\ufeff"), "The file is empty."),
    (
        _begins(b"\xfe\xed\xfe\xed"),
        "This is an old Java keystore (JKS). Convert it to PKCS#12: keytool -importkeystore "
        f"-srckeystore FILE {_PKCS12_FROM}",
    ),
    (
        _begins(b"\xce\xce\xce\xce"),
        "This is a Java keystore in JCEKS format. Convert it to PKCS#12: keytool -importkeystore -srckeystore FILE "
        f"-srcstoretype jceks {_PKCS12_FROM}",
    ),
    (_is_bks, "This is a Bouncy Castle keystore (BKS). Export its key as PKCS#12, for example with KeyStore Explorer."),
    (
        _begins(b"\x1e\xf1\xb5\xb0"),
        "This is a Windows private key in PVK format. Convert it to PEM: openssl rsa -inform PVK -in FILE "
        "-out NEW.key.",
    ),
    (
        _begins(b"\x07\x02\0\0"),
        "This is a Windows private key in MSBLOB format. Convert it to PEM: openssl rsa -inform MSBLOB -in FILE "
        "-out NEW.key.",
    ),
    (
        _is_bcfks,
        "This is a Bouncy Castle keystore (BCFKS). Export its key as PKCS#12, for example with KeyStore Explorer.",
    ),
    (
        _begins(b"SQLite format 3\0"),
        "This is an SQLite database. Export the key or certificate from its program first.",
    ),
    (
        _begins(b"\x1f\x8b"),
        "This file is compressed with gzip. Unpack it first: tar -xzf FILE (.tgz, .tar.gz), or gunzip FILE.",
    ),
    (
        _begins(b"BZh", b"\xfd7zXZ\0", b"7z\xbc\xaf\x27\x1c", b"Rar!"),
        "This is an archive (bzip2, xz, 7z or rar). Unpack it first.",
    ),
    (pem.is_tar, "This is a tar archive. Unpack it first: tar -xf FILE."),
    (_begins(*ZIP), "This is a zip. Unpack it first."),
    (_base64_of(is_pkcs12), "This is a PKCS#12 in Base64. Decode it first: base64 -d FILE > NEW.p12."),
    (
        _base64_of(lambda data: b"-----BEGIN " in data),
        "This is a PEM file in Base64. Decode it first: base64 -d FILE > NEW.pem.",
    ),
    (
        _base64_of(lambda data: data.startswith((b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce"))),
        "This is a Java keystore in Base64. Decode it first: base64 -d FILE > NEW.jks.",
    ),
    (
        _begins(b"PuTTY-User-Key-File"),
        "This key is in PuTTY's own format. Convert it to PEM with PuTTYgen: Conversions, Export OpenSSH key.",
    ),
    (
        _begins(b"ssh-", b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-", b"---- BEGIN SSH2 PUBLIC"),
        "This is an SSH public key. Certificates need a key in PEM.",
    ),
    (
        _begins(b"---- BEGIN SSH2"),
        "This SSH key is in the SSH2 format. Convert it to PEM: ssh-keygen -i -f FILE > NEW.key.",
    ),
    (lambda data: b"-----BEGIN PGP " in data, "This is a PGP key or message. Certificates need a key in PEM."),
    (
        lambda data: re.match(rb'\s*\{[^\0]{0,200}"kty"\s*:', data) is not None,
        "This is a key in JWK format (JSON). Convert it to PEM with the program that wrote it.",
    ),
    (_is_html, "This is a web page, perhaps the CA's login. Download the file itself."),
    (_is_mail, "This is a saved mail. Save its attachment, and give that file."),
    (
        _begins(b"\xd0\xcf\x11\xe0"),
        "This is an Outlook message (.msg) or an Office document. Save its attachment, and give that file.",
    ),
    (_begins(b"<?xml"), "This is an XML file. Download or export the data itself."),
    (
        lambda data: kind_of(data) == "CRL",
        "This is a list of revoked certificates (CRL). Give the certificate itself.",
    ),
    (
        _begins(b"0\xc2\x80", b"0\xc2\x82", b"0\xef\xbf\xbd"),
        "This DER file was converted as if it were text, which damaged it. Copy it again as a binary file.",
    ),
    (pem.is_cut, pem.CUT),
    (
        lambda data: re.search(rb"-----BEGIN(%20|\+)[A-Z]", data) is not None,
        "This is PEM in URL encoding (%20, %0A). Decode it first.",
    ),
    (
        lambda data: b"LS0tLS1CRUdJTi" in data,
        "It contains PEM in Base64, as a Kubernetes secret does. Decode that value first: base64 -d.",
    ),
    (
        lambda data: not pem.blocks(data)[0].label and pem.mentions_boundary(pem.text(data)),
        "Its BEGIN line is broken: it needs a line of its own and five hyphens on each side. Copy the whole block "
        "again.",
    ),
)
"""Whether a file is of a kind that holds nothing for us, and the sentence on it."""


def named(data: bytes) -> str:
    """What a file is that is not read here, and what to do; an empty text where nobody knows."""
    return next((sentence for is_one, sentence in _OTHERS if is_one(data)), "")
