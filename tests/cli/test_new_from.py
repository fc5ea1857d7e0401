"""new --from: a CSR, a TOML file, or another record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import New, Run


def _foreign_csr(folder: Path, organization: str = "Bücher & Söhne") -> Path:
    """A request that another program made, as DER."""
    key = ec.generate_private_key(ec.SECP384R1())
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(
            x509.Name(
                [
                    x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop.example.com"),
                    x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, organization),
                ]
            )
        )
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("shop.example.com"), x509.DNSName("www.shop.example.com")]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "old.csr"
    path.write_bytes(request.public_bytes(serialization.Encoding.DER))
    return path


def test_new_from_a_csr_file_asks_for_the_same_and_flags_win(run: Run, tmp_path: Path) -> None:
    result = run("new", "--from", str(_foreign_csr(tmp_path)), "--city", "Bonn", "--json")

    record = result.json
    assert record["sans"] == ["shop.example.com", "www.shop.example.com"]
    assert (record["organization"], record["city"]) == ("Bücher & Söhne", "Bonn")
    assert (record["algorithm"], record["key_parameter"]) == ("ECC", "secp384r1")


def test_a_csr_with_unseen_characters_becomes_a_draft_that_cannot_be_generated(run: Run, tmp_path: Path) -> None:
    result = run("new", "--from", str(_foreign_csr(tmp_path, "a\x1b[31m\0\u202eb")))

    made = result.out.strip()
    assert result.status == 0
    assert "error: Organization" in result.err
    assert "\\u{1b}" in run("show", made).out
    assert run("generate", made).status == 3


def test_new_from_a_record_asks_for_the_same(run: Run, new: New) -> None:
    made = new("--san", "a.example.com", "--organization", "Example Ltd", "--country", "DE")

    record = run("new", "--from", made, "--domain", "b.example.com", "--json").json

    assert record["sans"] == ["b.example.com", "a.example.com"]
    assert record["organization"] == "Example Ltd"


def test_flags_go_over_a_toml_file_and_the_old_domain_does_not_stay(run: Run, new: New, tmp_path: Path) -> None:
    made = new("--san", "a.example.com", "--country", "DE")
    (tmp_path / "request.toml").write_text(run("show", made, "--toml").out)

    record = run("new", "--from", str(tmp_path / "request.toml"), "--domain", "b.example.com", "--json").json

    assert (record["sans"], record["country"]) == (["b.example.com", "a.example.com"], "DE")


def test_a_toml_file_with_a_field_that_is_none_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "request.toml").write_text('domain = "a.example.com"\norganisation = "Acme"\n')

    result = run("new", "--from", str(tmp_path / "request.toml"), "--json")

    assert (result.status, result.json["error"]["kind"]) == (3, "invalid")
    assert "organisation is not a field" in result.err
    assert run("list", "--json").json["total"] == 0


def test_names_of_a_foreign_request_are_kept_in_their_canonical_form(run: Run, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    loud = x509.SubjectAlternativeName([x509.DNSName("WWW.Example.com"), x509.DNSName("www.example.COM")])
    name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, " Acme ")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).add_extension(loud, critical=False)
    path = tmp_path / "loud.csr"
    path.write_bytes(request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    record = run("new", "--from", str(path), "--json").json

    assert (record["sans"], record["organization"]) == (["www.example.com"], "Acme")


def request_for(*names: str) -> bytes:
    sans = x509.SubjectAlternativeName([x509.DNSName("www.example.com"), *map(x509.DNSName, names)])
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).add_extension(sans, critical=True)
    return request.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(
        serialization.Encoding.PEM
    )


@pytest.mark.parametrize("content", [request_for(""), b'domain = "www.example.com"\nsans = ["", " "]\n'])
def test_an_empty_name_is_left_out(content: bytes, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "request"
    path.write_bytes(content)

    made = run("new", "--from", str(path), "--json")

    assert made.json["sans"] == ["www.example.com"]
    assert ("An empty name is in it" in made.err) is content.startswith(b"-----")
    assert run("generate", made.json["id"]).status == 0


def test_a_finding_on_a_name_with_a_newline_has_one_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "request"
    path.write_bytes(request_for("a.example.com\nerror: b.example.com"))

    lines = run("new", "--from", str(path)).err.splitlines()

    assert [line for line in lines if line.startswith("error: b")] == []
    assert "a.example.com\\u{a}error: b.example.com: It contains" in lines[0]


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 3), (b"garbage", 3), (b"garbage = [", 3), (b"\0" * 100, 3), (b"A" * 10_000_000, 8)],
    ids=["empty", "text", "broken TOML", "NULs", "10 MB"],
)
def test_new_from_what_is_no_csr_is_refused(content: bytes, status: int, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "some.csr"
    path.write_bytes(content)

    assert run("new", "--from", str(path)).status == status
    assert run("list", "--json").json["total"] == 0


@pytest.mark.parametrize(
    "text",
    [
        "Domain;City\na.example.com;Berlin\n",
        '[[request]]\ndomain = "a.example.com"\n[[request]]\ndomain = "b.example.com"\n',
    ],
)
def test_new_from_a_table_names_the_command_that_reads_it(text: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "hosts of us"
    path.write_text(text)

    result = run("new", "--from", str(path))

    assert result.status == 3
    assert result.err == f"{path} is a table of requests. Apply it: csr-tui apply FILE.\n"


def test_apply_of_a_csr_names_the_command_that_reads_it(run: Run, tmp_path: Path) -> None:
    result = run("apply", str(_foreign_csr(tmp_path)))

    assert result.status == 3
    assert "contains a certificate request, and no table of requests" in result.err
    assert "csr-tui new --from FILE" in result.err


def test_new_from_a_folder_or_from_nothing_says_so(run: Run, tmp_path: Path) -> None:
    folder = run("new", "--from", str(tmp_path))
    nothing = run("new", "--from", "missing.csr")

    assert (folder.status, nothing.status) == (8, 4)
    assert "folder" in folder.err
    assert "No file is named 'missing.csr'" in nothing.err
