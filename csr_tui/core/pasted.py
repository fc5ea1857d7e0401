"""Lists of names as programs and people write them, cut into pieces that each read as one name."""

from __future__ import annotations

import re

from csr_tui.core.text import first_invisible, is_invisible

LONGEST = 4096
"""Characters after which a piece is no name, whatever stands around it."""

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Full-width letters, digits and signs, as Chinese and Japanese keyboards type them."""

_QUOTES = dict.fromkeys(map(ord, "“”„‟«»‹›「」『』〝〞"), '"') | dict.fromkeys(map(ord, "‘’‚‛"), "'")
_PLAIN: dict[int, int | str] = {**_WIDE, **_QUOTES, 0x3000: " ", 0x3010: "[", 0x3011: "]"}

_SEPARATORS = re.compile(r"(?:[\s,;|，、；•‣◦▪●○–—│]|\]\()+")

_JOINED = re.compile(r"&(?=(?:dns|ip[ ]?address|email|upn|url)=|[\s\"']|$)", re.IGNORECASE | re.MULTILINE)
_COMMENT = re.compile(r"(?:^|(?<=\s))(?:\#|//).*", re.MULTILINE)
_BULLET = re.compile(r"^[ \t>]*(?:[-*+·]+|\(?\d{1,4}[.):]?)[ \t]+(?=\S)", re.MULTILINE)

_KINDS = r"""
      (?P<dns>(?:(?:nom|nombre|nazwa|nome)[ ](?:de[ ])?)?dns(?:[ _-]?(?:names?|naam|namn|navn|имя|名称|名|이름))?)
    | (?P<ip>(?:adresse|dirección|indirizzo|endereço|adres)[ ]ip
        |ip(?:[ ]?v[46])?(?:[ _-]?(?:address(?:es)?|adressen?|addr|adres|адрес|地址|アドレス|주소))?)
    | (?P<email>e-?mails?(?:[ _-]?address(?:es)?)?|rfc[ _-]?822(?:[ _-]?names?)?|mailto)
    | (?P<uri>(?:uri|url)s?(?:[ _-]?names?)?|uniform[ _-]?resource[ _-]?identifiers?)
"""
"""What openssl, certutil, keytool, GnuTLS and configuration files write before a name, in several languages."""

_PREFIX = re.compile(rf"(?:{_KINDS})(?:\.\d+|\[\d+\])?[\"']?\s*[:=]\s*", re.IGNORECASE | re.VERBOSE)

_LABEL = re.compile(
    rf"""
    (?<![\w.@/:?&#%+-])["']?
    (?:{_KINDS}
    | (?:x509v3[ ])?subject[ _-]?alt(?:ernative)?[ _-]?names?|alt(?:ernative)?[ _-]?names?|sans?
    | hosts?|host[ _-]?names?|domains?|domain[ _-]?names?|fqdns?|names?|cn|common[ _-]?names?|域名|主机名|备用名称
    )
    (?:\.\d+|\[\d+\])?["']?[ \t]*[:=](?!\d+(?:\s|$))[ \t]*["']?(?P<list>[\[{{(]|critical\b|$)?
    """,
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)

_NOISE = re.compile(
    r"""
      ^[ \t]*(?:x509v3[ ])?subject[ ]?alternative[ ]?names?
        (?:[ \t]*\((?:not[ ])?critical\))?(?:[ \t]*[\[:])?(?:[ \t]*critical)?[ \t]*$
    | ^[ \t]*requested[ ]extensions:[ \t]*$ | ^[ \t]*\[[ \t]*(?:alt|subject)_?\w*[ \t]*][ \t]*$
    | ^[ \t]*objectid:.*$ | ^[ \t]*(?:server_?name|serveralias)(?=[ \t])
    | ^[ \t]*(?:_continue_|%szOID_\w+%|2\.5\.29\.17)[ \t]*= | \{text} | @alt_names\b
    | ^[ \t]*certificate[ ]extensions:[ \t]*+(?:\d++[ \t]*+)?$ | ^[ \t]*[\d.]+:[ \t]*flags[ ]=.*$
    | ^[ \t]*\[[ x]\](?=[ ])
    | <(?:DNSName|RFC822Name|UniformResourceIdentifier|IPAddress)\(value=(?:IPv[46]Address\()?
    | \[\]string(?=\{) | @(?=\() | </?(?:li|ul|ol|p|div|td|tr|code|pre)> | <br[ ]?/?>
    | \bhost(?:sni)?\((?=[`"'])
    | (?<!\S)(?:critical|and|or|und|oder|&|和|及|与|-addext|-ext|-dnsname|-d|--?domains?|--?san)(?:=|(?![^\s,;]))
    """,
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
_RULE = re.compile(r"[-+=_~*.]{3,}|--|\(?\d{1,3}[.):]|\(\d{1,3}\)|[-&=/]")
"""Pieces that only structure a list; they are left out where there are others."""

_PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">"}
_CLOSING = tuple(_PAIRS.values())


def pieces(text: str) -> tuple[str, ...]:
    """The pieces between newlines, blanks, commas and semicolons of any width, each with its kind as openssl has it.

    Bullets, numbers, quotes, brackets, comments and headings are no names. It never fails, and takes linear time.
    """
    plain = text.translate(_PLAIN)
    if "://" not in plain:
        plain = _JOINED.sub("\n", plain)
    plain = _NOISE.sub(" ", _BULLET.sub("", _COMMENT.sub("", plain)))
    plain = _LABEL.sub(lambda found: " " if found["list"] is not None else f" {_kind(found)}", plain)
    every = [piece for piece in _SEPARATORS.split(plain) if piece]
    named = (_without_dot(bare(piece)) for piece in every if not _RULE.fullmatch(piece))
    return tuple(filter(None, named)) or tuple(filter(None, _SEPARATORS.split(text)))


def prefix(piece: str) -> tuple[str, str]:
    """The kind that a piece says of itself, an empty text where it says none, and the rest."""
    found = _PREFIX.match(piece)
    return ("", piece) if found is None else (str(found.lastgroup), piece[found.end() :].strip("\"'"))


def bare(piece: str) -> str:
    """A piece without what stands around it: quotes, brackets and unseen characters."""
    if piece.isalnum() or len(piece) > LONGEST:
        return piece
    text, before = _seen(piece), ""
    while text != before:
        before = text
        text = text.strip("\"'`")
        closing = _PAIRS.get(text[:1], "")
        if closing and text.find(closing) in (-1, len(text) - 1):
            text = text[1:].removesuffix(closing)
        elif text[-1:] in _CLOSING and not any(_PAIRS.get(char) == text[-1] for char in text):
            text = text[:-1]
    return text


def plain(piece: str) -> str:
    """One piece with full-width letters and typographic quotes as the keyboard has them, and nothing around it."""
    return bare(piece.translate(_PLAIN).strip())


def _seen(text: str) -> str:
    if not first_invisible(text):
        return text
    begin, end = 0, len(text)
    while begin < end and is_invisible(text[begin]):
        begin += 1
    while end > begin and is_invisible(text[end - 1]):
        end -= 1
    return text[begin:end]


def _without_dot(piece: str) -> str:
    """A name as people end a sentence, or as a zone file writes it."""
    return piece[:-1] if piece.endswith(".") and piece[-2:-1].isalnum() else piece


def _kind(match: re.Match[str]) -> str:
    return next((f"{kind}:" for kind in ("dns", "ip", "email", "uri") if match[kind] is not None), "")
