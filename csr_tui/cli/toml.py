"""A document as TOML; what is null is left out, for TOML has no word for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from csr_tui.core.text import unseen

if TYPE_CHECKING:
    from csr_tui.cli.document import Json


def dump(document: Mapping[str, Json]) -> str:
    """One line for each key; read back, it gives the same values."""
    return "".join(f"{key} = {_value(value)}\n" for key, value in document.items() if value is not None)


def _value(value: Json) -> str:
    match value:
        case str():
            return _text(value)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Mapping():
            pairs = (f"{_text(key)} = {_value(one)}" for key, one in value.items() if one is not None)
            return f"{{ {', '.join(pairs)} }}"
        case Sequence():
            return f"[{', '.join(map(_value, value))}]"
    raise TypeError(f"TOML has no {type(value).__name__}.")


def _text(text: str) -> str:
    return f'"{"".join(map(_char, text))}"'


def _char(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char == "\n":
        return "\\n"
    return f"\\U{ord(char):08x}" if unseen(char) else char
