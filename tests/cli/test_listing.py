"""list and show."""

from __future__ import annotations

import shlex
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from authority import Authority, pem
from cryptography import x509

from csr_tui.core import csr

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Generated, New, Run

    from csr_tui.paths import Paths


def test_an_empty_store_lists_nothing_and_says_how_to_begin(run: Run) -> None:
    result = run("list")

    assert (result.status, result.out) == (0, "")
    assert "csr-tui new" in result.err


def test_list_shows_a_line_for_each_record_newest_first(run: Run, new: New) -> None:
    first, second = new(domain="a.example.com"), new(domain="b.example.com")

    lines = run("list").out.splitlines()

    assert lines[0].split() == ["ID", "STATE", "KEY", "ENDS", "(UTC)", "CHANGED", "(UTC)", "DOMAIN"]
    assert [line.split()[0] for line in lines[1:]] == [second, first]
    assert lines[1].endswith("b.example.com")


@pytest.mark.parametrize("column", ["csr", "certificate"])
def test_a_text_that_the_disk_damaged_hides_no_other_record(
    run: Run, new: New, generated: Generated, paths: Paths, tmp_path: Path, column: str
) -> None:
    whole, damaged = new(domain="a.example.com"), generated("--no-password")
    public = csr.read(run("show", damaged, "--csr").out).public_key
    (tmp_path / "answer.pem").write_bytes(pem(Authority("Example CA").issue(public, "www.example.com")))
    assert run("attach", str(tmp_path / "answer.pem")).status == 0
    with closing(sqlite3.connect(paths.store, isolation_level=None)) as store:
        triggers = store.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            store.execute(f'DROP TRIGGER "{name}"')
        store.execute(f"UPDATE record SET {column} = replace({column}, 'MII', '!II') WHERE id = ?", (damaged,))
        for _, sql in triggers:
            store.execute(sql)

    listed = run("list", "--json")

    assert (listed.status, {one["id"] for one in listed.json["records"]}) == (0, {whole, damaged})
    assert "got damaged data" in run("show", damaged).out
    assert damaged in run("export", damaged, "--to", str(tmp_path / "out")).err


def test_list_filters_by_state_search_and_trash(run: Run, new: New, generated: Generated) -> None:
    draft, made, gone = new(domain="a.example.com"), generated(domain="b.example.com"), new(domain="c.example.com")
    run("delete", gone, "--yes")

    def ids(*words: str) -> list[str]:
        return [record["id"] for record in run("list", *words, "--json").json["records"]]

    assert ids("--state", "draft") == [draft]
    assert ids("--state", "generated") == [made]
    assert ids("--state", "issued") == []
    assert ids("--search", "b.exa") == [made]
    assert ids("--trash") == [gone]
    assert ids("--expiring", "30") == []


def test_a_list_has_the_documents_that_show_has_findings_too(run: Run, generated: Generated) -> None:
    run("new", "--domain", "a.example.com", "--organization", "Example Ltd")
    run("new", "--organization", "Example Ltd")
    generated(domain="b.example.com")

    listed = run("list", "--json").json["records"]

    assert len(listed) == 3
    assert any(record["findings"] for record in listed)
    assert listed == [run("show", record["id"], "--json").json for record in listed]


def test_total_counts_the_matches_before_the_limit(run: Run, new: New) -> None:
    for number in range(5):
        new(domain=f"h{number}.example.com")

    result = run("list", "--limit", "2", "--json")

    assert (result.json["total"], len(result.json["records"])) == (5, 2)
    assert run("list", "--limit", "0", "--json").json == {"records": [], "total": 5}
    assert len(run("list", "--json").json["records"]) == 5


@pytest.mark.parametrize("flags", [("list", "--limit"), ("list", "--expiring"), ("sandbox", "--port")])
@pytest.mark.parametrize("number", ["-1", "1.5", "ten", "1000000"])
def test_a_number_that_a_flag_does_not_take_is_named_with_those_that_it_takes(
    run: Run, flags: tuple[str, str], number: str
) -> None:
    result = run(*flags, number)

    assert result.status == 2
    assert f"{flags[1]}: enter a whole number from 0 to 999,999, not '{number}'" in result.err


def test_list_says_when_there_is_more_or_nothing_answers(run: Run, new: New) -> None:
    new()
    new()

    assert "Showing 1 of 2 records" in run("list", "--limit", "1").err
    assert "No matching records" in run("list", "--search", "nothing").err
    assert "trash is empty" in run("list", "--trash").err


def test_show_is_a_page_for_people(run: Run, generated: Generated) -> None:
    made = generated()

    page = run("show", made).out

    for text in ("www.example.com", made, "ECC P-256", "random password", "fingerprint"):
        assert text in page


def test_list_filters_by_tag_with_any_value_or_with_one(run: Run, new: New) -> None:
    web, data = new("--tag", "team=web"), new("--tag", "team=data", "--tag", "web=team")
    new("--tag", "steam=web")

    def ids(*words: str) -> set[str]:
        return {record["id"] for record in run("list", *words, "--json").json["records"]}

    assert ids("--tag", "team=web") == {web}
    assert ids("--tag", "TEAM") == {web, data}
    assert run("list", "--tag", "=web").status == 2
    assert run("list", "--tag", "team=web", "--tag", "web=team").status == 2


def test_list_sorts_by_domain_or_change_in_either_direction(run: Run, new: New) -> None:
    b, c, a = (new(domain=f"{name}.example.com") for name in "bca")

    def ids(*words: str) -> list[str]:
        return [record["id"] for record in run("list", *words, "--json").json["records"]]

    assert ids() == ids("--sort", "changed") == [a, c, b]
    assert ids("--reverse") == [b, c, a]
    assert ids("--sort", "domain") == [a, b, c]
    assert ids("--sort", "domain", "--reverse", "--limit", "2") == [c, b]
    run("edit", b, "--tag", "team=web")
    run("edit", c, "--algorithm", "RSA", "--key-parameter", "2048", "--tag", "env=test")
    run("generate", a, "--no-password", "--protect", "unprotected")
    for sort, wanted in {"state": [b, c, a], "key": [a, b, c], "tags": [c, b, a]}.items():
        assert (ids("--sort", sort), ids("--sort", sort, "--reverse")) == (wanted, wanted[::-1])
    assert run("list", "--sort", "color").status == 2


def test_a_plain_list_has_one_fact_a_line_and_a_line_between_records(run: Run, new: New, generated: Generated) -> None:
    draft, made = new(domain="a.example.com"), generated(domain="b.example.com")

    first, second = run("list", "--plain", "--sort", "domain").out.split("\n\n")

    assert first.splitlines()[:4] == ["domain: a.example.com", f"id: {draft}", "state: draft", "key: ECC P-256"]
    assert second.splitlines()[:4] == ["domain: b.example.com", f"id: {made}", "state: generated", "made: here"]
    assert first.splitlines()[-1].startswith("changed: ")
    assert first.splitlines()[-1].endswith(" UTC")


def test_where_it_was_made_is_a_column_if_not_all_was_made_here(run: Run, generated: Generated, tmp_path: Path) -> None:
    generated()
    assert "HERE" not in run("list").out

    made = generated(domain="b.example.com")
    run("export", made, "--to", str(tmp_path), "--key-clear")
    run("purge", made, "--yes")
    other = run("new", "--domain", "c.example.com").out.strip()
    run("generate", other, "--key-file", str(tmp_path / "b.example.com.key"))

    listed = run("list").out
    assert listed.splitlines()[0].split()[:3] == ["ID", "STATE", "MADE"]
    assert ("FILE" in listed, "HERE" in listed) == (True, True)


def test_a_domain_stands_for_the_id_of_its_only_record(run: Run, new: New) -> None:
    made, other = new(domain="bücher.de"), new()

    assert run("show", "Bücher.de", "--json").json["id"] == made
    again = run("copy", "bücher.de").out.strip()
    ambiguous = run("edit", "bücher.de", "--city", "Bonn", "--json")
    assert (ambiguous.status, ambiguous.json["error"]["kind"]) == (4, "not_found")
    assert made in ambiguous.err
    assert again in ambiguous.err
    assert run("delete", "www.example.com", "--yes", "--json").json["id"] == other
    assert f"csr-tui restore {other}" in run("edit", "www.example.com", "--city", "Bonn").err


def test_show_says_unicode_names_in_unicode(run: Run, new: New) -> None:
    assert "bücher.de" in run("show", new(domain="bücher.de")).out


def test_show_csr_is_the_pem_and_nothing_else(run: Run, generated: Generated) -> None:
    made = generated()

    pem = run("show", made, "--csr").out

    assert x509.load_pem_x509_csr(pem.encode()).is_signature_valid
    assert pem == run("show", made, "--json").json["csr"]


def test_a_draft_has_no_csr_to_show(run: Run, new: New) -> None:
    assert run("show", new(), "--csr", "--json").status == 4


def test_show_wants_one_form(run: Run, new: New) -> None:
    assert run("show", new(), "--csr", "--toml").status == 2


def test_toml_is_taken_back_by_new_unchanged(run: Run, generated: Generated, tmp_path: Path) -> None:
    words = ("--san", "a.example.com", "--department", "IT", "--remark", 'quote " and \\', "--tag", "a b=c=d")
    made = run(
        "new", "--domain", "bücher.de", *words, "--organization", HOSTILE, "--key-parameter", "secp384r1"
    ).out.strip()
    run("generate", made, "--no-password")
    (tmp_path / "request.toml").write_text(run("show", made, "--toml").out)

    again = run("new", "--from", str(tmp_path / "request.toml"), "--json").json

    first = run("show", made, "--json").json
    own = {"id", "revision", "state", "origin", "has_key", "created_at", "updated_at", "generated_at", "csr",
           "key_fingerprint"}  # fmt: skip
    assert {field: value for field, value in again.items() if field not in own} == {
        field: value for field, value in first.items() if field not in own
    }
    assert run("show", again["id"], "--toml").out == run("show", made, "--toml").out


HOSTILE = "A \"quoted\" $HOME \\ #1; 'Bücher' & Söhne = 例え"


@pytest.mark.usefixtures("openssl")
@pytest.mark.parametrize(
    "words",
    [
        ("--algorithm", "ECC"),
        ("--key-parameter", "secp384r1"),
        ("--algorithm", "RSA", "--organization", HOSTILE, "--city", "#1", "--country", "DE"),
        ("--algorithm", "ED25519", "--purpose", "private", "--san", "10.0.0.5", "--san", "2001:db8::1"),
        ("--purpose", "private", "--algorithm", "ECC", "--san", "pki@example.com", "--san", "spiffe://example.com/a"),
        ("--san", "*.example.com", "--email", "pki@example.com", "--department", "IT", "--province", "Ost"),
        ("--domain", f"{'a' * 60}.{'b' * 60}.example.com"),
    ],
    ids=lambda words: " ".join(words)[:40],
)
def test_openssl_asks_for_the_same_with_the_configuration(words: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    made = run("new", "--domain", "www.example.com", *words).out.strip()
    text = run("show", made, "--openssl").out
    (tmp_path / "request.cnf").write_text(text)
    command = next(line for line in text.splitlines() if "-newkey" in line).lstrip("# ").split()
    given = [word.replace("THIS_FILE", "request.cnf") for word in command]

    subprocess.run([*given, "-nodes"], cwd=tmp_path, check=True, capture_output=True)

    theirs = csr.read(next(tmp_path.glob("*.csr")).read_bytes())
    run("generate", made, "--no-password", "--protect", "unprotected")
    ours = csr.read(run("show", made, "--csr").out)
    assert (theirs.subject, theirs.sans, theirs.key) == (ours.subject, ours.sans, ours.key)
    assert (theirs.key_usage, theirs.extended_key_usage) == (ours.key_usage, ours.extended_key_usage)
    assert theirs.signature_hash == ours.signature_hash


def test_no_text_of_a_draft_becomes_a_command_of_its_own(run: Run, tmp_path: Path) -> None:
    (tmp_path / "request.toml").write_text('domain = "a;x.example"\nkey_parameter = "2048; touch bad #"\n')
    made = run("new", "--from", str(tmp_path / "request.toml")).out.strip()

    lines = [line.lstrip("# ") for line in run("show", made, "--openssl").out.splitlines() if "openssl req" in line]

    assert [shlex.split(line).count("touch") for line in lines] == [0, 0]
    assert all(";" not in word or " " in word for line in lines for word in shlex.split(line))
