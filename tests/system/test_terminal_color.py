"""A light terminal gets a light theme, whenever it answers; the answer never becomes text."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

import pytest
from pty_session import Session

from csr_tui.ui.terminal_color import QUERY
from csr_tui.ui.themes import DARK, LIGHT

if TYPE_CHECKING:
    from pathlib import Path

    from textual.theme import Theme

pytestmark = pytest.mark.system

ANSWER = "\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\"
DESK = f"{shlex.quote(sys.executable)} -m csr_tui; stty -a"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    silent = {name: text for name, text in os.environ.items() if name not in {"COLORFGBG", "NO_COLOR"}}
    return {**silent, "CSR_TUI_HOME": str(tmp_path), "COLORTERM": "truecolor"}


def is_painted(session: Session, theme: Theme) -> bool:
    paper = theme.background or ""
    red, green, blue = (int(paper[at : at + 2], 16) for at in (1, 3, 5))
    return f"48;2;{red};{green};{blue}".encode() in session.raw


def leave(session: Session) -> None:
    """Quit, and find the terminal as it was."""
    session.press("\x11")
    assert session.end() == 0
    settings = session.text().split()
    assert {"echo", "icanon", "icrnl"} <= {one.strip(";") for one in settings}


def test_keys_around_an_early_answer_reach_the_desk(environment: dict[str, str]) -> None:
    with Session(["sh", "-c", DESK], environment) as session:
        session.wait(lambda: QUERY in session.raw, "not asked")
        session.press(f"n{ANSWER}www")
        session.see("What is the certificate for?", "www")
        session.wait(lambda: is_painted(session, LIGHT), "not light")

        assert "rgb" not in session.text()
        leave(session)


def test_a_late_answer_changes_the_theme_under_what_is_typed(environment: dict[str, str]) -> None:
    with Session(["sh", "-c", DESK], environment) as session:
        session.press("n")
        session.see("What is the certificate for?")
        assert is_painted(session, DARK)
        session.press(f"www{ANSWER}.example")
        session.wait(lambda: is_painted(session, LIGHT), "not light")
        session.see("www.example")

        assert "rgb" not in session.text()
        leave(session)


@pytest.mark.parametrize("answer", ["", "\x1b]11;rgb:0000/2b2b/3636\x07"])
def test_a_dark_or_silent_terminal_gets_the_dark_theme(environment: dict[str, str], answer: str) -> None:
    with Session(["sh", "-c", DESK], environment) as session:
        session.wait(lambda: QUERY in session.raw, "not asked")
        session.press(answer)
        session.see("Nothing here yet")

        assert is_painted(session, DARK)
        leave(session)


def test_a_desk_that_cannot_open_leaves_no_answer_to_the_shell(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "data" / "records.db").mkdir(parents=True)
    with Session(["sh", "-c", f"{DESK}; cat"], environment) as session:
        session.wait(lambda: QUERY in session.raw, "not asked")
        session.press(ANSWER)
        session.see("icanon")
        session.press("end\n\x04")

        assert session.end() == 0
        assert "rgb" not in session.text()


def test_a_terminal_without_colours_is_not_asked(environment: dict[str, str]) -> None:
    with Session(["sh", "-c", DESK], {**environment, "NO_COLOR": "1"}) as session:
        session.see("Nothing here yet")

        assert QUERY not in session.raw
        leave(session)
