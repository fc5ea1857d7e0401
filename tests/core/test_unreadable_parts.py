"""A part of a container that cannot be read is reported, and hides nothing beside it."""

from __future__ import annotations

import io
import zipfile

import pytest
from authority import Authority, der, pem
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from handmade import ORG, certificate, encode, loaded, name, new_key, printable

from csr_tui.core import inspect
from csr_tui.core.certificate import look
from csr_tui.core.der import element
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import external
from csr_tui.core.secret import Secret

ROOT = Authority("Example Root")
CA = Authority("Example Issuing CA", ROOT)
KEY = ec.generate_private_key(ec.SECP256R1())
LEAF = CA.issue(KEY.public_key(), "www.example.com")
CLEAR = serialization.NoEncryption()


def third() -> bytes:
    other = new_key()
    subject = name((ORG, printable("A-B-")))
    return certificate(other, subject, subject, other)


def odd(data: bytes) -> bytes:
    """With characters in the third certificate that its kind of string does not have."""
    assert b"A-B-" in data
    return data.replace(b"A-B-", b"A&B*")


def zipped(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for file, content in members.items():
            archive.writestr(file, content)
    return held.getvalue()


def test_one_certificate_of_a_pkcs7_that_cannot_be_read_hides_no_other() -> None:
    both = {LEAF, CA.certificate}
    whole = pkcs7.serialize_certificates([*both, loaded(third())], serialization.Encoding.DER)
    data = odd(whole)

    found, items = look(data), inspect.read(data)

    assert set(found.certificates) == both
    assert ["of the PKCS#7 was left out." in sentence for sentence in found.left_out] == [True]
    assert [item.kind for item in items] == ["PKCS#7", "certificate", "certificate", "certificate"]
    assert [bool(item.problems) for item in items].count(True) == 1


def test_one_certificate_of_a_pkcs12_that_cannot_be_read_does_not_hide_the_key() -> None:
    whole = pkcs12.serialize_key_and_certificates(b"web", KEY, LEAF, [loaded(third())], CLEAR)
    data = odd(encode(0x30, *(part.raw for part in element(whole).parts[:2])))  # without its MAC

    items = inspect.read(data, Secret("whatever"))

    assert [item.kind for item in items] == ["PKCS#12", "private key"]
    assert items[0].problems == ("Its certificates were left out: part of it is not valid DER.",)
    assert external.read(data)[0].public_key() == KEY.public_key()


def test_a_file_of_a_zip_that_was_cut_off_is_reported() -> None:
    whole = {"www.pem": pem(LEAF), "readme.txt": b"Thank you", "store.jks": b"\xfe\xed\xfe\xed\0\0"}
    data = zipped({**whole, "ca.pem": pem(CA.certificate)[:200], "ca.der": der(CA.certificate)[:200]})

    items = {item.lines[0][1]: item for item in inspect.read(data)}

    assert [*items] == ["www.pem", "store.jks", "ca.pem", "ca.der"]
    assert not items["www.pem"].problems
    assert "old Java keystore" in items["store.jks"].lines[1][1]
    assert ["cut off" in items[name].problems[0] for name in ("ca.pem", "ca.der")] == [True, True]


def test_a_zip_whose_files_are_all_skipped_holds_nothing() -> None:
    with pytest.raises(InvalidError, match="contains no request, key or certificate"):
        inspect.read(zipped({"store.jks": b"\xfe\xed\xfe\xed\0\0"}))
