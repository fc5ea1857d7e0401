"""Keys of kinds that are not generated here, made by openssl: each is called what it is, and nothing else."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from csr_tui.core import certificate, csr, inspect
from csr_tui.core.findings import InvalidError
from csr_tui.core.keys import external, kinds
from csr_tui.core.record import KeySpec
from csr_tui.core.secret import Secret
from csr_tui.lifecycle import orphans

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.system

UNSUPPORTED = {
    "DSA": ("-paramfile", "dsa.par"),
    "Ed448": ("-algorithm", "ED448"),
    "X25519": ("-algorithm", "X25519"),
    "X448": ("-algorithm", "X448"),
    "DH": ("-algorithm", "DH", "-pkeyopt", "group:ffdhe2048"),
    "RSA-PSS": ("-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"),
}
AGREEING = {"X25519", "X448", "DH"}
"""What signs nothing, and so has neither request nor certificate of its own."""

CURVES = {
    "secp256k1": "ECC secp256k1",
    "secp224r1": "ECC secp224r1",
    "brainpoolP256r1": "ECC brainpoolP256r1",
}
UNKNOWN_CURVES = {"SM2": "SM2", "sect283r1": "1.3.132.0.17", "secp112r1": "1.3.132.0.6"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    folder = tmp_path_factory.mktemp("keys")

    def openssl(*words: str | Path) -> None:
        subprocess.run(["openssl", *words], capture_output=True, check=True, cwd=folder)

    def make(ending: str, *words: str) -> Path:
        name = folder / "".join(letter for letter in "_".join(words) if letter.isalnum())
        key, made = name.with_suffix(".key"), name.with_suffix(ending)
        if "dsa.par" in words and not (folder / "dsa.par").exists():
            openssl("dsaparam", "-out", "dsa.par", "2048")
        if not key.exists():
            openssl("genpkey", *words, "-out", key)
        if not made.exists():
            how = {
                ".pub": ("pkey", "-in", key, "-pubout"),
                ".csr": ("req", "-new", "-key", key, "-subj", "/CN=www.example.com"),
                ".crt": ("req", "-x509", "-new", "-key", key, "-subj", "/CN=www.example.com"),
            }[ending]
            openssl(*how, "-out", made)
        return made

    return make


@pytest.fixture(autouse=True)
def _openssl(require: Callable[..., None]) -> None:
    require("openssl")


def curve(name: str) -> tuple[str, ...]:
    return ("-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{name}")


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        (kind, ending)
        for kind in UNSUPPORTED
        for ending in (".key", ".pub", *(() if kind in AGREEING else (".csr", ".crt")))
    ],
)
def test_inspect_refuses_another_kind_of_key_by_its_name(kind: str, ending: str, made: Callable[..., Path]) -> None:
    (item,) = inspect.read(made(ending, *UNSUPPORTED[kind]).read_bytes())

    assert any(f"({kind}): csr-tui supports RSA, ECC" in problem for problem in item.problems)
    assert "key" not in dict(item.lines)


@pytest.mark.parametrize("kind", UNSUPPORTED)
def test_a_request_is_never_made_with_another_kind_of_key(kind: str, made: Callable[..., Path]) -> None:
    with pytest.raises(InvalidError, match=rf"\({kind}\): csr-tui supports"):
        external.read(made(".key", *UNSUPPORTED[kind]).read_bytes())


@pytest.mark.parametrize("kind", [kind for kind in UNSUPPORTED if kind not in AGREEING])
def test_a_draft_is_never_made_of_a_request_with_another_kind_of_key(kind: str, made: Callable[..., Path]) -> None:
    with pytest.raises(InvalidError, match=rf"\({kind}\): csr-tui supports"):
        csr.read(made(".csr", *UNSUPPORTED[kind]).read_bytes())


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("ending", [".key", ".pub", ".csr", ".crt"])
def test_a_key_on_another_curve_is_called_after_its_curve(name: str, ending: str, made: Callable[..., Path]) -> None:
    (item,) = inspect.read(made(ending, *curve(name)).read_bytes())

    assert dict(item.lines)["key"] == CURVES[name]


@pytest.mark.parametrize("name", CURVES)
def test_a_key_on_another_curve_makes_no_request(name: str, made: Callable[..., Path]) -> None:
    key, _ = external.read(made(".key", *curve(name)).read_bytes())

    assert not any(kind.owns(key.public_key()) for kind in kinds.KINDS)
    with pytest.raises(InvalidError):
        external.check(key)


@pytest.mark.parametrize("name", UNKNOWN_CURVES)
@pytest.mark.parametrize("ending", [".key", ".pub", ".csr", ".crt"])
def test_a_curve_that_the_library_does_not_know_is_refused(name: str, ending: str, made: Callable[..., Path]) -> None:
    (item,) = inspect.read(made(ending, *curve(name)).read_bytes())

    assert f"(ECC {UNKNOWN_CURVES[name]})" in item.problems[0]
    assert "key" not in dict(item.lines)


@pytest.fixture(scope="module")
def three_primes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PKCS#12 with a key of three primes, under the password `secret1`; the key itself stands beside it."""
    folder = tmp_path_factory.mktemp("primes")
    words = ("-inkey", "a.key", "-in", "a.crt", "-passout", "pass:secret1", "-out", "a.p12")
    for command in (
        ("genrsa", "-primes", "3", "-out", "a.key", "2048"),
        ("req", "-x509", "-key", "a.key", "-subj", "/CN=www.example.com", "-out", "a.crt"),
        ("pkcs12", "-export", *words),
        ("pkcs8", "-topk8", "-in", "a.key", "-outform", "DER", "-passout", "pass:secret1", "-out", "a.der"),
    ):
        subprocess.run(["openssl", *command], capture_output=True, check=True, cwd=folder)
    return folder / "a.p12"


def test_a_key_with_three_primes_is_called_so(three_primes: Path) -> None:
    (item,) = inspect.read(three_primes.with_suffix(".key").read_bytes())

    assert item.problems == ("This private key is RSA with 3 primes: csr-tui supports RSA with two.",)


def test_the_password_of_a_pkcs12_with_three_primes_is_not_called_wrong(three_primes: Path) -> None:
    with pytest.raises(InvalidError, match="RSA with more than two primes is not supported"):
        external.read(three_primes.read_bytes(), Secret("secret1"))

    _, key = inspect.read(three_primes.read_bytes(), Secret("secret1"))
    assert "RSA with more than two primes is not supported" in key.problems[0]


@pytest.mark.parametrize("name", ["a.p12", "a.der"])
def test_a_folder_with_it_is_not_called_under_an_unknown_password(name: str, three_primes: Path) -> None:
    report = orphans.examine(three_primes.parent, None, None, Secret("secret1"), datetime.now(UTC))

    found = " ".join(str(one) for one in report.findings if name in str(one))
    assert "RSA with more than two primes is not supported" in found
    assert "unknown password" not in found


def test_a_signature_is_called_after_the_key_that_made_it(made: Callable[..., Path], tmp_path: Path) -> None:
    ca, request = made(".crt", "-algorithm", "ED448"), made(".csr", "-algorithm", "ED25519")
    issued = tmp_path / "issued.crt"
    words = ("-in", request, "-CA", ca, "-CAkey", ca.with_suffix(".key"), "-out", issued)
    subprocess.run(["openssl", "x509", "-req", *words], capture_output=True, check=True)

    read = certificate.read(x509.load_pem_x509_certificate(issued.read_bytes()))

    assert (read.key_label, read.signature_hash) == ("Ed25519", "Ed448")


@pytest.mark.parametrize("kind", kinds.KINDS, ids=lambda kind: kind.label)
def test_each_kind_owns_its_own_keys_alone(kind: kinds.KeyKind) -> None:
    public = kinds.generate(kind.spec).public_key()

    assert [other.label for other in kinds.KINDS if other.owns(public)] == [kind.label]


def test_a_kind_that_is_not_generated_here_is_refused_by_its_name() -> None:
    with pytest.raises(InvalidError, match="ED448 ed448"):
        kinds.generate(KeySpec("ED448", "ed448"))
