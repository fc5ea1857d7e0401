"""TOML: reading it within bounds, and writing it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from csr_tui.core.text import is_invisible

_BARE = re.compile(r"[A-Za-z0-9_-]+")
LONGEST_LINE = 100

LARGEST = 1 << 20
"""Characters; no request and no file of profiles is larger."""

MOST_DOTS = 10
LONGEST_NUMBER = 30
DEEPEST = 20
"""Bounds of what stands outside texts and comments: tomllib has none, and takes memory and time without end."""

_TOKENS = re.compile(
    r"""
      \"\"\"(?:[^\\"]+|\\.|"(?!""))*+(?:"{3,5}|\Z)  # texts: an open one ends with its line, or with the file
    | '''(?:[^']+|'(?!''))*+(?:'{3,5}|\Z)
    | "(?:[^\\"\n]+|\\.)*+"?
    | '[^'\n]*+'?
    | \#[^\n]*+
    | (?P<number>0x[\da-f_]++|\d[\d_]*+)
    | (?P<mark>[.\n\[{\]}])
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)

_FIRST = re.compile(
    r"""(?:\s*+(?:\#[^\n]*+\n)?+)*+ (?!\{|[\"']?sep\s*=)
    (?:\[[^\n]*\]|[^\n=,;|\0-\x08\x7f-\x9f\ufffd]*[^\n=,;|\s][ \t]*=[ \t]*[^\s=])""",
    re.VERBOSE | re.IGNORECASE,
)
_PEM = re.compile(r"^(?:[^\S\n]|>)*+-----BEGIN |-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----", re.MULTILINE)
"""A block, or a request in a value, as `.env` files have it."""

_MARK = re.compile("^\ufeff", re.MULTILINE)
"""What some editors begin a file with; it is between two lines once their files were joined."""


def read(text: str, *, largest: int = LARGEST) -> dict[str, object]:
    """The document that a text holds; ValueError, with the reason, where it holds none or is out of bounds."""
    import tomllib

    if len(text) > largest:
        raise ValueError(f"it is larger than {largest >> 20} MiB")
    _refuse_what_has_no_end(text.replace("\r\n", "\n"))
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("lists or tables are nested too deep in it") from error
    except tomllib.TOMLDecodeError as error:
        if (mark := _MARK.search(text)) is None:
            raise
        line = text.count("\n", 0, mark.start()) + 1
        raise ValueError(f"remove the invisible byte order mark U+FEFF (at line {line})") from error


def is_likely(text: str) -> bool:
    """Whether the first line that is no comment is a heading or an assignment, and no PEM begins anywhere."""
    first = _FIRST.match(text)
    return first is not None and _PEM.search(text) is None


def _refuse_what_has_no_end(text: str) -> None:
    """ValueError for a number, a dotted key or a nesting that no document of ours has."""
    line, dots, depth = 1, 0, 0
    for token in _TOKENS.finditer(text):
        mark = token["mark"]
        if mark is None:
            if token["number"] is not None and len(token.group()) > LONGEST_NUMBER:
                raise ValueError(f"a number has more than {LONGEST_NUMBER} digits (at line {line})")
            if breaks := token.group().count("\n"):
                line, dots = line + breaks, 0
            continue
        if mark == "\n":
            line, dots = line + 1, 0
        elif mark == ".":
            dots += 1
        else:
            depth += 1 if mark in "[{" else -1
        if dots > MOST_DOTS:
            raise ValueError(f"a key has more than {MOST_DOTS} dots (at line {line})")
        if depth > DEEPEST:
            raise ValueError(f"lists or tables are nested too deep (at line {line})")


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
    return f"\\U{ord(char):08x}" if is_invisible(char) else char
