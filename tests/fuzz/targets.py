"""Every parser and rule that reads what people, files and servers send, with good inputs to begin from.

A target may refuse with a CsrTuiError, whose sentence the person reads; anything else that is raised is a fault.
"""

from __future__ import annotations

import io
import json
import zipfile
from base64 import b64encode
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from ipaddress import ip_network
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from unittest.mock import patch

import handmade
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from fuzz import acme_replies
from lifecycle.tencent.cloud import record

from csr_tui import profiles
from csr_tui.cli import prompts
from csr_tui.core import (
    batch,
    certificate,
    countries,
    csr,
    dn,
    extra,
    formats,
    host_names,
    inspect,
    names,
    pasted,
    pem,
    public_suffix,
    request_file,
    rules,
    table_file,
    token_uri,
    toml,
)
from csr_tui.core.certificate import files
from csr_tui.core.csr import odd_request
from csr_tui.core.fields import Subject
from csr_tui.core.findings import Level
from csr_tui.core.host_names import InvalidName
from csr_tui.core.keys import encryption, external
from csr_tui.core.record import KeySpec, Purpose, Record
from csr_tui.core.secret import Secret
from csr_tui.core.text import escaped, plain, trim
from csr_tui.core.usages import USAGES, MainName
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle.obtain import accounts, command
from csr_tui.tencent import transport
from csr_tui.tencent.client import Client
from csr_tui.tencent.endpoint import Credentials, endpoint_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = datetime(2026, 11, 25, tzinfo=UTC)
PASSWORD = Secret("correct horse battery staple")


@dataclass(frozen=True, slots=True)
class Target:
    """`feed` takes one input; `seeds` makes the good ones."""

    feed: Callable[[bytes], object]
    seeds: Callable[[], tuple[bytes, ...]]


# Texts


def _texts(*good: str) -> Callable[[], tuple[bytes, ...]]:
    return lambda: tuple(text.encode() for text in good)


def _text(data: bytes) -> str:
    """As a terminal, an argument or a file name gives it: what is no UTF-8 becomes lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def _rule(field: str, data: bytes) -> None:
    for purpose in Purpose:
        found = rules.FIELDS[field](_text(data), purpose)
        if found is not None:
            escaped(found.message)


def _names(data: bytes) -> None:
    text = _text(data)
    for name in names.read_all(text).names:
        host_names.to_unicode(name)
        public_suffix.is_public_suffix(name)
        public_suffix.is_internal(name)
    names.canonical_or_raw(text)


def _pasted(data: bytes) -> None:
    """No piece is longer than what was pasted, and each reads as a name or a reason."""
    text = _text(data)
    for piece in pasted.pieces(text):
        if len(piece) > len(text) + len("email:"):
            raise AssertionError(piece)
        with suppress(InvalidName):
            names.read(piece)
    names.only_host(text)


def _look_alike(data: bytes) -> None:
    """A text and what it looks like, in every field."""
    text = trim(_text(data))
    for prose in (False, True):
        plain(plain(text, prose=prose), prose=prose)
    for field in rules.FIELDS:
        rules.check_field(field, text, Purpose.PUBLIC)


def _toml(data: bytes) -> None:
    text = _text(data)
    toml.is_likely(text)
    with suppress(ValueError):
        toml.read(text)


def _password(data: bytes) -> None:
    stdin = io.BytesIO(data)
    for _ in range(2):
        prompts.from_stdin(stdin)


def _domain(data: bytes) -> None:
    domain = names.ascii_domain(_text(data))
    host_names.to_unicode(domain)
    rules.check(Record("fuzz000000", subject=Subject(domain=domain)))


def _whole(data: bytes) -> None:
    """A record whose fields are the lines of a text; what no rule objects to is requested."""
    lines = (*_text(data).split("\n"), *[""] * 9)
    made = Record(
        "fuzz000000",
        subject=Subject(names.ascii_domain(lines[0]), *lines[1:7]),
        key=KeySpec("ECC", "prime256v1"),
        names=tuple(names.canonical_or_raw(line) for line in lines[7:40] if line),
        remark=lines[7],
    )
    rules.check(made)
    rules.for_tencent(made)
    rules.forecast(made, NOW.date())
    own = replace(made, purpose=Purpose.PRIVATE)
    if not any(finding.level is Level.ERROR for finding in rules.check(own)):
        csr.build(own, _key())


def _main_name(data: bytes) -> None:
    """A main name of every usage; what no rule objects to is requested, and read back as the same draft."""
    text = _text(data)
    for name, usage in USAGES.items():
        main = usage.canonical(trim(text))
        for purpose in Purpose:
            found = rules.check_field("domain", text, purpose, name)
            escaped(found.message if found else "")
        one = Record("fuzz000000", purpose=Purpose.PRIVATE, subject=Subject(main), key=_EC, usage=name)
        if not any(finding.level is Level.ERROR for finding in rules.check(one)):
            read = csr.build(one, _key())
            back = csr.to_draft(read, one.id)
            again = names.comparable(back.subject.domain) == names.comparable(main)
            if csr.differences(one, read) or back.usage != name or not again:
                raise AssertionError(f"the name became another: {name} {main!r}, {back.usage} {back.subject.domain!r}")


def _extra(data: bytes) -> None:
    """Extra lines with every usage; what no rule objects to is requested, and read back as the same lines."""
    lines = extra.read_all((_text(data),))
    for name, usage in USAGES.items():
        subject = Subject(MAINS[usage.main], "Example Ltd", "IT")
        own = Record("fuzz000000", purpose=Purpose.PRIVATE, subject=subject, key=_EC, usage=name, extra=lines)
        found = rules.check(own)
        for finding in found:
            escaped(finding.labelled)
        if not any(finding.level is Level.ERROR for finding in found):
            read = csr.build(own, _key())
            back = csr.to_draft(read, own.id)
            if csr.differences(own, read) or sorted(back.extra) != sorted(
                line for line in lines if line != "pathlen=0"
            ):
                raise AssertionError(f"the lines became others, usage {name}: {lines} became {back.extra}")


def _token_uri(data: bytes) -> None:
    uri = token_uri.parse(data.decode(errors="replace"))
    assert token_uri.parse(str(uri)) == uri


def _country(data: bytes) -> None:
    text = _text(data)
    countries.search(text)
    countries.code_for_name(text)
    countries.name(trim(text))


# Files


def _request_file(data: bytes) -> None:
    if request_file.is_one(data):
        made, _ = request_file.load(data, Record("fuzz000000"))
        request_file.dump(made)


def _rows(read: Callable[[bytes], table_file.Table], data: bytes) -> None:
    source = read(data)
    batch.assign_ids(batch.evaluate(source, line) for line in source.lines)


def _profile(data: bytes) -> None:
    path = _folder() / "profiles.toml"
    path.write_bytes(data)
    profiles.read(path, "web")


def _inspected(data: bytes) -> None:
    for item in inspect.read(data, now=NOW):
        for label, value in item.lines:
            escaped(f"{label} {value}")


def _opened(data: bytes) -> None:
    inspect.read(data, PASSWORD, now=NOW)


def _request(data: bytes) -> None:
    """A request, and the draft that is made of it."""
    read = csr.read(data)
    csr.differences(record(), read)
    for finding in (*csr.findings(read), *rules.check(csr.to_draft(read, "fuzz000000"))):
        escaped(finding.message)


def _odd_request(data: bytes) -> None:
    """What the library refuses, and then what is made of it."""
    odd_request.readable(data)
    csr.findings(csr.read(data))


def _blocks(data: bytes) -> None:
    for block in pem.blocks(data):
        pem.armoured(block)
    formats.kind_of(data)
    formats.named(data)


def _key_file(data: bytes) -> None:
    key, _ = external.read(data, PASSWORD)
    external.check(key)


def _everywhere(data: bytes) -> None:
    """Text as people pass it on, through every reader of it."""
    for read in (_inspected, _request, _certificates, _key_file):
        with suppress(CsrTuiError):
            read(data)


def _certificates(data: bytes) -> None:
    found = files.certificates_in(data)
    for one in found:
        certificate.read(one)
    chain = certificate.chain_of(found[0], found, NOW)
    certificate.judge(chain, NOW)


def _extensions(data: bytes) -> None:
    """Extensions, one after another, in a certificate that is good but for them."""
    key = handmade.new_key()
    name = handmade.called("www.example.com")
    one = certificate.read_der(handmade.certificate(key, name, name, key, data))
    for sentence in certificate.read(one).problems:
        escaped(sentence)
    certificate.judge(certificate.chain_of(one, (one,), NOW), NOW)


def _in_words(data: bytes) -> None:
    """Extensions, one after another, of a request and of a certificate, as they are reported."""
    name = handmade.called("www.example.com")
    _request(asked := handmade.request(_key(), name, data))
    for der in (asked, handmade.certificate(_key(), name, name, _key(), data)):
        _inspected(der)


def _name(data: bytes) -> None:
    name = dn.read(data)
    dn.key(name)
    escaped(dn.text(name) + dn.common_name(name))
    csr.subject_parts(name)


def _unlocked(data: bytes) -> None:
    encryption.decrypt(data.decode("utf-8", "replace"), PASSWORD)


_EC = KeySpec("ECC", "prime256v1")


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def _folder() -> Path:
    made = TemporaryDirectory()
    _KEPT.append(made)
    return Path(made.name)


_KEPT: list[TemporaryDirectory[str]] = []


@cache
def _made() -> dict[str, bytes]:
    """One of each kind, in DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name.from_rfc4514_string("CN=www.example.com,O=Example Ltd,C=CN")
    sans = x509.SubjectAlternativeName([x509.DNSName("www.example.com"), x509.RFC822Name("a@example.com")])
    leaf = (
        x509.CertificateBuilder(name, name, key.public_key(), 5, NOW - timedelta(1), NOW + timedelta(90))
        .add_extension(sans, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    request = x509.CertificateSigningRequestBuilder(name).add_extension(sans, critical=False).sign(key, hashes.SHA256())
    der, pk8 = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8
    plain = serialization.NoEncryption()
    return {
        "CERTIFICATE": leaf.public_bytes(der),
        "CERTIFICATE REQUEST": request.public_bytes(der),
        "PRIVATE KEY": key.private_bytes(der, pk8, plain),
        "EC PRIVATE KEY": key.private_bytes(der, serialization.PrivateFormat.TraditionalOpenSSL, plain),
        "PUBLIC KEY": key.public_key().public_bytes(der, serialization.PublicFormat.SubjectPublicKeyInfo),
        "PKCS7": pkcs7.serialize_certificates([leaf], der),
        "PKCS12": pkcs12.serialize_key_and_certificates(b"name", key, leaf, None, plain),
    }


def _der(*kinds: str) -> Callable[[], tuple[bytes, ...]]:
    return lambda: tuple(_made()[kind] for kind in kinds)


def _pem(*kinds: str) -> Callable[[], tuple[bytes, ...]]:
    return lambda: tuple(_armoured(kind, _made()[kind]) for kind in kinds)


def _armoured(kind: str, der: bytes) -> bytes:
    text = b64encode(der)
    lines = b"".join(text[at : at + 64] + b"\n" for at in range(0, len(text), 64))
    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (kind.encode(), lines, kind.encode())


def _in_pem(kind: str, feed: Callable[[bytes], object], data: bytes) -> None:
    """Wrong DER in right PEM: the armour is passed, and the parser met."""
    feed(_armoured(kind, data))


# Replies


class _NoPace:
    """A pacer that lets everything through at once."""

    def wait(self, _: object) -> _NoPace:
        return self

    def left(self) -> None:
        return


@contextmanager
def _answering(body: bytes) -> Iterator[Client]:
    with patch.object(transport, "send", lambda *_, **__: body):
        credentials = Credentials("AKIDfuzz", Secret("key"))
        yield Client(endpoint_of("http://127.0.0.1:9"), credentials, pacer=_NoPace(), sleep=lambda _: None)  # type: ignore[arg-type]


def _reply(call: Callable[[Client], object], data: bytes) -> None:
    with _answering(data) as client:
        call(client)


def _described(client: Client) -> None:
    there = client.describe(7)
    escaped(f"{there.subject} {there.remark} {there.request_id}")
    if there.csr is not None:
        csr.read(there.csr)
    if there.private_key is not None:
        encryption.decrypt(there.private_key.reveal(), there.key_password)


def _replies() -> tuple[bytes, ...]:
    fields = {"Domain": "a.example", "Organization": "O", "EncryptAlgo": "ECC", "KeyParameter": "prime256v1"}
    csr_text = _armoured("CERTIFICATE REQUEST", _made()["CERTIFICATE REQUEST"]).decode()
    one = {"Id": 7, "Remarks": "r", "Status": 1, "CSR": csr_text, "PrivateKey": "x", "KeyPassword": "p", **fields}
    said = (
        {"Id": 7, "RequestId": "r"},
        {**one, "RequestId": "r"},
        {"Total": 1, "Set": [one], "RequestId": "r"},
        {"Success": [7], "RequestId": "r"},
        {"Error": {"Code": "InvalidParameter", "Message": "no"}, "RequestId": "r"},
    )
    return tuple(json.dumps({"Response": response}).encode() for response in said)


def _passed_on() -> tuple[bytes, ...]:
    """A request as Windows, mail and people leave it, and a zip of it."""
    text = _armoured("CERTIFICATE REQUEST", _made()["CERTIFICATE REQUEST"]).decode()
    lines = text.splitlines()
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csr", text)
        archive.writestr("a.crt", _armoured("CERTIFICATE", _made()["CERTIFICATE"]))
    return (
        text.encode("utf-16"),
        "".join(f"> {line}\n" for line in lines).encode(),
        f"Copy from {lines[0]} on:\n{text}".replace("\n", "\u00a0\r\n").encode(),
        "\n".join(lines[1:-1]).encode(),
        " ".join(lines).encode(),
        text.replace("\n", "\nComment: x\n y\n\n", 1).encode(),
        held.getvalue(),
    )


def _containers() -> tuple[bytes, ...]:
    """PKCS#12 under a password and under none, with few rounds."""
    key = serialization.load_der_private_key(_made()["PRIVATE KEY"], None)
    leaf = x509.load_der_x509_certificate(_made()["CERTIFICATE"])
    lock = serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(1).build(PASSWORD.reveal().encode())
    sealed = pkcs12.serialize_key_and_certificates(b"name", key, leaf, None, lock)  # type: ignore[arg-type]
    return sealed, _made()["PKCS12"]


def _asked() -> tuple[bytes, ...]:
    """A request of each usage."""
    made = (
        csr.build(Record("fuzz000000", subject=Subject(MAINS[row.main]), key=_EC, usage=row.name), _key())
        for row in USAGES.values()
    )
    return tuple(pem.blocks(one.pem.encode())[0].der for one in made)


def _extensions_of_others() -> tuple[bytes, ...]:
    """What requests of other programs hold, whose contents are put in words."""
    oid, host = x509.ObjectIdentifier, x509.DNSName("example.com")
    network = x509.IPAddress(ip_network("10.0.0.0/8"))
    text = partial(handmade.encode, 0x0C)
    values: tuple[x509.ExtensionType, ...] = (
        x509.BasicConstraints(ca=True, path_length=0),
        x509.NameConstraints([host, network, x509.RFC822Name(".example.com")], [host]),
        x509.TLSFeature([x509.TLSFeatureType.status_request]),
        x509.CertificatePolicies([x509.PolicyInformation(oid("2.23.140.1.2.1"), None)]),
        x509.MSCertificateTemplate(oid("1.3.6.1.4.1.311.21.8.1"), 100, 2),
        x509.UnrecognizedExtension(oid("1.3.6.1.4.1.311.20.2"), handmade.encode(0x1E, "Web".encode("utf-16-be"))),
        x509.ExtendedKeyUsage([oid("1.3.6.1.5.5.7.3.2"), oid("1.3.6.1.4.1.311.20.2.2")]),
        x509.SubjectAlternativeName(
            [
                x509.OtherName(oid("1.3.6.1.4.1.311.20.2.3"), text(b"jane@example.com")),
                x509.OtherName(oid("1.3.6.1.5.5.7.8.7"), handmade.encode(0x16, b"_imaps.example.com")),
                x509.DirectoryName(x509.Name.from_rfc4514_string("CN=Jane,O=Example")),
                x509.RegisteredID(oid("1.2.3")),
            ]
        ),
    )
    made = tuple(handmade.extension(one.oid.dotted_string, one.public_bytes()) for one in values)
    return (*made, b"".join(made))


def _odd() -> tuple[bytes, ...]:
    good = _made()["CERTIFICATE REQUEST"]
    return good, good.replace(b"\x02\x01\x00", b"\x02\x01\x02", 1), good.replace(b"\x0c", b"\x13", 1)


MAINS = {MainName.HOST: "www.example.com", MainName.TEXT: "Jane Doe", MainName.MAILBOX: "jane@example.com"}
KINDS = ("CERTIFICATE", "CERTIFICATE REQUEST", "PRIVATE KEY", "EC PRIVATE KEY", "PUBLIC KEY", "PKCS7", "PKCS12")
SUBJECT = ("Example Ltd", "示例有限公司", "n/a", "a" * 70)

TARGETS = {
    "domain": Target(_domain, _texts("www.example.com", "*.bücher.example", "xn--bcher-kva.example", "10.0.0.1")),
    "main name": Target(_main_name, _texts("www.example.com", "Jane Doe", "jane@example.com", "Jürgen Groß", "x" * 64)),
    "extra lines": Target(
        _extra,
        _texts(
            "OU=Ops\nDC=com\nDC=example\nserialNumber=AB-1\nT=Dr\nGN=Jane\nSN=Doe\nUID=jane\nO=Example Ltd",
            "eku=1.3.6.1.4.1.311.20.2.2\nupn=jane@example.com",
            "pathlen=1\npermit=example.com\npermit=10.0.0.0/8\npermit=email:example.com",
            "challenge=s3cret",
        ),
    ),
    "names": Target(
        _names,
        _texts("example.com, *.example.com", "https://a.example/x?y ip:10.0.0.1 IP:::1", "a@example.com; 点看.com。"),
    ),
    "record": Target(
        _whole,
        _texts(
            "www.example.com\nO\nOU\na@b.example\nST\nL\nCN\nwww.example.com\n10.0.0.1\na@b.example\nhttps://a.example/x"
        ),
    ),
    "token URI": Target(
        _token_uri, _texts("pkcs11:token=B%C3%BCro;serial=1a;object=web;id=%01%ff", "pkcs11:model=x;type=private?a=b")
    ),
    "country": Target(_country, _texts("CN", "China", "Deutschland", "UK", "côte d'ivoire")),
    **{
        f"rule of {field}": Target(partial(_rule, field), _texts(*SUBJECT, *more))
        for field, more in {
            "domain": ("www.example.com", "*.co.uk", "a_b.example"),
            "organization": (),
            "department": (),
            "email": ("pki@example.com", "a@b", "@"),
            "province": (),
            "city": (),
            "country": ("CN", "China"),
            "sans": ("a.example\nb.example", "10.0.0.1"),
            "algorithm": ("RSA", "ECC"),
            "key_parameter": ("2048", "prime256v1"),
            "remark": (),
            "tags": ("a=b", "=", "a=b, c=d"),
        }.items()
    },
    "pasted names": Target(
        _pasted,
        _texts(
            "DNS Name=a.example\nIP Address=10.0.0.1",
            '2.5.29.17 = "{text}"\n_continue_ = "dns=a.example&"',
            "X509v3 Subject Alternative Name: critical\n DNS:a.example, URI:https://b.example/",
            '{"dnsNames": ["a.example"]} # web',
            "- [a.example](https://a.example)\n1) “b.example”.",
        ),
    ),
    "look-alike": Target(_look_alike, _texts("“Example\u00a0 Ltd”", "E\u0301cole\u2011\ufe0f", "team=a env=b")),
    "TOML": Target(
        _toml, _texts('# x\n[a."b.c"]\nd = """\n...""""\ne = [1, {f = 0x1f}]\n', "a.b = '9'\nd = 1979-05-27\n")
    ),
    "password": Target(
        _password, lambda: (b"\xef\xbb\xbfTrial-12345\r\nTwo\n", "Trial-12345\r\nTwo\n".encode("utf-16"))
    ),
    "TOML request": Target(
        _request_file,
        _texts(
            'domain = "a.example"\nsans = ["b.example"]\ntags = { a = "b" }\nkey_parameter = 2048\n',
            'purpose = "x"',
            'usage = "client"\ndomain = "Jane Doe"\npurpose = "private"\n',
        ),
    ),
    "CSV table": Target(
        partial(_rows, table_file.read),
        _texts(
            "Domain,Organization,Country,SAN\nwww.example.com,O,CN,a.example b.example\n",
            'sep=;\nDomain;KeyParameter;Tags\n"b.example";4096;team=web\n',
            "domain,usage,purpose\nJane Doe,Client,private\njane@example.com,email,\n",
        ),
    ),
    "TOML table": Target(
        partial(_rows, table_file.read),
        _texts('[[request]]\ndomain = "a.example"\n[[request]]\ndomain = "b.example"\n'),
    ),
    "TOML profiles": Target(_profile, _texts('[web]\norganization = "O"\nsans = ["a.example"]\n[other]\ncity = "L"\n')),
    **{f"{kind} in DER": Target(_inspected, _der(kind)) for kind in KINDS},
    **{f"{kind} in PEM": Target(partial(_in_pem, kind, _inspected), _der(kind)) for kind in KINDS if kind != "PKCS12"},
    "armour": Target(_inspected, _pem("CERTIFICATE", "CERTIFICATE REQUEST", "PRIVATE KEY", "PUBLIC KEY", "PKCS7")),
    "text and PEM": Target(_blocks, _passed_on),
    "text in every reader": Target(_everywhere, _passed_on),
    "odd request": Target(_odd_request, _odd),
    "key file": Target(_key_file, _pem("PRIVATE KEY", "EC PRIVATE KEY")),
    "container with a password": Target(_opened, _containers),
    "container as a key file": Target(_key_file, _containers),
    "request": Target(_request, lambda: (_made()["CERTIFICATE REQUEST"], *_asked())),
    "certificates of a CA": Target(_certificates, _der("CERTIFICATE", "PKCS7")),
    "certificates in PEM": Target(partial(_in_pem, "CERTIFICATE", _certificates), _der("CERTIFICATE")),
    "extensions": Target(_extensions, lambda: (handmade.CA, handmade.HOSTS, handmade.HOSTS + handmade.CA)),
    "extensions in words": Target(_in_words, _extensions_of_others),
    "command of a CA": Target(
        lambda data: command.split(_text(data)), _texts("sh -c 'sign \"$0\"' {csr}", "x {csr} {out}")
    ),
    "directory of a CA": Target(
        lambda data: accounts.directory_of(_text(data)),
        _texts("letsencrypt", "https://[::1]:14000/dir", "http://127.0.0.1/d"),
    ),
    "distinguished name": Target(
        _name, lambda: (handmade.called("Example CA"), handmade.name((handmade.ORG, handmade.printable("O"))))
    ),
    "key with a password": Target(_unlocked, _pem("PRIVATE KEY", "EC PRIVATE KEY")),
    "file with a password": Target(_opened, _pem("PRIVATE KEY", "EC PRIVATE KEY")),
    **{name: Target(*both) for name, both in acme_replies.feeders().items()},
    **{
        f"reply to {name}": Target(partial(_reply, call), _replies)
        for name, call in {
            "CreateCSR": lambda client: client.create(record(), remark="r"),
            "ModifyCSR": lambda client: client.modify(7, record(), remark="r", generate=True, password=PASSWORD),
            "DescribeCSR": _described,
            "DescribeCSRSet": lambda client: client.page(),
            "BatchDeleteCSR": lambda client: client.delete((7,)),
        }.items()
    },
}
"""Name -> target."""
