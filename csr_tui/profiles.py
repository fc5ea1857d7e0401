"""Profiles: named default values for new records, in a TOML file that the person may write, too."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from csr_tui import access, placing
from csr_tui.core import toml, values
from csr_tui.core.fields import NAMES, texts_of
from csr_tui.core.findings import InvalidError
from csr_tui.core.record import Record
from csr_tui.core.text import decoded, escaped
from csr_tui.core.usages import SERVER
from csr_tui.core.values import CHOICES, FIELDS, Values
from csr_tui.errors import FileError, NotFoundError, StateError
from csr_tui.paths import make_private

LARGEST = 1 << 20
"""Bytes; no file of profiles is larger, and nothing larger is parsed."""

LONGEST_NAME = 40
DEFAULT = "default"
"""What stands before the tables: the name of the profile that a new record begins with."""

ALLOWED = (*FIELDS, *(field for field in CHOICES if field not in FIELDS))


def names(path: Path) -> tuple[str, ...]:
    """The profiles there are, in the order of the file."""
    return tuple(name for name, table in _tables(path).items() if isinstance(table, dict))


def default(path: Path) -> str | None:
    """The profile that new records begin with, if there is one; FileError where it names none that is there."""
    tables = _tables(path)
    name = tables.get(DEFAULT)
    if name is None or isinstance(name, dict):
        return None
    if not isinstance(name, str) or not isinstance(tables.get(name), dict):
        raise FileError(f"In {path}, default names a missing profile: {escaped(str(name)[:LONGEST_NAME])}.")
    return name


def read(path: Path, name: str) -> Values:
    """The values of one profile: a table of this name in the file.

    NotFoundError, with the names there are, where there is no such profile; FileError where the file or the
    profile cannot be understood.
    """
    tables = _tables(path)
    if name not in tables or (name == DEFAULT and isinstance(tables[name], str)):
        known = ", ".join(map(escaped, names(path))) or "none yet"
        raise NotFoundError(f"No profile {escaped(name[:LONGEST_NAME])} in {path}. Profiles there: {known}.")
    table = tables[name]
    if not isinstance(table, dict):
        raise FileError(f"In {path}, {escaped(name)} is not a table. A profile begins with a line such as [{name}].")
    return {field: _value(path, name, field, value) for field, value in table.items()}


def of_record(record: Record) -> Values:
    """What a profile takes from a record: its subject but for the domain, whose rules count, and its key choices."""
    return {
        "purpose": str(record.purpose),
        **({"usage": record.usage} if record.usage != SERVER else {}),
        **dict(zip(NAMES[1:], texts_of(record.subject)[1:], strict=True)),
        "algorithm": record.key.algorithm,
        "key_parameter": record.key.parameter,
        **record.custody.choices,
    }


def plain(field: str, value: str | tuple[str, ...]) -> str | tuple[str, ...] | dict[str, str]:
    """A value as the file has it: tags are a table."""
    if field != "tags":
        return value
    pairs = (piece.partition("=") for piece in value)
    return {key: text for key, _, text in pairs}


def save(path: Path, name: str, defaults: Values, *, instead: bool | None = None) -> None:
    """Put these values into a profile, which is begun where there is none; an empty one is taken out.

    Everything else in the file stays, comments too. `instead` says whether the values go that are there already (False:
    StateError where there is such a profile). InvalidError for a name that is none.
    """
    from csr_tui.core import toml_edit

    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable() or name == DEFAULT:
        raise InvalidError(f"A profile's name has 1 to {LONGEST_NAME} visible characters, and cannot be default.")
    with _alone(path):
        stored = _tables(path).get(name)
        if stored is not None and instead is False:
            raise StateError(f"The profile {escaped(name)} already exists. Delete it first, or choose another name.")
        gone = dict.fromkeys(stored) if instead and isinstance(stored, dict) else {}
        changes = gone | {field: plain(field, value) if value else None for field, value in defaults.items()}
        try:
            placing.write_text(path, toml_edit.with_values(_text(path), name, changes))
        except ValueError as error:
            raise _by_hand(path, name) from error


def delete(path: Path, name: str) -> None:
    """Take a profile out of the file; where it is the default, there is none then."""
    from csr_tui.core import toml_edit

    with _alone(path):
        if name not in names(path):
            read(path, name)
        text = _text(path)
        try:
            if _tables(path).get(DEFAULT) == name:
                text = toml_edit.with_default(text, DEFAULT, None)
            placing.write_text(path, toml_edit.without(text, name))
        except ValueError as error:
            raise _by_hand(path, name) from error


def set_default(path: Path, name: str | None) -> None:
    """Have new records begin with this profile, or with none."""
    from csr_tui.core import toml_edit

    with _alone(path):
        if name is not None:
            read(path, name)
        _tables(path)
        try:
            placing.write_text(path, toml_edit.with_default(_text(path), DEFAULT, name))
        except ValueError as error:
            raise _by_hand(path, DEFAULT) from error


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else changes the profiles meanwhile, so that none are lost; what a killed writer left behind is removed.

    The lock is a file beside them, for the file itself is replaced with each change.
    """
    try:
        place = placing.real(path)
        make_private(place.parent)
        flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(place.with_name(f".{place.name}.lock"), flags, 0o600)
        try:
            with placing.one_writer(descriptor):
                ours = re.compile(rf"\.{re.escape(place.name)}\.[0-9a-f]{{16}}\.new")
                for left in place.parent.iterdir():
                    if ours.fullmatch(left.name):
                        left.unlink(missing_ok=True)
                yield
        finally:
            os.close(descriptor)
    except OSError as error:
        raise FileError(f"The profiles in {path} cannot be written. {access.why(path, error, ours=True)}") from error


def _by_hand(path: Path, name: str) -> StateError:
    return StateError(f"{escaped(name)} has a notation that csr-tui cannot edit. Change it with an editor: {path}.")


def _text(path: Path) -> str:
    """The whole file; FileError where it cannot be read, or is far too large."""
    try:
        with open(path, "rb", opener=access.plain_only) as file:  # Path.open takes no opener
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        return ""
    except access.NoFileError as error:
        raise FileError(f"The profiles file {path} is {error.strerror}. Move it away.") from error
    except OSError as error:
        raise FileError(f"The profiles in {path} cannot be read. {access.why(path, error, ours=True)}") from error
    if len(data) > LARGEST:
        raise FileError(f"The file {path} is larger than 1 MiB.")
    try:
        return decoded(data)
    except UnicodeDecodeError as error:
        raise FileError(f"The profiles in {path} are not Unicode text.") from error


def _tables(path: Path) -> Mapping[str, object]:
    try:
        return toml.read(_text(path))
    except ValueError as error:
        raise FileError(f"The profiles in {path} are not valid TOML: {escaped(str(error))}.") from error


def _value(path: Path, name: str, field: str, value: object) -> str | tuple[str, ...]:
    try:
        if field not in ALLOWED:
            raise ValueError(f"is not a field of a request. The fields are: {', '.join(FIELDS)}.")
        return values.parse(field, value)
    except ValueError as error:
        raise FileError(f"In {path}, [{escaped(name)}]: {escaped(field)} {error}") from error
