"""What DESIGN.md promises of every command: fields, exit statuses, and the error document."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from csr_tui.cli import command
from csr_tui.cli import main as command_line
from csr_tui.cli.commands import COMMANDS
from csr_tui.cli.context import Context
from csr_tui.core.findings import InvalidError
from csr_tui.errors import (
    CsrTuiError,
    FileError,
    Hint,
    NotFoundError,
    PasswordError,
    StateError,
    StorageError,
    UsageError,
    VaultError,
)
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from argparse import Action

    from cli.conftest import New, Run

    from csr_tui.paths import Paths

FIELDS = [
    "id",
    "revision",
    "state",
    "origin",
    "purpose",
    "usage",
    "domain",
    "organization",
    "department",
    "email",
    "province",
    "city",
    "country",
    "sans",
    "extra",
    "algorithm",
    "key_parameter",
    "remark",
    "tags",
    "password_choice",
    "protection",
    "token",
    "has_key",
    "created_at",
    "updated_at",
    "generated_at",
    "csr",
    "key_fingerprint",
    "certificate",
    "not_after",
    "history",
    "remote",
    "order",
    "differences",
    "findings",
]


def test_a_record_has_exactly_the_fields_of_the_contract(run: Run, new: New) -> None:
    made = new("--organization", "Example Ltd")

    record = run("show", made, "--json").json

    assert list(record) == FIELDS
    assert all(list(finding) == ["field", "level", "code", "message", "source"] for finding in record["findings"])


@pytest.mark.parametrize(
    "words",
    [
        ("edit", "--city", "Bonn"),
        ("copy",),
        ("generate",),
        ("show",),
        ("delete", "--yes"),
        ("restore",),
    ],
    ids=lambda words: words[0],
)
def test_the_commands_that_answer_with_a_record(words: tuple[str, ...], run: Run, new: New) -> None:
    made = new()
    if words[0] == "restore":
        run("delete", made, "--yes")

    result = run(words[0], made, *words[1:], "--json")

    assert (result.status, list(result.json)) == (0, FIELDS)


def test_new_answers_with_a_record(run: Run) -> None:
    result = run("new", "--domain", "www.example.com", "--json")

    assert (result.status, list(result.json)) == (0, FIELDS)


def test_a_draft_in_json(run: Run) -> None:
    words = ("--domain", "www.example.com", "--san", "example.com", "--tag", "team=web", "--remark", "ours")

    record = run("new", *words, "--json").json

    assert len(record.pop("id")) == 10
    assert record.pop("created_at") == record.pop("updated_at")
    record.pop("findings")
    assert record == {
        "revision": 1,
        "state": "draft",
        "origin": None,
        "purpose": "public",
        "usage": "server",
        "domain": "www.example.com",
        "organization": "",
        "department": "",
        "email": "",
        "province": "",
        "city": "",
        "country": "",
        "sans": ["www.example.com", "example.com"],
        "extra": [],
        "algorithm": "RSA",
        "key_parameter": "2048",
        "remark": "ours",
        "tags": {"team": "web"},
        "password_choice": "random",
        "protection": "keyring",
        "token": None,
        "has_key": False,
        "generated_at": None,
        "csr": None,
        "key_fingerprint": None,
        "certificate": None,
        "not_after": None,
        "history": [],
        "remote": None,
        "order": None,
        "differences": [],
    }


@pytest.mark.parametrize(
    ("words", "status", "kind"),
    [
        (("new", "--domain", "a_b.example.com"), 3, "invalid"),
        (("new", "--purpose", "secret"), 2, "usage"),
        (("new", "--nonsense"), 2, "usage"),
        (("new", "--dom", "www.example.com"), 2, "usage"),
        (("show",), 2, "usage"),
        (("show", "zzzz"), 4, "not_found"),
        (("show", ""), 4, "not_found"),
        (("list", "--limit", "-1"), 2, "usage"),
        (("list", "--limit", "many"), 2, "usage"),
        (("list", "--expiring", "99999999999999999999"), 2, "usage"),
        (("inspect", "/nonexistent/file"), 8, "file"),
        (("export", "zzzz"), 2, "usage"),
        (("export", "zzzz", "--to", "a\0b"), 2, "usage"),
        (("export", "zzzz", "--to", "x", "--for", "nginx"), 4, "not_found"),
        (("export", "zzzz", "--to", "x", "--for", "iis"), 2, "usage"),
        (("attach",), 2, "usage"),
        (("attach", "zzzz", "/nonexistent/file"), 4, "not_found"),
        (("attach", "/nonexistent/file"), 8, "file"),
        (("submit", "zzzz"), 4, "not_found"),
        (("nonsense",), 2, "usage"),
        (("--nonsense",), 2, "usage"),
        ((), 2, "usage"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_failure_is_one_document_and_the_same_sentence(
    words: tuple[str, ...], status: int, kind: str, run: Run
) -> None:
    result = run(*words, "--json")

    assert result.status == status
    assert list(result.json) == ["error"]
    assert result.json["error"]["kind"] == kind
    assert result.json["error"]["message"] in result.err


def test_invalid_input_names_its_field_and_every_finding(run: Run) -> None:
    result = run("new", "--domain", "a_b.example.com", "--country", "China", "--json")

    error = result.json["error"]
    assert list(error) == ["kind", "message", "field", "findings"]
    assert error["field"] == "domain"
    assert [(one["field"], one["level"]) for one in error["findings"]] == [("domain", "error"), ("country", "error")]


def test_json_may_stand_before_the_command_too(run: Run) -> None:
    assert run("--json", "list").json == {"records": [], "total": 0}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CsrTuiError("x"), 1),
        (UsageError("x"), 2),
        (InvalidError("x"), 3),
        (StateError("x"), 4),
        (NotFoundError("x"), 4),
        (VaultError("x"), 5),
        (PasswordError("x"), 5),
        (FileError("x"), 8),
        (StorageError("x"), 8),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_each_kind_of_error_has_its_status(
    error: CsrTuiError, status: int, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(command, "import_module", fail)

    assert run("list").status == status


def test_the_hint_of_an_error_is_beside_its_message_and_follows_it_on_standard_error(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StateError("It is so.", hint=Hint.DETACH, record="4m7zzzzzzz")

    monkeypatch.setattr(command, "import_module", fail)

    told = run("list", "--json")
    assert told.json["error"] == {
        "kind": "state",
        "message": "It is so.",
        "hint": "Detach it first: csr-tui detach 4m7zzzzzzz.",
    }
    assert told.err == "It is so. Detach it first: csr-tui detach 4m7zzzzzzz.\n"


def test_what_nobody_foresaw_is_said_with_its_traceback_but_for_programs_without(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        secret = "hunter2-hunter2"  # noqa: F841  # locals are not to be shown
        raise ValueError("what \x1b[31m")

    monkeypatch.setattr(command, "import_module", fail)

    told = run("list")
    assert told.status == 1
    assert "Traceback" in told.err
    assert "report it" in told.err
    assert "hunter2" not in told.err.replace('secret = "hunter2-hunter2"', "")
    assert "\x1b" not in told.err

    program = run("list", "--json")
    assert (program.status, program.json["error"]["kind"]) == (1, "unexpected")
    assert "Traceback" not in program.err + program.out


def test_ctrl_c_is_130_without_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "import_module", stop)

    assert run("list").status == 130


def test_without_a_command_the_desk_opens_where_there_is_a_terminal(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[Paths] = []

    def desk(paths: Paths, _: object) -> int:
        opened.append(paths)
        return 7

    monkeypatch.setattr("csr_tui.ui.start.run", desk)

    status = command_line.main((), Context(paths, Vault(), io.BytesIO(), screen=True))
    with_json = command_line.main(("--json",), Context(paths, Vault(), io.BytesIO(), screen=True))

    assert (status, with_json, opened) == (7, 2, [paths])
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "usage"


def test_help_lists_every_command_of_this_release(run: Run) -> None:
    result = run("--help")

    assert result.status == 0
    for name in COMMANDS:
        assert f"\n  {name} " in result.out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_each_command_fits_80_columns_and_explains_every_option(name: str, run: Run) -> None:
    result = run(name, "--help")

    assert result.status == 0
    assert "--json" in result.out
    assert "\nexample" in result.out
    assert max(map(len, result.out.splitlines())) <= 80
    for action in _actions(name):
        assert action.help, f"{name} {action.dest}"


def _actions(name: str) -> list[Action]:
    from importlib import import_module

    from csr_tui.cli.command import parser_of

    command = import_module(f"csr_tui.cli.{COMMANDS[name]}").COMMANDS[name]
    return parser_of(name, command)._actions


def test_json_is_ascii_so_that_nothing_unseen_reaches_a_terminal(run: Run) -> None:
    result = run("new", "--domain", "www.example.com", "--organization", "例え\u200d株式会社", "--json")

    assert result.out.isascii()
    assert json.loads(result.out)
