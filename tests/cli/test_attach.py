"""attach."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from authority import Authority, pem

from csr_tui.core import csr

if TYPE_CHECKING:
    from cli.conftest import Generated, New, Run
    from cryptography.x509 import Certificate

    from csr_tui.paths import Paths

NOW = datetime.now(UTC).replace(microsecond=0)
ROOT = Authority("Example Root", now=NOW)
CA = Authority("Example Issuing CA", ROOT, now=NOW)


class Issue(Protocol):
    def __call__(self, record_id: str, *names: str, start: int = -1, organization: str = "") -> Certificate: ...


class Put(Protocol):
    def __call__(self, name: str, *certificates: Certificate) -> str: ...


@pytest.fixture
def issue(run: Run) -> Issue:
    """What the CA makes of a record's CSR: for the names given, else for those asked."""

    def make(record_id: str, *names: str, start: int = -1, organization: str = "") -> Certificate:
        request = csr.read(run("show", record_id, "--csr").out)
        return CA.issue(request.public_key, *(names or request.sans), start=start, organization=organization)

    return make


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """A file with these certificates; its path."""

    def write(name: str, *certificates: Certificate) -> str:
        (tmp_path / name).write_bytes(pem(*certificates))
        return str(tmp_path / name)

    return write


def test_attach_answers_with_the_issued_record(run: Run, generated: Generated, issue: Issue, put: Put) -> None:
    made = generated()
    leaf = issue(made)

    result = run("attach", put("www.crt", leaf), put("chain.pem", ROOT.certificate, CA.certificate), "--json")

    assert result.status == 0, result.err
    assert (result.json["id"], result.json["state"]) == (made, "issued")
    assert result.json["certificate"] == pem(leaf, CA.certificate).decode()
    assert result.json["not_after"] == leaf.not_valid_after_utc.isoformat(timespec="milliseconds")[:-6] + "Z"
    assert result.json["differences"] == []
    assert run("list", "--state", "issued", "--json").json["total"] == 1
    assert run("list", "--expiring", "100", "--json").json["total"] == 1


def test_attach_says_what_was_found_and_what_differs(run: Run, new: New, issue: Issue, put: Put) -> None:
    made = new("--organization", "Example Ltd", "--san", "example.com")
    run("generate", made)
    file = put("www.crt", ROOT.certificate, CA.certificate, issue(made, "www.example.com"))

    result = run("attach", made, file)
    shown = run("show", made, "--json").json

    assert result.status == 0, result.err
    assert f"record    {made} www.example.com" in result.out
    assert "chain     Example Issuing CA, Example Root (the root, not exported" in result.out
    assert "differs   Organization: requested Example Ltd, issued nothing" in result.out
    assert "differs   Names: requested www.example.com, example.com, issued www.example.com" in result.out
    assert f"next      csr-tui export {made} --to DIR --for nginx" in result.out
    assert shown["differences"] == [
        {"field": "organization", "asked": "Example Ltd", "got": ""},
        {"field": "sans", "asked": "www.example.com, example.com", "got": "www.example.com"},
    ]
    assert f"valid until {shown['not_after'][:10]}" in run("show", made).out


def test_the_first_word_is_a_file_where_there_is_one_and_else_a_record(
    run: Run,
    generated: Generated,
    issue: Issue,
    put: Put,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = generated()
    monkeypatch.chdir(tmp_path)
    put(made, issue(made), CA.certificate)

    assert run("attach", made).status == 0
    Path(made).rename("www.crt")
    assert run("attach", made[:6], "www.crt").status == 0
    assert run("attach", made[:6]).status == 2
    assert run("attach", "zzzz", "www.crt").status == 4
    assert run("attach", "no-such-file.crt").status == 8
    assert run("attach", "www.crt", "no-such-file.crt").status == 8
    assert run("attach", str(tmp_path)).status == 8
    assert run("attach").status == 2


def test_a_chain_that_is_not_whole_is_attached_with_a_warning(
    run: Run, generated: Generated, issue: Issue, put: Put
) -> None:
    made = generated()

    alone = run("attach", put("www.crt", issue(made)))
    completed = run("attach", made, put("ca.crt", CA.certificate))

    assert alone.status == 0
    assert "warning   The certificate of its issuer, Example Issuing CA, is missing" in alone.out
    assert "next" not in alone.out
    assert completed.status == 0
    assert "chain     Example Issuing CA" in completed.out


@pytest.mark.parametrize(
    ("content", "status", "kind"),
    [(b"", 3, "invalid"), (b"hello", 3, "invalid"), (pem(CA.certificate), 4, "not_found")],
    ids=["empty", "text", "of a CA"],
)
def test_what_cannot_be_attached_is_refused_with_the_files_name(
    content: bytes, status: int, kind: str, run: Run, generated: Generated, tmp_path: Path
) -> None:
    made = generated()
    (tmp_path / "what\x1b.pem").write_bytes(content)

    result = run("attach", str(tmp_path / "what\x1b.pem"), "--json")

    assert (result.status, result.json["error"]["kind"]) == (status, kind)
    assert "what\\u{1b}.pem" in result.json["error"]["message"]
    assert run("show", made, "--json").json["state"] == "generated"


def test_an_expired_certificate_names_its_finding(run: Run, generated: Generated, issue: Issue, put: Put) -> None:
    result = run("attach", put("www.crt", issue(generated(), start=-100), CA.certificate), "--json")

    assert result.status == 3
    assert result.json["error"]["findings"][0]["field"] == "validity"


def test_hostile_text_in_a_certificate_never_reaches_the_terminal_raw(
    run: Run, new: New, issue: Issue, put: Put
) -> None:
    made = new()
    run("generate", made)

    result = run("attach", put("www.crt", issue(made, "www.example.com", organization="\x1b[31mred"), CA.certificate))

    assert result.status == 0
    assert "\x1b" not in result.out
    assert "\\u{1b}[31mred" in result.out


def test_the_certificates_before_are_shown_as_history(run: Run, generated: Generated, issue: Issue, put: Put) -> None:
    made = generated()
    leaves = [issue(made, start=start) for start in (-3, -2, -1)]
    for leaf in leaves:
        assert run("attach", put("www.crt", leaf, CA.certificate)).status == 0

    history = run("show", made, "--json").json["history"]
    lines = run("show", made, "--history").out.splitlines()

    assert [one["serial"] for one in history] == [f"{leaf.serial_number:x}" for leaf in leaves[1::-1]]
    assert history[0]["not_before"] == leaves[1].not_valid_before_utc.isoformat(timespec="milliseconds")[:-6] + "Z"
    assert list(history[0]) == ["serial", "not_before", "not_after"]
    assert [line.rpartition(" ")[2] for line in lines] == [one["serial"] for one in history]
    assert f"serial number {history[1]['serial']}" in run("show", made).out


def test_an_earlier_certificate_that_cannot_be_read_is_reported(
    run: Run, generated: Generated, issue: Issue, put: Put, paths: Paths
) -> None:
    made = generated("--no-password")
    for start in (-2, -1):
        assert run("attach", put("www.crt", issue(made, start=start), CA.certificate)).status == 0
    with closing(sqlite3.connect(paths.store, isolation_level=None)) as store:
        store.execute("UPDATE earlier_certificate SET certificate = replace(certificate, 'MII', '!II')")

    results = [run("show", made, *words) for words in ((), ("--history",), ("--json",))]

    assert results[2].json["history"] == []
    assert all("1 earlier certificate cannot be read" in one.err for one in results)


def test_a_record_that_had_no_other_certificate_has_no_history(run: Run, new: New) -> None:
    made = new()

    shown = run("show", made, "--history")

    assert (shown.status, shown.out) == (0, "")
    assert run("show", made, "--json").json["history"] == []


def test_list_sorts_by_issuer_also_where_an_older_version_attached_the_certificate(
    run: Run, generated: Generated, issue: Issue, put: Put, paths: Paths
) -> None:
    by_ca, by_root, without = generated("--no-password"), generated("--no-password"), generated("--no-password")
    own = ROOT.issue(csr.read(run("show", by_root, "--csr").out).public_key, "www.example.com")
    assert run("attach", put("ca.crt", issue(by_ca), CA.certificate)).status == 0
    assert run("attach", put("root.crt", own)).status == 0
    with closing(sqlite3.connect(paths.store, isolation_level=None)) as store:
        store.execute("UPDATE record SET issuer = NULL WHERE id = ?", (by_ca,))

    lists = [run("list", "--sort", "issuer", *words, "--json").json["records"] for words in ((), ("--reverse",))]

    assert [[one["id"] for one in records] for records in lists] == [
        [without, by_ca, by_root],
        [by_root, by_ca, without],
    ]
