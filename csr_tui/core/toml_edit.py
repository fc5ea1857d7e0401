"""Changing a TOML text that a person keeps: what is not meant stays as it is, comments too."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from csr_tui.core import toml

OTHERWISE = "It is written in a way that is not changed from here."


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines that belong together: `key` is what they set, None for a heading, blanks and comments."""

    text: str
    key: str | None = None
    table: bool = False
    """It has a heading, so that what comes after it would be in it."""


def with_values(text: str, table: str | None, values: Mapping[str, object]) -> str:
    """The text with these values in a table, which is begun at the end where there is none; None removes a value.

    A table of None is what stands before the first heading. ValueError where the text writes that table in a way that
    cannot be changed here: as an inline table, with dots, or in several places.
    """
    expected = toml.read(text)
    inner = expected if table is None else expected.setdefault(table, {})
    if not isinstance(inner, dict):
        raise ValueError(OTHERWISE)
    for key, value in values.items():
        inner.pop(key, None)
        if value is not None:
            inner[key] = _plain(value)
    before, block, after = _cut(_ended(text), table)
    if table is not None and not block:
        before += "\n" if before.strip() else ""
        block = f"[{toml.name(table)}]\n"
    return _proved(before + "".join(_edited(block, values, inside=table is not None)) + after, expected)


def without(text: str, table: str) -> str:
    """The text without a table and the comments in it; ValueError as for `with_values`."""
    expected = toml.read(text)
    expected.pop(table, None)
    before, _, after = _cut(_ended(text), table)
    return _proved(before + after, expected)


def _edited(block: str, values: Mapping[str, object], *, inside: bool) -> Iterator[str]:
    """The lines of one table with its values changed in their places, and new ones after its last statement."""
    pieces = list(_pieces(block, inside=inside))
    there = {piece.key for piece in pieces}
    new = [toml.assignment(key, value) for key, value in values.items() if value is not None and key not in there]
    last = max((at for at, piece in enumerate(pieces) if piece.key is not None and not piece.table), default=0)
    for at, piece in enumerate(pieces):
        if piece.key is None or piece.key not in values:
            yield piece.text
        elif (value := values[piece.key]) is not None:
            yield _replaced(piece.text, toml.assignment(piece.key, value))
        if at == last:
            yield from new
    if not pieces:
        yield from new


def _replaced(old: str, new: str) -> str:
    """A new statement with the comment of the old one."""
    comment = _comment(old)
    if not comment:
        return new
    return f"{new[:-1]}  {comment}\n" if new.count("\n") == 1 else f"{comment}\n{new}"


def _comment(statement: str) -> str:
    """What stands behind a statement of one line."""
    line = statement.rstrip("\r\n")
    for at, char in enumerate(line):
        if char == "#" and _loaded(line[:at]) == _loaded(line):
            return line[at:]
    return ""


def _cut(text: str, table: str | None) -> tuple[str, str, str]:
    """What stands before a table, the table, and what comes after; comments above a heading belong to that."""
    lines = text.splitlines(keepends=True)
    headings = list(_headings(lines))
    if table is None:
        first = headings[0][0] if headings else len(lines)
        end = _without_lead(lines, 0, first)
        return "", "".join(lines[:end]), "".join(lines[end:])
    mine = [number for number, (_, key) in enumerate(headings) if key == table]
    if not mine:
        return text, "", ""
    if mine != list(range(mine[0], mine[-1] + 1)):
        raise ValueError(OTHERWISE)
    begin = headings[mine[0]][0]
    following = headings[mine[-1] + 1][0] if mine[-1] + 1 < len(headings) else None
    end = len(lines) if following is None else _without_lead(lines, begin, following)
    return "".join(lines[:begin]), "".join(lines[begin:end]), "".join(lines[end:])


def _without_lead(lines: list[str], begin: int, end: int) -> int:
    """Where a block really ends: the comments right above the next heading, and blanks above those, are not its own."""
    while end > begin and lines[end - 1].lstrip().startswith("#"):
        end -= 1
    while end > begin and not lines[end - 1].strip():
        end -= 1
    return end


def _headings(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The lines that begin a table, and the first part of its name; not those inside a text or a list of many lines."""
    begin = 0
    for at, line in enumerate(lines):
        if not line.lstrip().startswith("["):
            continue
        alone = _loaded(line)
        if alone is not None and _loaded("".join(lines[begin:at])) is not None:
            begin = at  # what stands before it is whole, and need not be read again
            yield at, next(iter(alone))


def _pieces(block: str, *, inside: bool) -> Iterator[_Piece]:
    """The heading, the statements, and what stands between them; a table in the table is one statement."""
    lines = block.splitlines(keepends=True)
    headings = [at for at, _ in _headings(lines)]
    at = 0
    if inside:
        yield _Piece(lines[0])
        at = 1
    while at < len(lines):
        if at in headings:
            end = next((one for one in headings if one > at), len(lines))
            table = next(iter((_loaded(lines[at]) or {}).values()), None)
            yield _Piece("".join(lines[at:end]), _first(table), table=True)
        elif not lines[at].strip() or lines[at].lstrip().startswith("#"):
            end = at + 1
            yield _Piece(lines[at])
        else:
            end = next(end for end in range(at + 1, len(lines) + 1) if _loaded("".join(lines[at:end])) is not None)
            text = "".join(lines[at:end])
            yield _Piece(text, _first(_loaded(text)))
        at = end


def _first(table: object) -> str | None:
    """The first key of a table, or of the first of several."""
    inner = table[0] if isinstance(table, list) else table
    return next(iter(inner), None) if isinstance(inner, dict) else None


def _loaded(text: str) -> dict[str, object] | None:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _plain(value: object) -> object:
    """As TOML reads it back."""
    return list(value) if isinstance(value, tuple) else value


def _proved(text: str, expected: dict[str, object]) -> str:
    """The text, once it is read back as what was meant."""
    if _loaded(text) != expected:
        raise ValueError(OTHERWISE)
    return text
