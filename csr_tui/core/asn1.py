"""DER, one level at a time: for what a parser refuses as a whole, and other programs read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509

BOOLEAN, INTEGER, OCTETS, OID, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x06, 0x30, 0x31


@dataclass(frozen=True, slots=True)
class Element:
    """A tag, what it holds, and both with the length between them, as they were."""

    tag: int
    content: bytes
    whole: bytes


def elements(data: bytes) -> tuple[Element, ...]:
    """What stands one after another in `data`; ValueError where a length does not fit."""
    found = []
    at = 0
    while at < len(data):
        start, tag = at, data[at]
        if tag & 0x1F == 0x1F or at + 2 > len(data):
            raise ValueError("not DER")
        length, at = data[at + 1], at + 2
        if length >= 0x80:
            size = length & 0x7F
            if not 0 < size <= 4:
                raise ValueError("not DER")
            length, at = int.from_bytes(data[at : at + size], "big"), at + size
        if at + length > len(data):
            raise ValueError("not DER")
        at += length
        found.append(Element(tag, data[at - length : at], data[start:at]))
    return tuple(found)


def children(element: Element, tag: int) -> tuple[Element, ...]:
    """What an element of this tag holds; ValueError where it is another."""
    if element.tag != tag:
        raise ValueError("another tag")
    return elements(element.content)


def encode(tag: int, *contents: bytes) -> bytes:
    """An element that holds these, one after another."""
    content = b"".join(contents)
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def dotted(content: bytes) -> str:
    """An object identifier as people write it."""
    numbers, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    if not numbers:
        return "?"
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def fields(certificate: x509.Certificate) -> tuple[Element, ...]:
    """The parts of a certificate behind its version: serial, signature, issuer, validity, subject, key, and more."""
    (whole,) = elements(certificate.tbs_certificate_bytes)
    parts = children(whole, SEQUENCE)
    return parts[1:] if parts[0].tag == 0xA0 else parts
