"""Hostile text in every place of the screens, at a real terminal: it is read, and neither obeyed nor fatal."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hostile.texts import HOSTILE, TOGETHER, obeyed
from pty_session import Session
from support import MemoryKeyring

from csr_tui.core.custody import Custody
from csr_tui.core.fields import NAMES, Subject
from csr_tui.core.record import KeySpec, Record, Tag, new_id
from csr_tui.core.submission import Stage, Submission
from csr_tui.lifecycle import generate
from csr_tui.storage import RecordStore
from csr_tui.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.system

DOWN, PAGE_DOWN, HOME, BEFORE = "\x1b[B", "\x1b[6~", "\x1b[H", "\x1b[Z"
NEXT, ESCAPE, ENTER, SAVE, QUIT, BROWSE = "\x0e", "\x1b", "\r", "\x13", "\x11", "\x1bOQ"


def stored(folder: Path, text: str) -> None:
    """A draft that is nothing but this text, and a generated record that has it where it can still be changed."""
    with RecordStore(folder / "data" / "records.db") as store:
        generated = Record(new_id(), subject=Subject("generated.example.com"), key=KeySpec("ECC", "prime256v1"))
        choice = Custody.NONE_UNPROTECTED
        made = generate.generate(store, Vault(backend=MemoryKeyring()), store.add(generated), choice)
        store.save(replace(made, remark=text, tags=(Tag(text, text),)))
        subject = Subject(*(text for _ in NAMES))
        draft = store.add(
            Record(
                new_id(),
                subject=subject,
                names=(text, text),
                extra=(text, f"OU={text}"),
                remark=text,
                tags=(Tag(text, text),),
            )
        )
        sent = Submission(draft.id, Stage.INTENT, "https://ssl.tencentcloudapi.com", "account", text, request_id=text)
        for stage in (Stage.INTENT, Stage.CREATING, Stage.UNKNOWN):
            store.journal.put(replace(sent, stage=stage, message=text))


def session(folder: Path) -> Session:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "CSR_TUI_HOME": str(folder),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "TEXTUAL_ANIMATIONS": "none",
    }
    return Session([sys.executable, "-m", "csr_tui"], environment)


def click_everywhere(at: Session, lines: range) -> None:
    for line in lines:
        for column in (9, 24, 40):
            at.press(f"\x1b[<35;{column};{line}M\x1b[<0;{column};{line}M\x1b[<0;{column};{line}m")


def harmless(at: Session, bells: int = 0) -> None:
    assert obeyed(at.raw, bells=bells) == []


@pytest.mark.parametrize("text", TOGETHER.values(), ids=TOGETHER)
def test_a_draft_of_hostile_text_is_read_on_every_page(text: str, tmp_path: Path, require: Callable[..., None]) -> None:
    require("setsid")
    stored(tmp_path, text)
    with session(tmp_path) as at:
        at.see("generated.example.com")
        at.press(HOME)
        at.press(ENTER)
        at.see("What is the certificate for?")
        for heading in ("Which names", "Key type", "How should the key", "errors before generating"):
            at.press(NEXT)
            at.see(heading)
        at.press(PAGE_DOWN * 3)
        at.see("Likely treatment by")
        click_everywhere(at, range(6, 22))
        since = len(at.raw)
        at.press(SAVE)
        at.see("Changed", since=since)
        at.press(QUIT)
        status = at.end()
    harmless(at)
    assert status == 0, at.text()[-3000:]


@pytest.mark.parametrize("text", TOGETHER.values(), ids=TOGETHER)
def test_the_page_of_a_record_and_its_windows_take_hostile_text(
    text: str, tmp_path: Path, require: Callable[..., None]
) -> None:
    require("setsid")
    home = tmp_path / text.replace("\0", "").replace("/", "|")
    stored(home, text)
    with session(home) as at:
        at.see("generated.example.com")
        at.press(HOME + DOWN)
        at.press(ENTER)
        at.see("Next", "SHA-256 of the public key")
        click_everywhere(at, range(5, 20))
        for key, seen in (("r", "Remark and tags"), ("e", "Export generated.example.com"), ("s", "unchanged")):
            since = len(at.raw)
            at.press(key)
            at.see(seen, since=since)
            if key == "e":
                at.press(BEFORE + ENTER)
                at.see("The key loads and matches the CSR.", since=since)
            if key == "s":  # no window, but a notice
                break
            since = len(at.raw)
            at.press(ESCAPE)
            at.see("Notes", since=since)  # which each window covered
        at.press(QUIT)
        status = at.end()
    harmless(at)
    assert status == 0, at.text()[-3000:]


def test_a_folder_of_hostile_names_is_browsed(tmp_path: Path, require: Callable[..., None]) -> None:
    require("setsid")
    stored(tmp_path, "plain")
    exports = tmp_path / "exports"
    for text in HOSTILE.values():
        (exports / text.replace("\0", "").replace("/", "|")).mkdir(parents=True)
    (exports / os.fsdecode(b"bytes \xff\xfe of no text")).mkdir()
    with session(tmp_path) as at:
        at.see("generated.example.com")
        at.press(HOME + DOWN + "e")
        at.see("Export generated.example.com")
        at.press(BROWSE)
        at.see("Export to", "\\u{202e}")
        at.press("\x1b[B" * 4 + ENTER)
        at.press(ESCAPE + ESCAPE)
        at.press(QUIT)
        status = at.end()
    harmless(at)
    assert status == 0, at.text()[-3000:]


def test_two_megabytes_are_not_pasted_into_a_field(tmp_path: Path, require: Callable[..., None]) -> None:
    require("setsid")
    with session(tmp_path) as at:
        at.see("Nothing here yet")
        at.press("n")
        at.see("What is the certificate for?")
        at.press(f"\x1b[200~{'[@click=app.bell]ring[/]' * 80_000}\x1b[201~")
        at.see("nothing was")
        at.press(QUIT)
        assert at.end() == 0
    harmless(at)
