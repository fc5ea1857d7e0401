"""list --expiring: what ends soon, in words and as an exit status."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import pytest
from certificates import NOW, issue

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import New, Run


class Issued(Protocol):
    def __call__(self, days: int, domain: str = "www.example.com", renews: str = "") -> str: ...


@pytest.fixture
def issued(run: Run, new: New, tmp_path: Path) -> Issued:
    """A record with a certificate that ends in so many days; its id."""

    def make(days: int, domain: str = "www.example.com", renews: str = "") -> str:
        made = run("renew", renews).out.strip() if renews else new("--purpose", "private", domain=domain)
        signed = issue(domain, began=(NOW - datetime.now(UTC)).days + 1 + 100, days=100 + days)
        (tmp_path / "own.key").write_text(signed.key_pem)
        (tmp_path / "own.crt").write_text(signed.pem)
        assert run("generate", made, "--key-file", str(tmp_path / "own.key")).status == 0
        attached = run("attach", made, str(tmp_path / "own.crt"))
        assert attached.status == 0, attached.err
        return str(made)

    return make


def test_what_ends_within_so_many_days_is_listed_first_to_end_first(run: Run, issued: Issued) -> None:
    late, soon, later = issued(25, "late.example.com"), issued(5, "soon.example.com"), issued(15, "later.example.com")
    issued(90, "far.example.com")

    result = run("list", "--expiring", "30")
    document = run("list", "--expiring", "30", "--json").json

    assert [record["id"] for record in document["records"]] == [soon, later, late]
    assert document["total"] == 3
    head, *lines = result.out.splitlines()
    assert "ENDS" in head
    assert any(days in lines[0] for days in ("(in 5 days)", "(in 4 days)"))
    assert lines[0].endswith("soon.example.com")
    assert all(f"  renew {id_}  " in line for line, id_ in zip(lines, (soon, later, late), strict=True))


def test_the_exit_status_says_with_check_whether_anything_is_to_be_renewed(run: Run, issued: Issued) -> None:
    made = issued(5)

    assert run("list", "--expiring", "30").status == 0
    assert run("list", "--expiring", "2", "--check").status == 0
    assert run("list", "--expiring", "30", "--check").status == 4
    assert run("list", "--expiring", "30", "--check", "--limit", "0", "--json").status == 4
    assert run("list", "--check").status == 2
    renewal = run("renew", made).out.strip()
    listed = run("list", "--expiring", "30", "--check")
    assert listed.status == 4
    assert f"(renewal drafted: {renewal})" in listed.out
    assert f"  generate {renewal}  " in listed.out
    assert run("generate", renewal).status == 0
    listed = run("list", "--expiring", "30", "--check")
    assert (listed.status, f"(renewal waiting for its certificate: {renewal})" in listed.out) == (4, True)
    assert f"  attach {renewal} FILE  " in listed.out
    assert f"next: csr-tui attach {renewal} FILE\n" in run("list", "--expiring", "30", "--plain").out
    shown = run("show", made).out
    assert re.search(rf"renewal +{renewal}", shown)
    assert "renewed by" not in shown


def test_what_a_renewal_with_a_later_certificate_replaces_is_done(run: Run, issued: Issued) -> None:
    made = issued(5)
    renewal = issued(80, renews=made)

    result = run("list", "--expiring", "30", "--check")

    assert result.status == 0
    assert f"renewed by {renewal}" in result.out


def test_a_renewal_that_ends_as_soon_or_is_in_the_trash_leaves_something_to_do(run: Run, issued: Issued) -> None:
    issued(4, renews=issued(5))
    assert run("list", "--expiring", "30", "--check").status == 4

    for record in run("list", "--json").json["records"]:
        run("delete", record["id"], "--yes")
    renewal = issued(80, renews=issued(5))
    run("delete", renewal, "--yes")
    assert run("list", "--expiring", "30", "--check").status == 4


def test_the_page_says_what_is_left_and_what_the_next_one_may_last(run: Run, issued: Issued) -> None:
    made = issued(25)

    assert any(days in run("show", made).out for days in ("(in 25 days)", "(in 24 days)"))


def test_a_certificate_is_listed_with_the_day_of_its_end(run: Run, new: New, issued: Issued) -> None:
    new(domain="a.example.com")
    made = issued(25)
    ends = run("show", made, "--json").json["not_after"]

    line = run("list", "--reverse").out.splitlines()[2]

    assert line.split()[:2] == [made, "issued"]
    assert f" {ends[:10]} " in line
    plain = run("list", "--plain", "--limit", "1").out
    assert f"ends: {ends[:10]} {ends[11:16]} UTC, in 2" in plain
    assert run("list", "--sort", "ends", "--json").json["records"][0]["id"] == made


def test_the_states_that_people_look_for_are_filters_too(run: Run, new: New, issued: Issued) -> None:
    new(domain="a.example.com")
    issued(25)

    assert run("list", "--state", "expired", "--json").json["total"] == 0
    assert run("list", "--state", "issued", "--json").json["total"] == 1
    assert run("list", "--state", "unknown", "--json").json["total"] == 0
    assert "No matching records" in run("list", "--state", "expired").err
