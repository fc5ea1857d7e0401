"""The line mode: answers with errors, the ways out, keyrings and keys, and the progress of what takes long."""

from __future__ import annotations

import io
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cli.asking import KEEP, PASSWORD, answers_for, asked, record, typed

from csr_tui.cli.ask.dialogue import under_way
from csr_tui.cli.context import Context
from csr_tui.cli.progress import Progress
from csr_tui.core.record import Record
from csr_tui.errors import CsrTuiError, StorageError
from csr_tui.paths import Paths
from csr_tui.storage import RecordStore
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from cli.conftest import Generated, MemoryKeyring, Run


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
        (["\x1b[A", "www.example.com"], ["Arrow, function and control keys"], "domain", "www.example.com"),
        (["www.\0example.com", "www.example.com"], ["control keys"], "domain", "www.example.com"),
        (["w" * 4095, "www.example.com"], ["cut off the end of so long a line"], "domain", "www.example.com"),
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
    assert "The host was taken from 1 web address." in result.err


def test_what_corrects_one_line_of_several_takes_its_place(run: Run) -> None:
    before = ["1", "2", "db1.internal.example", *[KEEP] * 9]
    result, person = asked(run, *before, "OU=Ops", "UIDD=jane", KEEP, "yes", ".")

    assert "Use UID=jane instead? yes or no [yes]: " in person.asked
    assert record(run, result)["extra"] == ["OU=Ops", "UID=jane"]


@pytest.mark.parametrize(("usage", "listed"), [("1", False), ("6", True)])
def test_the_help_of_the_extra_lines_names_those_of_the_usage(usage: str, listed: bool, run: Run) -> None:
    names = [] if usage == "6" else [KEEP]
    result, _ = asked(run, usage, "2", "db1.internal.example", *[KEEP] * 6, *names, KEEP, KEEP, "?", ".")

    assert "OU=Ops: a further department" in result.err
    assert ("\npathlen=" in result.err) is listed


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
    assert "Use it anyway? yes or no [no]: " in person.asked
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
    person.answers += ["", "1\n", "wrong-password", PASSWORD, "no\n", "no\n"]

    result = run("new", "--ask", person=person)

    assert (result.status, person.answers) == (0, []), result.err
    assert "No such file." in result.err
    assert "which must be decrypted first" not in result.err
    assert record(run, result)["state"] == "generated"


def test_less_than_at_the_review_leads_back_through_all_questions(run: Run) -> None:
    result, person = asked(run, *list(answers_for("server").values()), "<", "<", "<", ".")

    assert [prompt.partition(" [")[0] for prompt in person.asked[-3:]] == [
        "Existing key: ",
        "Protection of the key, 1 to 6",
        "Key type, 1 to 10",
    ]
    assert record(run, result)["organization"] == "Example Ltd"


def test_less_than_leads_from_a_password_and_from_a_change_to_the_review(run: Run) -> None:
    answers = [*list(answers_for("server").values())[:-2], "2", KEEP]
    person = typed(*answers, "2", "<", "2", "City", "<", "1", "no")
    person.answers += ["<", "3\n"]
    result = run("new", "--ask", person=person)

    assert (result.status, person.answers) == (0, []), result.err
    assert person.asked.count("Next step, 1 to 3 [1]: ") == 4
    assert record(run, result)["state"] == "draft"


def test_a_long_action_is_reported_in_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    reported = threading.Event()
    with under_way("Generating", every=0.001):
        while not reported.is_set():
            if "so far" in (err := capsys.readouterr().err):
                reported.set()

    assert re.fullmatch(r"(?:Generating(?:\.|: \d+ seconds? so far\.)\n)+", err)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_at_a_plain_terminal_is_no_line_that_is_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    progress = Progress(plain=Context(Paths(*[Path()] * 3), Vault(), io.BytesIO(), environ={"TERM": "dumb"}).plain)
    for done in range(100):
        progress("planning", done, 100)
    progress.clear()

    assert screen.getvalue() == "planning 0 of 100    0%\n"


def test_a_country_that_may_be_several_is_one_of_a_list(run: Run) -> None:
    before = ["1", "1", "www.example.com", *[KEEP] * 5]
    result, person = asked(run, *before, "united", "9", "gb", ".")
    other, _ = asked(run, *before, "united", "none", KEEP, ".")

    assert person.asked[-2].startswith("Which country, 1 to ")
    assert (record(run, result)["country"], record(run, other)["country"]) == ("GB", "united")


def test_an_answer_that_cannot_be_saved_is_saved_with_the_next(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    full = iter([StorageError("The disk is full.")])
    add = RecordStore.add

    def fails_once(store: RecordStore, record: Record) -> Record:
        for error in full:
            raise error
        return add(store, record)

    monkeypatch.setattr(RecordStore, "add", fails_once)
    result, _ = asked(run, "1", "2", "db1.internal.example", ".")

    assert "error: The answer is not saved yet. The disk is full." in result.err
    made = record(run, result)
    assert (made["purpose"], made["domain"]) == ("private", "db1.internal.example")


def test_the_last_answer_is_reported_where_it_cannot_be_saved(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(store: RecordStore, record: Record) -> Record:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(RecordStore, "add", fails)
    result, _ = asked(run, "1", "2", ".")

    assert result.status == 8
    assert "The last answers are not saved. The disk is full." in result.err


def test_the_review_names_the_errors_and_leads_to_the_first(run: Run) -> None:
    before = [*list(answers_for("server").values())]
    before[2] = KEEP
    result, person = asked(run, *before, "1", "2", KEEP, "www.internal.example", "3")

    assert "Fix 1 error before generating." in result.err
    assert person.asked[-2] == "Domain (required): "
    assert record(run, result)["domain"] == "www.internal.example"
