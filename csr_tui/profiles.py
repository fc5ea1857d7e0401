"""Profiles: named default values for new records, from a TOML file that the person writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csr_tui.core import values
from csr_tui.core.text import visible
from csr_tui.core.values import FIELDS
from csr_tui.errors import FileError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from csr_tui.core.values import Values

LARGEST = 1 << 20
"""Bytes; no file of profiles is larger, and nothing larger is parsed."""


def read(path: Path, name: str) -> Values:
    """The values of one profile: a table of this name in the file.

    NotFoundError, with the names there are, where there is no such profile; FileError where the file or the
    profile cannot be understood.
    """
    tables = _tables(path)
    if name not in tables:
        known = ", ".join(visible(known) for known in tables) or "none yet"
        raise NotFoundError(f"There is no profile {visible(name[:40])} in {path}. Profiles there: {known}.")
    table = tables[name]
    if not isinstance(table, dict):
        raise FileError(f"In {path}, {visible(name)} is not a table. A profile begins with a line such as [{name}].")
    return {field: _value(path, name, field, value) for field, value in table.items()}


def _tables(path: Path) -> dict[str, object]:
    import tomllib

    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise FileError(f"The profiles in {path} cannot be read: {error.strerror}.") from error
    if len(data) > LARGEST:
        raise FileError(f"The file {path} is larger than any file of profiles is (1 MiB).")
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        raise FileError(f"The profiles in {path} are not UTF-8 text.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise FileError(f"The profiles in {path} are not valid TOML: {error}.") from error


def _value(path: Path, name: str, field: str, value: object) -> str | tuple[str, ...]:
    try:
        if field not in FIELDS:
            raise ValueError(f"is no field of a request. The fields are: {', '.join(FIELDS)}.")
        return values.of(field, value)
    except ValueError as error:
        raise FileError(f"In {path}, [{visible(name)}]: {visible(field)} {error}") from error
