"""Text from outside: trimmed for keeping, made harmless for showing."""

from __future__ import annotations

import codecs
import re
import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_AROUND = " \t\r\n\f\v\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_BLANKS = re.compile(r"[\s\u2800\u3164\uffa0\u115f\u1160]+")
_NOT_SHOWN = re.compile("[\u034f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Blanks of every kind; and marks that change nothing one can see, such as variation selectors."""

_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2212", "-"))
_FORMS = re.compile("[\uff65-\uff9f\U0001d400-\U0001d7ff]+")
"""Half-width katakana, and letters as mathematics has them."""

_WIDE = {wide: wide - 0xFEE0 for wide in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
"""Full-width digits and letters, of which registers have few: not the punctuation, which Chinese names have."""

_LIGATURES = dict(zip(range(0xFB00, 0xFB07), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
_TWINS = str.maketrans("АВЕЅІЈКМНОРСТУХаеорсухѕіјΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABESIJKMHOPCTYXaeopcyxsijABEZHIKMNOPTYXo")
"""Letters of Cyrillic and Greek that look like Latin ones."""

_WORD = re.compile(r"\w+")
_QUOTED = {
    one[0]: one[1:]
    for one in (
        '""',
        "''",
        "``",
        "“””",
        "„“”",
        "‟”",
        "‘’",
        "‚‘’",
        "«»",
        "»«",
        "‹›",
        "「」",
        "『』",
        "《》",
        "〝〞",
        "＂＂",
    )
}
"""What opens a quotation, and what may close it."""


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
    if even != odd and not _has_stray_zeros(data[:400]):
        return ("utf-16-be" if even else "utf-16-le"), b""
    return "utf-8", b""


def _has_stray_zeros(data: bytes) -> bool:
    """Whether this is UTF-8 with a few zeros in it: half of a Latin text in UTF-16 is zeros, and no other is UTF-8."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return data.count(0) * 4 < len(data)


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural where it is not one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def trim(text: str) -> str:
    """Without the blanks around it, which no CA keeps."""
    return text.strip(_AROUND)


def hidden_differences(text: str, *, prose: bool = False) -> tuple[str, ...]:
    """How a text differs from what it looks like, after "It has"; prose may have several blanks and quotes."""
    if text.isascii() and text.isprintable() and (prose or ("  " not in text and text[:1] not in _QUOTED)):
        return ()
    odd = next((char for blank in _BLANKS.findall(text) for char in blank if char != " "), "")
    hidden = next((char for char in text if _NOT_SHOWN.match(char) or (is_invisible(char) and not char.isspace())), "")
    letters = _BLANKS.sub(" ", text)
    composed = _composed(letters, prose=prose)
    accents = any(map(unicodedata.combining, text))
    found = {
        f"an unusual space (U+{ord(odd or ' '):04X})": odd,
        "several spaces in a row": not prose and not odd and _BLANKS.sub(" ", text) != text,
        f"an invisible character (U+{ord(hidden or ' '):04X})": hidden,
        "letters with a separate accent": accents and composed != letters,
        "letters in an unusual form": not accents and composed != letters,
        "an unusual hyphen": text.translate(_HYPHENS) != text,
        "full-width letters": not prose and text.translate(_WIDE) != text,
        "letters that are drawn as one": not prose and text.translate(_LIGATURES) != text,
        "Cyrillic or Greek letters among Latin ones": not prose and _latin(text) != text,
        "quotation marks around it": not prose and _unquoted(text) != text,
    }
    return tuple(words for words, holds in found.items() if holds)


def plain(text: str, *, prose: bool = False) -> str:
    """What a text looks like, in the letters of a keyboard: composed, with plain blanks, nothing unseen, no quotes."""
    if not hidden_differences(text, prose=prose):
        return text
    composed = _composed(text, prose=prose).translate(_HYPHENS)
    shown = "".join(char for char in composed if char.isspace() or not (is_invisible(char) or _NOT_SHOWN.match(char)))
    if prose:
        return trim(_BLANKS.sub(lambda found: found[0] if not found[0].strip(" ") else " ", shown))
    return _latin(_unquoted(trim(_BLANKS.sub(" ", shown))).translate(_WIDE).translate(_LIGATURES))


def _composed(text: str, *, prose: bool) -> str:
    letters = text if prose else _FORMS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return unicodedata.normalize("NFC", letters)


def _latin(text: str) -> str:
    """With Latin letters in those words of several alphabets that would then have no others."""
    return _WORD.sub(_latin_word, text)


def _latin_word(found: re.Match[str]) -> str:
    word, latin = found[0], found[0].translate(_TWINS)
    return latin if latin.isascii() and any(char.isascii() and char.isalpha() for char in word) else word


def _unquoted(text: str) -> str:
    """Without the one pair of quotation marks around the whole of it."""
    inner = text[1:-1]
    closing = _QUOTED.get(text[:1], "")
    if len(text) > 2 and text[-1] in closing and not any(char in inner for char in (text[0], *closing)):
        return trim(inner)
    return text


def is_invisible(char: str) -> bool:
    """Control, format (bidi), surrogate, private, unassigned and separator characters: nothing a reader can see."""
    return unicodedata.category(char) in _UNSEEN


def first_invisible(text: str) -> str:
    """The first unseen character in a text; an empty one where there is none."""
    if text.isascii() and text.isprintable():
        return ""
    return next((char for char in text if is_invisible(char)), "")


def escaped(text: str, *, keep: str = "") -> str:
    """Safe for a terminal: every unseen character as `\\u{..}`, except those in `keep` (such as a newline)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"\\u{{{ord(char):x}}}" if is_invisible(char) and char not in keep else char for char in text)


def masked(text: str) -> str:
    """As long as `text`, each unseen character shown as U+FFFD: for editors, where columns must not move."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if is_invisible(char) else char for char in text)
