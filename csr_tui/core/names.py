"""Alternative names: typed or pasted text becomes DNS, IP, email or URI names, and each says what it covers."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache

from csr_tui.core import host_names, pasted
from csr_tui.core.host_names import LONGEST_NAME, LONGEST_TEXT, InvalidName, authority
from csr_tui.core.name_kinds import KINDS, TAGS, WRITTEN, NameKind
from csr_tui.core.text import escaped, first_invisible, is_invisible, trim

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://|urn:", re.IGNORECASE)
_URI = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_NUMBERS = re.compile(r"[0-9.]+")
_SPECIALS = frozenset('()<>[]:;\\,"')
"""Characters that only a quoted local part of an email address may have, which CAs and libraries refuse."""


@dataclass(frozen=True, slots=True)
class Name:
    """One name in its canonical form: A-labels in lower case, a compressed IP address, an email or a URI."""

    kind: NameKind
    value: str

    @property
    def shown(self) -> str:
        """The name in Unicode, as people read it."""
        return host_names.to_unicode(self.value) if self.kind is NameKind.DNS else self.value


@dataclass(frozen=True, slots=True)
class NameList:
    """What a text holds: names in canonical form (as typed where they are none), and what was done to get there."""

    names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def read(piece: str) -> Name:
    """What one typed or pasted piece means: a web address is its host, full-width letters are letters.

    A kind before it (`DNS:`, `DNS Name=`, `IP Address:`, `email:`, `URI:`) says which is meant. InvalidName for others.
    """
    if len(piece) > LONGEST_TEXT:
        raise InvalidName(f"This is {len(piece):,} characters long; a name has {LONGEST_NAME} at most.")
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
        return _host(authority(text))
    return parse(text)


@lru_cache(maxsize=256)  # as `_form`
def parse(canonical: str) -> Name:
    """The name that a stored text stands for; its kind follows from its form. InvalidName for what is no name."""
    if len(canonical) > LONGEST_TEXT:
        raise InvalidName(f"This is {len(canonical):,} characters long; a name has {LONGEST_NAME} at most.")
    match _form(canonical):
        case NameKind.URI:
            return _uri(canonical)
        case NameKind.EMAIL:
            return _email(canonical)
        case NameKind.IP | NameKind.DNS:
            return _host(canonical)


@lru_cache(maxsize=256)  # which a request asks of each name time and again
def _form(text: str) -> NameKind:
    """The kind that a text is of by its form, be it a good one or not."""
    if _SCHEME.match(text):
        return NameKind.URI
    if "@" in text:
        return NameKind.EMAIL
    bare = text.removeprefix("[").removesuffix("]") if text.startswith("[") else text
    return NameKind.IP if ":" in bare or _NUMBERS.fullmatch(bare) else NameKind.DNS


def tagged(kind: NameKind, text: str) -> str:
    """The text of a name of this kind, with the kind in front (`DNS:10.0.0.5`) where its form is that of another."""
    return text if _form(text) is kind else f"{TAGS[kind]}:{text}"


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


def stated(text: str) -> tuple[NameKind, str]:
    """The kind of a name and its text, as `tagged` wrote them."""
    for kind, tag in TAGS.items():
        if text.startswith(f"{tag}:"):
            return kind, text.removeprefix(f"{tag}:")
    return _form(text), text


def mistake(text: str) -> str:
    """Why no client matches a name that stands in a request or certificate; an empty text for a good one."""
    kind, bare = stated(text)
    if not bare:
        return f"An empty name is in it, written as {WRITTEN[kind]}: clients do not match it."
    why = _of_another_kind(kind, bare) if bare != text else _unmatched(kind, bare)
    return f"{escaped(bare)} {why}" if why else ""


def _of_another_kind(kind: NameKind, bare: str) -> str:
    """Why a text is no name of this kind, whose form it has not."""
    if kind is NameKind.URI and _URI.match(bare):
        return ""
    try:
        really = KINDS[parse(bare).kind]
    except InvalidName:
        really = f"no {KINDS[kind].partition(' ')[2]}"
    return f"is {really}, but written as {WRITTEN[kind]}: clients do not match it."


def _unmatched(kind: NameKind, text: str) -> str:
    """What keeps clients from matching a text that has the form of its kind."""
    if first_invisible(text):
        return "has an invisible character: clients do not match it."
    if kind is not NameKind.DNS:
        return ""
    if text.startswith("."):
        return "starts with a dot: clients do not match it."
    if text.endswith("."):
        return "ends in a dot: clients do not match it."
    if " " in text:
        return "has a space: clients do not match it."
    if "*" in text.removeprefix("*."):
        return "has a wildcard that is not its whole first label: clients do not match it."
    if not text.isascii():
        return f"is in Unicode: clients match only its A-label form, {ascii_domain(text)}."
    return ""


def canonical_or_raw(text: str) -> str:
    """One name as it is kept: a canonical one as it is, any other as `read` takes it, and what is none unchanged."""
    for reading in (parse, read):
        try:
            return reading(text).value
        except InvalidName:
            continue
    return text


def read_all(text: str) -> NameList:
    """Every name in a text, once each, in the order they stand; what is no name stays as it was typed."""
    found: dict[str, None] = {}
    merged = hosts = 0
    for piece in pasted.pieces(text):
        try:
            name = read(piece).value
            hosts += piece.casefold().startswith(("http://", "https://"))
        except InvalidName:
            name = _as_typed(piece)
        merged += name in found
        found[name] = None
    notes = []
    if merged:
        notes.append(f"{merged} {'duplicate was' if merged == 1 else 'duplicates were'} merged.")
    if hosts:
        notes.append(f"The host was taken from {hosts} web {'address' if hosts == 1 else 'addresses'}.")
    return NameList(tuple(found), tuple(notes))


def several(text: str) -> tuple[str, ...]:
    """The names of a list that was put into the place of one; none where it is one name, be it with blanks."""
    found = read_all(text).names
    listed = len(found) > 1 and ("\n" in text.strip() or all("." in name for name in found))
    return found if listed else ()


def _as_typed(piece: str) -> str:
    """A piece that is no name, without a kind that its form says as well."""
    kind, rest = pasted.prefix(piece)
    try:
        return piece if not kind or parse(rest) else rest
    except InvalidName:
        return rest


def ascii_domain(text: str) -> str:
    """What is stored for a typed domain: its A-label form where it is a DNS name, else the text as it is."""
    try:
        return host_names.to_ascii(trim(text))
    except InvalidName:
        return trim(text)


def only_host(text: str) -> str | None:
    """The one host name in a text with more around it, such as quotes or `DNS Name=`; None where there is none."""
    pieces = pasted.pieces(text) if len(text) <= LONGEST_TEXT else ()
    try:
        found = [read(piece) for piece in pieces]
    except InvalidName:
        return None
    return found[0].value if len(found) == 1 and found[0].kind is NameKind.DNS else None


def coverage(name: Name) -> str:
    """Which hosts a certificate with this name serves (RFC 6125, 6.4.3)."""
    if name.kind is not NameKind.DNS or not name.value.startswith("*."):
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


def _host(text: str) -> Name:
    """A DNS name or an IP address."""
    return _ip(text) if _form(text) is NameKind.IP else dns(text)


def dns(text: str) -> Name:
    """A host name or a wildcard; InvalidName, with the fix where there is one, for everything else."""
    return Name(NameKind.DNS, host_names.to_ascii(text))


def _ip(text: str) -> Name:
    bare = text.removeprefix("[").removesuffix("]")
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        host, colon, port = bare.partition(":")
        if colon and port.isdigit():
            raise InvalidName(f"A name has no port: leave out :{port}.", source="BR 7.1.2.7.12", fix=host) from None
        raise InvalidName("This is neither an IP address nor a host name. An address looks like 192.0.2.1.") from None
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        raise InvalidName("An address in a certificate has no zone: leave out the part after %.")
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
        raise InvalidName("An email address has one @ and only ASCII characters.", source="RFC 5280 4.2.1.6")
    if special := next((char for char in local if char in _SPECIALS), ""):
        raise InvalidName(f"An email address has no {special} before the @.", source="RFC 5321 4.1.2")
    return Name(NameKind.EMAIL, f"{local}@{host_names.to_ascii(domain)}")


def _uri(text: str) -> Name:
    rest = text[match.end() :] if (match := _SCHEME.match(text)) else ""
    if not rest or not text.isascii() or any(is_invisible(char) or char in ' "<>\\^`{|}' for char in text):
        raise InvalidName(
            "A URI has a scheme and only ASCII characters, as in spiffe://example.org/web.", source="RFC 3986"
        )
    return Name(NameKind.URI, text)
