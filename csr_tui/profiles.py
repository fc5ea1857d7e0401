"""Profiles: named default values for new records, from a TOML file that the person writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from csr_tui.core.record import Purpose
from csr_tui.core.text import visible
from csr_tui.errors import FileError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

Values: TypeAlias = Mapping[str, str | tuple[str, ...]]
"""Field, as the JSON contract names it -> its text; several for `sans`, and `KEY=VALUE` pieces for `tags`."""

TEXTS = (
    "domain",
    "organization",
    "department",
    "email",
    "province",
    "city",
    "country",
    "algorithm",
    "key_parameter",
    "remark",
    "purpose",
)
FIELDS = (*TEXTS, "sans", "tags")
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
    place = f"In {path}, [{visible(name)}]: {visible(field)}"
    match field:
        case "purpose" if value not in tuple(Purpose):
            raise FileError(f'{place} is either "public" or "private".')
        case "sans" if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        case "sans":
            raise FileError(f'{place} is a list of texts, such as ["www.example.com", "example.com"].')
        case "tags" if isinstance(value, dict) and all(isinstance(one, str) for one in value.values()):
            return tuple(f"{key}={text}" for key, text in value.items())
        case "tags":
            raise FileError(f'{place} is a table of texts, such as {{ team = "web" }}.')
        case "key_parameter" if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        case _ if field not in TEXTS:
            raise FileError(f"{place} is no field of a request. The fields are: {', '.join(FIELDS)}.")
        case _ if isinstance(value, str):
            return value
    raise FileError(f'{place} is a text: put it between quotes, as in {field} = "...".')
