"""Keys out of what a terminal sends: no part of a sequence is taken for text."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import pytest
from textual import events
from textual.drivers import linux_driver

from csr_tui.ui.key_parser import KeyParser

if TYPE_CHECKING:
    from csr_tui.ui.app import CsrTui


def keys(sent: str) -> list[tuple[str, str | None]]:
    return [(event.key, event.character) for event in KeyParser().feed(sent) if isinstance(event, events.Key)]


def text(sent: str) -> str:
    return "".join(character for _, character in keys(sent) if character and character.isprintable())


def test_the_app_reads_its_keyboard_with_it(app: CsrTui) -> None:
    assert app.driver_class.__module__ == linux_driver.__name__
    assert isinstance(vars(linux_driver)["XTermParser"](), KeyParser)


@pytest.mark.parametrize("letter", sorted({*string.ascii_letters, *string.digits, *"/.,-=;'"} - {"O"}))
@pytest.mark.parametrize("then", ["www.example.com" * 4, "\x1b[B", "\x1br", "\x0e", "\r"])
def test_alt_and_a_letter_is_one_key_whatever_follows_at_once(letter: str, then: str) -> None:
    assert keys(f"\x1b{letter}{then}")[1:] == keys(then)
    assert text(f"\x1b{letter}") == ""


@pytest.mark.parametrize("step", "snakr12345")
def test_the_jumps_of_the_wizard_are_known_at_once(step: str) -> None:
    assert keys(f"\x1b{step}") == [(f"alt+{step}", None)]


@pytest.mark.parametrize("unknown", ["\x1b[99;99X", "\x1b[?1;2c", "\x1b[>0;276;0c", "\x1b[1;2;3;4z", "\x1bOz"])
def test_a_sequence_that_nobody_knows_is_nothing(unknown: str) -> None:
    assert keys(f"a{unknown}b") == [("a", "a"), ("b", "b")]


def test_escape_before_a_control_key_stays_escape() -> None:
    assert [key for key, _ in keys("\x1b\r\x1b\x0e\x1b\x13")] == [
        "escape",
        "enter",
        "escape",
        "ctrl+n",
        "escape",
        "ctrl+s",
    ]


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("\x1b[A", "up"),
        ("\x1bOP", "f1"),
        ("\x1b[15~", "f5"),
        ("\x1b[1;5C", "ctrl+right"),
        ("\x1b[[A", "f1"),
        ("\x1b[Z", "shift+tab"),
        ("\x1b\x7f", "ctrl+w"),
        ("\x1b[110;3u", "alt+n"),
    ],
)
def test_what_terminals_send_for_keys_is_read_as_before(sent: str, key: str) -> None:
    assert [one for one, _ in keys(f"{sent}a")] == [key, "a"]


def test_clicks_pastes_and_answers_are_read_as_before() -> None:
    sent = "\x1b[<0;20;10M\x1b[<0;20;10m\x1b[M !!\x1b[200~a\x1b[201~\x1b[I\x1b[?2026;1$ya"
    told = [type(event).__name__ for event in KeyParser().feed(sent)]

    assert told == ["MouseDown", "MouseUp", "Paste", "AppFocus", "TerminalSupportsSynchronizedOutput", "Key"]


@pytest.mark.parametrize("end", ["\x07", "\x1b\\"])
@pytest.mark.parametrize(
    ("color", "light"), [("rgb:ffff/fafa/f0f0", True), ("rgb:00/2b/36", False), ("rgba:f/f/f/f", True)]
)
@pytest.mark.parametrize("at_once", [True, False])
def test_the_answer_about_the_colour_is_no_key(end: str, color: str, light: bool, at_once: bool) -> None:
    heard: list[bool] = []
    parser = KeyParser("n", heard.append)
    sent = f"a\x1b]11;{color}{end}b\x07"
    read = [event for part in ([sent] if at_once else sent) for event in parser.feed(part)]

    assert heard == [light]
    assert [event.key for event in read if isinstance(event, events.Key)] == ["n", "a", "b", "ctrl+g"]


@pytest.mark.parametrize("then", ["x", "11;x", "\r"])
def test_alt_and_a_bracket_that_begins_no_answer_is_a_key_before_what_follows(then: str) -> None:
    assert keys(f"\x1b]{then}") == [("alt+right_square_bracket", None), *keys(then)]


def test_what_was_typed_before_the_first_paint_is_read_without_another_key() -> None:
    assert [event.key for event in KeyParser("n\r").tick() if isinstance(event, events.Key)] == ["n", "enter"]
