"""Changing a TOML text that a person keeps: what is not meant stays as it is, comments too."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Comment, Item, Key, Table, Whitespace

from csr_tui.core import toml

OTHERWISE = "csr-tui cannot edit this notation."


def with_values(text: str, table: str, values: Mapping[str, object]) -> str:
    """The text with these values in a table, which is begun at the end where there is none; None removes a value.

    ValueError where the text is no TOML within bounds, or writes that table in a way that cannot be changed here.
    """
    expected = toml.read(text)
    inner = expected.setdefault(table, {})
    if not isinstance(inner, dict):
        raise ValueError(OTHERWISE)
    document = tomlkit.parse(text if not text or text.endswith("\n") else f"{text}\n")
    if table not in document:
        if text.strip():
            document.add(tomlkit.nl())
        document.add(table, tomlkit.table())
    target = _table(document, table)
    lead = _take_lead(target)
    for key, value in values.items():
        inner.pop(key, None)
        if value is None:
            target.pop(key, None)
        else:
            inner[key] = list(value) if isinstance(value, tuple) else value
            target[key] = tomlkit.parse(toml.assignment(key, value))[key]
    _end(target).append((None, Whitespace(lead)))
    return _proved(document, expected)


def without(text: str, table: str) -> str:
    """The text without a table and the comments in it; ValueError as for `with_values`."""
    expected = toml.read(text)
    expected.pop(table)
    document = tomlkit.parse(text)
    lead = _take_lead(_table(document, table))
    place = next(at for at, (key, _) in enumerate(document.body) if key is not None and key.key == table)
    document.pop(table)
    document.body[place] = (None, Whitespace(lead))
    return _proved(document, expected)


def with_default(text: str, key: str, value: str | None) -> str:
    """The text with a value before its first table, or without it; ValueError as for `with_values`."""
    expected = toml.read(text)
    if value is not None and key not in expected:
        text = toml.assignment(key, value) + text
    document = tomlkit.parse(text)
    for values in (expected, document):
        if value is None:
            values.pop(key, None)
        else:
            values[key] = value
    return _proved(document, expected)


def _table(document: tomlkit.TOMLDocument, name: str) -> Table:
    """ValueError for one without a heading of its own, or in several places."""
    table = document[name]
    if isinstance(table, Table) and not table.is_super_table():
        return table
    raise ValueError(OTHERWISE)


def _take_lead(table: Table) -> str:
    """What tomlkit has at the end of a table and belongs to the next one: comments right above it, and blanks."""
    body, lead = _end(table), ""
    for kind in (Comment, Whitespace):
        while body and isinstance(body[-1][1], kind):
            lead = body.pop()[1].as_string() + lead
    return lead


def _end(table: Table) -> list[tuple[Key | None, Item]]:
    """The items of the last table in a table."""
    body = table.value.body
    return _end(body[-1][1]) if body and isinstance(body[-1][1], Table) else body


def _proved(document: tomlkit.TOMLDocument, expected: dict[str, object]) -> str:
    """The text, once it is read back as what was meant."""
    try:
        text = document.as_string()
        if tomllib.loads(text) == expected:
            return text
    except (ValueError, TOMLKitError):
        pass
    raise ValueError(OTHERWISE)
