"""The line mode at real terminals: dumb, without a size, with everything typed at once, interrupted and closed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pty_session import PATIENCE, Session

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = [sys.executable, "-m", "csr_tui"]
PASSWORD = "correct-horse-battery-staple-42"
BOXES = re.compile("[\u2500-\u259f\u2022\u25b8\u2713\u2717]")
"""Frames, blocks, and the marks of the desk."""


def at_terminal(home: Path, *words: str, term: str = "dumb", **variables: str) -> Session:
    """The program at a terminal that has no size."""
    environment = {**os.environ, "TERM": term, "CSR_TUI_HOME": str(home), **variables}
    return Session([*PROGRAM, *words], environment, columns=0, lines=0)


def answer(session: Session, *pairs: tuple[str, str]) -> None:
    """Wait for each question, then type the answer to it."""
    at = 0
    for question, text in pairs:
        session.wait(lambda: question in session.text()[at:], f"{question} did not appear")  # noqa: B023  # called in this round
        at = session.text().index(question, at) + len(question)
        session.press(f"{text}\n")


def records(home: Path) -> list[dict[str, object]]:
    listed = subprocess.run(
        [*PROGRAM, "list", "--json"], env={**os.environ, "CSR_TUI_HOME": str(home)}, capture_output=True, check=True
    )
    found: list[dict[str, object]] = json.loads(listed.stdout)["records"]
    return found


REQUEST = (
    ("Usage, 1 to 6 [1]: ", ""),
    ("Purpose, 1 to 2 [1]: ", ""),
    ("Domain (required): ", "www.example.com"),
    ("Organization: ", "Example-Organization"),
    ("Department: ", ""),
    ("Email: ", ""),
    ("Province/state: ", "Guangdong"),
    ("City: ", ""),
    ("Country: ", "china"),
    ("Use CN? yes or no [yes]: ", "yes"),
    ("Other names: ", "api.example.com"),
    ("One more, or Enter to go on: ", ""),
    ("Remark: ", ""),
    ("Tags: ", ""),
    ("Extra lines: ", ""),
    ("Key type, 1 to 6 [1]: ", "ecc p-256"),
    ("Protection of the key, 1 to 6 [3]: ", ""),
    ("Existing key: ", ""),
)


def test_a_request_comes_from_nothing_to_files_that_openssl_reads(tmp_path: Path, require: Callable[..., None]) -> None:
    require("setsid", "openssl")
    with at_terminal(tmp_path / "home") as session:
        answer(
            session,
            ("Command, 1 to 8: ", "new"),
            *REQUEST,
            ("Next step, 1 to 3 [1]: ", ""),
            ("New key password: ", PASSWORD),
            ("Repeat the password: ", PASSWORD),
            ("Export the files now? yes or no [yes]: ", ""),
            ("Program, 1 to 6 [1]: ", ""),
            ("Folder [", str(tmp_path / "out")),
            ("Exported key, 1 to 3 [1]: ", ""),
            ("Key password: ", PASSWORD),
            ("Command, 1 to 8: ", "list"),
            ("Command, 1 to 8: ", "quit"),
        )
        status = session.end()
    transcript = session.raw.decode()

    assert status == 0
    assert "\x1b" not in transcript
    assert not BOXES.search(transcript)
    assert "staple" not in transcript
    left = [path for path in tmp_path.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    assert left == []
    assert transcript[: transcript.index("Next step")].count("Example-Organization") == 2  # typed, and in the review
    assert not [line for line in transcript.split("\r\n") if "\r" in line.rstrip("\r")]
    csr, key = (tmp_path / "out" / f"www.example.com.{kind}" for kind in ("csr", "key"))
    read = subprocess.run(
        ["openssl", "req", "-in", csr, "-noout", "-verify", "-subject", "-pubkey"], capture_output=True, text=True
    )
    opened = subprocess.run(
        ["openssl", "pkey", "-in", key, "-passin", f"pass:{PASSWORD}", "-pubout"], capture_output=True, text=True
    )
    assert "O = Example-Organization" in read.stdout
    assert opened.stdout.startswith("-----BEGIN PUBLIC KEY-----")
    assert opened.stdout in read.stdout


def test_the_guide_is_answered_word_for_word(tmp_path: Path, require: Callable[..., None]) -> None:
    require("setsid", "bash", "openssl")
    guide = (Path(__file__).parents[2] / "docs" / "line-mode.md").read_text("utf-8")
    script, conversation = (
        "".join(re.findall(rf"^```{kind}\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)) for kind in ("sh", "text")
    )
    lines = [line.partition(": ") for line in conversation.replace(":\n", ": \n").splitlines()]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "HOME": str(tmp_path), "PATH": path, "TERM": "xterm"}
    with Session(["bash", "-eu", "-c", script], environment, columns=0, lines=0) as session:
        answer(session, *((label, PASSWORD if "password:" in f"{label}:" else text) for label, _, text in lines))
        status = session.end()

    assert (status, b"\x1b" in session.raw) == (0, False)
    assert "subject=C = CN, L = Shenzhen, O = Example Ltd, CN = db1.internal.example" in session.text()


def test_all_answers_typed_at_once_reach_their_questions(tmp_path: Path, require: Callable[..., None]) -> None:
    require("setsid")
    with at_terminal(tmp_path / "home", "new", "--ask", term="unknown-terminal", LC_ALL="C") as session:
        session.press("".join(f"{text}\n" for _, text in REQUEST) + "3\n")
        status = session.end()

    (record,) = records(tmp_path / "home")
    assert (status, b"\x1b" in session.raw) == (0, False)
    assert (record["organization"], record["city"], record["country"]) == ("Example-Organization", "", "CN")
    assert (record["sans"], record["algorithm"]) == (["www.example.com", "api.example.com"], "ECC")
    assert session.text().split()[-1] == record["id"]


@pytest.mark.parametrize(
    ("keys", "status", "sentence"), [("\x03", 130, "Interrupted."), ("\x04", 130, "The input ended.")]
)
def test_a_way_out_in_the_middle_keeps_the_draft(
    keys: str, status: int, sentence: str, tmp_path: Path, require: Callable[..., None]
) -> None:
    require("setsid")
    with at_terminal(tmp_path / "home", "new", "--ask") as session:
        answer(session, *REQUEST[:3])
        session.see("Organization: ")
        session.press(keys)

        assert session.end() == status
    (record,) = records(tmp_path / "home")
    assert f"\n{sentence} The draft is saved as {record['id']}." in session.text().replace("\r", "")


def test_a_terminal_that_is_closed_keeps_the_draft(tmp_path: Path, require: Callable[..., None]) -> None:
    require("setsid")
    with at_terminal(tmp_path / "home", ACCESSIBLE="1", term="xterm") as session:
        answer(session, ("Command, 1 to 8: ", "1"), *REQUEST[:3])
        session.see("Organization: ")
        session.hang_up()

        assert session.process.wait(PATIENCE) == 129
    assert [record["domain"] for record in records(tmp_path / "home")] == ["www.example.com"]
