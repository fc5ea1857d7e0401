"""Keys that other programs made: read in every form, and refused where they cannot be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from certificates import issue
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import given
from hypothesis import strategies as st

from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import external, identity
from csr_tui.core.secret import Secret
from csr_tui.errors import PasswordError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = issue("www.example.com")
SECRET = Secret("secret1")
CLEAR = serialization.NoEncryption()
LOCKED = serialization.BestAvailableEncryption(b"secret1")
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
PKCS8, OLD = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL

FORMS = {
    "PKCS#8": (KEY.private_bytes(PEM, PKCS8, CLEAR), False),
    "PKCS#8 DER": (KEY.private_bytes(DER, PKCS8, CLEAR), False),
    "traditional": (KEY.private_bytes(PEM, OLD, CLEAR), False),
    "traditional DER": (KEY.private_bytes(DER, OLD, CLEAR), False),
    "PKCS#8, encrypted": (KEY.private_bytes(PEM, PKCS8, LOCKED), True),
    "PKCS#8 DER, encrypted": (KEY.private_bytes(DER, PKCS8, LOCKED), True),
    "traditional, encrypted": (KEY.private_bytes(PEM, OLD, LOCKED), True),
    "PKCS#12": (pkcs12.serialize_key_and_certificates(None, KEY, None, None, CLEAR), False),
    "PKCS#12, encrypted": (pkcs12.serialize_key_and_certificates(None, KEY, None, None, LOCKED), True),
    "in a bundle": (OTHER.pem.encode() + KEY.private_bytes(PEM, PKCS8, CLEAR), False),
    "CRLF and BOM": (b"\xef\xbb\xbf" + KEY.private_bytes(PEM, PKCS8, CLEAR).replace(b"\n", b"\r\n"), False),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_read_in_every_form_and_says_whether_it_was_encrypted(form: str) -> None:
    data, encrypted = FORMS[form]

    key, was_encrypted = external.read(data, SECRET)

    assert identity.fingerprint(key) == identity.fingerprint(KEY)
    assert was_encrypted == encrypted


@pytest.mark.parametrize("form", [form for form, (_, encrypted) in FORMS.items() if encrypted])
@pytest.mark.parametrize("password", [None, Secret(""), Secret("wrong")])
def test_an_encrypted_key_opens_with_its_password_alone(form: str, password: Secret | None) -> None:
    with pytest.raises(PasswordError):
        external.read(FORMS[form][0], password)


@pytest.mark.parametrize("form", ["PKCS#8 DER, encrypted", "PKCS#12", "PKCS#12, encrypted"])
def test_a_key_that_was_cut_off_is_no_wrong_password(form: str) -> None:
    with pytest.raises(InvalidError, match="it was cut off"):
        external.read(FORMS[form][0][:-40], SECRET)


@pytest.mark.parametrize("form", [form for form, (_, encrypted) in FORMS.items() if not encrypted])
def test_a_clear_key_needs_none(form: str) -> None:
    assert external.read(FORMS[form][0])[1] is False


def openssh(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(PEM, serialization.PrivateFormat.OpenSSH, CLEAR)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no private key"),
        (b"hello", "no private key"),
        (OTHER.pem.encode(), "no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "private key in this file cannot be read"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", "ssh-keygen"),
        (
            openssh(ed25519.Ed25519PrivateKey.generate()),
            "Ed25519 key in OpenSSH's own format, which ssh-keygen does not",
        ),
        (openssh(KEY), "ssh-keygen -p -m PEM"),
        (
            b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBGbX\n=AAAA\n-----END PGP PRIVATE KEY BLOCK-----\n",
            "contains no private key. This is a PGP key",
        ),
        (b"-----BEGIN TSS2 PRIVATE KEY-----\nMAoGBmeBBQoBA4AA\n-----END TSS2 PRIVATE KEY-----\n", "TPM"),
        (
            b"-----BEGIN SIGSTORE PRIVATE KEY-----\neyJrZGYiOnt9fQ==\n-----END SIGSTORE PRIVATE KEY-----\n",
            r"own format \(SIGSTORE PRIVATE KEY\)",
        ),
        (pkcs12.serialize_key_and_certificates(None, None, OTHER.certificate, None, CLEAR), "no private key"),
        (
            ed448.Ed448PrivateKey.generate().private_bytes(PEM, PKCS8, CLEAR),
            r"\(Ed448\): csr-tui supports RSA, ECC",
        ),
    ],
)
def test_what_is_no_key_for_a_certificate_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(InvalidError, match=f"(?i){said}"):
        external.read(data)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    with pytest.raises((InvalidError, PasswordError)):
        external.read(b"\x30" + data, SECRET)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (rsa.generate_private_key(65537, 1024), "is weak"),
        (rsa.generate_private_key(3, 2048), "exponent"),
        (ec.generate_private_key(ec.SECP224R1()), "is weak"),
        (ec.generate_private_key(ec.SECP256K1()), "does not support ECC secp256k1 keys. Use one of: RSA 2048"),
        (rsa.generate_private_key(65537, 2056), "does not support RSA 2056 keys. Use one of: RSA 2048"),
    ],
)
def test_a_weak_key_and_a_kind_that_no_request_has_are_refused_in_their_field(key: PrivateKeyTypes, said: str) -> None:
    with pytest.raises(InvalidError, match=said) as caught:
        external.check(key)  # type: ignore[arg-type]

    assert caught.value.field == "key_parameter"


def test_a_sound_key_is_taken() -> None:
    external.check(KEY)
    external.check(rsa.generate_private_key(65537, 2048))


@pytest.mark.parametrize("said", ["Unknown key type: 2.16.840.1.101.3.4.3.18", "unsupported private key algorithm"])
def test_a_locked_key_of_a_kind_that_the_library_lacks_is_no_wrong_password(
    said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(*_: object, **__: object) -> None:
        raise ValueError(said)

    monkeypatch.setattr(serialization, "load_der_private_key", lacking)

    with pytest.raises(InvalidError, match="it uses an unknown algorithm or curve"):
        external.read(FORMS["PKCS#8, encrypted"][0], SECRET)


OLD_LOCKED = KEY.private_bytes(PEM, OLD, LOCKED)
HEADER = OLD_LOCKED.split(b"\n")[2]


@pytest.mark.parametrize(
    "data",
    [
        OLD_LOCKED.replace(HEADER, b"DEK-Info: DES-CBC,0011223344556677"),
        OLD_LOCKED.replace(b"AES-256-CBC", b"CAMELLIA-256-CBC"),
        OLD_LOCKED.replace(b"4,ENCRYPTED", b"3,ENCRYPTED"),
        KEY.private_bytes(DER, PKCS8, LOCKED).replace(
            bytes.fromhex("60864801650304012a"), bytes.fromhex("2a831a8c9a6e01010c")
        ),
    ],
    ids=["DES", "Camellia", "another header", "ARIA"],
)
def test_a_cipher_that_the_library_lacks_is_no_wrong_password(data: bytes) -> None:
    with pytest.raises(InvalidError, match="Its encryption is outdated or not supported"):
        external.read(data, SECRET)
