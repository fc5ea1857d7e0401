"""Requests that are not written as the standards ask, in a form that can be read, and what is odd about them."""

from __future__ import annotations

import re
from collections.abc import Callable

from csr_tui.core import der
from csr_tui.core.parsing import parsing

_ATTRIBUTES = 0xA0
_EXTENSION_REQUEST = bytes.fromhex("2a864886f70d01090e")
_EXTENSION_REQUESTS = (_EXTENSION_REQUEST, bytes.fromhex("2b06010401823702010e"))
_ECDSA = bytes.fromhex("2a8648ce3d04")
_NULL = 0x05
_VERSION_1 = der.encoded(der.INTEGER, b"\0")
_COMMON = {
    bytes.fromhex(f"5504{number:02x}"): name
    for number, name in ((3, "CN"), (6, "C"), (7, "L"), (8, "ST"), (10, "O"), (11, "OU"))
}

STRICT = "Strict CAs reject it."

_TEXTS: dict[int, tuple[str, Callable[[bytes], str]]] = {
    0x0C: ("UTF8String", lambda data: data.decode("utf-8")),
    0x12: ("NumericString", lambda data: _only(r"[0-9 ]*", data)),
    0x13: ("PrintableString", lambda data: _only(r"[A-Za-z0-9 '()+,./:=?-]*", data)),
    0x14: ("T61String", lambda data: data.decode("ascii")),
    0x16: ("IA5String", lambda data: data.decode("ascii")),
    0x1A: ("VisibleString", lambda data: data.decode("ascii")),
    0x1C: ("UniversalString", lambda data: data.decode("utf-32-be")),
    0x1E: ("BMPString", lambda data: data.decode("utf-16-be")),
}
"""Tag -> what the kind of text is called, and how it is read where it is right."""


def readable(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The same request as the library reads it, unsigned as it were, and a sentence on each thing that is odd.

    InvalidError where it is no request.
    """
    with parsing("This certificate request"):
        content, algorithm, signature, *_ = der.element(data).parts
        version, subject, key, *rest = content.parts
        odd = []
        if version.content != b"\0":
            number = int.from_bytes(version.content[:8], "big", signed=True) + 1
            odd.append(f"It states version {number}, but only version 1 exists. {STRICT}")
        name = _subject(subject, odd)
        attributes = [one for part in rest if part.tag == _ATTRIBUTES for one in part.parts]
        if not any(part.tag == _ATTRIBUTES for part in rest):
            odd.append(f"Its list of attributes, which may be empty, is missing. {STRICT}")
        if [one.raw for one in attributes] != sorted(one.raw for one in attributes):
            odd.append(f"Its attributes are not in the order that DER requires. {STRICT}")
        signed_with = _algorithm(algorithm, odd)
        made = _request(name, key.raw, attributes, signed_with, signature.raw)
    return made, tuple(odd) or (f"Part of it is not valid DER. {STRICT}",)


def signed(data: bytes) -> bytes:
    """The bytes that a request is signed over, as they stand in it."""
    with parsing("This certificate request"):
        return der.element(data).parts[0].raw


def _request(name: bytes, key: bytes, attributes: list[der.Element], algorithm: bytes, signature: bytes) -> bytes:
    extensions, others = _sorted_out(attributes)
    asked = der.encoded(
        der.SEQUENCE,
        der.encoded(der.OID, _EXTENSION_REQUEST),
        der.encoded(der.SET, der.encoded(der.SEQUENCE, *extensions)),
    )
    listed = der.encoded(_ATTRIBUTES, *sorted([*others, *([asked] if extensions else [])]))
    content = der.encoded(der.SEQUENCE, _VERSION_1, name, key, listed)
    return der.encoded(der.SEQUENCE, content, algorithm, signature)


def _subject(subject: der.Element, odd: list[str]) -> bytes:
    """The subject, with what is no text of its kind in UTF-8."""
    parts = []
    for group in subject.parts:
        values = [value for part in group.parts if (value := _value(part, odd))]
        if values:
            parts.append(der.encoded(der.SET, *sorted(values)))
    return der.encoded(der.SEQUENCE, *parts)


def _value(part: der.Element, odd: list[str]) -> bytes:
    """One part of a subject; nothing where it is empty."""
    kind, value = part.parts[:2]
    name = _COMMON.get(kind.content, "")
    name = f"The {name} in its subject" if name else "A part of its subject"
    if not value.content:
        odd.append(f"{name} is empty. {STRICT}")
        return b""
    label, read = _TEXTS.get(value.tag, ("", lambda data: data.decode("ascii")))
    if not label:
        return part.raw
    try:
        read(value.content)
    except ValueError:
        odd.append(f"{name} contains characters that {label} does not allow. {STRICT}")
        return der.encoded(der.SEQUENCE, kind.raw, der.encoded(der.UTF8, _guess(value).encode("utf-8", "replace")))
    return part.raw


def _guess(value: der.Element) -> str:
    """A text whatever it is written in."""
    try:
        return value.content.decode("utf-8")
    except UnicodeDecodeError:
        return value.content.decode("latin-1")


def _only(pattern: str, data: bytes) -> str:
    text = data.decode("ascii")
    if re.fullmatch(pattern, text) is None:
        raise ValueError
    return text


def _sorted_out(attributes: list[der.Element]) -> tuple[list[bytes], list[bytes]]:
    """Each extension that is asked for, as it stands, and every other attribute with its first value."""
    extensions, others = [], []
    for kind, values, *_ in (attribute.parts for attribute in attributes):
        if kind.content in _EXTENSION_REQUESTS:
            extensions += [extension.raw for value in values.parts for extension in value.parts]
        elif values.parts:
            others.append(der.encoded(der.SEQUENCE, kind.raw, der.encoded(der.SET, values.parts[0].raw)))
    return extensions, others


def _algorithm(algorithm: der.Element, odd: list[str]) -> bytes:
    """The signature's algorithm; ECDSA and Ed25519 have no parameters."""
    kind, *parameters = algorithm.parts
    if parameters and parameters[0].tag == _NULL and kind.content.startswith(_ECDSA):
        odd.append(f"Its signature algorithm has a NULL parameter that the standard forbids. {STRICT}")
        return der.encoded(der.SEQUENCE, kind.raw)
    return algorithm.raw
