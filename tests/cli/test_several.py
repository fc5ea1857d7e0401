"""delete, purge, restore, renew and export of several records: one answer each, one exit status for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Answers, Generated, MemoryKeyring, New, Run


def ids(run: Run, *words: str) -> set[str]:
    return {record["id"] for record in run("list", *words, "--json").json["records"]}


def test_several_are_deleted_restored_and_purged_at_once(
    run: Run, new: New, generated: Generated, keyring: MemoryKeyring
) -> None:
    one, two, left = new(domain="a.example.com"), generated(domain="b.example.com"), new(domain="c.example.com")

    deleted = run("delete", one, "b.example.com", "--yes")
    assert (deleted.status, ids(run), ids(run, "--trash")) == (0, {left}, {one, two})
    assert [line.split()[1] for line in deleted.out.splitlines()] == ["a.example.com", "b.example.com"]
    restored = run("restore", one, two, "--json")
    assert (restored.status, restored.json["total"]) == (0, 2)
    assert [record["id"] for record in restored.json["records"]] == [one, two]
    purged = run("purge", one, two, one, "--yes", "--json")
    assert (purged.status, ids(run), keyring.kept) == (0, {left}, {})
    assert purged.json == {"records": [{"id": one, "purged": True}, {"id": two, "purged": True}], "total": 2}


def test_an_id_that_is_not_found_stops_everything_before_it_begins(run: Run, new: New) -> None:
    made = new()

    result = run("delete", made, "zzzz", "--yes", "--json")

    assert (result.status, result.json["error"]["kind"], ids(run)) == (4, "not_found", {made})


def test_one_question_names_all_that_it_is_about(run: Run, new: New, typist: Answers) -> None:
    made = [new(domain=f"h{number}.example.com") for number in range(7)]
    person = typist("n\n")

    assert run("purge", *made, person=person).status == 4
    assert len(ids(run)) == 7
    (question,) = person.asked
    assert "7 records" in question
    assert "h4.example.com and more" in question


def test_a_failure_is_reported_and_the_others_are_renewed(run: Run, new: New, generated: Generated) -> None:
    draft, made = new(domain="a.example.com"), generated(domain="b.example.com")

    result = run("renew", draft, made, "--json")

    assert result.status == 4
    assert list(result.json) == ["records", "total", "error", "errors"]
    assert [record["domain"] for record in result.json["records"]] == ["b.example.com"]
    assert [(one["id"], one["kind"]) for one in result.json["errors"]] == [(draft, "state")]
    assert result.json["error"]["kind"] == "state"
    assert f"a.example.com ({draft}): " in result.err


def test_renewing_several_prints_their_ids_alone(run: Run, generated: Generated) -> None:
    made = [generated(domain=f"{name}.example.com") for name in "ab"]

    result = run("renew", *made)

    assert (result.status, len(result.out.split())) == (0, 2)
    assert set(result.out.split()) == ids(run, "--state", "draft")


def test_several_are_exported_and_the_most_urgent_status_counts(run: Run, generated: Generated, tmp_path: Path) -> None:
    first, second = generated(domain="a.example.com"), generated(domain="b.example.com")
    (tmp_path / "a.example.com.csr").write_text("something else")

    result = run("export", first, second, "--to", str(tmp_path), "--json")

    assert (result.status, result.json["error"]["kind"]) == (8, "file")
    assert [document["id"] for document in result.json["records"]] == [second]
    assert (tmp_path / "b.example.com.key").exists()


def test_a_more_urgent_failure_counts_although_another_came_first(
    run: Run, new: New, generated: Generated, tmp_path: Path
) -> None:
    draft, made = new(domain="a.example.com"), generated(domain="b.example.com")
    (tmp_path / "b.example.com.csr").write_text("something else")

    result = run("export", draft, made, "--to", str(tmp_path), "--json")

    assert [one["kind"] for one in result.json["errors"]] == ["state", "file"]
    assert (result.status, result.json["error"]["kind"]) == (8, "file")


@pytest.mark.parametrize("replace", [(), ("--replace",)])
def test_two_records_of_one_domain_never_replace_each_others_files(
    replace: tuple[str, ...], run: Run, generated: Generated, tmp_path: Path
) -> None:
    first, second = generated(), generated()

    result = run("export", first, second, "--to", str(tmp_path), *replace)

    assert result.status == 4
    assert f"({second}): Its files would have the same names as those of record {first}." in result.err
    assert not [*tmp_path.glob("*.bak")]


def test_the_password_of_each_key_is_asked_for_by_the_domain_that_has_it(
    run: Run, generated: Generated, typist: Answers, tmp_path: Path
) -> None:
    words = ("--password-stdin", "--protect", "prompt")
    first = generated(*words, domain="a.example.com", stdin=b"correct horse battery\n")
    second = generated(*words, domain="b.example.com", stdin=b"staple staple horse\n")
    person = typist("correct horse battery", "staple staple horse")

    result = run("export", first, second, "--to", str(tmp_path), person=person)

    assert result.status == 0, result.err
    assert ["a.example.com" in person.asked[0], "b.example.com" in person.asked[1]] == [True, True]
