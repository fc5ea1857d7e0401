"""DER and BER, as far as it takes to look into what the library refuses: elements, and writing them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

DEEPEST = 30
SEQUENCE, SET, BOOLEAN, INTEGER, BITS, OCTETS, OID, UTF8 = 0x30, 0x31, 0x01, 0x02, 0x03, 0x04, 0x06, 0x0C
TIMES = frozenset({0x17, 0x18})
_CONSTRUCTED = 0x20
_STRINGS = {UTF8: "utf-8", 0x13: "ascii", 0x16: "ascii", 0x1E: "utf-16-be"}


class BrokenError(ValueError):
    """An element that is cut off, or of a form that no certificate has."""


class Element(NamedTuple):
    """One element: its first octet, its content, and all of it as it stands in the file."""

    tag: int
    content: bytes
    raw: bytes

    @property
    def parts(self) -> tuple[Element, ...]:
        """The elements in it; BrokenError where it holds none, but bytes."""
        if not self.tag & _CONSTRUCTED:
            raise BrokenError
        return elements(self.content)

    @property
    def octets(self) -> bytes:
        """The bytes of an OCTET STRING, which BER may write in pieces."""
        return b"".join(part.octets for part in self.parts) if self.tag & _CONSTRUCTED else self.content


def element(data: bytes) -> Element:
    """The first element of some bytes, whatever follows it."""
    return _element(data, 0, 0)


def elements(data: bytes) -> tuple[Element, ...]:
    """The elements that stand one behind the other."""
    found = []
    at, size = 0, len(data)
    while at < size:
        one = _element(data, at, 0)
        found.append(one)
        at += len(one.raw)
    return tuple(found)


def inside(element: Element, tag: int) -> tuple[Element, ...]:
    """The parts of an element of this tag; BrokenError where it is another."""
    if element.tag != tag:
        raise BrokenError
    return elements(element.content)


@lru_cache(maxsize=256)
def dotted(content: bytes) -> str:
    """An object identifier as people write it."""
    numbers, number = [], 0
    for octet in content[:60]:
        number = number << 7 | octet & 0x7F
        if octet < 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2) if numbers else 0
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:]))) if numbers else "?"


def string(data: bytes) -> str:
    """The text of an ASN.1 string; an empty one where the bytes are none."""
    try:
        first = element(data)
        return first.content.decode(_STRINGS[first.tag])
    except (BrokenError, KeyError, UnicodeDecodeError):
        return ""


def encoded(tag: int, *contents: bytes) -> bytes:
    """An element of these contents, one behind the other."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _element(data: bytes, at: int, depth: int) -> Element:
    size = len(data)
    if size < at + 2 or data[at] & 0x1F == 0x1F or depth > DEEPEST:
        raise BrokenError
    begin, length = at + 2, data[at + 1]
    if length == 0x80:
        return _indefinite(data, at, depth)
    if length > 0x80:
        begin += length & 0x7F
        if length > 0x84 or size < begin:
            raise BrokenError
        length = int.from_bytes(data[at + 2 : begin], "big")
    end = begin + length
    if size < end:
        raise BrokenError
    return Element(data[at], data[begin:end], data[at:end])


def _indefinite(data: bytes, at: int, depth: int) -> Element:
    """One whose content ends with two zero bytes, as BER may have it."""
    if not data[at] & _CONSTRUCTED:
        raise BrokenError
    end = at + 2
    while data[end : end + 2] != b"\0\0":
        end += len(_element(data, end, depth + 1).raw)
    return Element(data[at], data[at + 2 : end], data[at : end + 2])
