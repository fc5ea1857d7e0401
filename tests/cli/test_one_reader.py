"""What one command reads every command reads: requests, keys and certificates as mail, Windows and hands leave them."""

from __future__ import annotations

import base64
import io
import json
import quopri
import tarfile
import textwrap
import urllib.parse
import zipfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from authority import Authority
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from handmade import encode, integer, oid, pem

from csr_tui.core.keys import encryption, identity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import New, Run

    from csr_tui.core.keys.kinds import PrivateKey

DER = serialization.Encoding.DER
DOMAIN = "www.example.com"
KEY = rsa.generate_private_key(65537, 2048)
ROOT = Authority("Example Root")


def request(key: PrivateKey = KEY) -> str:
    name = x509.Name.from_rfc4514_string(f"CN={DOMAIN}")
    made = x509.CertificateSigningRequestBuilder(name).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def clear(key: PrivateKey = KEY) -> str:
    return encryption.to_plain_pem(key)


def certificate(key: PrivateKey = KEY) -> str:
    return ROOT.issue(key.public_key(), DOMAIN).public_bytes(serialization.Encoding.PEM).decode()


def bare(text: str) -> str:
    return "".join(text.splitlines()[1:-1])


def sentence(text: str) -> str:
    label = text.splitlines()[0].removeprefix("-----BEGIN ").removesuffix("-----")
    return f"Copy all, with the lines -----BEGIN {label}----- and -----END {label}-----, into a file:\n\n{text}"


def relabelled(text: str) -> str:
    label = text.splitlines()[0].removeprefix("-----BEGIN ").removesuffix("-----")
    return text.replace(label, "PRIVATE KEY" if label == "CERTIFICATE" else "CERTIFICATE")


def beginning(text: str) -> str:
    return f"Copy all, from {text.splitlines()[0]} on:\n\n{text}"


FORMS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16 with a mark": lambda text: text.encode("utf-16"),
    "UTF-16, big end first": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "UTF-32": lambda text: text.encode("utf-32"),
    "a mark after a text": lambda text: f"From a mail\n\ufeff{text}".encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CR": lambda text: text.replace("\n", "\r").encode(),
    "a blank line inside": lambda text: text.replace("\n", "\n\n", 4).encode(),
    "a blank line before END": lambda text: text.replace("\n-----END", "\n \n-----END").encode(),
    "quoted": lambda text: textwrap.indent(text, "> ").encode(),
    "quoted twice": lambda text: textwrap.indent(text, "> > ").encode(),
    "escaped as in signed mail": lambda text: (
        text.replace("-----BEGIN", "- -----BEGIN").replace("-----END", "- -----END").encode()
    ),
    "quoted without a blank": lambda text: textwrap.indent(text, ">").encode(),
    "indented": lambda text: textwrap.indent(text, "\t  ").encode(),
    "NBSP at line ends": lambda text: text.replace("\n", "\u00a0\n").encode(),
    "NBSP in Latin-1": lambda text: text.replace("\n", "\u00a0\n").encode("latin-1"),
    "blanks at line ends": lambda text: text.replace("\n", " \t\n").encode(),
    "zero-width blanks": lambda text: text.replace("\n", "\u200b\n").encode(),
    "Ctrl+Z at the end": lambda text: text.encode() + b"\x1a",
    "bare base64": lambda text: (textwrap.fill(bare(text), 64) + "\n").encode(),
    "bare base64 in one line": lambda text: bare(text).encode(),
    "bare base64 in UTF-16": lambda text: textwrap.fill(bare(text), 64).encode("utf-16"),
    "bare base64, quoted": lambda text: textwrap.indent(textwrap.fill(bare(text), 64), "> ").encode(),
    "DER": lambda text: base64.b64decode(bare(text)),
    "DER with a newline": lambda text: base64.b64decode(bare(text)) + b"\n",
    "base64 in one line": lambda text: (
        text.splitlines()[0] + "\n" + bare(text) + "\n" + text.splitlines()[-1]
    ).encode(),
    "all in one line": lambda text: text.replace("\n", " ").encode(),
    "END behind the Base64": lambda text: text.replace("\n-----END", "-----END").encode(),
    "a string in JSON": lambda text: json.dumps({"data": {"pem": text}}).encode(),
    "a string in indented JSON": lambda text: json.dumps({"pem": text}, indent=2).replace("/", "\\/").encode(),
    "a value in .env": lambda text: f'STAGE=test\nPEM="{text}"\n'.replace(text, text.replace("\n", "\\n")).encode(),
    "a web page with breaks": lambda text: (
        "<html><body><pre>" + text.replace("+", "&#43;").replace("\n", "<br>\r\n") + "</pre></body></html>"
    ).encode(),
    "quoted-printable mail": lambda text: b"MIME-Version: 1.0\r\n\r\n" + quopri.encodestring(text.encode()),
    "quoted-printable in one line": lambda text: quopri.encodestring(
        f"{text.splitlines()[0]}\n{bare(text)}\n{text.splitlines()[-1]}\n".encode()
    ),
    "soft hyphens": lambda text: text.replace("MII", "MI\u00adI").encode(),
    "text around it": lambda text: f"subject=CN = {DOMAIN}\n\n{text}\nbye\n".encode(),
    "text that is Latin-1": lambda text: b"f\xfcr Sie:\n" + text.encode(),
    "a sentence on its lines": lambda text: sentence(text).encode(),
    "a sentence on its BEGIN": lambda text: beginning(text).encode(),
    "the label of another thing": lambda text: relabelled(text).encode(),
    "other blocks before it": lambda text: (
        "-----BEGIN OpenVPN Static key V1-----\n00ff\n-----END OpenVPN Static key V1-----\n" + text
    ).encode(),
}


def tar() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name in ("www.crt", "ca.crt"):
            info = tarfile.TarInfo(name)
            data = FORMS["base64 in one line"](certificate())
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return held.getvalue()


def mail() -> bytes:
    return b"From: ca@example.org\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8=\r\n"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("what", ["request", "key", "certificate"])
def test_every_command_reads_the_same_bytes(run: Run, new: New, tmp_path: Path, form: str, what: str) -> None:
    path = tmp_path / "given"
    made = {"request": request, "key": clear, "certificate": certificate}[what]
    path.write_bytes(FORMS[form](made()))

    looked = run("inspect", str(path), "--json")

    kind = {"request": "request", "key": "private key", "certificate": "certificate"}[what]
    items = [item for item in looked.json["files"][0]["items"] if item["fingerprint"]]
    assert [(item["kind"], item["fingerprint"]) for item in items] == [(kind, identity.fingerprint(KEY))]
    match what:
        case "request":
            assert run("new", "--from", str(path), "--json").json["domain"] == DOMAIN
        case "key":
            generated = run("generate", new(), "--key-file", str(path), "--json").json
            assert generated["key_fingerprint"] == identity.fingerprint(KEY)
        case _:
            run("generate", new(), "--key-file", str(_write(tmp_path, clear())), "--json")
            assert run("attach", str(path), "--json").json["state"] == "issued"


def _write(folder: Path, text: str) -> Path:
    path = folder / "own.key"
    path.write_text(text)
    return path


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_request_in_toml_is_read_in_every_encoding_by_new_and_apply(run: Run, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "request.toml"
    path.write_bytes(f'domain = "{DOMAIN}"\n'.encode(encoding))

    assert run("new", "--from", str(path), "--json").json["domain"] == DOMAIN
    assert run("apply", str(path), "--json").json["total"] == 1


def test_a_zip_is_read_by_inspect_as_by_attach(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "from-the-ca.zip"
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("readme.txt", "hello")
        archive.writestr("www.crt", certificate())
    path.write_bytes(held.getvalue())

    (item,) = run("inspect", str(path), "--json").json["files"][0]["items"]

    assert (item["kind"], item["fields"]["in"], item["problems"]) == ("certificate", "www.crt", [])


@pytest.mark.parametrize("what", [request, clear])
def test_a_zip_that_holds_a_file_as_it_is_was_not_cut_off(
    run: Run, new: New, tmp_path: Path, what: Callable[[], str]
) -> None:
    path = tmp_path / "stored.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("www.pem", what())

    for words in (("new", "--from"), ("generate", new(), "--key-file")):
        assert run(*words, str(path)).err.endswith("This is a zip. Unpack it first.\n")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("1.2.840.113549.1.7.2", "This PKCS#7 contains no certificate."),
        ("1.2.840.113549.1.7.3", "This PKCS#7 contains encrypted or other data, and no certificate."),
    ],
)
def test_a_whole_pkcs7_without_certificates_is_reported_as_such(
    run: Run, tmp_path: Path, content: str, says: str
) -> None:
    data = encode(0x30, integer(1), encode(0x31), encode(0x30, oid("1.2.840.113549.1.7.1")), encode(0x31))
    path = tmp_path / "answer.p7b"
    path.write_bytes(pem(encode(0x30, oid(content), encode(0xA0, data)), label="PKCS7"))

    assert says in run("inspect", str(path)).out
    assert says in run("attach", str(path)).err


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xce\xce\xce\xce\0\0\0\x02", "JCEKS"),
        (b"\xfe\xed\xfe\xed\0\0\0\x02", "JKS"),
        (b"\0\0\0\x02\0\0\0\x14" + bytes(40), "BKS"),
        (b"\x1e\xf1\xb5\xb0" + bytes(40), "PVK"),
        (b"\x1f\x8b\x08" + bytes(40), "gzip"),
        (base64.b64encode(clear().encode()), "PEM file in Base64"),
        (base64.encodebytes(bytes.fromhex("3082010002010330820000")), "PKCS#12 in Base64"),
        (b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", "SSH"),
        (b"PuTTY-User-Key-File-3: ssh-rsa", "PuTTY"),
        (b"----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "five hyphens"),
        ("\u2014\u2013BEGIN CERTIFICATE\u2014\u2013\nMIIB".encode(), "five hyphens"),
        (b"-----Begin Certificate-----\nMIIB\n-----End Certificate-----", "five hyphens"),
        (b"----- BEGIN CERTIFICATE -----\nMIIB\n----- END CERTIFICATE -----", "five hyphens"),
        ("\uff0d\uff0d\uff0dBEGIN CERTIFICATE\uff0d\uff0d\nMIIB".encode(), "five hyphens"),
        (urllib.parse.quote(certificate()).encode(), "URL encoding"),
        (urllib.parse.quote_plus(clear()).encode(), "URL encoding"),
        (b"data:\n  tls.crt: " + base64.b64encode(certificate().encode()) + b"\n", "Kubernetes"),
        (base64.b64decode(bare(certificate())).decode("latin-1").encode(), "as if it were text"),
        (b"0\x82\x03\x01k = x\x02".decode("latin-1").encode(), "as if it were text"),  # which looks like TOML
        (base64.b64decode(bare(certificate())).decode("utf-8", "replace").encode(), "as if it were text"),
        (tar(), "tar archive"),
        (mail(), "saved mail"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504), "Outlook"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE plist><plist/>', "XML"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html><html/>', "web page"),
        (b'{"kty": "EC", "crv": "P-256", "d": "AA"}', "JWK"),
        (b'{"keys": [{"kty": "RSA", "n": "AA", "d": "AA"}]}', "JWK"),
        (b"sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5", "SSH"),
        (b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56wAAAgIAAAAm\n", "ssh-keygen -i"),
        (b"\x07\x02\0\0\0\xa4\0\0RSA2" + bytes(40), "MSBLOB"),
        (b"SQLite format 3\0" + bytes(100), "SQLite"),
        (encode(0x30, encode(0x30, encode(0x30), encode(0x04)), encode(0x30)), "BCFKS"),
        (b"", "empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_no_command_reads_is_named_by_each(run: Run, new: New, tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "given"
    path.write_bytes(data)

    for words in (("inspect",), ("attach",), ("new", "--from"), ("generate", new(), "--key-file")):
        result = run(*words, str(path))
        assert result.status == 3, words
        assert says in result.err, words
        assert "\n" not in result.err.strip()


@pytest.mark.parametrize("form", ["Here it is: {}", "{} Regards, your CA\n"])
def test_a_boundary_beside_other_text_was_not_cut_off(run: Run, tmp_path: Path, form: str) -> None:
    path = tmp_path / "mail.txt"
    text = FORMS["base64 in one line"](certificate()).decode()
    path.write_text(form.format(text))

    for command in ("inspect", "attach"):
        assert "contains other text: each needs a line of its own" in run(command, str(path)).err


def test_things_in_der_that_were_joined_are_all_read(run: Run, new: New, tmp_path: Path) -> None:
    der = [base64.b64decode(bare(text)) for text in (certificate(), clear(), request())]
    path = tmp_path / "joined.der"
    path.write_bytes(b"".join((*der, b"\x30\x03\x02\x01\x05")))

    items = run("inspect", str(path), "--json").json["files"][0]["items"]

    assert [item["kind"] for item in items] == ["certificate", "private key", "request", "DER"]
    assert run("generate", new(), "--key-file", str(path)).status == 0
    path.write_bytes(der[0] + ROOT.certificate.public_bytes(DER))
    assert "chain     Example Root" in run("attach", str(path)).out


def test_an_empty_block_between_two_does_not_hide_them(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "cut.pem"
    path.write_text(clear()[:200] + "\n" + certificate())

    items = run("inspect", str(path), "--json").json["files"][0]["items"]

    assert [item["kind"] for item in items] == ["private key", "certificate"]
    assert "no END line" in items[0]["problems"][0]


@pytest.mark.parametrize("label", ["Ed25519 PRIVATE KEY", "ANY PRIVATE KEY", "RSA PRIVATE KEY"])
def test_a_key_is_one_under_whatever_label_ends_so(run: Run, tmp_path: Path, label: str) -> None:
    path = tmp_path / "cfssl.key"
    path.write_text(clear(ec.generate_private_key(ec.SECP256R1())).replace("PRIVATE KEY", label))

    assert run("inspect", str(path), "--json").json["files"][0]["items"][0]["kind"] == "private key"


def test_blocks_of_any_label_are_named_and_no_finding_of_doctor(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "openvpn"
    folder.mkdir()
    (folder / "ta.key").write_text(
        "-----BEGIN OpenVPN Static key V1-----\n00112233\n-----END OpenVPN Static key V1-----\n"
    )
    (folder / "dh.pem").write_text(
        "-----BEGIN X9.42 DH PARAMETERS-----\nMAYCAQUCAQI=\n-----END X9.42 DH PARAMETERS-----\n"
    )
    for path in folder.iterdir():
        path.chmod(0o600)

    looked = run("inspect", str(folder / "ta.key"))

    assert looked.status == 0
    assert "OpenVPN Static key V1" in looked.out
    assert "skipped" in looked.out
    assert run("doctor", str(folder), "--json").json["folder"]["findings"] == []


@pytest.mark.parametrize("label", ["SSL CERTIFICATE", "INTERMEDIATE CERTIFICATE", "X509 CERTIFICATE"])
def test_a_certificate_is_one_under_whatever_label(run: Run, new: New, tmp_path: Path, label: str) -> None:
    run("generate", new(), "--key-file", str(_write(tmp_path, clear())), "--json")
    path = tmp_path / "www.crt"
    path.write_text(certificate().replace("CERTIFICATE", label))

    assert run("inspect", str(path), "--json").json["files"][0]["items"][0]["kind"] == "certificate"
    assert run("attach", str(path), "--json").json["state"] == "issued"


def test_a_pkcs7_is_one_under_the_label_of_old_programs(run: Run, new: New, tmp_path: Path) -> None:
    run("generate", new(), "--key-file", str(_write(tmp_path, clear())), "--json")
    leaf = x509.load_pem_x509_certificate(certificate().encode())
    path = tmp_path / "www.p7b"
    made = pkcs7.serialize_certificates([leaf, ROOT.certificate], serialization.Encoding.PEM)
    path.write_bytes(made.replace(b"PKCS7", b"PKCS #7 SIGNED DATA"))

    kinds = [item["kind"] for item in run("inspect", str(path), "--json").json["files"][0]["items"]]
    assert kinds == ["PKCS#7", "certificate", "certificate"]
    assert "chain     Example Root" in run("attach", str(path)).out


def test_a_list_of_revoked_certificates_is_no_certificate(run: Run, tmp_path: Path) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateRevocationListBuilder().issuer_name(ROOT.certificate.subject)
    made = builder.last_update(now).next_update(now + timedelta(days=9)).sign(ROOT.key, hashes.SHA256())
    for encoding in (DER, serialization.Encoding.PEM):
        path = tmp_path / "ca.crl"
        path.write_bytes(made.public_bytes(encoding))
        assert "list of revoked certificates" in run("attach", str(path)).err
    path.write_bytes(made.public_bytes(DER))
    assert "list of revoked certificates" in run("inspect", str(path)).err
