"""Extra lines: each built, read back, judged by openssl, taken over again, and refused where its value is wrong."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from hypothesis import given
from hypothesis import strategies as st

from csr_tui.cli import openssl as recipe
from csr_tui.core import certificate, csr, extra, rules
from csr_tui.core.extra import EXTRA_LINES
from csr_tui.core.fields import Subject
from csr_tui.core.findings import Level
from csr_tui.core.keys import encryption, kinds
from csr_tui.core.record import KeySpec, Purpose, Record
from csr_tui.core.values import with_values

SPEC = KeySpec("ECC", "prime256v1")
KEY = kinds.generate(SPEC)

# usage, lines as typed, lines as kept, what openssl shows of the request
GOOD: list[tuple[str, tuple[str, ...], tuple[str, ...], str]] = [
    ("client", ("OU=Ops", "ou = Web"), ("OU=Ops", "OU=Web"), "O=Example Ltd, OU=IT, OU=Ops, OU=Web, CN=Jane Doe"),
    ("client", ("O=system:masters",), ("O=system:masters",), "O=Example Ltd, O=system:masters, OU=IT, CN=Jane"),
    ("client", ("DC=com", "DC=corp", "DC=corp"), ("DC=com", "DC=corp", "DC=corp"), "DC=com, DC=corp, DC=corp, O="),
    ("code", ("userId=jane",), ("UID=jane",), "CN=Example Ltd, UID=jane"),
    ("server", ("serialnumber=A-4711",), ("serialNumber=A-4711",), "CN=www.example.com, serialNumber=A-4711"),
    ("email", ("T=Dr. Jürgen", "GN=Jane", "SN=Doe"), ("T=Dr. Jürgen", "GN=Jane", "SN=Doe"), "SN=Doe, GN=Jane, OU=IT"),
    (
        "client",
        ("eku=1.3.6.1.4.1.311.20.2.2",),
        ("eku=1.3.6.1.4.1.311.20.2.2",),
        "Authentication, Microsoft Smart",
    ),
    ("ca", ("eku=1.3.6.1.5.5.7.3.1",), ("eku=1.3.6.1.5.5.7.3.1",), "TLS Web Server Authentication"),
    ("client", ("UPN=jane@example.com",), ("upn=jane@example.com",), "UPN::jane@example.com"),
    ("ca", ("pathlen=2",), ("pathlen=2",), "CA:TRUE, pathlen:2"),
    ("ca", ("permit=Bücher.Example",), ("permit=xn--bcher-kva.example",), "DNS:xn--bcher-kva.example"),
    ("ca", ("permit=10.0.0.0/8", "permit=fd00::/8"), ("permit=10.0.0.0/8", "permit=fd00::/8"), "IP:10.0.0.0/255.0.0.0"),
    ("ca", ("permit=EMAIL:example.com",), ("permit=email:example.com",), "email:example.com"),
]
MAIN = {
    "client": "Jane Doe",
    "code": "Example Ltd",
    "server": "www.example.com",
    "email": "jane@example.com",
    "ca": "Example Issuing CA",
}

# usage, purpose, line: code of its error or warning, and words of the sentence
BAD: list[tuple[str, Purpose, tuple[str, ...], str, str]] = [
    *(("client", Purpose.PRIVATE, (f"{name}=",), "extra-malformed", "needs a value") for name in ("OU", "eku", "upn")),
    *(
        ("client", Purpose.PRIVATE, (f"{row.name}={'x' * (row.longest + 1)}",), "too-long", f"use {row.longest} at")
        for row in EXTRA_LINES.values()
    ),
    *(
        ("ca", Purpose.PRIVATE, (f"{name}=a\x1bb",), "invisible-character", "U+001B")
        for name in EXTRA_LINES
    ),
    ("client", Purpose.PRIVATE, ("OU=n/a",), "filler", "Placeholders"),
    ("client", Purpose.PRIVATE, ("DC=example.com",), "extra-malformed", "each label"),
    ("client", Purpose.PRIVATE, ("serialNumber=Nr. ü",), "extra-malformed", "letters A to Z"),
    ("client", Purpose.PRIVATE, ("eku=clientAuth",), "extra-malformed", "object identifier"),
    ("client", Purpose.PRIVATE, ("eku=1.40.1",), "extra-malformed", "object identifier"),
    ("client", Purpose.PRIVATE, ("eku=1.2.03",), "extra-malformed", "object identifier"),
    ("client", Purpose.PRIVATE, ("eku=1.3.6.1.5.5.7.3.2",), "extra-repeated", "requests it already"),
    ("client", Purpose.PRIVATE, ("upn=jane",), "extra-malformed", "one @"),
    ("client", Purpose.PRIVATE, ("upn=a@b@c",), "extra-malformed", "one @"),
    ("server", Purpose.PRIVATE, ("upn=jane@example.com",), "extra-usage", "for clients or servers and"),
    ("client", Purpose.PRIVATE, ("pathlen=1",), "extra-usage", "for a subordinate CA"),
    ("client", Purpose.PRIVATE, ("permit=example.com",), "extra-usage", "for a subordinate CA"),
    ("ca", Purpose.PRIVATE, ("pathlen=-1",), "extra-malformed", "from 0 to 99"),
    ("ca", Purpose.PRIVATE, ("pathlen=1", "pathlen=2"), "extra-repeated", "twice"),
    ("ca", Purpose.PRIVATE, ("permit=10.0.0.1/8",), "extra-malformed", "a network"),
    ("ca", Purpose.PRIVATE, ("permit=*.example.com",), "extra-malformed", "a domain"),
    ("client", Purpose.PRIVATE, ("OU=Ops", "OU=Ops"), "extra-repeated", "twice"),
    ("client", Purpose.PRIVATE, ("OU Ops",), "extra-malformed", "NAME=VALUE"),
    ("client", Purpose.PRIVATE, ("pathlan=1",), "extra-unknown", "Did you mean pathlen?"),
    ("client", Purpose.PRIVATE, ("colour=red",), "extra-unknown", "The names are OU, O, DC"),
    ("client", Purpose.PRIVATE, ("chalenge=secret",), "extra-unknown", "never stored"),
    ("client", Purpose.PRIVATE, tuple(f"OU={n}" for n in range(21)), "extra-too-many", "20 at most"),
    ("server", Purpose.PUBLIC, ("OU=Ops",), "extra-dropped", "Public CAs drop OU=Ops"),
    ("server", Purpose.PUBLIC, ("eku=1.2.3",), "extra-dropped", "Public CAs drop eku=1.2.3: it is no usage of"),
]  # fmt: skip


def record(usage: str, lines: tuple[str, ...], purpose: Purpose = Purpose.PRIVATE) -> Record:
    blank = Record(
        "extra00000", purpose=purpose, subject=Subject(MAIN[usage], "Example Ltd", "IT"), key=SPEC, usage=usage
    )
    return with_values(blank, {"extra": lines})[0]


def openssl(*words: str | Path, data: str = "", cwd: Path | None = None) -> str:
    return subprocess.run(["openssl", *words], input=data, capture_output=True, text=True, check=True, cwd=cwd).stdout


@pytest.fixture(autouse=True)
def _openssl(request: pytest.FixtureRequest, require: Callable[..., None]) -> None:
    if request.node.get_closest_marker("system") is not None:
        require("openssl")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the certificate and the key of a CA."""
    folder = tmp_path_factory.mktemp("root")
    words = ("-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=Root")
    openssl("req", "-x509", "-new", *words, "-keyout", "ca.key", "-out", "ca.crt", cwd=folder)
    return folder


def test_the_table_of_good_lines_has_every_name() -> None:
    assert {line.partition("=")[0] for _, _, kept, _ in GOOD for line in kept} == set(EXTRA_LINES)


@pytest.mark.system
@pytest.mark.parametrize(("usage", "typed", "kept", "shown"), GOOD)
def test_a_line_is_built_read_by_openssl_and_taken_over_again(
    usage: str, typed: tuple[str, ...], kept: tuple[str, ...], shown: str, tmp_path: Path
) -> None:
    asked = record(usage, typed)
    assert asked.extra == kept
    assert [one for one in rules.check(asked) if one.field == "extra"] == []

    built = csr.build(asked, KEY)

    text = openssl("req", "-noout", "-text", "-nameopt", "utf8,sep_comma_plus_space", data=built.pem)
    assert shown in text
    draft = csr.to_draft(built, asked.id)
    assert (sorted(draft.extra), csr.findings(built)) == (sorted(kept), ())
    assert csr.differences(asked, built) == ()
    assert csr.differences(replace(asked, extra=()), built) != ()

    (tmp_path / "request.cnf").write_text(recipe.configuration(asked), "utf-8")
    (tmp_path / "own.key").write_text(encryption.to_plain_pem(KEY), "utf-8")
    same = csr.read(openssl("req", "-new", "-config", "request.cnf", "-key", "own.key", cwd=tmp_path))
    assert csr.differences(asked, same) == ()


@pytest.mark.system
@pytest.mark.parametrize(("usage", "typed", "kept", "shown"), GOOD)
def test_a_certificate_with_every_line_does_not_differ_one_without_them_does(
    usage: str, typed: tuple[str, ...], kept: tuple[str, ...], shown: str, root: Path
) -> None:
    del kept, shown
    asked = record(usage, typed)
    signing = ("x509", "-req", "-CA", root / "ca.crt", "-CAkey", root / "ca.key", "-copy_extensions", "copyall")

    whole = openssl(*signing, data=csr.build(asked, KEY).pem)
    bare = openssl(*signing, data=csr.build(replace(asked, extra=()), KEY).pem)

    assert certificate.differences(asked, issued(whole)) == ()
    fields = {one.field for one in certificate.differences(asked, issued(bare))}
    assert fields
    assert fields <= {"extra", "sans", "organization", "department"}


@pytest.mark.system
@pytest.mark.parametrize("weak", ["basicConstraints", "nameConstraints"])
def test_constraints_of_a_ca_that_a_request_does_not_make_critical_differ(weak: str, tmp_path: Path) -> None:
    asked = record("ca", ("permit=example.com",))
    whole = recipe.configuration(asked)
    line = next(one for one in whole.splitlines() if one.startswith(weak))
    (tmp_path / "request.cnf").write_text(whole.replace(line, line.replace("critical,", "")))
    (tmp_path / "key.pem").write_text(encryption.to_plain_pem(KEY))
    text = openssl("req", "-new", "-config", tmp_path / "request.cnf", "-key", tmp_path / "key.pem")

    (difference,) = csr.differences(asked, csr.read(text))

    assert difference.asked == f"critical, {difference.got}"


@pytest.mark.system
@pytest.mark.parametrize("constraints", ["critical,CA:TRUE", "critical,CA:TRUE,pathlen:3", "CA:FALSE"])
def test_a_subordinate_ca_that_was_issued_with_another_path_length_differs(
    constraints: str, root: Path, tmp_path: Path
) -> None:
    asked = record("ca", ())
    (tmp_path / "extensions").write_text(f"basicConstraints={constraints}\n")
    signing = ("x509", "-req", "-CA", root / "ca.crt", "-CAkey", root / "ca.key", "-extfile", tmp_path / "extensions")

    (difference,) = certificate.differences(asked, issued(openssl(*signing, data=csr.build(asked, KEY).pem)))

    assert (difference.field, difference.asked) == ("basic_constraints", "CA:TRUE, path length 0")
    assert difference.got != difference.asked


def issued(pem: str) -> certificate.Certificate:
    return certificate.read(x509.load_pem_x509_certificate(pem.encode()))


@pytest.mark.parametrize(("usage", "purpose", "typed", "code", "words"), BAD)
def test_a_wrong_line_is_reported_in_a_sentence(
    usage: str, purpose: Purpose, typed: tuple[str, ...], code: str, words: str
) -> None:
    found = [one for one in rules.check(record(usage, typed, purpose)) if one.field == "extra"]

    assert code in [one.code for one in found]
    sentence = next(one.message for one in found if one.code == code)
    assert words in sentence
    assert "secret" not in sentence
    assert all(one.level is (Level.WARNING if code == "extra-dropped" else Level.ERROR) for one in found)


def test_a_misspelled_name_has_the_right_one_as_its_fix() -> None:
    (found,) = rules.check(record("client", ("pathlan = 1",)))

    assert found.fix == "pathlen= 1"


def test_forecasts_and_tencent_cloud_name_the_lines() -> None:
    asked = record("server", ("OU=Ops", "eku=1.2.3"), Purpose.PUBLIC)

    expected = rules.forecast(asked, date(2026, 11, 25))

    assert {"OU", "eku"} < {one.part for one in expected if one.treatment is rules.Treatment.DROPPED}
    (refusal,) = [one.message for one in rules.for_tencent(asked) if one.code == "tencent-extra"]
    assert "(OU, eku)" in refusal


@pytest.mark.parametrize(
    "typed",
    [
        "challenge=x",
        " Challenge = x",
        "challengePassword=x",
        "chalenge: x",
        "0.challengePassword = x",
        '"challenge=x"',
        "extra = challenge=x",
        "--challenge x",
        "- scepChallenge: x",
        "ｃｈａｌｌｅｎｇｅ=x",
        "1.2.840.113549.1.9.7=x",
    ],
)
def test_a_challenge_password_among_the_lines_is_never_kept(typed: str) -> None:
    assert extra.read_all([typed]) == ("challenge=",)


@given(st.one_of(st.text(), st.builds("{}={}".format, st.sampled_from([*EXTRA_LINES]), st.text())))
def test_a_line_that_is_kept_once_is_kept_so_for_ever(text: str) -> None:
    kept = extra.read_all([text])

    assert extra.read_all(kept) == kept


def test_a_request_with_other_constraints_reports_what_a_draft_leaves_out() -> None:
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    excluded = x509.NameConstraints(None, [x509.DNSName("example.org")])
    request = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = request.add_extension(excluded, critical=True).sign(KEY, hashes.SHA256())

    read = csr.read(pem.public_bytes(serialization.Encoding.PEM))

    assert csr.to_draft(read, "extra00000").extra == ()
    left = [one.message for one in csr.findings(read) if one.code == "extension-left-out"]
    assert [("basic constraints" in one, "name constraints" in one) for one in left] == [(True, False), (False, True)]
