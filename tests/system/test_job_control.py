"""Ctrl+Z, fg, bg and the signals of job control, in a real shell."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from terminal import PATIENCE, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.system


@pytest.fixture
def shell(tmp_path: Path, require: Callable[..., None]) -> Iterator[Terminal]:
    """A shell in which the desk has a draft that was begun."""
    require("tmux", "ps", "bash")
    with Terminal(tmp_path, 100, 30, in_shell=True) as terminal:
        terminal.see("bash-")
        terminal.type(terminal.command)
        terminal.press("Enter")
        terminal.see("Nothing here yet")
        terminal.press("n")
        terminal.see("What is the certificate for?")
        terminal.type("stop.example")
        terminal.see("stop.example")
        yield terminal


def comes_back(shell: Terminal, text: str) -> None:
    """The whole screen is there, and takes what is typed, in its order."""
    shell.see("csr-tui", "What is the certificate for?", "Organization", "Next ›", "F1 Help", text)
    shell.type("123456789")
    shell.see(f"{text}123456789")


def drafts(shell: Terminal) -> list[str]:
    with closing(sqlite3.connect(shell.home / "data" / "records.db")) as store:
        return [row[0] for row in store.execute("SELECT domain FROM record")]


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def threads(pid: int) -> int:
    """The threads of the program that stay: the fewest within a second."""
    counts = []
    for _ in range(20):
        counts.append(len(list(Path(f"/proc/{pid}/task").iterdir())))
        time.sleep(0.05)
    return min(counts)


def has_no_second_reader(pid: int, before: int) -> bool:
    """Whether no thread has come to stay: one that reads the keyboard beside the first never ends."""
    until = time.monotonic() + PATIENCE
    while threads(pid) > before:
        if time.monotonic() > until:
            return False
    return True


def test_ctrl_z_keeps_the_draft_and_gives_the_terminal_to_the_shell_until_fg(shell: Terminal) -> None:
    shell.press("C-z")
    screen = shell.see("Stopped")
    assert "What is the certificate" not in screen
    assert drafts(shell) == ["stop.example"]
    shell.type("echo typed-$((6 * 7))")
    shell.press("Enter")
    shell.see("typed-42")
    shell.type("fg; echo STATUS $?")
    shell.press("Enter")
    comes_back(shell, "stop.example")
    shell.press("C-q")
    shell.see("STATUS 0")


@pytest.mark.parametrize("signum", [signal.SIGTSTP, signal.SIGSTOP])
def test_a_stop_by_signal_is_over_with_fg_be_it_after_bg(shell: Terminal, signum: signal.Signals) -> None:
    pid = shell.pid()
    before = threads(pid)
    os.kill(pid, signum)
    shell.see("Stopped")
    went_on = shell.home / "went-on"
    shell.type(f"bg; touch {went_on}")
    shell.press("Enter")
    until = time.monotonic() + PATIENCE
    while not (went_on.exists() and is_stopped(pid)):  # before that it may paint over what the shell prints
        assert time.monotonic() < until
        time.sleep(0.05)
    shell.type("clear; fg")
    shell.press("Enter")
    comes_back(shell, "stop.example")
    assert has_no_second_reader(pid, before)


def test_a_signal_to_go_on_starts_no_second_reader_of_the_keyboard(shell: Terminal) -> None:
    pid = shell.pid()
    before = threads(pid)
    for _ in range(5):
        os.kill(pid, signal.SIGCONT)
    comes_back(shell, "stop.example")
    assert has_no_second_reader(pid, before)


def test_where_no_shell_could_bring_it_back_the_desk_goes_on(tmp_path: Path, require: Callable[..., None]) -> None:
    require("tmux", "ps")
    with Terminal(tmp_path, 100, 30) as terminal:
        terminal.see("Nothing here yet")
        terminal.press("n")
        terminal.see("What is the certificate for?")
        terminal.type("on.example")
        terminal.press("C-z")
        terminal.see("No shell started csr-tui in this terminal, so it cannot stop.")
        comes_back(terminal, "on.example")


def test_a_question_comes_again_and_a_password_stays_unseen_after_ctrl_z_and_fg(
    tmp_path: Path, require: Callable[..., None]
) -> None:
    require("tmux", "bash")
    with Terminal(tmp_path, 100, 30, in_shell=True) as shell:
        program = shell.command.partition(";")[0]
        shell.see("bash-")
        for command, question, answer in (
            ("new --ask", "Usage, 1 to 6 [1]:", "."),
            (
                f"new --domain www.example.com; {program} generate www.example.com --protect prompt",
                "New key",
                "canary-4711",
            ),
        ):
            shell.type(f"clear; {program} {command}")
            shell.press("Enter")
            shell.see(question)
            shell.press("C-z")
            shell.see("Stopped")
            shell.type("clear; echo went-$((6 * 7)); fg")
            shell.press("Enter")
            shell.see("went-42", question)
            shell.type(answer)
            shell.press("Enter")

        assert "canary" not in shell.see("Repeat the password:")
