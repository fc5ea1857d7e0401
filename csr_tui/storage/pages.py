"""The rows in the pages of an SQLite file and its -wal, read one by one whatever is damaged beside them.

The format is that of https://www.sqlite.org/fileformat2.html. Nothing above a page is trusted: no root, no inner page,
no schema. Free pages hold no rows, for the store deletes securely.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

Value: TypeAlias = "int | float | str | bytes | None"
"""Of a column; bytes where a text is not UTF-8."""

PAGE_SIZE = 4096
"""Of every store of ours, where the header does not tell."""

TABLE, INDEX = 0x0D, 0x0A
INNER_INDEX = 0x02
INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""Serial type -> bytes."""

_WAL_MAGIC = 0x377F0682
_FRAME = 24


@dataclass(frozen=True, slots=True)
class StoredRow:
    """The columns that could be read, from the first on; `whole` where none was cut off. An index has no `number`."""

    number: int | None
    values: tuple[Value, ...]
    whole: bool


class Pages:
    """A database as its file and what its -wal committed make it; neither is opened by SQLite, or changed."""

    def __init__(self, file: BinaryIO, wal: Path) -> None:
        self._descriptor = file.fileno()
        header = self._read(0, 100)
        size = int.from_bytes(header[16:18], "big")
        self._size = size if size >= 512 and size & (size - 1) == 0 else PAGE_SIZE
        pages = -(-os.fstat(self._descriptor).st_size // self._size)
        stated = int.from_bytes(header[28:32], "big")
        if header[24:28] == header[92:96] and 0 < stated <= pages:
            pages = stated  # what is beyond is left of a larger file
        self._wal = b""
        self._frames: dict[int, int] = {}
        committed = None
        if wal.exists() and wal.stat().st_size > 32:
            self._wal = wal.read_bytes()
            self._frames, committed = _committed(self._wal, self._size)
        self.count = committed or pages

    def rows(self, kinds: tuple[int, ...]) -> Iterator[StoredRow]:
        """Those of the pages of these kinds, in the order in which they are in the file."""
        for number in range(1, self.count + 1):
            page = self._page(number)
            start = 100 if number == 1 else 0
            if len(page) <= start + 12 or page[start] not in kinds:
                continue
            kind = page[start]
            pointers = start + (12 if kind == INNER_INDEX else 8)
            for at in range(pointers, pointers + 2 * int.from_bytes(page[start + 3 : start + 5], "big"), 2):
                try:
                    yield self._row(page, int.from_bytes(page[at : at + 2], "big"), kind)
                except (IndexError, ValueError):
                    continue

    def _row(self, page: bytes, at: int, kind: int) -> StoredRow:
        number = None
        if kind == INNER_INDEX:
            at += 4
        length, at = _varint(page, at)
        if kind == TABLE:
            number, at = _varint(page, at)
        payload = self._payload(page, at, length, kind)
        columns, start = _varint(payload, 0)
        values: list[Value] = []
        end = columns
        while start < columns:
            serial, start = _varint(payload, start)
            size = _size(serial)
            if end + size > len(payload):
                return StoredRow(number, tuple(values), whole=False)
            values.append(_value(serial, payload[end : end + size]))
            end += size
        return StoredRow(number, tuple(values), whole=end == length == len(payload))

    def _payload(self, page: bytes, at: int, length: int, kind: int) -> bytes:
        """All of it that can be read: the part in the page, and those in the pages that it overflows to."""
        if not 0 < length <= self.count * self._size:
            raise ValueError(length)
        most = self._size - 35 if kind == TABLE else (self._size - 12) * 64 // 255 - 23
        if length <= most:
            return page[at : at + length]
        least = (self._size - 12) * 32 // 255 - 23
        local = least + (length - least) % (self._size - 4)
        local = local if local <= most else least
        payload = bytearray(page[at : at + local])
        following = int.from_bytes(page[at + local : at + local + 4], "big")
        while len(payload) < length and 1 < following <= self.count:
            overflow = self._page(following)
            if len(overflow) < self._size or not any(overflow):
                break
            payload += overflow[4 : 4 + length - len(payload)]
            following = int.from_bytes(overflow[:4], "big")
        return bytes(payload)

    def _page(self, number: int) -> bytes:
        at = self._frames.get(number)
        if at is not None:
            return self._wal[at : at + self._size]
        return self._read((number - 1) * self._size, self._size)

    def _read(self, at: int, size: int) -> bytes:
        try:
            return os.pread(self._descriptor, size, at)
        except OSError:  # a sector that the disk does not give any more
            return b""


def _committed(wal: bytes, page_size: int) -> tuple[dict[int, int], int | None]:
    """Page -> where its last committed frame is in the -wal, and the pages of the database; up to a wrong checksum."""
    if int.from_bytes(wal[:4], "big") & ~1 != _WAL_MAGIC or int.from_bytes(wal[8:12], "big") != page_size:
        return {}, None
    order = "big" if wal[3] & 1 else "little"
    sums = _checksum(wal[:24], (0, 0), order)
    frames: dict[int, int] = {}
    pending: dict[int, int] = {}
    pages = None
    for at in range(32, len(wal) - _FRAME - page_size + 1, _FRAME + page_size):
        head = wal[at : at + _FRAME]
        sums = _checksum(wal[at + _FRAME : at + _FRAME + page_size], _checksum(head[:8], sums, order), order)
        stored = (int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big"))
        if head[8:16] != wal[16:24] or sums != stored:
            break
        pending[int.from_bytes(head[:4], "big")] = at + _FRAME
        if size := int.from_bytes(head[4:8], "big"):
            frames |= pending
            pending, pages = {}, size
    return frames, pages


def _checksum(data: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    first, second = sums
    words = struct.unpack(f"{'>' if order == 'big' else '<'}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for taken in range(8):
        byte = data[at + taken]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + taken + 1
    value = value << 8 | data[at + 8]
    return value - (1 << 64) if value >> 63 else value, at + 9


def _size(serial: int) -> int:
    if serial in (10, 11) or serial < 0:
        raise ValueError(serial)
    if serial >= 12:
        return (serial - 12) // 2
    return 8 if serial == 7 else INTEGERS.get(serial, 0)


def _value(serial: int, data: bytes) -> Value:
    match serial:
        case 0:
            return None
        case 7:
            return float(struct.unpack(">d", data)[0])
        case 8 | 9:
            return serial - 8
    if serial < 12:
        return int.from_bytes(data, "big", signed=True)
    if serial % 2 == 0:
        return data
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data
