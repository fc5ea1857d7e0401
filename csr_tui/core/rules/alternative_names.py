"""The rules of alternative names: what each may be, and what a public CA thinks of it."""

from __future__ import annotations

import ipaddress
import unicodedata

from csr_tui.core import names, public_suffix
from csr_tui.core.findings import Finding
from csr_tui.core.host_names import InvalidName
from csr_tui.core.name_kinds import NameKind
from csr_tui.core.record import Purpose
from csr_tui.core.text import trim

MOST_LABELS = 10
"""Let's Encrypt refuses more."""

SCRIPTS = {
    "LATIN": "Latin",
    "CYRILLIC": "Cyrillic",
    "GREEK": "Greek",
    "HEBREW": "Hebrew",
    "ARABIC": "Arabic",
    "CJK": "Han",
    "HIRAGANA": "Han",
    "KATAKANA": "Han",
    "HANGUL": "Hangul",
    "THAI": "Thai",
    "DEVANAGARI": "Devanagari",
}
"""The first word of a letter's Unicode name, and the script it is of; Japanese writes Han and kana together."""


def sans(text: str, purpose: Purpose) -> Finding | None:
    """One alternative name, as it is stored or typed."""
    text = trim(text)
    if not text:
        return Finding.error("name-malformed", "sans", "One of the names is empty: remove it.", source="RFC 1034")
    try:
        return of_kind(names.parse(text), purpose)
    except InvalidName:
        pass
    try:
        return of_kind(names.read(text), purpose)
    except InvalidName as error:
        return Finding.error("name-malformed", "sans", f"{text[:60]}: {error}", source=error.source, fix=error.fix)


def of_kind(name: names.Name, purpose: Purpose) -> Finding | None:
    """The finding of the purpose on a well-formed name."""
    match name.kind:
        case NameKind.DNS:
            return public_dns("sans", name, purpose)
        case NameKind.IP:
            return _public_ip(name, purpose)
        case NameKind.EMAIL | NameKind.URI if purpose is Purpose.PUBLIC:
            kind = "An email address" if name.kind is NameKind.EMAIL else "A URI"
            return Finding.error(
                "name-not-public",
                "sans",
                f"{name.value}: {kind} is not allowed in a public TLS certificate: use host names and public IP "
                "addresses.",
                source="BR 7.1.2.7.12",
            )
    return None


def public_dns(field: str, name: names.Name, purpose: Purpose) -> Finding | None:
    """What a host name has to be for a public CA, and what is odd about it for anybody."""
    host = name.value.removeprefix("*.")
    prefix = f"{name.shown}: " if field == "sans" else ""
    if purpose is Purpose.PUBLIC:
        if public_suffix.is_internal(host):
            return Finding.error(
                "internal-name",
                field,
                f"{prefix}No public CA signs an internal name: it has to end in a registered domain, such as "
                "example.com. For your own CA, choose that purpose.",
                source="BR 4.2.2",
            )
        if public_suffix.is_public_suffix(host):
            what = "A wildcard cannot be directly below" if name.value.startswith("*.") else "This is only"
            return Finding.error(
                "public-suffix",
                field,
                f"{prefix}{what} a public suffix ({host}), where anyone can register: add your own label before it.",
                source="BR 3.2.2.6" if name.value.startswith("*.") else "boulder",
            )
    if scripts := mixed_scripts(name.shown):
        return Finding.warning(
            "mixed-scripts",
            field,
            f"{prefix}One label mixes {' and '.join(scripts)} letters, which look alike: browsers show it as "
            f"{name.value}, and some CAs reject it.",
            source="UTS 39",
        )
    if name.value.count(".") + 1 > MOST_LABELS:
        return Finding.warning(
            "too-many-labels",
            field,
            f"{prefix}It has more than {MOST_LABELS} labels; Let's Encrypt rejects it.",
            source="boulder",
        )
    return None


def _public_ip(name: names.Name, purpose: Purpose) -> Finding | None:
    if purpose is Purpose.PUBLIC and not ipaddress.ip_address(name.value).is_global:
        return Finding.error(
            "private-address",
            "sans",
            f"{name.value}: No public CA signs a private or reserved address. For your own CA, choose that purpose.",
            source="BR 4.2.2",
        )
    return None


def mixed_scripts(shown: str) -> tuple[str, ...]:
    """The scripts of the first label that has letters of two which do not belong together; else nothing."""
    if shown.isascii():
        return ()
    for label in shown.split("."):
        first_words = (unicodedata.name(char, "").partition(" ")[0] for char in label if char.isalpha())
        found = sorted({SCRIPTS[word] for word in first_words if word in SCRIPTS})
        if len(found) > 1 and found != ["Han", "Latin"] and found != ["Hangul", "Han"]:
            return tuple(found)
    return ()
