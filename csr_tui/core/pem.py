"""Text and PEM as programs and people hand them on: the one reader of both, for every command."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from csr_tui.core.text import encoding_of

_LINES = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_INVISIBLE = "\u00ad\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\0\x1a"
_BLANK = "".join(map(chr, (*range(9, 14), 32, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)))
_BLANKS = _BLANK + _INVISIBLE
_REMOVED = dict.fromkeys(map(ord, _BLANKS + ">"))

_BOUNDARY = re.compile(r"-----(BEGIN|END) ([!-,.-~](?:[ -]?[!-,.-~]){0,100})-----")
"""RFC 7468: any printable label without a hyphen at its ends."""

_AS_WRITTEN = re.compile(
    rb"-----BEGIN ([A-Z0-9 ]{1,40})-----\n"
    rb"((?:[A-Za-z0-9+/]{64}\n)*+(?:[A-Za-z0-9+/]{1,64}={0,2}\n)?+)-----END \1-----\n"
)
"""A block as libraries write it. Read at once, it takes a tenth of the time: 0.1 ms of each request of a batch."""

_QUOTED = re.compile(r"""(?:\\{1,2}r)?\\{1,2}n|["']?(?=-----BEGIN )|(?<=-----)["']""")
"""Where lines end inside a string: in JSON, as APIs and Vault send PEM, in YAML, and in the values of `.env` files."""

_IS_HTML = re.compile(r"<(?:html|body|div|p|pre|br)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,500}>")
_SOFT_BREAK = re.compile(r"=[ \t]*\n")

_HEADER = re.compile(r"[A-Za-z0-9-]+:")
_BASE64 = re.compile(rf"[A-Za-z0-9+/=>{re.escape(_BLANKS)}]+")
_MOST_ELEMENTS = 128
"""Of DER in one file: what is behind them is copied for each of them."""

_LONG = 16
"""Characters; a word of this length beside a boundary is Base64 rather than a sentence."""

NO_END = "It has a BEGIN line, but no END line: it was cut off. Copy it whole."
NO_BEGIN = "It has an END line, but no BEGIN line: it was cut off. Copy it whole."
NOT_ALONE = "Its BEGIN or END line contains other text: each needs a line of its own."
CUT_OFF = (NO_END, NO_BEGIN, NOT_ALONE)
NO_BASE64 = "The text between BEGIN and END is not Base64: it was changed or cut off. Copy it again."
CUT = "It is shorter than its length field states: it was cut off. Copy it whole."
CHANGED = "It does not start like DER: it was changed or cut off. Copy it again."


@dataclass(frozen=True, slots=True)
class Block:
    """One thing in a file: DER under its label, or the reason why there is none.

    Elements of DER, and a file in Base64 without boundaries, have an empty label. `line` is that of the BEGIN.
    `headers` are those of RFC 1421, and `odd` says why OpenSSL, and servers with it, do not load what is read here.
    """

    label: str
    der: bytes
    line: int = 1
    wrong: str = ""
    odd: str = ""
    headers: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The label, with the spellings of old programs as those of today."""
        return self.label.removeprefix("NEW ").removeprefix("X509 ").replace("PKCS #7 SIGNED DATA", "PKCS7")


def text(data: bytes) -> str:
    """The text of a file: in UTF-16 or UTF-32 with a mark or without, in UTF-8, or else one character for each byte."""
    encoding, mark = encoding_of(data)
    try:
        return data.removeprefix(mark).decode(encoding, "strict" if encoding == "utf-8" else "replace")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def blocks(data: bytes) -> tuple[Block, ...]:
    """Everything in a file, in its order: the blocks of PEM, or what it is in DER or in Base64.

    Takes time in proportion to the size. An empty label and bytes that are no DER: the file is nothing of this.
    """
    if several := _elements(data):
        return several
    if data.startswith(b"PK\x03\x04") or is_tar(data):  # whose files may stand in it as they are
        return (Block("", data),)
    if written := _as_written(data):
        return written
    content = text(data)
    found = tuple(_blocks(content, _spoiled(data, content)))
    if found:
        return found
    bare = decoded(content)
    return (Block("", bare, odd="it is Base64 without BEGIN and END lines") if bare else Block("", data),)


def first(der: bytes) -> bytes:
    """The first of the elements that stand one behind another, as in OpenSSL's TRUSTED CERTIFICATE."""
    return der[: _end(der)]


def is_cut(der: bytes) -> bool:
    """Whether an element says that it is longer than what is there."""
    end = _end(der)
    if end is None:
        return der[:1] == b"\x30" and b"\x81" <= der[1:2] <= b"\x84"  # the length itself is cut
    return der[1] >= 0x80 and end > len(der)


def is_tar(data: bytes) -> bool:
    """Whether this begins as a tar archive does."""
    return data[257:262] == b"ustar"


def damage(der: bytes) -> str:
    """What happened to bytes that are no DER, as far as they prove it."""
    if is_cut(der):
        return CUT
    return CHANGED if _end(der) is None else ""


def decoded(content: str) -> bytes:
    """The bytes of a text in Base64, with blanks and quotes in it; none where it is not Base64."""
    try:
        return base64.b64decode(content.translate(_REMOVED), validate=True)
    except (binascii.Error, ValueError):
        return b""


def armoured(block: Block) -> bytes:
    """A block as every PEM reader takes it."""
    body = base64.b64encode(block.der).decode()
    lines = (*block.headers, *([""] if block.headers else []), *(body[at : at + 64] for at in range(0, len(body), 64)))
    return "\n".join((f"-----BEGIN {block.label}-----", *lines, f"-----END {block.label}-----\n")).encode()


def mentions_boundary(content: str) -> bool:
    """Whether a text without blocks looks as if it was to have one."""
    return re.search(r"-{1,5}BEGIN [A-Z]|(?i:-{3,5}|[\u2012-\u2015\uff0d]+) ?(?i:BEGIN) [A-Z]", content) is not None


def _elements(data: bytes) -> tuple[Block, ...]:
    """The elements of a file that is DER from end to end, as of certificates that were joined; none where it is not."""
    found: list[Block] = []
    while len(found) < _MOST_ELEMENTS and (end := _end(data)) is not None and end <= len(data):
        found.append(Block("", data[:end]))
        data = data[end:].lstrip()
    return () if data else tuple(found)


def _as_written(data: bytes) -> tuple[Block, ...]:
    """The blocks of a file that is as libraries write it from end to end; none where it is not."""
    found = []
    at, line = 0, 1
    while at < len(data):
        block = _AS_WRITTEN.match(data, at)
        if block is None or not block[2]:
            return ()
        try:
            der = base64.b64decode(block[2].replace(b"\n", b""), validate=True)
        except (binascii.Error, ValueError):
            return ()
        found.append(Block(block[1].decode("ascii"), der, line))
        line += block[2].count(b"\n") + 2
        at = block.end()
    return tuple(found)


def _spoiled(data: bytes, content: str) -> str:
    """Why OpenSSL finds no line in this text."""
    encoding, _ = encoding_of(data)
    if encoding != "utf-8":
        return f"its text is in {encoding[:6].upper()}"
    return "its lines end with CR alone" if "\r" in content and "\n" not in content else ""


def _end(der: bytes) -> int | None:
    """Where the first element ends; None where it is no SEQUENCE, or its length is not whole.

    One of indefinite length ends with the file.
    """
    if len(der) < 2 or der[0] != 0x30:
        return None
    length = der[1]
    if length < 0x80:
        return 2 + length
    if length == 0x80:
        return len(der) if der[2:3] in {b"\x02", b"\x06", b"\x30"} else None
    size = length & 0x7F
    return 2 + size + int.from_bytes(der[2 : 2 + size], "big") if size <= 4 and len(der) >= 2 + size else None


class _Open:
    """A block whose END line has not come yet."""

    def __init__(self, label: str, line: int, prefix: str, odd: str) -> None:
        self.label, self.line, self.prefix, self.odd = label, line, prefix, odd
        self.body: list[str] = []

    def ended(self, wrong: str = "") -> Block:
        headers, body = self._split()
        is_plain = all(line.strip(_BLANKS).isascii() for line in body)
        odd = self.odd or ("" if is_plain else "it contains invisible characters")
        if not (der := decoded("".join(body))):
            der = decoded(_SOFT_BREAK.sub("", "\n".join(body) + "\n").replace("=3D", "="))
            odd = odd or ("it is quoted-printable, as in mail" if der else "")
        while body and not body[0].strip(_BLANKS):
            body.pop(0)  # OpenSSL takes blank lines before the Base64, and none in it
        odd = odd or ("it contains a blank line" if not all(line.strip(_BLANKS) for line in body) else "")
        if headers and not any(line.startswith("Proc-Type:") for line in headers):
            odd = odd or "it contains header lines"
        return Block(
            self.label,
            b"" if wrong else der,
            self.line,
            wrong or ("" if der else NO_BASE64),
            odd,
            tuple(header.strip() for header in headers),
        )

    def cut(self) -> Block:
        """Without its END line, unless a line in it has that beside other text."""
        end = f"-----END {self.label}-----"
        return self.ended(NOT_ALONE if any(end in line for line in self.body) else NO_END)

    def _split(self) -> tuple[list[str], list[str]]:
        """The headers, and the lines below them."""
        at = 0
        while at < len(self.body) and (
            _HEADER.match(line := self.body[at]) or (at > 0 and line[:1] in {" ", "\t"} and line.strip())
        ):
            at += 1
        return self.body[:at], self.body[at:]


def _blocks(content: str, spoiled: str) -> Iterator[Block]:
    """Line by line; a BEGIN ends the block before it, so that nothing is looked at twice."""
    held: _Open | None = None
    before = ""
    mentioned: set[str] = set()
    for number, raw, quoted in _lines(content):
        line = raw.lstrip(_BLANKS + ">").rstrip(_BLANKS)
        escaped = line.startswith("- -----")  # RFC 934, as in signed mail
        line = line[2:] if escaped else line
        parts = _parts(line, is_open=held is not None) if "-----" in line else ()
        if not parts:
            if held is not None:
                held.body.append(raw.removeprefix(held.prefix).lstrip(">"))
            elif "-----BEGIN " in line:
                mentioned.update(boundary[2] for boundary in _BOUNDARY.finditer(line))
            before = line or before
            continue
        prefix = raw[: len(raw) - len(raw.lstrip(_BLANKS + ">"))] + ("- " if escaped else "")
        odd = _odd_line(len(parts), prefix, number)
        for part in parts:
            if isinstance(part, str):
                if held is not None:
                    held.body.append(part)
            elif part[1] == "BEGIN":
                if held is not None:
                    yield held.cut()
                held = _Open(part[2], number, prefix, spoiled or quoted or odd)
            elif held is not None:
                held.odd = held.odd or odd
                wrong = "" if part[2] == held.label else f"Its END line has a different label: {part[2]}."
                yield held.ended(wrong)
                held = None
            elif len(before) >= _LONG and _BASE64.fullmatch(before):
                yield Block(part[2], b"", number, NOT_ALONE if part[2] in mentioned else NO_BEGIN)
        before = ""
    if held is not None:
        yield held.cut()


def _lines(content: str) -> Iterator[tuple[int, str, str]]:
    """Each line with its number, and why OpenSSL does not read it; a string with PEM in it is several lines."""
    is_html = _IS_HTML.search(content) is not None
    for number, raw in enumerate(_LINES.split(content), 1):
        if is_html and ("<" in raw or "&" in raw):
            for line in _TAG.split(raw):
                yield number, html.unescape(line), "its lines contain HTML"
        elif "-----BEGIN " in raw and "\\n" in raw and "-----END " in raw:
            plain = raw.replace("\\/", "/").replace("\\u002B", "+").replace("\\u002b", "+")
            for line in _QUOTED.split(plain):
                yield number, line, "its lines are inside a string, as in JSON"
        else:
            yield number, raw, ""


def _odd_line(parts: int, prefix: str, number: int) -> str:
    """Why OpenSSL does not take this for a boundary."""
    if parts > 1:
        return "its BEGIN or END line contains other text"
    if prefix and not (number == 1 and prefix == "\ufeff"):
        return "it is indented or quoted"
    return ""


def _parts(line: str, *, is_open: bool) -> tuple[str | re.Match[str], ...]:
    """The boundaries in a line, and the Base64 beside them; none where a sentence mentions them."""
    parts: list[str | re.Match[str]] = []
    at = 0
    for boundary in _BOUNDARY.finditer(line):
        beside = line[at : boundary.start()].strip(_BLANKS)
        if beside:
            if boundary[1] != "END" or not is_open or not _beside(beside, alone=not parts):
                return ()
            parts.append(beside)
        parts.append(boundary)
        is_open, at = boundary[1] == "BEGIN", boundary.end()
    beside = line[at:].strip(_BLANKS)
    if beside:
        if not is_open or not parts or not _beside(beside, alone=False):
            return ()
        parts.append(beside)
    return tuple(parts)


def _beside(letters: str, *, alone: bool) -> bool:
    """Whether what stands beside a boundary is Base64: one word before an END, or words as long as those of Base64."""
    if _BASE64.fullmatch(letters) is None:
        return False
    words = letters.split()
    return len(words) == 1 if alone else len(max(words, key=len)) >= _LONG
