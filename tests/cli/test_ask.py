"""The line mode: a whole request by questions, each special key at each question, and what is kept on every way out."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cli.asking import KEEP, SERVER, answers_for, asked, record, typed

from csr_tui.core.lineage import Lineage
from csr_tui.core.questions import questions
from csr_tui.core.record import Purpose, Record
from csr_tui.core.usages import USAGES

if TYPE_CHECKING:
    from cli.conftest import New, Run

TEXTS = {
    "server": "TLS Web Server Authentication",
    "client": "TLS Web Client Authentication",
    "both": "TLS Web Server Authentication, TLS Web Client Authentication",
    "email": "E-mail Protection",
    "code": "Code Signing",
    "ca": "CA:TRUE, pathlen:1",
}
"""Usage -> what openssl reads in its request."""


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
    refused = USAGES[usage].not_public
    assert ("Purpose, 1 to 2: " if refused else "Purpose, 1 to 2 [1]: ") in person.asked
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


def test_a_renewal_with_the_same_key_is_asked_for_no_other() -> None:
    renewal = Record("0", lineage=Lineage(renews="1", same_key=True))

    assert {question.field for question in questions(Record("0"))} - {
        question.field for question in questions(renewal)
    } == {"key_parameter", "key_file"}


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
