"""Alternative names: typed or pasted text becomes DNS, IP, email or URI names, and each says what it covers."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from csr_tui.core import pasted
from csr_tui.core.text import first_invisible, is_invisible, trim

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

LONGEST_NAME = 253
LONGEST_LABEL = 63
LONGEST_TEXT = 2048
"""Characters after which a piece is no name of any kind, and is not looked at any further."""

_DOTS = str.maketrans({"。": ".", "．": ".", "｡": "."})
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://|urn:", re.IGNORECASE)


class NameKind(StrEnum):
    """The kinds of GeneralName (RFC 5280, 4.2.1.6) that a request here can ask for."""

    DNS = "dns"
    IP = "ip"
    EMAIL = "email"
    URI = "uri"


_TAGS = {NameKind.DNS: "DNS", NameKind.IP: "IP", NameKind.EMAIL: "email", NameKind.URI: "URI"}
"""As openssl writes them."""


KINDS = {
    NameKind.DNS: "a host name",
    NameKind.IP: "an address",
    NameKind.EMAIL: "an email address",
    NameKind.URI: "a URI",
}


class BadName(ValueError):  # noqa: N818  # it names a name
    """A piece of text that is no name; its text says why, and what to type instead."""

    def __init__(self, message: str, *, source: str = "RFC 1034", fix: str | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Name:
    """One name in its canonical form: A-labels in lower case, a compressed IP address, an email or a URI."""

    kind: NameKind
    value: str

    @property
    def shown(self) -> str:
        """The name in Unicode, as people read it."""
        return _unicode(self.value) if self.kind is NameKind.DNS else self.value


@dataclass(frozen=True, slots=True)
class NameList:
    """What a text holds: names in canonical form (as typed where they are none), and what was done to get there."""

    names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def split(text: str) -> tuple[str, ...]:
    """The pieces of a pasted list, however it was written; never fails, in linear time."""
    return pasted.pieces(text)


def read(piece: str) -> Name:
    """What one typed or pasted piece means: a web address is its host, full-width letters are letters.

    A kind before it (`DNS:`, `DNS Name=`, `IP Address:`, `email:`, `URI:`) says which is meant. BadName for what is no
    name.
    """
    if len(piece) > LONGEST_TEXT:
        raise BadName(f"This is {len(piece):,} characters long; a name has {LONGEST_NAME} at most.")
    text = pasted.plain(piece)
    kind, rest = pasted.prefix(text)
    match kind:
        case "dns":
            return dns(rest)
        case "ip":
            return _ip(rest)
        case "email":
            return _email(rest)
        case "uri":
            return _uri(rest)
    if text.casefold().startswith(("http://", "https://")):
        return _host(_authority(text))
    return of(text)


def of(canonical: str) -> Name:
    """The name that a stored text stands for; its kind follows from its form. BadName for what is no name."""
    if len(canonical) > LONGEST_TEXT:
        raise BadName(f"This is {len(canonical):,} characters long; a name has {LONGEST_NAME} at most.")
    match _form(canonical):
        case NameKind.URI:
            return _uri(canonical)
        case NameKind.EMAIL:
            return _email(canonical)
        case NameKind.IP | NameKind.DNS:
            return _host(canonical)


def _form(text: str) -> NameKind:
    """The kind that a text is of by its form, be it a good one or not."""
    if _SCHEME.match(text):
        return NameKind.URI
    if "@" in text:
        return NameKind.EMAIL
    bare = text.removeprefix("[").removesuffix("]") if text.startswith("[") else text
    return NameKind.IP if ":" in bare or re.fullmatch(r"[0-9.]+", bare) else NameKind.DNS


def tagged(kind: NameKind, text: str) -> str:
    """The text of a name of this kind, with the kind in front (`DNS:10.0.0.5`) where its form is that of another."""
    return text if _form(text) is kind else f"{_TAGS[kind]}:{text}"


def comparable(text: str) -> str:
    """Equal for two texts of names that clients match alike: letter case is kept where it matters."""
    match _form(text):
        case NameKind.URI:
            scheme, slashes, rest = text.partition("://")
            host, slash, path = rest.partition("/")
            return f"{scheme.lower()}{slashes}{host.lower()}{slash}{path}" if slashes else text
        case NameKind.EMAIL:
            local, at, domain = text.rpartition("@")
            return f"{local}{at}{domain.lower()}"
        case NameKind.IP | NameKind.DNS:
            return text.lower()


def mistake(text: str) -> str:
    """Why no client matches a name that stands in a request or certificate; an empty text for a good one."""
    if text.startswith("DNS:"):
        bare = text.removeprefix("DNS:")
        form = _form(bare)
        kind = "no host name" if form is NameKind.IP and not is_address(bare) else KINDS[form]
        return f"{bare} is {kind}, but written as a DNS name: clients do not match it."
    if _form(text) is not NameKind.DNS:
        return ""
    if text.endswith("."):
        return f"{text} ends in a dot: clients do not match it."
    if " " in text:
        return f"{text} has a space: clients do not match it."
    if not text.isascii():
        return f"{text} is in Unicode: clients match only its A-label form, {ascii_domain(text)}."
    return ""


def kept(text: str) -> str:
    """One name as it is kept: a canonical one as it is, any other as `read` takes it, and what is none unchanged."""
    for reading in (of, read):
        try:
            return reading(text).value
        except BadName:
            continue
    return text


def read_all(text: str) -> NameList:
    """Every name in a text, once each, in the order they stand; what is no name stays as it was typed."""
    found: dict[str, None] = {}
    merged = hosts = 0
    for piece in split(text):
        try:
            name = read(piece).value
            hosts += piece.casefold().startswith(("http://", "https://"))
        except BadName:
            name = _as_typed(piece)
        merged += name in found
        found[name] = None
    notes = []
    if merged:
        notes.append(f"{merged} {'duplicate was' if merged == 1 else 'duplicates were'} merged.")
    if hosts:
        notes.append(f"Of {hosts} web {'address' if hosts == 1 else 'addresses'} the host was taken.")
    return NameList(tuple(found), tuple(notes))


def _as_typed(piece: str) -> str:
    """A piece that is no name, without a kind that its form says as well."""
    kind, rest = pasted.prefix(piece)
    try:
        return piece if not kind or of(rest) else rest
    except BadName:
        return rest


def ascii_domain(text: str) -> str:
    """What is stored for a typed domain: its A-label form where it is a DNS name, else the text as it is."""
    try:
        return dns(trim(text)).value
    except BadName:
        return trim(text)


def only_host(text: str) -> str | None:
    """The one host name in a text with more around it, such as quotes or `DNS Name=`; None where there is none."""
    pieces = split(text) if len(text) <= LONGEST_TEXT else ()
    try:
        found = [read(piece) for piece in pieces]
    except BadName:
        return None
    return found[0].value if len(found) == 1 and found[0].kind is NameKind.DNS else None


def shown(canonical: str) -> str:
    """A stored name for people, in Unicode where it has one; never raises."""
    if "xn--" not in canonical:
        return canonical
    try:
        return of(canonical).shown
    except BadName:
        return canonical


def coverage(name: Name) -> str:
    """Which hosts a certificate with this name serves (RFC 6125, 6.4.3)."""
    if name.kind is not NameKind.DNS:
        return f"matches {name.shown} only"
    if not name.value.startswith("*."):
        return f"matches {name.shown} only"
    base = name.shown[2:]
    return f"matches a.{base}, not a.b.{base}, not the apex"


def is_address(text: str) -> bool:
    """Whether this is an IP address, with or without brackets."""
    bare = text.removeprefix("[").removesuffix("]")
    if ":" not in bare and not bare[-1:].isdigit():
        return False
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return False
    return True


def is_public_suffix(domain: str) -> bool:
    """Whether everybody registers names under this one, as under `com` and `co.uk` (ICANN section of the list)."""
    return _suffix(domain) == domain


def is_internal(domain: str) -> bool:
    """Whether no public registry knows this name: a single label, `.local`, or a TLD that is not listed."""
    return "." not in domain or _suffix(domain) is None


@lru_cache(maxsize=4096)
def _suffix(domain: str) -> str | None:
    """The longest public suffix that a domain ends in; None where it is not listed."""
    labels = domain.split(".")
    found = _suffixes().publicsuffix(".".join(map(_unicode, labels)))
    return None if found is None else ".".join(labels[-1 - found.count(".") :])


def has_suffixes(domain: str) -> bool:
    """Whether a listed suffix is longer than this name and ends in it; also where that cannot be told."""
    above = _above_suffixes()
    return above is None or domain in above


@cache
def _above_suffixes() -> frozenset[str] | None:
    """Every name that a longer listed suffix ends in; None where the library keeps its list in another way."""
    listed: frozenset[str] | None = getattr(_suffixes(), "_publicsuffix", None)
    if not listed:
        return None
    found = set()
    for suffix in listed:
        _, dot, above = suffix.partition(".")
        while dot:
            found.add(above)
            _, dot, above = above.partition(".")
    return frozenset(found)


@cache
def _suffixes() -> PublicSuffixList:
    """The list that came with the program, whose names are in Unicode; reading it takes some 8 ms, once.

    To have it in A-labels too would take 20 ms more, which a person who types the first name would feel.
    """
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False, only_icann=True, accept_encoded_idn=False)


def _host(text: str) -> Name:
    """A DNS name or an IP address."""
    return _ip(text) if _form(text) is NameKind.IP else dns(text)


def _authority(url: str) -> str:
    """The host of a web address, without user, port and path."""
    rest = url.partition("://")[2]
    rest = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    if rest.startswith("["):
        return rest.partition("]")[0][1:]
    return rest.partition(":")[0]


def _ip(text: str) -> Name:
    bare = text.removeprefix("[").removesuffix("]")
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        host, colon, port = bare.partition(":")
        if colon and port.isdigit():
            raise BadName(f"A name has no port: leave out :{port}.", source="BR 7.1.2.7.12", fix=host) from None
        raise BadName("This is neither an IP address nor a host name. An address looks like 192.0.2.1.") from None
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        raise BadName("An address in a certificate has no zone: leave out the part after %.")
    return Name(NameKind.IP, str(address))


def _email(text: str) -> Name:
    local, at, domain = text.rpartition("@")
    if (
        not at
        or not local
        or "@" in local
        or not text.isascii()
        or any(is_invisible(char) or char == " " for char in text)
    ):
        raise BadName("An email address has one @ and only ASCII characters.", source="RFC 5280 4.2.1.6")
    return Name(NameKind.EMAIL, f"{local}@{dns(domain).value}")


def _uri(text: str) -> Name:
    rest = text[match.end() :] if (match := _SCHEME.match(text)) else ""
    if not rest or not text.isascii() or any(is_invisible(char) or char in ' "<>\\^`{|}' for char in text):
        raise BadName(
            "A URI has a scheme and only ASCII characters, as in spiffe://example.org/web.", source="RFC 3986"
        )
    return Name(NameKind.URI, text)


@lru_cache(maxsize=4096)
def dns(text: str) -> Name:
    """A host name or a wildcard in its A-label form; BadName, with the fix where there is one, for everything else."""
    if len(text) > LONGEST_TEXT:
        raise BadName(f"This is {len(text):,} characters long; a name has {LONGEST_NAME} at most.")
    if first_invisible(text):
        raise BadName("It contains an invisible character. Type it instead of pasting it.", source="BR 7.1.4.2")
    plain = text.translate(_DOTS)
    if not plain:
        raise BadName("Enter a name, such as www.example.com.")
    _refuse_what_is_no_host(plain)
    star, base = ("*.", plain[2:]) if plain.startswith("*.") else ("", plain)
    if "*" in base:
        raise BadName(
            "A wildcard is one *. at the start and replaces a whole label: *.example.com.", source="BR 3.2.2.6"
        )
    labels = [_label(label) for label in base.split(".")]
    host = ".".join(labels)
    value = star + host
    if len(value) > LONGEST_NAME:
        raise BadName(f"It is {len(value)} characters long in the request; a host name has {LONGEST_NAME} at most.")
    if re.fullmatch(r"[0-9.]+", host):
        raise BadName("This is an IP address: it can be one of the names, but not a host name.", source="BR 7.1.4.3")
    return Name(NameKind.DNS, value)


def _refuse_what_is_no_host(text: str) -> None:
    """The usual slips, each with the text that puts it right."""
    if "://" in text:
        host = _authority(text)
        raise BadName(
            f"Enter the host name without the web address around it: {host}.", source="BR 7.1.2.7.12", fix=host
        )
    if " " in text:
        raise BadName("A host name has no spaces.")
    if text.endswith("."):
        raise BadName("Leave out the dot at the end.", source="BR 7.1.2.7.12", fix=text.rstrip("."))
    host, colon, port = text.partition(":")
    if colon and port.isdigit():
        raise BadName(f"A name has no port: leave out :{port}.", source="BR 7.1.2.7.12", fix=host)
    host, slash, _ = text.partition("/")
    if slash:
        raise BadName("Leave out the path: a host name has no slash.", source="BR 7.1.2.7.12", fix=host)
    if "@" in text:
        raise BadName("This is an email address, not a host name.", fix=text.rpartition("@")[2])
    if "_" in text:
        raise BadName(
            "A host name has no underscore: use a hyphen.", source="BR 7.1.2.7.12", fix=text.replace("_", "-")
        )
    if ".." in text or text.startswith("."):
        raise BadName("Two dots in a row: remove one.")


def _label(label: str) -> str:
    """One label as an A-label."""
    if label.isascii():
        ascii_label = label.lower()
        if ascii_label.startswith("xn--"):
            _decode(ascii_label)
        elif ascii_label[2:4] == "--":
            raise BadName(f"{label}: only xn-- labels have hyphens in places 3 and 4.", source="BR 1.6.1 (LDH label)")
    else:
        ascii_label = _encode(label)
    if len(ascii_label) > LONGEST_LABEL:
        raise BadName(
            f"{label[:16]}… is {len(ascii_label)} characters long; a part between dots has {LONGEST_LABEL} at most."
        )
    if not _LABEL.fullmatch(ascii_label):
        if ascii_label.startswith("-") or ascii_label.endswith("-"):
            raise BadName(f"{label}: a part between dots neither begins nor ends with a hyphen.")
        raise BadName(f"{label}: a host name has only letters, digits, hyphens and dots.")
    return ascii_label


def _encode(label: str) -> str:
    import idna

    if len(label) > LONGEST_LABEL:
        raise BadName(
            f"{label[:16]}… is {len(label)} characters long; a part between dots has {LONGEST_LABEL} at most."
        )
    try:
        return idna.encode(label, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise BadName(f"{label} cannot be a host name (IDNA 2008): {_reason(error)}.", source="IDNA 2008") from error


def _decode(label: str) -> str:
    import idna

    try:
        return idna.decode(label)
    except (idna.IDNAError, UnicodeError) as error:
        raise BadName(
            f"{label} is not a valid xn-- label. Enter the name in Unicode; csr-tui encodes it.", source="IDNA 2008"
        ) from error


def _unicode(value: str) -> str:
    """The Unicode form, or the A-labels again where typing that form would not lead back here."""
    if "xn--" not in value:
        return value
    star, base = ("*.", value[2:]) if value.startswith("*.") else ("", value)
    try:
        labels = [_decode(label) if label.startswith("xn--") else label for label in base.split(".")]
        text = star + ".".join(labels)
        return text if dns(text).value == value and not any(is_invisible(char) for char in text) else value
    except BadName:
        return value


def _reason(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error)).rstrip(".") or "it contains characters that are not allowed"
