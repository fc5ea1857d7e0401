"""The files of a bundle."""

import pytest

from csr_tui.core import bundle
from csr_tui.core.bundle import BundleFile
from csr_tui.core.fields import Subject
from csr_tui.core.record import Record
from csr_tui.export.targets.pem import PEM

CSR = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"
KEY = "-----BEGIN PRIVATE KEY-----\nBBBB\n-----END PRIVATE KEY-----"


def made(csr: str = CSR, certificate: str | None = None) -> tuple[BundleFile, ...]:
    return PEM.contents(Record("x", subject=Subject("www.example.com"), csr=csr, certificate=certificate), KEY.encode())


@pytest.mark.parametrize(
    ("domain", "stem"),
    [
        ("www.example.com", "www.example.com"),
        ("*.example.com", "_wildcard.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("../../etc/passwd", "etc-passwd"),
        ("a/b\x00c\nd", "a-b-c-d"),
        ("Jürgen Groß", "Jürgen-Groß"),
        ("山田 太郎", "山田-太郎"),
        ("山" * 64 + " 山山山", "山" * 64 + "-" + "山" * 2),
        ("a\u202egnp.exe\ud800", "a-gnp.exe"),
        ("", "request"),
        ("...", "request"),
        ("x" * 500, "x" * 200),
    ],
)
def test_every_domain_gives_a_safe_file_name(domain: str, stem: str) -> None:
    assert bundle.stem(domain) == stem


def test_the_bundle_says_first_that_it_holds_the_key_and_is_not_for_a_ca() -> None:
    key, csr, private = made()

    assert [file.name for file in (key, csr, private)] == [
        "www.example.com.key",
        "www.example.com.csr",
        "www.example.com.private-bundle.pem",
    ]
    first, *rest = private.data.decode().splitlines()
    assert first == (  # a file of the first release counts as done while no byte differs
        "# PRIVATE: this file holds the private key of www.example.com. It is not for a CA; send the CSR alone."
    )
    assert "\n".join(rest) + "\n" == f"{KEY}\n{CSR}"
    assert (key.private, csr.private, private.private) == (True, False, True)


def test_every_block_ends_with_a_newline_and_lines_end_with_lf() -> None:
    files = made(CSR.replace("\n", "\r\n").rstrip())

    assert all(file.data.endswith(b"-----\n") and b"\r" not in file.data for file in files)


def test_a_certificate_takes_the_place_of_the_csr() -> None:
    *_, private = made(certificate="-----BEGIN CERTIFICATE-----\nCCCC\n-----END CERTIFICATE-----\n")

    assert b"BEGIN CERTIFICATE-----" in private.data
    assert b"CERTIFICATE REQUEST" not in private.data


def test_a_file_does_not_show_its_bytes() -> None:
    assert "BBBB" not in repr(made())
