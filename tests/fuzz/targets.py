"""Every parser and rule that reads what people, files and servers send, with good inputs to begin from.

A target may refuse with a CsrTuiError, whose sentence the person reads; anything else that is raised is a fault.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from unittest.mock import patch

import handmade
from fuzz import acme_replies, typed
from fuzz.seeds import (
    NOW,
    PASSWORD,
    armoured,
    containers,
    ders,
    ec_key,
    examples,
    extensions_of_others,
    odd_requests,
    passed_on,
    pems,
    replies,
    requests_of_usages,
    texts,
)
from lifecycle.tencent.cloud import record

from csr_tui import profiles
from csr_tui.core import (
    batch,
    certificate,
    csr,
    dn,
    formats,
    inspect,
    pem,
    request_file,
    rules,
    table_file,
)
from csr_tui.core.certificate import files
from csr_tui.core.csr import odd_request
from csr_tui.core.keys import encryption, external
from csr_tui.core.record import Record
from csr_tui.core.secret import Secret
from csr_tui.core.text import escaped
from csr_tui.errors import CsrTuiError
from csr_tui.lifecycle.obtain import accounts, command
from csr_tui.tencent import transport
from csr_tui.tencent.client import Client
from csr_tui.tencent.endpoint import Credentials, endpoint_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class Target:
    """`feed` takes one input; `seeds` makes the good ones."""

    feed: Callable[[bytes], object]
    seeds: Callable[[], tuple[bytes, ...]]


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
    _request(asked := handmade.request(ec_key(), name, data))
    for der in (asked, handmade.certificate(ec_key(), name, name, ec_key(), data)):
        _inspected(der)


def _name(data: bytes) -> None:
    name = dn.read(data)
    dn.key(name)
    escaped(dn.text(name) + dn.common_name(name))
    csr.subject_parts(name)


def _unlocked(data: bytes) -> None:
    encryption.decrypt(data.decode("utf-8", "replace"), PASSWORD)


@cache
def _folder() -> Path:
    made = TemporaryDirectory()
    _KEPT.append(made)
    return Path(made.name)


_KEPT: list[TemporaryDirectory[str]] = []


def _in_pem(kind: str, feed: Callable[[bytes], object], data: bytes) -> None:
    """Wrong DER in right PEM: the armour is passed, and the parser met."""
    feed(armoured(kind, data))


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


KINDS = ("CERTIFICATE", "CERTIFICATE REQUEST", "PRIVATE KEY", "EC PRIVATE KEY", "PUBLIC KEY", "PKCS7", "PKCS12")
SUBJECT = ("Example Ltd", "示例有限公司", "n/a", "a" * 70)

TARGETS = {
    "domain": Target(typed.domain, texts("www.example.com", "*.bücher.example", "xn--bcher-kva.example", "10.0.0.1")),
    "main name": Target(
        typed.main_name, texts("www.example.com", "Jane Doe", "jane@example.com", "Jürgen Groß", "x" * 64)
    ),
    "extra lines": Target(
        typed.extra_line,
        texts(
            "OU=Ops\nDC=com\nDC=example\nserialNumber=AB-1\nT=Dr\nGN=Jane\nSN=Doe\nUID=jane\nO=Example Ltd",
            "eku=1.3.6.1.4.1.311.20.2.2\nupn=jane@example.com",
            "pathlen=1\npermit=example.com\npermit=10.0.0.0/8\npermit=email:example.com",
            "challenge=s3cret",
        ),
    ),
    "names": Target(
        typed.many_names,
        texts("example.com, *.example.com", "https://a.example/x?y ip:10.0.0.1 IP:::1", "a@example.com; 点看.com。"),
    ),
    "record": Target(
        typed.whole_record,
        texts(
            "www.example.com\nO\nOU\na@b.example\nST\nL\nCN\nwww.example.com\n10.0.0.1\na@b.example\nhttps://a.example/x"
        ),
    ),
    "token URI": Target(
        typed.token, texts("pkcs11:token=B%C3%BCro;serial=1a;object=web;id=%01%ff", "pkcs11:model=x;type=private?a=b")
    ),
    "country": Target(typed.country, texts("CN", "China", "Deutschland", "UK", "côte d'ivoire")),
    **{
        f"rule of {field}": Target(partial(typed.rule, field), texts(*SUBJECT, *more))
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
        typed.pasted_text,
        texts(
            "DNS Name=a.example\nIP Address=10.0.0.1",
            '2.5.29.17 = "{text}"\n_continue_ = "dns=a.example&"',
            "X509v3 Subject Alternative Name: critical\n DNS:a.example, URI:https://b.example/",
            '{"dnsNames": ["a.example"]} # web',
            "- [a.example](https://a.example)\n1) “b.example”.",
        ),
    ),
    "look-alike": Target(typed.look_alike, texts("“Example\u00a0 Ltd”", "E\u0301cole\u2011\ufe0f", "team=a env=b")),
    "TOML": Target(
        typed.toml_text, texts('# x\n[a."b.c"]\nd = """\n...""""\ne = [1, {f = 0x1f}]\n', "a.b = '9'\nd = 1979-05-27\n")
    ),
    "password": Target(
        typed.password, lambda: (b"\xef\xbb\xbfTrial-12345\r\nTwo\n", "Trial-12345\r\nTwo\n".encode("utf-16"))
    ),
    "TOML request": Target(
        _request_file,
        texts(
            'domain = "a.example"\nsans = ["b.example"]\ntags = { a = "b" }\nkey_parameter = 2048\n',
            'purpose = "x"',
            'usage = "client"\ndomain = "Jane Doe"\npurpose = "private"\n',
        ),
    ),
    "CSV table": Target(
        partial(_rows, table_file.read),
        texts(
            "Domain,Organization,Country,SAN\nwww.example.com,O,CN,a.example b.example\n",
            'sep=;\nDomain;KeyParameter;Tags\n"b.example";4096;team=web\n',
            "domain,usage,purpose\nJane Doe,Client,private\njane@example.com,email,\n",
        ),
    ),
    "TOML table": Target(
        partial(_rows, table_file.read),
        texts('[[request]]\ndomain = "a.example"\n[[request]]\ndomain = "b.example"\n'),
    ),
    "TOML profiles": Target(_profile, texts('[web]\norganization = "O"\nsans = ["a.example"]\n[other]\ncity = "L"\n')),
    **{f"{kind} in DER": Target(_inspected, ders(kind)) for kind in KINDS},
    **{f"{kind} in PEM": Target(partial(_in_pem, kind, _inspected), ders(kind)) for kind in KINDS if kind != "PKCS12"},
    "armour": Target(_inspected, pems("CERTIFICATE", "CERTIFICATE REQUEST", "PRIVATE KEY", "PUBLIC KEY", "PKCS7")),
    "text and PEM": Target(_blocks, passed_on),
    "text in every reader": Target(_everywhere, passed_on),
    "odd request": Target(_odd_request, odd_requests),
    "key file": Target(_key_file, pems("PRIVATE KEY", "EC PRIVATE KEY")),
    "container with a password": Target(_opened, containers),
    "container as a key file": Target(_key_file, containers),
    "request": Target(_request, lambda: (examples()["CERTIFICATE REQUEST"], *requests_of_usages())),
    "certificates of a CA": Target(_certificates, ders("CERTIFICATE", "PKCS7")),
    "certificates in PEM": Target(partial(_in_pem, "CERTIFICATE", _certificates), ders("CERTIFICATE")),
    "extensions": Target(_extensions, lambda: (handmade.CA, handmade.HOSTS, handmade.HOSTS + handmade.CA)),
    "extensions in words": Target(_in_words, extensions_of_others),
    "command of a CA": Target(
        lambda data: command.split(typed.decoded(data)), texts("sh -c 'sign \"$0\"' {csr}", "x {csr} {out}")
    ),
    "directory of a CA": Target(
        lambda data: accounts.directory_of(typed.decoded(data)),
        texts("letsencrypt", "https://[::1]:14000/dir", "http://127.0.0.1/d"),
    ),
    "distinguished name": Target(
        _name, lambda: (handmade.called("Example CA"), handmade.name((handmade.ORG, handmade.printable("O"))))
    ),
    "key with a password": Target(_unlocked, pems("PRIVATE KEY", "EC PRIVATE KEY")),
    "file with a password": Target(_opened, pems("PRIVATE KEY", "EC PRIVATE KEY")),
    **{name: Target(*both) for name, both in acme_replies.feeders().items()},
    **{
        f"reply to {name}": Target(partial(_reply, call), replies)
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
