"""What a terminal sends as keys: no part of a sequence ever becomes text.

Textual waits 100 ms for the rest of what begins like a sequence, and types it, letter by letter, where it never comes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.keys import Keys
from textual.message import Message

from csr_tui.ui.terminal_color import is_light

ESC = "\x1b"

BEGUN = frozenset(known[:length] for known in ANSI_SEQUENCES_KEYS for length in range(2, len(known))) | {"\x1b[M"}
"""What a longer sequence may begin with; X10's mouse has three more characters after its M."""

WHOLE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|O[ -~])")
"""A whole sequence of the kinds CSI and SS3."""

ANSWER = re.compile(r"\x1b\[(<[-\d;]+[mM]|M...|\?\d+;\d\$y)")
"""A click, or a mode that was asked for: Textual reads those when they are no key."""


COLOR = re.compile(r"\x1b\](1|11|11;|11;r|11;rg|11;rgba?|11;rgba?:(?P<parts>[\da-fA-F/]*))?")
"""The terminal's answer about its colour (OSC 11), whole or in part."""

ENDS = frozenset({"\x07", "\x1b\\"})
"""BEL and ST: either may end an answer."""


class KeyParser(XTermParser):
    """Alt and a letter is that at once, whatever follows; a sequence that nobody knows is nothing.

    `sent` came before there was a parser. `color` gets whether the terminal is light, once it answers.
    """

    def __init__(self, sent: str = "", color: Callable[[bool], object] = bool) -> None:
        super().__init__()
        self._sent = sent
        self._color = color
        self._answered = False

    def feed(self, data: str) -> Iterable[Message]:
        if data:
            self._sent, data = "", self._sent + data
        return super().feed(data)

    def tick(self) -> Iterable[Message]:
        if self._sent:
            sent, self._sent = self._sent, ""
            yield from super().feed(sent)
        yield from super().tick()

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        answered, self._answered = self._answered, False
        if answered and sequence in ENDS:
            return [events.Key(Keys.Ignore, sequence)]
        if sequence.startswith("\x1b]"):
            return self._answer(sequence)
        if alt:
            return [events.Key(_with_alt(key.key), None) for key in super()._sequence_to_key_events(sequence)]
        if len(sequence) == 2 and sequence not in BEGUN:
            return self._pair(sequence)
        if keys := list(super()._sequence_to_key_events(sequence)):
            return keys
        if WHOLE.fullmatch(sequence) and sequence not in BEGUN and not ANSWER.fullmatch(sequence):
            return [events.Key(Keys.Ignore, sequence)]
        return keys

    def _answer(self, sequence: str) -> Iterable[events.Key]:
        """Nothing until the answer is whole; what turns out to be none is Alt and ], and text."""
        if (color := COLOR.fullmatch(sequence)) is None:
            rest = (key for one in sequence[2:] for key in self._sequence_to_key_events(one))
            return [*self._sequence_to_key_events("]", alt=True), *rest]
        parts = (color["parts"] or "").split("/")
        if len(parts) < (4 if "a:" in sequence else 3) or not parts[0] or len(parts[-1]) < len(parts[0]):
            return []
        self._answered = True
        self._color(bool(is_light(sequence)))
        return [events.Key(Keys.Ignore, sequence)]

    def _pair(self, sequence: str) -> Iterable[events.Key]:
        """ESC and one more character: a key of its own, Escape before a key that Alt does not go with, or Alt."""
        if isinstance(ANSI_SEQUENCES_KEYS.get(sequence), tuple):
            return super()._sequence_to_key_events(sequence)
        if sequence[1].isprintable():
            return self._sequence_to_key_events(sequence[1], alt=True)
        return [events.Key("escape", ESC), *super()._sequence_to_key_events(sequence[1])]


def _with_alt(key: str) -> str:
    return key if key.startswith("alt+") else f"alt+shift+{key.lower()}" if key.isupper() else f"alt+{key}"
