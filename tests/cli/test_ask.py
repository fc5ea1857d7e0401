"""The line mode: a whole request by questions, each special key at each question, and what is kept on every way out."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from csr_tui.core.questions import questions
from csr_tui.core.record import Purpose, Record
from csr_tui.core.usages import USAGES
from csr_tui.errors import CsrTuiError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cli.conftest import Generated, MemoryKeyring, New, Result, Run, Typist

PASSWORD = "correct-horse-battery-staple-42"
KEEP = ""


def typed(*answers: str) -> Typist:
    """Somebody who types these lines."""
    from cli.conftest import Typist

    return Typist([f"{answer}\n" for answer in answers])


def asked(run: Run, *answers: str, words: Sequence[str] = ()) -> tuple[Result, Typist]:
    person = typed(*answers)
    return run("new", "--ask", *words, person=person), person


def record(run: Run, result: Result) -> Any:
    return run("show", result.out.strip(), "--json").json


SERVER = {
    "usage": "1",
    "purpose": "2",
    "domain": "db1.internal.example",
    "organization": "Example Ltd",
    "department": "IT",
    "email": "pki@example.com",
    "province": "Guangdong",
    "city": "Shenzhen",
    "country": "CN",
    "sans": "db2.internal.example, 10.0.0.5",
    "sans-more": KEEP,
    "remark": "ticket 4711",
    "tags": "team=web, env=lab",
    "extra": "OU=Ops",
    "extra-more": KEEP,
    "key_parameter": "ECC P-256",
    "password_choice": "1",
    "key_file": KEEP,
}
"""Answers to every question of a request for a server, in their order."""

USAGE = {
    "server": {},
    "client": {"usage": "2", "domain": "Jane Doe", "extra": "UID=jane"},
    "both": {"usage": "3"},
    "email": {"usage": "email", "domain": "jane@example.com", "sans": KEEP, "extra": "SN=Doe"},
    "code": {"usage": "5", "domain": "Example Release", "extra": "serialNumber=A-4711"},
    "ca": {"usage": "6", "domain": "Example Sub CA", "extra": "pathlen=1"},
}
"""Usage -> the answers that are others than those of a server."""

TEXTS = {
    "server": "TLS Web Server Authentication",
    "client": "TLS Web Client Authentication",
    "both": "TLS Web Server Authentication, TLS Web Client Authentication",
    "email": "E-mail Protection",
    "code": "Code Signing",
    "ca": "CA:TRUE, pathlen:1",
}
"""Usage -> what openssl reads in its request."""


def answers_for(usage: str) -> dict[str, str]:
    answers = {**SERVER, **USAGE[usage]}
    if not USAGES[usage].names:
        del answers["sans"]
    return {field: text for field, text in answers.items() if not field.endswith("-more") or answers.get(field[:-5])}


@pytest.mark.parametrize("usage", USAGES)
def test_a_request_for_every_usage_is_asked_generated_and_exported(
    usage: str, run: Run, tmp_path: Path, openssl: None
) -> None:
    answers = answers_for(usage)
    person = typed(*answers.values(), "1", "yes")
    person.answers += ["challenge-4711", "yes\n", "1\n", f"{tmp_path / 'out'}\n", "1\n"]

    result = run("new", "--ask", person=person)

    assert (result.status, person.answers) == (0, []), result.err
    made = record(run, result)
    assert (made["usage"], made["state"], made["domain"]) == (usage, "generated", answers["domain"])
    assert made["extra"] == [answers["extra"]]
    assert made["tags"] == {"team": "web", "env": "lab"}
    (csr,) = (tmp_path / "out").glob("*.csr")
    read = subprocess.run(["openssl", "req", "-in", csr, "-noout", "-text", "-verify"], capture_output=True, text=True)
    assert TEXTS[usage] in read.stdout
    assert "challenge-4711" in read.stdout
    assert "challenge-4711" not in result.err + result.out


def test_the_answers_are_those_that_the_flags_would_store(run: Run, new: New) -> None:
    result, _ = asked(run, *list(answers_for("server").values()), "3")
    answers = SERVER
    flags = [f"--{name}={answers[name]}" for name in ("organization", "department", "email", "province", "city")]
    flags += ["--country=CN", "--san", answers["sans"], "--remark", answers["remark"], "--extra", answers["extra"]]
    by_flags = new(*flags, "--purpose=private", "--tag=team=web", "--tag=env=lab", domain=answers["domain"])

    other = run("show", by_flags, "--json").json
    for field in ("id", "revision", "created_at", "updated_at"):
        del other[field]
    assert other.items() <= record(run, result).items()


def test_a_draft_opens_on_the_desk_at_the_step_where_the_questions_ended(run: Run, paths: Any) -> None:
    from csr_tui.core.record import WizardStep
    from csr_tui.storage import RecordStore

    result, _ = asked(run, "1", "1", "www.example.com", *[KEEP] * 6, "api.example.com", KEEP, ".")

    assert result.status == 0
    with RecordStore(paths.store) as store:
        draft = store.find(result.out.strip())
    assert (draft.step, draft.sans) == (WizardStep.NAMES, ("www.example.com", "api.example.com"))


ASKED = questions(Record("0", purpose=Purpose.PRIVATE))
FIELDS = [question.field for question in ASKED]


def _until(field: str) -> list[str]:
    """The answers to the questions before that of a field."""
    return [
        text
        for one, text in answers_for("server").items()
        if one.removesuffix("-more") in FIELDS[: FIELDS.index(field)]
    ]


@pytest.mark.parametrize("field", FIELDS)
def test_a_question_mark_explains_every_question_and_asks_it_again(field: str, run: Run) -> None:
    result, person = asked(run, *_until(field), "?", ".")

    assert person.asked[-1] == person.asked[-2]
    assert ASKED[FIELDS.index(field)].help in result.err


@pytest.mark.parametrize("field", FIELDS[1:])
def test_less_than_leads_back_from_every_question_and_loses_nothing(field: str, run: Run) -> None:
    result, person = asked(run, *_until(field), "<", ".")

    before = ASKED[FIELDS.index(field) - 1]
    assert person.asked[-1].startswith(before.label)
    assert result.status == 0
    if field != "purpose":  # until then the draft is a new one
        made = record(run, result)
        assert made["domain"] == ("" if field == "domain" else SERVER["domain"])


@pytest.mark.parametrize("field", [*FIELDS[2:-1]])
def test_a_dot_keeps_the_answers_before_every_question(field: str, run: Run) -> None:
    result, _ = asked(run, *_until(field), ".")

    assert (result.status, "The draft is saved as" in result.err) == (0, True)
    made = record(run, result)
    for other in ("organization", "city", "remark"):
        assert made[other] == (SERVER[other] if FIELDS.index(other) < FIELDS.index(field) else "")


@pytest.mark.parametrize("field", ["domain", "organization", "country", "sans", "remark", "tags", "extra", "key_file"])
def test_a_hyphen_empties_every_text(field: str, run: Run) -> None:
    answers = _until(field)
    more = [KEEP] if field in ("sans", "extra") else []
    given = str(__file__) if field == "key_file" else SERVER[field]
    back = ["<"] if field != "key_file" else []
    after = ["."] if back else ["3"]
    result, _ = asked(run, *answers, given, *more, *(["<"] if back else ["2", "Existing"]), "-", *after)

    made = record(run, result)
    assert not made.get(field) or made[field] == [SERVER["domain"]]
    assert "error: " not in result.err.replace("error: Domain: Enter the domain, such as", "")


def test_a_hyphen_is_no_answer_to_a_choice(run: Run) -> None:
    result, _ = asked(run, "-", "7", "c", ".")

    assert result.err.count("error: Usage: Enter a number from 1 to 6.") == 2  # c is Client


@pytest.mark.parametrize(
    ("answers", "sentences", "field", "kept"),
    [
        (["https://www.example.com/a", "yes"], ["Domain: ", "Use www.example.com?"], "domain", "www.example.com"),
        (
            ["https://www.example.com/a", "maybe", "no", KEEP],
            ["Answer yes or no."],
            "domain",
            "https://www.example.com/a",
        ),
        (["www..example.com", "www.example.com"], ["Two dots in a row"], "domain", "www.example.com"),
        (["\ufffd.example", "www.example.com"], ["not UTF-8 text"], "domain", "www.example.com"),
        (["\x1b[A", "www.example.com"], ["Arrow and function keys"], "domain", "www.example.com"),
        (["www.example.com", "n/a", "yes"], ["Empty this answer?"], "organization", ""),
        (["www.example.com", "a\x07b", KEEP], ["U+0007", "Use ab?"], "organization", "ab"),
        (["www.example.com", "x" * 65, "Example Ltd"], ["use 64 at most"], "organization", "Example Ltd"),
        (["www.example.com", *[KEEP] * 5, "china", KEEP], ["Use CN?"], "country", "CN"),
    ],
)
def test_an_answer_with_an_error_gets_its_sentence_and_is_asked_again(
    answers: list[str], sentences: list[str], field: str, kept: str, run: Run
) -> None:
    result, person = asked(run, "1", "1", *answers, ".")

    assert record(run, result)[field] == kept
    assert all(one in result.err + "".join(person.asked) for one in sentences)


def test_names_are_read_however_they_are_typed_and_the_bare_domain_is_offered(run: Run) -> None:
    before = ["1", "1", "www.example.com", *[KEEP] * 6]
    result, _ = asked(
        run, *before, "https://a.example.com/x, b.example.com", "*.example.com; exa mple", KEEP, "yes", KEEP, "."
    )

    names = record(run, result)["sans"]
    assert names[:4] == ["www.example.com", "a.example.com", "b.example.com", "*.example.com"]
    assert "example.com" in names
    assert "Of 1 web address the host was taken." in result.err


def test_several_names_in_the_place_of_the_domain_become_its_names(run: Run) -> None:
    result, _ = asked(run, "1", "1", "www.example.com, a.example.com, b.example.com", ".")

    assert record(run, result)["sans"] == ["www.example.com", "a.example.com", "b.example.com"]
    assert "2 more names added" in result.err


def test_a_kept_text_with_a_control_character_never_reaches_the_terminal_raw(run: Run, paths: Any) -> None:
    from csr_tui.core.fields import Subject
    from csr_tui.storage import RecordStore

    with RecordStore(paths.store) as store:
        store.add(Record("0123456789", subject=Subject("www.example.com", organization="a\x1b[31mb")))
    result, person = asked(run, KEEP, KEEP, KEEP, ".", words=["--from", "0123456789"])

    assert "[a\\u{1b}[31mb]" in person.asked[-1]
    assert "\x1b" not in result.err + "".join(person.asked)


def test_flags_and_the_default_profile_are_what_the_brackets_hold(run: Run) -> None:
    run("profiles", "add", "acme", "--organization", "Example Ltd")
    result, person = asked(run, KEEP, KEEP, KEEP, ".", words=["--domain", "www.example.com"])

    assert "Domain [www.example.com]: " in person.asked
    assert record(run, result)["domain"] == "www.example.com"


@pytest.mark.parametrize("words", [("--json",), ()])
def test_without_a_person_to_ask_it_is_a_mistake(words: tuple[str, ...], run: Run) -> None:
    result = run("new", "--ask", *words)

    assert result.status == 2
    assert "--ask needs a terminal" in result.err


def test_the_end_of_the_input_keeps_the_draft(run: Run) -> None:
    person = typed("1", "1", "www.example.com")
    person.answers.append("")
    result = run("new", "--ask", person=person)

    assert (result.status, result.out) == (130, "")
    assert "The input ended. The draft is saved as" in result.err
    assert [one["domain"] for one in run("list", "--json").json["records"]] == ["www.example.com"]


def test_an_interrupted_question_keeps_the_draft(run: Run) -> None:
    person = typed("1", "1", "www.example.com")

    def interrupted(_: str) -> str:
        if not person.answers:
            raise KeyboardInterrupt
        return person.answers.pop(0)

    person.answer = interrupted  # type: ignore[method-assign,assignment]  # a person at the keyboard
    result = run("new", "--ask", person=person)

    assert result.status == 130
    assert "Interrupted. The draft is saved as" in result.err
    assert [one["domain"] for one in run("list", "--json").json["records"]] == ["www.example.com"]


def test_nothing_is_stored_where_nothing_was_answered(run: Run) -> None:
    result, _ = asked(run, KEEP, KEEP, ".")

    assert (result.status, result.out) == (0, "")
    assert "Nothing was saved: the draft is empty." in result.err
    assert run("list", "--json").json["total"] == 0


def test_without_a_keyring_the_ways_that_need_one_are_refused(run: Run, keyring: MemoryKeyring) -> None:
    keyring.broken = True
    answers = [*list(answers_for("client").values())[:-2], "1", KEEP, KEEP, "1", "no"]
    person = typed(*answers)
    person.answers += ["short", "no\n", PASSWORD, "another", PASSWORD, PASSWORD, "no\n"]
    result = run("new", "--ask", person=person)

    assert (result.status, person.answers) == (0, []), result.err
    assert "Not available without a keyring." in result.err
    assert "This password is short" in result.err
    assert "The passwords differ." in result.err
    made = record(run, result)
    assert (made["password_choice"], made["protection"]) == ("typed", "prompt")


def test_a_keyring_that_fails_while_generating_leaves_the_other_ways(run: Run, keyring: MemoryKeyring) -> None:
    def fails(*_: object) -> None:
        raise CsrTuiError("It failed.")

    keyring.set_password = fails  # type: ignore[method-assign,assignment]  # it takes anything
    answers = [*list(answers_for("client").values()), "1", "no", "5", "no"]
    result, _ = asked(run, *answers)

    assert result.status == 0, result.err
    assert record(run, result)["protection"] == "unprotected"


def test_an_existing_key_file_is_asked_for_its_password_until_it_opens(
    run: Run, tmp_path: Path, generated: Generated
) -> None:
    generated("--password-stdin", domain="old.example.com", stdin=f"{PASSWORD}\n".encode())
    run("export", "old.example.com", "--to", str(tmp_path))
    run("delete", "old.example.com", "--yes")
    run("purge", "old.example.com", "--yes")
    answers = answers_for("client")
    person = typed(*list(answers.values())[:-1], "no-such.key", str(tmp_path / "old.example.com.key"), "1")
    person.answers += ["wrong-password", PASSWORD, "no\n", "no\n"]

    result = run("new", "--ask", person=person)

    assert (result.status, person.answers) == (0, []), result.err
    assert "No such file." in result.err
    assert record(run, result)["state"] == "generated"


def test_the_review_names_the_errors_and_leads_to_the_first(run: Run) -> None:
    before = [*list(answers_for("server").values())]
    before[2] = KEEP
    result, person = asked(run, *before, "1", "2", KEEP, "www.internal.example", "3")

    assert "Fix 1 error before generating." in result.err
    assert person.asked[-2] == "Domain (required): "
    assert record(run, result)["domain"] == "www.internal.example"
