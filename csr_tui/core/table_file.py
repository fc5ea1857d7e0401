"""Many requests in one file: CSV as spreadsheets write it, or TOML, read into lines of cells under known columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from csr_tui.core import formats, pem, toml, values
from csr_tui.core.findings import Finding, InvalidError
from csr_tui.core.headings import PASSED_OVER, PROBLEM, columns, field_of
from csr_tui.core.text import decoded, escaped
from csr_tui.errors import Hint

LARGEST = 64 << 20
"""Bytes; a hundred thousand requests with all their fields are about thirty million."""

LARGEST_TOML = 32 << 20
MOST_ROWS = 100_000
MOST_LINES = 1_000_000
LONGEST_CELL = 1 << 17
"""Characters; two thousand long names are less."""

TOO_MANY = f"The file has more than {MOST_ROWS:,} requests. Apply it in parts."

_SEPARATOR_NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}
SEPARATORS = "".join(_SEPARATOR_NAMES)

_LINE = re.compile(r"([^\r\n]*+)(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True)
class Line:
    """One request as it stands in the file: `number` is its first line there, `broken` why it cannot be read."""

    number: int
    cells: tuple[str, ...]
    broken: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """`fields` says what each column of `headings` is; None is passed over."""

    headings: tuple[str, ...]
    fields: tuple[str | None, ...]
    lines: tuple[Line, ...]


def read(data: bytes) -> Table:
    """A table or TOML (one request, or an array of tables [[request]]), known by its content; InvalidError else."""
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):  # .xlsx, .ods and .xls
        raise InvalidError("This is a spreadsheet. Save it as CSV (UTF-8) and apply that.")
    try:
        text = _decoded(data)
        return _of_toml(text) if toml.is_likely(text) else _of_csv(text)
    except InvalidError:
        if kind := next(filter(None, map(formats.kind_in, pem.blocks(data))), ""):  # its text is not to be repeated
            sentence = f"This file contains {formats.spoken(kind)}, and no table of requests."
            raise InvalidError(sentence, hint=Hint.NEW_FROM if kind == "CERTIFICATE REQUEST" else None) from None
        if data.strip() and (sentence := formats.named(data)):
            raise InvalidError(sentence) from None
        if name := formats.text_format(data):
            raise InvalidError(f"This file is {name}. Requests are read from a table (CSV) or from TOML.") from None
        raise


def texts(table: Table, line: Line) -> values.Values:
    """Field -> what its cells say; a cell without text says nothing."""
    found: dict[str, str | tuple[str, ...]] = {}
    names: list[str] = []
    for field, cell in zip(table.fields, line.cells, strict=False):
        if field is None or not cell.strip():
            continue
        if field == "sans":
            names.append(cell)
        elif field == "tags":
            found[field] = tuple(_pieces(cell))
        elif field == "extra":  # a value may have commas
            found[field] = tuple(re.split("[\n;；]", cell))
        else:
            found[field] = cell
    return {**found, "sans": tuple(names)} if names else found


def left_out(table: Table, rows: tuple[tuple[Line, str], ...]) -> str:
    """These lines as a CSV to mend and to apply again, each with its problem in the first column."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((PROBLEM.capitalize(), *table.headings))
    writer.writerows((problem, *line.cells) for line, problem in rows)
    return out.getvalue()


def _of_csv(text: str) -> Table:
    source = _Source(text)
    line = next(source, "")
    separator = _named_separator(line)
    if separator is not None:
        line = next(source, "")
    while line and not line.strip(" \t\n,;|"):
        line = next(source, "")
    separator = separator or _separator(line)
    rows = _rows(source, line, separator)
    head = next(rows, None)
    if head is None:
        raise InvalidError(
            "The file is empty. Its first line needs the column names, such as Domain,Organization,Country."
        )
    if head.broken:
        raise InvalidError(f"Line {head.number}: {head.broken[0].message}")
    head = replace(head, cells=_without_empty_end(head.cells))
    fields = columns(head.number, head.cells)
    found = tuple(_fitted(line, len(fields), separator) for line in _bounded(rows))
    if not found:
        raise InvalidError("The file has column names, but no rows.")
    return Table(head.cells, fields, found)


def _of_toml(text: str) -> Table:
    try:
        document = toml.read(text, largest=LARGEST_TOML)
    except ValueError as error:
        raise InvalidError(f"This is not valid TOML: {escaped(str(error))}.") from error
    arrays = {
        key: value
        for key, value in document.items()
        if key not in PASSED_OVER and isinstance(value, list) and value and all(isinstance(one, dict) for one in value)
    }
    tables: list[dict[str, object]]
    if not arrays:
        tables, numbers = [document], [1]
    elif len(document) > 1:
        raise InvalidError(
            "The file mixes an array of requests with other values: keep one request, or only an array of "
            "tables, each under a line [[request]]."
        )
    else:
        ((name, tables),) = arrays.items()
        heading = re.compile(rf"^[ \t]*\[\[[ \t]*[\"']?{re.escape(name)}[\"']?[ \t]*\]\]", re.MULTILINE)
        starts = list(_line_numbers(text, heading))
        numbers = starts if len(starts) == len(tables) else list(range(1, len(tables) + 1))
    if len(tables) > MOST_ROWS:
        raise InvalidError(TOO_MANY)
    fields = tuple(dict.fromkeys(key for table in tables for key in table if key not in PASSED_OVER))
    return Table(fields, fields, tuple(_line(*one, fields) for one in zip(numbers, tables, strict=True)))


def _decoded(data: bytes) -> str:
    """The text of the file; InvalidError where it is none."""
    try:
        return decoded(data)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        name = "UTF-16" if error.encoding.startswith("utf-16") else "UTF-8"
        raise InvalidError(f"Line {line} is not {name} text. Save the file as UTF-8 and apply that.") from error


class _Source:
    """The lines of a text, one by one: how many were read, and the last of them."""

    def __init__(self, text: str) -> None:
        self._lines = (f"{found[1]}\n" for found in _LINE.finditer(text) if found[0])
        self.number = 0
        self.last = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.last = next(self._lines)
        self.number += 1
        if self.number > MOST_LINES:
            raise InvalidError(f"The file has more than {MOST_LINES:,} lines. Apply it in parts.")
        return self.last


def _named_separator(line: str) -> str | None:
    """What the line before the headings names, as spreadsheets write it: `sep=;`, in quotes or with empty cells too."""
    named = re.fullmatch(r"""["']?sep=(.)["']?([,;\t|]*)\n?""", line, re.IGNORECASE)
    return named.group(1) if named else None


def _separator(head: str) -> str:
    """What stands between the columns: whatever makes the most known headings of the first line."""

    def known(separator: str) -> int:
        try:
            cells = next(csv.reader([head], delimiter=separator, skipinitialspace=True), [])
        except csv.Error:
            return 0
        return sum(field_of(cell) is not None for cell in cells)

    return max(SEPARATORS, key=known)


def _rows(source: _Source, head: str, separator: str) -> Iterator[Line]:
    """Every row that is not empty, from the headings on, with the number of its first line."""
    lines = chain([head], source) if head else source
    before = source.number - 1 if head else source.number
    reader = csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)
    while True:
        first = before + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "limit" in str(error) and source.number > first:
                raise InvalidError(
                    f"Line {first}: the value that starts here is longer than {LONGEST_CELL:,} characters. Close its "
                    "quotation mark, or shorten it."
                ) from error
            if "unexpected end" in str(error) or source.number > first:
                raise InvalidError(
                    f"Line {first}: a quotation mark opens here and never closes. Close or double it."
                ) from error
            what = "Double a quotation mark inside a quoted text."
            if "NUL" in str(error):
                what = "It contains a NUL character."
            elif "limit" in str(error):
                what = "One of its texts is longer than any field of a request."
            yield Line(
                first,
                (source.last.rstrip("\n")[:LONGEST_CELL],),
                (Finding.error("row-malformed", "row", what, source="RFC 4180"),),
            )
            continue
        if any(cell.strip() for cell in cells):
            yield Line(first, tuple(cells))


def _bounded(rows: Iterator[Line]) -> Iterator[Line]:
    """The rows, while they are not more than are meant."""
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            raise InvalidError(TOO_MANY)
        yield row


def _without_empty_end(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Spreadsheets write columns that were once touched: nothing is in their headings."""
    named = [number for number, cell in enumerate(cells, 1) if cell.strip()]
    return cells[: named[-1]]


def _fitted(line: Line, columns: int, separator: str) -> Line:
    """A row with more cells than there are columns cannot be understood; empty ones at its end do no harm."""
    if line.broken or not any(cell.strip() for cell in line.cells[columns:]):
        return line
    name = _SEPARATOR_NAMES.get(separator, escaped(separator))
    finding = Finding.error(
        "row-too-wide",
        "row",
        f"It has {len(line.cells)} cells, and the table {columns} columns: put a text with {name} in quotation marks.",
        source="RFC 4180",
    )
    return Line(line.number, line.cells, (finding,))


def _line_numbers(text: str, heading: re.Pattern[str]) -> Iterator[int]:
    """The lines on which a heading stands, counted on from the last one."""
    number, at = 1, 0
    for found in heading.finditer(text):
        number += text.count("\n", at, found.start())
        at = found.start()
        yield number


def _line(number: int, table: Mapping[str, object], fields: tuple[str, ...]) -> Line:
    """A TOML table as cells; a value of the wrong kind is told, and kept as text."""
    cells, broken = [], []
    for field in fields:
        value = table.get(field, "")
        try:
            if field == "tags" and isinstance(value, list) and all(isinstance(one, str) for one in value):
                value = tuple(value)  # as request_file.dump writes tags of which two have one key
            text = value if isinstance(value, tuple) else values.parse(field, value) if field in table else ""
        except ValueError as error:
            broken.append(Finding.error("value-malformed", field[:40], f"{escaped(field[:40])} {error}"))
            text = str(value)
        cells.append(text if isinstance(text, str) else "".join(f"{piece}\n" for piece in text))
    return Line(number, tuple(cells), tuple(broken))


def _pieces(cell: str) -> Iterator[str]:
    """KEY=VALUE pieces: a line each, or between commas and semicolons where there is just one line."""
    pieces = cell.split("\n") if "\n" in cell else re.split("[,;，；]", cell)
    return (piece.strip() for piece in pieces if piece.strip())
