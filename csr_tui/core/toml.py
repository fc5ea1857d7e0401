"""Writing TOML, which the standard library only reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from csr_tui.core.text import unseen

_BARE = re.compile(r"[A-Za-z0-9_-]+")
LONGEST_LINE = 100


def assignment(key: str, value: object) -> str:
    """One `key = value`, with its newline; a list that is long has a line for each of its values.

    Texts, whole numbers, truth values, and lists and tables of them; read back, it gives the same value.
    """
    line = f"{name(key)} = {_value(value)}\n"
    if len(line) <= LONGEST_LINE or isinstance(value, str) or not isinstance(value, Sequence):
        return line
    lines = "".join(f"    {_value(one)},\n" for one in value)
    return f"{name(key)} = [\n{lines}]\n"


def name(text: str) -> str:
    """A key, or a part of a heading: bare where it may be."""
    return text if _BARE.fullmatch(text) else _text(text)


def _value(value: object) -> str:
    match value:
        case str():
            return _text(value)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Mapping():
            pairs = ", ".join(f"{name(key)} = {_value(one)}" for key, one in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
        case Sequence():
            return f"[{', '.join(map(_value, value))}]"
    raise TypeError(f"TOML has no {type(value).__name__}.")


def _text(text: str) -> str:
    return f'"{"".join(map(_char, text))}"'


def _char(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    return f"\\U{ord(char):08x}" if unseen(char) else char
