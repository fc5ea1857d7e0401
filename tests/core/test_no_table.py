"""Files that hold no table and no request in TOML: each is named for what it is."""

from __future__ import annotations

import base64
import gzip

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from csr_tui.core import csr, request_file, table_file
from csr_tui.core.findings import InvalidError
from csr_tui.core.record import Record

OTHER_FORMATS = {
    '{"domain": "www.example.com"}\n': "JSON",
    '\n[{"domain": "www.example.com"},\n {"domain": "b.example.com"}]\n': "JSON",
    '{\n  "records": [\n    {"domain": "www.example.com"}]}\n': "JSON",
    '{"domain": "www.example.com"}\n{"domain": "b.example.com"}\n': "JSON",
    '[["Domain", "City"], ["www.example.com", "Berlin"]]': "JSON",
    "domain: www.example.com\nsans:\n  - example.com\n": "YAML",
    "# hosts\n---\n- domain: www.example.com\n": "YAML",
    "- domain: www.example.com\n  city: Berlin\n": "YAML",
    "[req]\nprompt = no\ndistinguished_name = dn\n[dn]\nCN = www.example.com\n": "an OpenSSL configuration",
}


@pytest.mark.parametrize("text", OTHER_FORMATS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_another_format_is_named(text: str, encoding: str) -> None:
    with pytest.raises(InvalidError) as refused:
        table_file.read(text.encode(encoding))

    assert str(refused.value) == (
        f"This file is {OTHER_FORMATS[text]}. Requests are read from a table (CSV) or from TOML."
    )


@pytest.mark.parametrize("text", [one for one in OTHER_FORMATS if OTHER_FORMATS[one] in {"JSON", "YAML"}])
def test_so_it_is_where_one_request_is_read(text: str) -> None:
    read = request_file.load if request_file.is_one(text.encode()) else lambda data, _: csr.read(data)

    with pytest.raises(InvalidError, match=f"It is {OTHER_FORMATS[text]}"):
        read(text.encode(), Record("x"))


@pytest.mark.parametrize(
    "text",
    [
        "Hosts: all\nDomain,Contry\nwww.example.com,CN\n",
        "[[request]]\ndomain = www.example.com\n",
        "Domain,Contry\nwww.example.com,CN\n",
    ],
)
def test_a_mistake_in_a_table_or_in_toml_makes_no_other_format_of_it(text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        table_file.read(text.encode())

    assert "This file is" not in str(refused.value)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: a\n", "PuTTY's own format"),
        (b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me\n", "SSH public key"),
        (b"\xfe\xed\xfe\xed\0\0\0\x02", "Java keystore"),
        (b"<!DOCTYPE html>\n<table></table>\n", "web page"),
        (b"Subject: hosts\nMIME-Version: 1.0\n\nDomain\nwww.example.com\n", "saved mail"),
    ],
)
def test_what_no_command_reads_is_named_as_by_the_others(data: bytes, says: str) -> None:
    with pytest.raises(InvalidError, match=says):
        table_file.read(data)


def test_a_compressed_table_is_not_called_wrongly_encoded() -> None:
    with pytest.raises(InvalidError, match=r"compressed with gzip.* gunzip FILE"):
        table_file.read(gzip.compress(b"Domain\nwww.example.com\n"))


def test_a_request_is_named() -> None:
    with pytest.raises(InvalidError, match=r"^This file contains a certificate request, and no table"):
        table_file.read(b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n")


def test_a_key_is_named_and_never_repeated() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    bare = base64.b64encode(der)
    for data in (der, bare, b"-----BEGIN PRIVATE KEY-----\n" + bare + b"\n-----END PRIVATE KEY-----\n"):
        with pytest.raises(InvalidError) as refused:
            table_file.read(data)

        assert str(refused.value) == "This file contains a private key, and no table of requests."
