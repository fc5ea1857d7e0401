"""Text from outside: trimmed for keeping, made harmless for showing."""

from __future__ import annotations

import codecs
import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def decoded(data: bytes) -> str:
    """The text of a file, without its byte order mark; UnicodeDecodeError where it is neither UTF-8 nor UTF-16.

    UTF-16 without a mark is known by where its zeros are.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    even, odd = (b"\x00" in data[place:200:2] for place in (0, 1))
    if even != odd:
        return data.decode("utf-16-be" if even else "utf-16-le")
    return data.decode("utf-8-sig")


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
