"""Host names: typed text becomes the A-labels of a DNS name, and these become Unicode again (IDNA 2008)."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

from csr_tui.core.text import first_invisible, is_invisible

LONGEST_NAME = 253
LONGEST_LABEL = 63
LONGEST_TEXT = 2048
"""Characters after which a piece is no name of any kind, and is not looked at any further."""

_DOTS = str.maketrans({"。": ".", "．": ".", "｡": "."})
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


class InvalidName(ValueError):  # noqa: N818  # it names a name
    """A piece of text that is no name; its text says why, and what to type instead."""

    def __init__(self, message: str, *, source: str = "RFC 1034", fix: str | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.fix = fix


@lru_cache(maxsize=4096)
def to_ascii(text: str) -> str:
    """A host name or a wildcard in its A-label form; InvalidName, with the fix where there is one, for others."""
    if len(text) > LONGEST_TEXT:
        raise InvalidName(f"This is {len(text):,} characters long; a name has {LONGEST_NAME} at most.")
    if first_invisible(text):
        raise InvalidName("It contains an invisible character. Type it instead of pasting it.", source="BR 7.1.4.2")
    plain = text.translate(_DOTS)
    if not plain:
        raise InvalidName("Enter a name, such as www.example.com.")
    _refuse_what_is_no_host(plain)
    star, base = ("*.", plain[2:]) if plain.startswith("*.") else ("", plain)
    if "*" in base:
        raise InvalidName(
            "A wildcard is one *. at the start and replaces a whole label: *.example.com.", source="BR 3.2.2.6"
        )
    labels = [_label(label) for label in base.split(".")]
    host = ".".join(labels)
    value = star + host
    if len(value) > LONGEST_NAME:
        raise InvalidName(f"It is {len(value)} characters long in the request; a host name has {LONGEST_NAME} at most.")
    if re.fullmatch(r"[0-9.]+", host):
        raise InvalidName(
            "This is an IP address: it can be one of the names, but not a host name.", source="BR 7.1.4.3"
        )
    return value


def authority(url: str) -> str:
    """The host of a web address, without user, port and path."""
    rest = url.partition("://")[2]
    rest = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    if rest.startswith("["):
        return rest.partition("]")[0][1:]
    return rest.partition(":")[0]


def is_loopback(host: str) -> bool:
    """Whether a host, as it is in an address, is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse_what_is_no_host(text: str) -> None:
    """The usual slips, each with the text that puts it right."""
    if "://" in text:
        host = authority(text)
        raise InvalidName(
            f"Enter the host name without the web address around it: {host}.", source="BR 7.1.2.7.12", fix=host
        )
    if " " in text:
        raise InvalidName("A host name has no spaces.")
    if text.endswith("."):
        raise InvalidName("Leave out the dot at the end.", source="BR 7.1.2.7.12", fix=text.rstrip("."))
    host, colon, port = text.partition(":")
    if colon and port.isdigit():
        raise InvalidName(f"A name has no port: leave out :{port}.", source="BR 7.1.2.7.12", fix=host)
    host, slash, _ = text.partition("/")
    if slash:
        raise InvalidName("Leave out the path: a host name has no slash.", source="BR 7.1.2.7.12", fix=host)
    if "@" in text:
        raise InvalidName("This is an email address, not a host name.", fix=text.rpartition("@")[2])
    if "_" in text:
        raise InvalidName(
            "A host name has no underscore: use a hyphen.", source="BR 7.1.2.7.12", fix=text.replace("_", "-")
        )
    if text.startswith("."):
        raise InvalidName("Leave out the dot at the start.", source="BR 7.1.2.7.12", fix=text.lstrip("."))
    if ".." in text:
        raise InvalidName("Two dots in a row: remove one.")


def _label(label: str) -> str:
    """One label as an A-label."""
    if label.isascii():
        ascii_label = label.lower()
        if ascii_label.startswith("xn--"):
            _decode(ascii_label)
        elif ascii_label[2:4] == "--":
            raise InvalidName(
                f"{label}: only xn-- labels have hyphens in places 3 and 4.", source="BR 1.6.1 (LDH label)"
            )
    else:
        ascii_label = _encode(label)
    if len(ascii_label) > LONGEST_LABEL:
        raise InvalidName(
            f"{label[:16]}… is {len(ascii_label)} characters long; a part between dots has {LONGEST_LABEL} at most."
        )
    if not _LABEL.fullmatch(ascii_label):
        if ascii_label.startswith("-") or ascii_label.endswith("-"):
            raise InvalidName(f"{label}: a part between dots neither begins nor ends with a hyphen.")
        raise InvalidName(f"{label}: a host name has only letters, digits, hyphens and dots.")
    return ascii_label


def _encode(label: str) -> str:
    import idna

    if len(label) > LONGEST_LABEL:
        raise InvalidName(
            f"{label[:16]}… is {len(label)} characters long; a part between dots has {LONGEST_LABEL} at most."
        )
    try:
        return idna.encode(label, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidName(
            f"{label} cannot be a host name (IDNA 2008): {_reason(error)}.", source="IDNA 2008"
        ) from error


def _decode(label: str) -> str:
    import idna

    try:
        return idna.decode(label)
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidName(
            f"{label} is not a valid xn-- label. Enter the name in Unicode; csr-tui encodes it.", source="IDNA 2008"
        ) from error


def to_unicode(value: str) -> str:
    """A name in Unicode, or as it is where typing the Unicode form would not lead back here; never raises."""
    if "xn--" not in value or len(value) > LONGEST_TEXT:
        return value
    star, base = ("*.", value[2:]) if value.startswith("*.") else ("", value)
    try:
        labels = [_decode(label) if label.startswith("xn--") else label for label in base.split(".")]
        text = star + ".".join(labels)
        return text if to_ascii(text) == value and not any(is_invisible(char) for char in text) else value
    except InvalidName:
        return value


def _reason(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error)).rstrip(".") or "it contains characters that are not allowed"
