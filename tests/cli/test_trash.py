"""delete, restore and purge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cli.conftest import Answers, Generated, MemoryKeyring, New, Run


def total(run: Run, *words: str) -> int:
    count: int = run("list", *words, "--json").json["total"]
    return count


def test_delete_and_restore_lose_nothing(run: Run, generated: Generated, keyring: MemoryKeyring) -> None:
    made = generated()
    before = run("show", made, "--json").json

    deleted = run("delete", made, "--yes", "--json")
    in_trash = (total(run), total(run, "--trash"))
    restored = run("restore", made, "--json")

    assert (deleted.status, restored.status, in_trash) == (0, 0, (0, 1))
    moved = {"revision", "updated_at"}
    assert {k: v for k, v in restored.json.items() if k not in moved} == {
        k: v for k, v in before.items() if k not in moved
    }
    assert len(keyring.kept) == 1


@pytest.mark.parametrize("command", ["delete", "purge"])
@pytest.mark.parametrize("json", [(), ("--json",)])
def test_without_somebody_to_ask_yes_has_to_be_said(command: str, json: tuple[str, ...], run: Run, new: New) -> None:
    made = new()

    assert run(command, made, *json).status == 2
    assert total(run) == 1


def test_json_does_not_ask_even_at_a_terminal(run: Run, new: New, typist: Answers) -> None:
    person = typist("y\n")

    assert run("delete", new(), "--json", person=person).status == 2
    assert person.asked == []


@pytest.mark.parametrize(("text", "status", "left"), [("y\n", 0, 0), ("YES\n", 0, 0), ("n\n", 4, 1), ("", 4, 1)])
@pytest.mark.parametrize("command", ["delete", "purge"])
def test_both_ask_and_go_on_with_a_yes_alone(
    command: str, text: str, status: int, left: int, run: Run, new: New, typist: Answers
) -> None:
    made = new()
    person = typist(text)

    result = run(command, made, person=person)

    assert (result.status, total(run)) == (status, left)
    assert "www.example.com" in person.asked[0]


def test_purge_removes_the_record_and_its_password(run: Run, generated: Generated, keyring: MemoryKeyring) -> None:
    made = generated()

    result = run("purge", made, "--yes", "--json")

    assert (result.status, result.json) == (0, {"id": made, "purged": True})
    assert keyring.kept == {}
    assert run("show", made).status == 4
    assert (total(run), total(run, "--trash")) == (0, 0)


def test_purge_takes_from_the_trash_too(run: Run, new: New) -> None:
    made = new()
    run("delete", made, "--yes")

    assert run("purge", made, "--yes").status == 0
    assert total(run, "--trash") == 0


def test_purge_without_a_keyring_removes_the_record_and_says_what_is_left(
    run: Run, generated: Generated, keyring: MemoryKeyring
) -> None:
    made = generated()
    keyring.broken = True

    result = run("purge", made, "--yes")

    assert (result.status, total(run)) == (0, 0)
    assert "Could not remove an old password from the keyring yet" in result.err
    keyring.broken = False
    assert run("doctor", "--mend").status == 0
    assert keyring.kept == {}


@pytest.mark.parametrize(
    "words",
    [("edit", "--city", "Bonn"), ("generate",), ("copy",), ("delete", "--yes"), ("protect", "--protect", "prompt")],
)
def test_what_is_in_the_trash_says_so(words: tuple[str, ...], run: Run, new: New) -> None:
    made = new()
    run("delete", made, "--yes")

    result = run(words[0], made, *words[1:], "--json")

    assert (result.status, result.json["error"]["kind"]) == (4, "state")
    assert f"csr-tui restore {made}" in result.err


def test_what_is_not_in_the_trash_cannot_be_restored(run: Run, new: New) -> None:
    assert run("restore", new()).status == 4


def test_a_record_that_is_not_in_the_trash_leads_to_the_list_of_the_trash(run: Run, new: New) -> None:
    new(domain="a.example.com")

    refused = run("restore", "zzz")

    assert refused.status == 4
    assert "csr-tui list --trash" in refused.err
