"""Text from outside: trimmed for keeping, made harmless for showing."""

from __future__ import annotations

import codecs
import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
)


def decoded(data: bytes) -> str:
    """The text of a file, without its byte order mark; UnicodeDecodeError where it is neither UTF-8, -16 nor -32."""
    encoding, mark = encoding_of(data)
    return data.removeprefix(mark).decode(encoding)


def encoding_of(data: bytes) -> tuple[str, bytes]:
    """The encoding of a text and its byte order mark; without one, UTF-16 and -32 are known by where zeros are."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, mark
    zeros = [b"\x00" in data[place:400:4] for place in range(4)]
    match zeros:
        case [False, True, True, True]:
            return "utf-32-le", b""
        case [True, True, True, False]:
            return "utf-32-be", b""
    even, odd = zeros[0] or zeros[2], zeros[1] or zeros[3]
    if even != odd:
        return ("utf-16-be" if even else "utf-16-le"), b""
    return "utf-8", b""


def tidy(text: str) -> str:
    """Without the blanks around it, which no CA keeps."""
    return text.strip(" \t\r\n\f\v\u00a0\u3000")


def unseen(char: str) -> bool:
    """Control, format (bidi), surrogate, private, unassigned and separator characters: nothing a reader can see."""
    return unicodedata.category(char) in _UNSEEN


def hides(text: str) -> str:
    """The first unseen character in a text; an empty one where there is none."""
    if text.isascii() and text.isprintable():
        return ""
    return next((char for char in text if unseen(char)), "")


def visible(text: str, *, keep: str = "") -> str:
    """Safe for a terminal: every unseen character as `\\u{..}`, except those in `keep` (such as a newline)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"\\u{{{ord(char):x}}}" if unseen(char) and char not in keep else char for char in text)


def masked(text: str) -> str:
    """As long as `text`, each unseen character shown as U+FFFD: for editors, where columns must not move."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if unseen(char) else char for char in text)
