"""Extra lines and challenge passwords on the command line: flag, TOML, table, profile, CSR and JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from csr_tui.core import csr

if TYPE_CHECKING:
    from cli.conftest import Answers, Run

    from csr_tui.paths import Paths

LINES = ["OU=Ops", "upn=jane@example.com", "eku=1.3.6.1.4.1.311.20.2.2"]
CLIENT = (
    "--usage",
    "client",
    "--domain",
    "Jane Doe",
    "--department",
    "IT",
    "--purpose",
    "private",
    "--algorithm",
    "ECC",
)
CLEAR = ("--no-password", "--protect", "unprotected")


def client(run: Run, *words: str) -> str:
    result = run("new", *CLIENT, *words)
    assert result.status == 0, result.err
    return result.out.strip()


def test_lines_are_kept_from_the_flag_to_the_request_and_back(run: Run, tmp_path: Path) -> None:
    made = client(run, "--extra", "ou = Ops", "--extra", LINES[1], "--extra", LINES[2])
    toml, request = tmp_path / "request.toml", tmp_path / "request.csr"
    toml.write_text(run("show", made, "--toml").out, "utf-8")

    record = run("generate", made, *CLEAR, "--json").json
    request.write_text(record["csr"], "utf-8")

    assert (record["extra"], record["differences"]) == (LINES, [])
    assert "extra lines" in run("show", made).out
    for source in (str(toml), str(request), made):
        copy = run("new", "--from", source, "--purpose", "private", "--json").json
        assert sorted(copy["extra"]) == sorted(LINES), source
    renewed = run("renew", made, "--json").json
    assert renewed["extra"] == LINES
    assert run("edit", renewed["id"], "--extra", "", "--json").json["extra"] == []


def test_a_table_and_a_profile_have_lines(run: Run, tmp_path: Path, paths: Paths) -> None:
    table = tmp_path / "requests.csv"
    table.write_text('domain,usage,purpose,extra\nJane Doe,client,private,"O=Second, Ltd; UID=jane"\n', "utf-8")
    paths.profiles.parent.mkdir(parents=True, exist_ok=True)
    paths.profiles.write_text('[staff]\nusage = "client"\npurpose = "private"\nextra = ["OU=Staff"]\n', "utf-8")

    assert run("apply", str(table)).status == 0
    (record,) = run("list", "--json").json["records"]

    assert record["extra"] == ["O=Second, Ltd", "UID=jane"]
    assert run("new", "--profile", "staff", "--domain", "Jane Doe", "--json").json["extra"] == ["OU=Staff"]


@pytest.mark.parametrize("line", ["eku=clientAuth", "pathlen=1", "nonsense=1", "challenge=s3same"])
def test_a_wrong_line_is_refused_and_nothing_of_it_stored(line: str, run: Run) -> None:
    result = run("new", *CLIENT, "--extra", line)

    assert (result.status, run("list", "--json").json["total"]) == (3, 0)
    assert "Extra lines: " in result.err
    assert "s3same" not in result.err


def test_a_challenge_password_is_read_after_the_key_password_or_asked_for(run: Run, typist: Answers) -> None:
    given = client(run)
    result = run(
        "generate", given, "--password-stdin", "--protect", "prompt", "--weak-password", "--challenge-stdin",
        stdin=b"key password 4711\ns3same\n",
    )  # fmt: skip
    assert result.status == 0, result.err
    assert "in clear" in result.err
    assert csr.read(run("show", given, "--csr").out).challenge_length == 6
    assert "s3same" not in result.out + result.err + run("show", given).out

    asked = typist("s3same")
    made = client(run)
    assert run("generate", made, *CLEAR, "--challenge", person=asked).status == 0
    assert asked.asked == ["Challenge password: "]
    assert csr.read(run("show", made, "--csr").out).challenge_length == 6
    assert run("generate", client(run), *CLEAR, "--challenge").status == 5
    assert run("generate", client(run), *CLEAR, "--challenge-stdin", stdin=b"\n").status == 3


def test_the_template_of_a_microsoft_ca_is_named_beside_the_csr_of_a_private_ca_alone(run: Run) -> None:
    made = client(run)
    public = run("new", "--domain", "www.example.com", "--algorithm", "ECC").out.strip()
    assert [run("generate", one, *CLEAR).status for one in (made, public)] == [0, 0]

    line = 'certreq -submit -attrib "CertificateTemplate:NAME" Jane-Doe.csr'
    assert line in run("show", made).out
    assert line in run("show", made, "--openssl").out
    assert "certreq" not in run("show", public).out + run("show", public, "--openssl").out
