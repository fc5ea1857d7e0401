"""renew, and generating what it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Answers, Generated, New, Run

STRONG = b"correct-horse-battery-staple-42\n"
OTHER = b"another-strong-battery-no-horse\n"


def test_renew_prints_the_id_alone_and_both_records_show_it(run: Run, generated: Generated) -> None:
    made = generated("--no-password")

    result = run("renew", made)

    renewal = result.out.strip()
    assert (result.status, result.err) == (0, "")
    assert f"{made}, with a new key" in run("show", renewal).out
    assert any(line.split() == ["renewal", renewal] for line in run("show", made).out.splitlines())
    assert run("show", renewal, "--json").json["renews"] == made
    assert run("show", made, "--json").json["renewed_by"] == [renewal]


def test_a_domain_means_the_only_record_that_the_command_can_work_on(
    run: Run, generated: Generated, tmp_path: Path
) -> None:
    made, domain = generated("--no-password"), "www.example.com"
    renewal = run("renew", domain).out.strip()

    assert run("export", domain, "--to", str(tmp_path), "--json").json["id"] == made
    assert run("password", domain, "--change", "--json").json["id"] == made
    assert run("edit", domain, "--city", "Bonn", "--json").json["id"] == renewal
    assert run("generate", domain, "--json").json["id"] == renewal

    for words in (("show",), ("copy",), ("export", "--to", str(tmp_path)), ("edit", "--remark", "x")):
        result = run(words[0], domain, *words[1:])
        assert result.status == 4
        first, second = sorted((made, renewal))
        assert f"more than one record: {first} (generated), {second} (generated). Name one by its id." in result.err


def test_a_copy_is_shown_both_ways_too(run: Run, new: New) -> None:
    made = new()

    copied, from_id = run("copy", made).out.strip(), run("new", "--from", made).out.strip()

    assert all(["copied", "from", made] in [line.split() for line in run("show", one).out.splitlines()]
               for one in (copied, from_id))  # fmt: skip
    page = run("show", made).out
    assert copied in page
    assert from_id in page


def test_the_key_is_a_new_one_unless_the_same_is_asked_for(run: Run, generated: Generated) -> None:
    made = generated()
    new, same = run("renew", made), run("renew", made, "--same-key")

    for result in (new, same):
        assert run("generate", result.out.strip()).status == 0

    first = run("show", made, "--json").json["key_fingerprint"]
    assert run("show", new.out.strip(), "--json").json["key_fingerprint"] != first
    assert run("show", same.out.strip(), "--json").json["key_fingerprint"] == first
    assert "Earlier renewals of www.example.com: " in same.err
    assert "reuses its key, which was generated on" in same.err
    assert "(today)" in same.err


def test_a_draft_cannot_be_renewed(run: Run, new: New) -> None:
    result = run("renew", new(), "--json")

    assert (result.status, result.json["error"]["kind"]) == (4, "state")
    assert "Copy it" in result.err


def test_of_a_key_whose_password_you_hold_it_comes_first_and_then_the_new_one(
    run: Run, generated: Generated, tmp_path: Path
) -> None:
    made = generated("--password-stdin", "--protect", "prompt", stdin=STRONG)

    def renewed(stdin: bytes) -> tuple[str, int]:
        renewal = run("renew", made, "--same-key").out.strip()
        return renewal, run("generate", renewal, "--password-stdin", stdin=stdin).status

    def opens(record: str, password: bytes) -> bool:
        words = ("export", record, "--to", str(tmp_path / record), "--password-stdin")
        return run(*words, stdin=password).status == 0

    kept, status = renewed(STRONG)
    assert (status, opens(kept, OTHER), opens(kept, STRONG)) == (0, False, True)
    changed, status = renewed(STRONG + OTHER)
    assert (status, opens(changed, STRONG), opens(changed, OTHER)) == (0, False, True)
    assert renewed(OTHER)[1] == 5
    assert renewed(b"")[1] == 5


def test_at_a_terminal_the_password_you_hold_is_asked_for_once(run: Run, generated: Generated, typist: Answers) -> None:
    made = generated("--password-stdin", "--protect", "prompt", stdin=STRONG)
    renewal = run("renew", made, "--same-key").out.strip()
    person = typist(STRONG.decode().strip())

    assert run("generate", renewal, person=person).status == 0

    assert len(person.asked) == 1
    assert made in person.asked[0]


def test_without_anybody_who_knows_the_password_nothing_is_generated(run: Run, generated: Generated) -> None:
    made = generated("--password-stdin", "--protect", "prompt", stdin=STRONG)
    renewal = run("renew", made, "--same-key").out.strip()

    assert run("generate", renewal).status == 5
    assert run("show", renewal, "--json").json["state"] == "draft"
    assert run("purge", made, "--yes").status == 4


def test_a_password_that_was_taken_although_weak_is_not_judged_again(run: Run, generated: Generated) -> None:
    made = generated("--password-stdin", "--weak-password", "--protect", "prompt", stdin=b"weak\n")
    renewal = run("renew", made, "--same-key").out.strip()

    assert run("generate", renewal, "--password-stdin", stdin=b"weak\nfrail\n").status == 5
    assert run("generate", renewal, "--password-stdin", stdin=b"weak\n").status == 0
