"""generate, password and protect."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Answers, Generated, MemoryKeyring, New, Run

STRONG = "correct-horse-battery-staple-42"
OTHER = "plum-lantern-orbit-saddle-77"


def opens(key: Path, password: str) -> bool:
    """Whether OpenSSL opens the key with this password."""
    command = ["openssl", "pkey", "-in", str(key), "-noout", "-passin", f"pass:{password}"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_generate_without_flags_keeps_a_random_password_in_the_keyring(
    run: Run, new: New, keyring: MemoryKeyring
) -> None:
    made = new()

    result = run("generate", made, "--json")

    record = result.json
    assert (result.status, record["state"], record["origin"], record["has_key"]) == (0, "generated", "local", True)
    assert (record["password_choice"], record["protection"]) == ("random", "keyring")
    assert record["csr"].startswith("-----BEGIN CERTIFICATE REQUEST-----\n")
    assert record["differences"] == []
    assert len(keyring.kept) == 1
    assert next(iter(keyring.kept.values())) not in result.out


def test_the_state_of_a_record_is_shown_once(run: Run, new: New) -> None:
    made = new()
    assert re.search(r"^state +draft$", run("show", made).out, re.MULTILINE)

    run("generate", made)

    assert re.search(r"^state +generated here on \d{4}-\d\d-\d\d \d\d:\d\d UTC$", run("show", made).out, re.MULTILINE)


def test_a_record_states_what_was_verified_of_its_password(run: Run, new: New) -> None:
    made = new()
    assert "to be encrypted, with a random password in the keyring" in run("show", made).out
    run("generate", made)

    assert "encrypted, with a random password, which was stored in the keyring" in run("show", made).out


def test_generate_says_where_to_go_from_here(run: Run, new: New) -> None:
    made = new()

    result = run("generate", made)

    assert f"csr-tui export {made} --to DIR" in result.out


@pytest.mark.parametrize(
    ("words", "stdin", "choice", "protection", "kept"),
    [
        ((), b"", "random", "keyring", 1),
        (("--random-password", "--protect", "keyring"), b"", "random", "keyring", 1),
        (("--password-stdin",), f"{STRONG}\n".encode(), "typed", "keyring", 1),
        (("--password-stdin",), f"{STRONG}\r\n".encode(), "typed", "keyring", 1),
        (("--password-stdin",), STRONG.encode(), "typed", "keyring", 1),
        (("--password-stdin", "--protect", "prompt"), f"{STRONG}\n".encode(), "typed", "prompt", 0),
        (("--no-password",), b"", "none", "keyring", 1),
        (("--no-password", "--protect", "keyring"), b"", "none", "keyring", 1),
        (("--no-password", "--protect", "unprotected"), b"", "none", "unprotected", 0),
    ],
)
def test_every_password_and_protection_that_fit(
    words: tuple[str, ...],
    stdin: bytes,
    choice: str,
    protection: str,
    kept: int,
    run: Run,
    new: New,
    keyring: MemoryKeyring,
) -> None:
    result = run("generate", new(), *words, "--json", stdin=stdin)

    assert result.status == 0, result.err
    assert (result.json["password_choice"], result.json["protection"]) == (choice, protection)
    assert len(keyring.kept) == kept
    if choice == "typed" and kept:
        assert set(keyring.kept.values()) == {STRONG}


@pytest.mark.parametrize(
    "words",
    [
        ("--protect", "prompt", "--random-password"),
        ("--protect", "prompt", "--no-password"),
        ("--protect", "unprotected"),
        ("--protect", "unprotected", "--random-password"),
        ("--protect", "unprotected", "--password-stdin"),
        ("--random-password", "--no-password"),
        ("--protect", "somebody"),
    ],
    ids=" ".join,
)
def test_what_does_not_fit_together_is_a_usage_error(words: tuple[str, ...], run: Run, new: New) -> None:
    made = new()

    result = run("generate", made, *words, "--json", stdin=b"x\n")

    assert (result.status, result.json["error"]["kind"]) == (2, "usage")
    assert run("show", made, "--json").json["state"] == "draft"


@pytest.mark.parametrize(
    "stdin",
    [b"", b"\n", b"short\n", b"password1234\n", b"\xff\xfe\xff\n", b"nul\0in-the-middle-of-it\n", b"x" * 70_000],
)
def test_a_password_that_will_not_do_is_5_and_the_draft_stays(
    stdin: bytes, run: Run, new: New, keyring: MemoryKeyring
) -> None:
    made = new()

    result = run("generate", made, "--password-stdin", "--json", stdin=stdin)

    assert (result.status, result.json["error"]["kind"]) == (5, "password")
    assert run("show", made, "--json").json["state"] == "draft"
    assert keyring.kept == {}


def test_a_weak_password_is_taken_when_the_person_insists(run: Run, new: New) -> None:
    assert run("generate", new(), "--password-stdin", "--weak-password", stdin=b"short\n").status == 0


def test_without_a_keyring_generate_is_5_and_nothing_is_kept(run: Run, new: New, keyring: MemoryKeyring) -> None:
    made = new()
    keyring.broken = True

    result = run("generate", made, "--json")

    assert (result.status, result.json["error"]["kind"]) == (5, "keyring")
    assert "--protect prompt" in result.json["error"]["message"]
    assert run("show", made, "--json").json["state"] == "draft"


def test_prompt_without_a_terminal_is_5(run: Run, new: New) -> None:
    result = run("generate", new(), "--protect", "prompt", "--json")

    assert (result.status, result.json["error"]["kind"]) == (5, "password")
    assert "--password-stdin" in result.err


def test_prompt_at_a_terminal_asks_twice(run: Run, new: New, typist: Answers, keyring: MemoryKeyring) -> None:
    person = typist(STRONG, STRONG)

    result = run("generate", new(), "--protect", "prompt", person=person)

    assert (result.status, len(person.asked), keyring.kept) == (0, 2, {})


def test_two_different_answers_change_nothing(run: Run, new: New, typist: Answers) -> None:
    made = new()

    assert run("generate", made, "--protect", "prompt", person=typist(STRONG, OTHER)).status == 5
    assert run("show", made, "--json").json["state"] == "draft"


def test_json_never_asks_even_at_a_terminal(run: Run, new: New, typist: Answers) -> None:
    person = typist(STRONG, STRONG)

    result = run("generate", new(), "--protect", "prompt", "--json", person=person)

    assert (result.status, person.asked) == (5, [])


def test_generate_without_flags_never_asks(run: Run, new: New, typist: Answers) -> None:
    person = typist()

    assert run("generate", new(), person=person).status == 0


def test_nobody_is_asked_for_a_password_while_errors_remain(run: Run, typist: Answers) -> None:
    made = run("new").out.strip()

    result = run("generate", made, "--protect", "prompt", person=typist())

    assert result.status == 3
    assert "domain" in result.err


def test_generate_names_every_error_that_remains(run: Run) -> None:
    made = run("new", "--from", run("new").out.strip()).out.strip()

    result = run("generate", made, "--json")

    assert (result.status, result.json["error"]["field"]) == (3, "domain")
    assert result.json["error"]["findings"][0]["level"] == "error"


def test_a_generated_record_is_not_generated_again(run: Run, generated: Generated) -> None:
    made = generated()
    before = run("show", made, "--json").json

    result = run("generate", made, "--json")

    assert (result.status, result.json["error"]["kind"]) == (4, "state")
    assert run("show", made, "--json").json == before


def test_password_show_prints_what_the_keyring_holds(run: Run, generated: Generated, keyring: MemoryKeyring) -> None:
    made = generated()

    (held,) = keyring.kept.values()
    assert run("password", made, "--show").out == f"{held}\n"
    assert run("password", made, "--show", "--json").json == {"id": made, "password": held}


@pytest.mark.usefixtures("openssl")
def test_password_show_opens_the_exported_key(run: Run, generated: Generated, tmp_path: Path) -> None:
    made = generated()
    run("export", made, "--to", str(tmp_path / "out"))

    password = run("password", made, "--show").out.strip()

    assert opens(tmp_path / "out" / "www.example.com.key", password)


@pytest.mark.parametrize(
    ("words", "stdin"),
    [
        (("--no-password",), b""),
        (("--no-password", "--protect", "unprotected"), b""),
        (("--password-stdin", "--protect", "prompt"), f"{STRONG}\n".encode()),
    ],
)
def test_there_is_no_password_to_show(words: tuple[str, ...], stdin: bytes, run: Run, generated: Generated) -> None:
    assert run("password", generated(*words, stdin=stdin), "--show").status == 4


@pytest.mark.parametrize("action", ["--show", "--change", "--forget"])
def test_a_draft_has_no_password_and_nobody_is_asked_for_one(action: str, run: Run, new: New, typist: Answers) -> None:
    assert run("password", new(), action, person=typist()).status == 4


def test_change_to_a_random_password_deletes_the_old_one(
    run: Run, generated: Generated, keyring: MemoryKeyring
) -> None:
    made = generated()
    (old,) = keyring.kept.values()

    result = run("password", made, "--change", "--random-password", "--json")

    (now,) = keyring.kept.values()
    assert (result.status, result.json["id"]) == (0, made)
    assert now != old


def test_change_without_a_terminal_and_without_flags_is_random(
    run: Run, generated: Generated, keyring: MemoryKeyring
) -> None:
    made = generated()
    before = dict(keyring.kept)

    assert run("password", made, "--change", "--json").json["password_choice"] == "random"
    assert keyring.kept != before


@pytest.mark.usefixtures("openssl")
def test_change_to_a_password_of_ones_own(run: Run, generated: Generated, tmp_path: Path) -> None:
    made = generated()

    result = run("password", made, "--change", "--password-stdin", "--json", stdin=f"{STRONG}\n".encode())

    assert result.json["password_choice"] == "typed"
    run("export", made, "--to", str(tmp_path / "out"))
    assert opens(tmp_path / "out" / "www.example.com.key", STRONG)


def test_change_asks_at_a_terminal(run: Run, generated: Generated, typist: Answers) -> None:
    made = generated("--password-stdin", "--protect", "prompt", stdin=f"{STRONG}\n".encode())
    person = typist(STRONG, OTHER, OTHER)

    assert run("password", made, "--change", person=person).status == 0
    assert len(person.asked) == 3


@pytest.mark.usefixtures("openssl")
def test_a_person_who_holds_the_password_gives_both_by_the_line(run: Run, generated: Generated, tmp_path: Path) -> None:
    made = generated("--password-stdin", "--protect", "prompt", stdin=f"{STRONG}\n".encode())

    wrong = run("password", made, "--change", "--password-stdin", stdin=f"{OTHER}\n{OTHER}\n".encode())
    half = run("password", made, "--change", "--password-stdin", stdin=f"{STRONG}\n".encode())
    right = run("password", made, "--change", "--password-stdin", stdin=f"{STRONG}\n{OTHER}\n".encode())

    assert (wrong.status, half.status, right.status) == (5, 5, 0)
    run("export", made, "--to", str(tmp_path / "out"), "--password-stdin", stdin=f"{OTHER}\n".encode())
    assert opens(tmp_path / "out" / "www.example.com.key", OTHER)


def test_a_password_the_person_holds_cannot_become_random(run: Run, generated: Generated) -> None:
    made = generated("--password-stdin", "--protect", "prompt", stdin=f"{STRONG}\n".encode())

    assert run("password", made, "--change", "--random-password").status == 2
    assert run("password", made, "--change").status == 5


def test_forget_takes_the_password_out_of_the_keyring_once_it_is_proved(
    run: Run, generated: Generated, keyring: MemoryKeyring
) -> None:
    made = generated()
    held = run("password", made, "--show").out.encode()

    unproved = run("password", made, "--forget")
    wrong = run("password", made, "--forget", "--password-stdin", stdin=b"wrong\n")
    kept = len(keyring.kept)
    proved = run("password", made, "--forget", "--password-stdin", "--json", stdin=held)

    assert (unproved.status, wrong.status, kept) == (5, 5, 1)
    assert (proved.status, proved.json["protection"], keyring.kept) == (0, "prompt", {})


@pytest.mark.parametrize(
    "words",
    [(), ("--show", "--change"), ("--show", "--random-password"), ("--forget", "--random-password")],
    ids=" ".join,
)
def test_password_wants_one_action_and_flags_that_fit(words: tuple[str, ...], run: Run, generated: Generated) -> None:
    assert run("password", generated(), *words).status == 2


def test_protect_a_draft_needs_no_password(run: Run, new: New) -> None:
    result = run("protect", new(), "--protect", "unprotected", "--json")

    assert (result.status, result.json["protection"], result.json["password_choice"]) == (0, "unprotected", "none")


def test_protect_hands_the_password_over_and_back(run: Run, generated: Generated, keyring: MemoryKeyring) -> None:
    made = generated("--password-stdin", stdin=f"{STRONG}\n".encode())

    refused = run("protect", made, "--protect", "prompt", "--json")
    over = run("protect", made, "--protect", "prompt", "--password-stdin", "--json", stdin=f"{STRONG}\n".encode())
    held = dict(keyring.kept)
    back = run("protect", made, "--protect", "keyring", "--password-stdin", "--json", stdin=f"{STRONG}\n".encode())

    assert (refused.status, refused.json["error"]["kind"]) == (5, "password")
    assert (over.status, over.json["protection"], held) == (0, "prompt", {})
    assert (back.json["protection"], set(keyring.kept.values())) == ("keyring", {STRONG})


def test_protect_asks_at_a_terminal_for_just_what_it_needs(run: Run, generated: Generated, typist: Answers) -> None:
    made = generated("--no-password")
    new_one, current = typist(STRONG, STRONG), typist(STRONG)

    assert run("protect", made, "--protect", "prompt", person=new_one).status == 0
    assert run("protect", made, "--protect", "keyring", person=current).status == 0
    assert run("protect", made, "--protect", "unprotected", person=typist()).status == 0
    assert (len(new_one.asked), len(current.asked)) == (2, 1)


def test_what_is_typed_in_another_encoding_is_5(run: Run, generated: Generated, typist: Answers) -> None:
    assert run("password", generated(), "--forget", person=typist("caf\udce9")).status == 5


def test_protect_without_a_protection_is_a_usage_error(run: Run, new: New) -> None:
    assert run("protect", new()).status == 2


def test_a_password_never_stands_in_an_error(run: Run, generated: Generated) -> None:
    made = generated()

    result = run("password", made, "--forget", "--password-stdin", "--json", stdin=f"{OTHER}\n".encode())

    assert OTHER not in result.out + result.err
