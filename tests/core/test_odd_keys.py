"""Keys whose numbers the library refuses: named for what they are, and never called damaged or another password."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from handmade import encode, integer, oid

from csr_tui.core import inspect
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import external, identity
from csr_tui.core.keys.encryption import DerivedKey
from csr_tui.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECRET = Secret("secret1")
NUMBERS = rsa.generate_private_key(65537, 2048).private_numbers()
CURVE = ec.generate_private_key(ec.SECP256R1())
POINT = CURVE.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
RSA, ECC, P256 = oid("1.2.840.113549.1.1.1") + b"\x05\0", oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")


def rsa_key(*more: bytes, version: int = 0, d: int = NUMBERS.d) -> bytes:
    n = NUMBERS
    numbers = (version, n.public_numbers.n, n.public_numbers.e, d, n.p, n.q, n.dmp1, n.dmq1, n.iqmp)
    return encode(0x30, *map(integer, numbers), *more)


def ec_key(number: bytes, point: bytes) -> bytes:
    return encode(0x30, integer(1), encode(0x04, number), encode(0xA1, encode(0x03, b"\0" + point)))


def pkcs8(algorithm: bytes, key: bytes) -> bytes:
    return encode(0x30, integer(0), encode(0x30, algorithm), encode(0x04, key))


THREE = rsa_key(encode(0x30, encode(0x30, integer(3), integer(1), integer(2))), version=1)
NUMBER = CURVE.private_numbers().private_value.to_bytes(32, "big")
INVALID = {
    "an exponent that is not the key's": pkcs8(RSA, rsa_key(d=NUMBERS.d + 2)),
    "a point that is not on the curve": pkcs8(ECC + P256, ec_key(NUMBER, b"\x04" + b"\x01" * 64)),
    "a number of zero": pkcs8(ECC + P256, ec_key(bytes(32), POINT)),
}


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_key_without_its_leading_zeros_gets_the_command_that_adds_them(encrypted: bool) -> None:
    small = ec.derive_private_key(5, ec.SECP256R1())
    point = small.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    key = pkcs8(ECC + P256, ec_key(b"\x05", point))

    with pytest.raises(
        InvalidError, match=r"without its leading zeros\. Convert it: openssl pkey -in FILE -out NEW\.key\."
    ):
        external.read(DerivedKey(SECRET).encrypt(key).encode() if encrypted else key, SECRET)


def test_a_key_in_pkcs8_of_version_2_is_read() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    public = encode(0x81, b"\0" + key.public_key().public_bytes_raw())
    private = encode(0x04, encode(0x04, key.private_bytes_raw()))

    read, encrypted = external.read(encode(0x30, integer(1), encode(0x30, oid("1.3.101.112")), private, public))

    assert (identity.fingerprint(read), encrypted) == (identity.fingerprint(key), False)


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        (oid("1.3.36.3.3.2.8.1.1.8"), "1.3.36.3.3.2.8.1.1.8"),
        (oid("1.2.156.10197.1.301"), "SM2"),
    ],
)
def test_an_unsupported_curve_is_named_in_each_form(parameters: bytes, name: str) -> None:
    number = encode(0x04, NUMBER)
    traditional = encode(0x30, integer(1), number, encode(0xA0, parameters))

    for key in (traditional, pkcs8(ECC + parameters, encode(0x30, integer(1), number))):
        with pytest.raises(InvalidError, match=rf"unsupported algorithm \(ECC {name}\)"):
            external.read(key)


def test_a_curve_of_its_own_is_named_as_such(require: Callable[..., None], tmp_path: Path) -> None:
    require("openssl")
    words = ("-name", "secp256k1", "-param_enc", "explicit", "-genkey", "-noout", "-out", tmp_path / "own.key")
    subprocess.run(["openssl", "ecparam", *words], check=True, capture_output=True)

    with pytest.raises(InvalidError, match="its curve is given by explicit parameters, which is not supported"):
        external.read((tmp_path / "own.key").read_bytes())


@pytest.mark.parametrize("key", [THREE, pkcs8(RSA, THREE)], ids=["traditional", "PKCS#8"])
def test_a_key_with_three_primes_is_called_so(key: bytes) -> None:
    with pytest.raises(InvalidError, match="is RSA with 3 primes: csr-tui supports RSA with two"):
        external.read(key)
    with pytest.raises(InvalidError, match="is RSA with 3 primes: csr-tui supports RSA with two"):
        inspect.read(key)


def test_the_password_of_a_key_with_three_primes_is_not_called_wrong() -> None:
    encrypted = DerivedKey(SECRET).encrypt(pkcs8(RSA, THREE)).encode()

    with pytest.raises(InvalidError, match="RSA with more than two primes"):
        external.read(encrypted, SECRET)


@pytest.mark.parametrize("case", INVALID)
def test_numbers_that_form_no_key_are_not_called_broken_der(case: str) -> None:
    with pytest.raises(InvalidError, match="its numbers do not form a valid key"):
        external.read(INVALID[case])


@pytest.mark.parametrize("case", INVALID)
def test_the_password_of_numbers_that_form_no_key_is_not_called_wrong(case: str) -> None:
    with pytest.raises(InvalidError, match="its numbers do not form a valid key"):
        external.read(DerivedKey(SECRET).encrypt(INVALID[case]).encode(), SECRET)
