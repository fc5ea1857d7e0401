"""Usages on the command line: flag, TOML, table, CSR, JSON and export."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from csr_tui.core import csr
from csr_tui.core.usages import USAGES
from csr_tui.storage.schema import MIGRATIONS

if TYPE_CHECKING:
    from cli.conftest import Run

    from csr_tui.paths import Paths

NAMES = {
    "server": "www.example.com",
    "client": "Jane Doe",
    "both": "etcd1.example.com",
    "email": "jane@example.com",
    "code": "Example Ltd",
    "ca": "Example Issuing CA 1",
}


def draft(run: Run, usage: str) -> str:
    words = ("--usage", usage, "--domain", NAMES[usage], "--purpose", "private", "--algorithm", "ECC")
    result = run("new", *words)
    assert result.status == 0, result.err
    return result.out.strip()


@pytest.mark.parametrize("usage", USAGES)
def test_a_usage_is_kept_from_the_flag_to_the_request_and_back(usage: str, run: Run, tmp_path: Path) -> None:
    made = draft(run, usage)
    toml, request = tmp_path / "request.toml", tmp_path / "request.csr"
    toml.write_text(run("show", made, "--toml").out, "utf-8")

    record = run("generate", made, "--no-password", "--protect", "unprotected", "--json").json
    request.write_text(record["csr"], "utf-8")

    assert (record["usage"], record["domain"], record["differences"]) == (usage, NAMES[usage], [])
    assert csr.read(record["csr"]).extended_key_usage == USAGES[usage].extended_key_usage
    for source in (str(toml), str(request), made):
        copy = run("new", "--from", source, "--purpose", "private", "--json").json
        assert (copy["usage"], copy["domain"]) == (usage, NAMES[usage]), source
        assert [one for one in copy["findings"] if one["code"] == "usage-left-out"] == []


def test_the_host_of_a_client_stays_among_its_names(run: Run, tmp_path: Path) -> None:
    device = ("new", "--usage", "client", "--domain", "a.example.com", "--san", "a.example.com", *PRIVATE)
    made = run(*device).out.strip()
    toml, request = tmp_path / "request.toml", tmp_path / "request.csr"
    toml.write_text(run("show", made, "--toml").out, "utf-8")

    record = run("generate", made, "--no-password", "--protect", "unprotected", "--json").json
    request.write_text(record["csr"], "utf-8")

    copies = [run("new", "--from", source, "--json").json for source in (str(toml), str(request), made)]
    assert [one["sans"] for one in (record, *copies)] == [["a.example.com"]] * 4
    assert csr.read(record["csr"]).sans == ("a.example.com",)


@pytest.mark.parametrize(
    ("usage", "name"),
    [("client", "CON"), ("client", "{csr}"), ("email", "Jane@Example.com"), ("server", "A.Example.com")],
)
def test_a_record_is_found_by_its_main_name_as_it_was_typed(usage: str, name: str, run: Run) -> None:
    made = run("new", "--usage", usage, "--domain", name, "--purpose", "private").out.strip()

    assert run("show", name, "--json").json["id"] == made


def test_a_request_is_read_for_the_usage_that_is_named(run: Run, tmp_path: Path) -> None:
    record = run("generate", draft(run, "both"), "--no-password", "--protect", "unprotected", "--json").json
    (tmp_path / "request.csr").write_text(record["csr"], "utf-8")

    copy = run("new", "--from", str(tmp_path / "request.csr"), "--usage", "server", "--json").json

    assert (copy["usage"], copy["extra"]) == ("server", ["eku=1.3.6.1.5.5.7.3.2"])


def test_a_table_has_a_column_for_the_usage(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "requests.csv"
    table.write_text("domain,usage,purpose\nJane Doe,Client,private\nwww.example.com,,private\n", "utf-8")

    assert run("apply", str(table)).status == 0
    records = run("list", "--json").json["records"]

    assert {(one["domain"], one["usage"]) for one in records} == {("Jane Doe", "client"), ("www.example.com", "server")}


PRIVATE = ("--purpose", "private", "--algorithm", "ECC")
CHOICES = "server, client, both, email, code, ca"

REFUSED: list[tuple[tuple[str, ...], int, str]] = [
    (("--usage", "browser"), 2, "Argument --usage: invalid choice: 'browser'"),
    (("--usage", ""), 2, "Argument --usage: invalid choice: ''"),
    (("--usage", "server", "--domain", "Jane Doe"), 3, "Domain: A host name has no spaces."),
    (("--usage", "both", "--domain", "jane@example.com", *PRIVATE), 3, "Domain: This is an email address"),
    (("--usage", "email", "--domain", "www.example.com"), 3, "Mailbox: An email address has one @"),
    (("--usage", "email", "--domain", "Jane Doe"), 3, "Mailbox: An email address has one @"),
    (("--usage", "email", "--domain", "jane@a_b.example"), 3, "Mailbox: A host name has no underscore"),
    (("--usage", "client", "--domain", "x" * 65, *PRIVATE), 3, "Name: This is 65 characters long; use 64 at most."),
    (("--usage", "ca", "--domain", "名" * 65, *PRIVATE), 3, "Name: This is 65 characters long; use 64 at most."),
    (("--usage", "client", "--domain", "Jane\nDoe", *PRIVATE), 3, "Name: It contains an invisible character (U+000A)."),
    (
        ("--usage", "client", "--domain", "Jane\x1b[31m", *PRIVATE),
        3,
        "Name: It contains an invisible character (U+001B).",
    ),
    (("--usage", "client", "--domain", "Jane Doe"), 3, "Usage: Public CAs no longer certify clients"),
    (("--usage", "email", "--san", "a.example", *PRIVATE), 3, "Names: a.example is a host name"),
    (("--usage", "code", "--algorithm", "RSA", "--key-parameter", "2048"), 3, "needs RSA 3072 or an elliptic curve."),
]


@pytest.mark.parametrize(("words", "status", "sentence"), REFUSED)
def test_what_a_usage_cannot_have_is_refused(words: tuple[str, ...], status: int, sentence: str, run: Run) -> None:
    result = run("new", *words)

    assert result.status == status
    assert sentence in result.err
    assert "\x1b" not in result.err
    assert run("list", "--json").json["records"] == []


def test_a_list_is_narrowed_to_one_usage_beside_every_other_filter(run: Run) -> None:
    made = {usage: draft(run, usage) for usage in USAGES}
    trashed = draft(run, "client")
    run("delete", trashed, "--yes")

    def listed(*words: str) -> list[str]:
        answer = run("list", "--json", *words).json
        assert answer["total"] == len(answer["records"])
        return [record["id"] for record in answer["records"]]

    for usage, record in made.items():
        assert listed("--usage", usage, "--sort", "domain") == [record]
    assert listed("--usage", "client", "--trash") == [trashed]
    assert listed("--usage", "client", "--state", "draft", "--search", "jane") == [made["client"]]
    assert listed("--usage", "server", "--search", "jane") == []
    assert listed("--usage", "client", "--expiring", "30") == []
    assert run("list", "--usage", "email", "--plain").out.startswith("domain: jane@example.com\n")
    assert "No matching records." in run("list", "--usage", "email", "--state", "issued").err
    assert run("list", "--usage", "web").status == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--usage", "server", "--domain", "Jane Doe"), "Domain: A host name has no spaces."),
        (("--usage", "email", "--domain", "Jane Doe"), "Mailbox: An email address has one @"),
        (("--usage", "code", "--domain", "Jane Doe", "--purpose", "private"), "Key size: A key for code signing needs"),
        (("--usage", "ca", "--purpose", "private"), "Name: Enter a name, such as Example Issuing CA. It is required."),
    ],
)
def test_a_draft_whose_usage_does_not_fit_is_kept_and_not_generated(
    words: tuple[str, ...], sentence: str, run: Run, tmp_path: Path
) -> None:
    toml = tmp_path / "request.toml"
    toml.write_text("".join(f"{name[2:]} = '{text}'\n" for name, text in zip(words[::2], words[1::2], strict=True)))
    made = run("new", "--from", str(toml)).out.strip()

    result = run("generate", made, "--no-password", "--protect", "unprotected")

    assert (result.status, run("show", made, "--json").json["state"]) == (3, "draft")
    assert sentence in result.err


@pytest.mark.parametrize(
    ("text", "status", "usage"),
    [
        ("domain = 'www.example.com'", 0, "server"),
        ("domain = 'Jane Doe'\nusage = 'client'\npurpose = 'private'", 0, "client"),
        ("usage = 'browser'", 3, ""),
        ("usage = ''", 3, ""),
        ("usage = 5", 3, ""),
        ("usage = ['client']", 3, ""),
    ],
)
def test_a_toml_file_of_today_is_for_a_server(text: str, status: int, usage: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "request.toml").write_text(text, "utf-8")

    result = run("new", "--from", str(tmp_path / "request.toml"), "--json")

    assert result.status == status
    assert result.json["usage"] == usage if usage else f"usage is one of {CHOICES}." in result.err


def test_tencent_cloud_is_not_asked_for_a_subordinate_authority(run: Run) -> None:
    result = run("submit", draft(run, "ca"))

    assert result.status == 3
    assert result.err.startswith("Usage: Tencent Cloud makes requests for servers only")


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_store_of_each_released_version_takes_every_usage(version: int, run: Run, paths: Paths) -> None:
    stores = Path(__file__).parents[1] / "storage" / "stores"
    paths.data.mkdir(mode=0o700, parents=True)
    with closing(sqlite3.connect(paths.data / "records.db")) as connection:
        connection.executescript((stores / f"version-{version}.sql").read_text("utf-8"))

    changed = run("edit", "draft00000", "--usage", "ca", "--domain", "Issuing CA", "--san", "", *PRIVATE, "--json")

    assert changed.json["usage"] == "ca", changed.err
    assert run("edit", "generated0", "--usage", "ca").status == 4
    assert "keyCertSign, cRLSign" in run("show", "draft00000", "--openssl").out


def test_a_web_server_does_not_load_the_certificate_of_a_client(run: Run, tmp_path: Path) -> None:
    made = draft(run, "client")
    run("generate", made, "--no-password", "--protect", "unprotected")

    result = run("export", made, "--to", str(tmp_path / "out"), "--for", "nginx")

    assert result.status == 4
    assert "nginx loads certificates for servers; this one is for clients." in result.err


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        ("client", ("as a client, by a server that trusts",)),
        ("both", ("as etcd1.example.com, by a client that trusts", "as a client, by a server that trusts")),
        ("code", ("not proven: TLS handshake: the certificate is for code signing",)),
        ("ca", ("not proven: TLS handshake: the certificate is for a subordinate CA",)),
    ],
    ids=["client", "both", "code", "ca"],
)
def test_a_handshake_proves_a_certificate_in_its_roles_or_the_export_says_so(
    usage: str, said: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    made = draft(run, usage)
    record = run("generate", made, "--no-password", "--protect", "unprotected", "--json").json
    request = x509.load_pem_x509_csr(record["csr"].encode())
    issued = tmp_path / "issued.crt"
    issued.write_bytes(sign(request))

    attached = run("attach", made, str(issued))
    exported = run("export", made, "--to", str(tmp_path / "out"))

    assert (attached.status, exported.status) == (0, 0), (attached.err, exported.err)
    assert usage == "both" or "--for nginx" not in attached.out
    assert all(one in exported.out + exported.err for one in said), exported.out + exported.err


def sign(request: x509.CertificateSigningRequest) -> bytes:
    """A certificate of a new root that copies the extensions of the request."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Root")]))
        .public_key(request.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
    )
    for extension in request.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    signed = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)
