"""Completion, judged by the shells themselves: each loads its script and completes as it does for a person."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from csr_tui.cli import completion
from csr_tui.cli.commands import COMMANDS
from csr_tui.core.fields import Subject
from csr_tui.core.record import Record, new_id
from csr_tui.paths import find
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.conftest import Run


@pytest.fixture
def ids(tmp_path: Path) -> dict[str, str]:
    """The ids of a draft and of one in the trash, in the home that the shells find."""
    draft, trashed = (Record(new_id(), subject=Subject(domain=f"{one}.example.com")) for one in "ab")
    with RecordStore(find().store) as store:
        store.add(draft)
        store.trash(store.add(trashed).id)
    return {"draft": draft.id, "trashed": trashed.id}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the shells stand, with files and folders in it, and csr-tui on the path."""
    programs, here = tmp_path / "bin", tmp_path / "here"
    programs.mkdir()
    here.mkdir()
    (programs / "csr-tui").symlink_to(Path(sys.executable).with_name("csr-tui"))
    (here / "hosts table.csv").touch()
    (here / "certificates").mkdir()
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.chdir(here)
    return here


@cache
def script(shell: str) -> str:
    return completion.SHELLS[shell](completion.shapes())


def in_bash(line: str) -> list[str]:
    words = [word.strip("'") for word in line.split(" ")]
    quoted = " ".join(f"'{word}'" for word in words)
    asked = f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}"
    code = f"{script('bash')}\n{asked}\n_csr_tui\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = subprocess.run(["bash", "--norc", "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [found for found in done.stdout.split("\n") if found]


def in_fish(line: str) -> list[str]:
    (path := Path("completion.fish")).write_text(script("fish"))
    code = f"source {path}; complete -C '{line}'"
    done = subprocess.run(["fish", "--no-config", "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    path.unlink()
    return [found.partition("\t")[0] for found in done.stdout.split("\n") if found]


SHELLS: dict[str, Callable[[str], list[str]]] = {"bash": in_bash, "fish": in_fish}


@pytest.fixture(params=SHELLS)
def complete(request: pytest.FixtureRequest, require: Callable[..., None], folder: Path) -> Callable[[str], list[str]]:
    require(request.param)
    return SHELLS[request.param]


def test_every_command_is_offered(complete: Callable[[str], list[str]]) -> None:
    assert set(COMMANDS) <= set(complete("csr-tui "))
    assert complete("csr-tui doc") == ["doctor"]


def test_every_option_that_the_parsers_have_is_offered(complete: Callable[[str], list[str]]) -> None:
    for shape in completion.shapes():
        if shape.name not in ("new", "export", "apply"):
            continue
        flags = {flag for option in shape.options for flag in option.flags if flag.startswith("--")}
        assert flags <= set(complete(f"csr-tui {shape.name} --")), shape.name


def test_closed_sets_are_offered_as_values(complete: Callable[[str], list[str]]) -> None:
    assert sorted(complete("csr-tui new --purpose ")) == ["private", "public"]
    assert complete("csr-tui generate x --protect unp") == ["unprotected"]
    assert sorted(complete("csr-tui completion ")) == ["bash", "fish", "zsh"]


def test_records_are_offered_where_an_id_is_wanted(complete: Callable[[str], list[str]], ids: dict[str, str]) -> None:
    assert complete("csr-tui show ") == [ids["draft"]]
    assert complete(f"csr-tui generate {ids['draft'][:3]}") == [ids["draft"]]
    assert complete("csr-tui restore ") == [ids["trashed"]]


def test_files_and_folders_are_offered_where_they_are_wanted(complete: Callable[[str], list[str]]) -> None:
    assert any("hosts" in found for found in complete("csr-tui apply ho"))
    assert [found.rstrip("/") for found in complete("csr-tui export x --to ")] == ["certificates"]


def test_where_any_text_can_stand_nothing_is_guessed(complete: Callable[[str], list[str]]) -> None:
    assert complete("csr-tui new --domain ") == []


def test_bash_takes_the_script_as_the_help_says_and_completes_on_tab(
    require: Callable[..., None], folder: Path
) -> None:
    require("bash")
    lines = ['eval "$(csr-tui completion bash)"\r', "csr-tui doct\t --men\t\r"]

    shown = typed(["bash", "--norc", "-i"], lines, "result ")

    assert "csr-tui doctor --mend" in shown
    assert "result " in shown


def test_zsh_completes_commands_options_values_and_ids_on_tab(
    require: Callable[..., None], folder: Path, ids: dict[str, str]
) -> None:
    require("zsh")
    lines = [
        "PS1='> '; autoload -Uz compinit; compinit -u; eval \"$(csr-tui completion zsh)\"\r",
        "csr-tui doct\t --men\t && echo done-one\r",
        "csr-tui new --purpose pri\t --san a.example.net --sa\t b.example.net && echo done-two\r",
        f"csr-tui show {ids['draft'][:4]}\t --cs\t\r",
        "echo all over\r",
    ]

    shown = typed(["zsh", "-f", "-i"], lines, "\nall over")

    assert "csr-tui doctor --mend && echo done-one" in shown
    assert "\ndone-one" in shown
    assert "--purpose private --san a.example.net --san " in shown
    assert f"csr-tui show {ids['draft']} --csr" in shown
    assert f"not generated yet, so it has no CSR. Generate it: csr-tui generate {ids['draft']}" in shown


def typed(command: list[str], lines: list[str], until: str) -> str:
    """What a terminal shows while these keys are typed, each line once the one before it is done with."""
    environment = {**os.environ, "TERM": "dumb", "PROMPT_EOL_MARK": ""}
    main, other = pty.openpty()
    process = subprocess.Popen(
        command, stdin=other, stdout=other, stderr=other, env=environment, start_new_session=True
    )
    os.close(other)
    shown = ""
    try:
        for number, line in enumerate(lines):
            shown += _settled(main)
            os.write(main, line.encode())
            if number == len(lines) - 1:
                limit = time.monotonic() + 60
                while until not in shown.replace("\r", "") and time.monotonic() < limit:
                    shown += _settled(main)
    finally:
        process.kill()
        process.wait()
        os.close(main)
    return re.sub(" +", " ", shown.replace("\r", "").replace(" \b", ""))


def _settled(main: int) -> str:
    """What is there to read, until a second long nothing more comes."""
    shown = b""
    while select.select([main], [], [], 1.0)[0]:
        try:
            shown += os.read(main, 4096)
        except OSError:
            break
    return shown.decode(errors="replace")


COMMAND = "$(touch${IFS}ran)"


@pytest.fixture
def hostile(ids: dict[str, str], folder: Path) -> dict[str, str]:
    """Commands wherever a shell may read text of somebody else's: ids, domains, tags, profiles and names of files."""
    command = [sys.executable, "-m", "csr_tui", "profiles", "$(touch ran)", "--from", ids["draft"]]
    subprocess.run(command, capture_output=True, check=False)
    with closing(sqlite3.connect(find().store)) as connection, connection:
        connection.execute(
            "UPDATE record SET id = ?, tags = ?, remark = ? WHERE id = ?",
            (COMMAND, json.dumps([[COMMAND, "`touch ran`"]]), COMMAND, ids["draft"]),
        )
        connection.execute("UPDATE record SET domain = ?", (f"`touch${{IFS}}ran`{COMMAND}",))
    for name in ("x$(touch ran).csv", "y`touch ran`;touch ran"):
        (folder / name).touch()
    (folder / "z$(touch ran)").mkdir()
    return ids


LINES = [
    "show ",
    "show $",
    "generate ",
    "apply ",
    "apply x",
    "inspect y",
    "export x --to z",
    "new --profile ",
    "new --from ",
]


def test_text_of_somebody_else_is_never_run(
    complete: Callable[[str], list[str]], hostile: dict[str, str], folder: Path
) -> None:
    offered = {line: complete(f"csr-tui {line}") for line in LINES}

    assert not (folder / "ran").exists()
    assert not any(COMMAND in found for found in offered["show "] + offered["new --from "])


@pytest.mark.parametrize("command", [["bash", "--norc", "-i"], ["zsh", "-f", "-i"]], ids=lambda command: command[0])
def test_what_tab_puts_on_the_line_is_quoted(
    require: Callable[..., None], command: list[str], hostile: dict[str, str], folder: Path
) -> None:
    require(shell := command[0])
    begin = {"bash": "", "zsh": "PS1='> '; autoload -Uz compinit; compinit -u; "}[shell]
    lines = [
        f'{begin}eval "$(csr-tui completion {shell})"\r',
        "csr-tui show \t\t\r",
        "csr-tui show $\t\t\x15csr-tui inspect x\t\r",
        "csr-tui inspect y\t\x15csr-tui export 0 --to z\t\r",
        "echo all over\r",
    ]

    shown = typed(command, lines, "\nall over")

    assert not (folder / "ran").exists()
    assert "x\\$\\(touch\\ ran\\).csv" in shown


def test_bash_without_compopt_quotes_by_itself(require: Callable[..., None], hostile: dict[str, str]) -> None:
    require("bash")
    asked = (
        "enable -n compopt; COMP_WORDS=(csr-tui apply x); COMP_CWORD=2; _csr_tui; printf '%s\\n' \"${COMPREPLY[@]}\""
    )

    done = subprocess.run(
        ["bash", "--norc", "-c", f"{script('bash')}\n{asked}"], capture_output=True, text=True, check=True
    )

    assert done.stdout == "x\\$\\(touch\\ ran\\).csv\n"


def test_the_scripts_are_what_the_command_prints(run: Run) -> None:
    for shell in completion.SHELLS:
        result = run("completion", shell)
        assert result.status == 0
        assert result.out == script(shell)
    assert run("completion", "tcsh").status == 2
    assert run("completion", "fish", "--json").json["script"] == script("fish")


def test_no_text_of_the_help_is_code_to_a_shell(require: Callable[..., None]) -> None:
    for shell in completion.SHELLS:
        if shutil.which(shell):
            subprocess.run([shell, "-n"], input=script(shell), text=True, check=True)
