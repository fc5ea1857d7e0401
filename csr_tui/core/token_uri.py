"""PKCS #11 URIs (RFC 7512): which token, and which key on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from urllib.parse import quote, unquote_to_bytes

from csr_tui.core.text import escaped
from csr_tui.errors import UsageError

SCHEME = "pkcs11:"
LONGEST = 2000
_UNESCAPED = "-._~:[]@!$'()*+,="
_PIN = {"pin-value", "pin-source"}
_IGNORED = {"type"}
"""The class of an object: every key here is a private one."""


@dataclass(frozen=True, slots=True)
class TokenUri:
    """The attributes of a URI, each None where it leaves it open; `id` is the CKA_ID of the key, in hex."""

    token: str | None = None
    manufacturer: str | None = None
    serial: str | None = None
    model: str | None = None
    object: str | None = None
    id: str | None = None
    module_path: str | None = None

    @property
    def names_key(self) -> bool:
        """Whether it is of one key, not of a whole token."""
        return self.object is not None or self.id is not None

    @property
    def of_token(self) -> TokenUri:
        """The same without its key."""
        return replace(self, object=None, id=None)

    def fits(self, other: TokenUri) -> bool:
        """Whether every attribute that this one has is that of the other; the module's path aside."""
        return all(
            (wanted := getattr(self, field.name)) is None or wanted == getattr(other, field.name)
            for field in fields(self)
            if field.name != "module_path"
        )

    def __str__(self) -> str:
        parts = []
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and field.name != "module_path":
                written = re.sub("..", r"%\g<0>", value) if field.name == "id" else quote(value, safe=_UNESCAPED)
                parts.append(f"{field.name}={written}")
        query = "" if self.module_path is None else f"?module-path={quote(self.module_path, safe=_UNESCAPED + '/')}"
        return f"{SCHEME}{';'.join(parts)}{query}"


def parse(text: str) -> TokenUri:
    """The attributes in a URI; UsageError where it is none, has an unsupported attribute, or contains a PIN."""
    text = text.strip()
    if not text.lower().startswith(SCHEME) or len(text) > LONGEST:
        raise UsageError("Enter a PKCS #11 URI, such as pkcs11:token=Office;object=web.")
    path, _, query = text[len(SCHEME) :].partition("?")
    values: dict[str, str] = {}
    for pair in (*path.split(";"), *query.split("&")):
        name, equals, value = pair.partition("=")
        name = name.strip()
        if not pair.strip() or name in _IGNORED:
            continue
        if name in _PIN:
            raise UsageError("A PIN does not belong in the URI: others can see it there. You are asked for it.")
        attribute = name.replace("-", "_")
        if attribute not in _ATTRIBUTES or not equals:
            raise UsageError(f"The PKCS #11 URI has an unsupported part: {escaped(pair[:60])}.")
        if attribute in values:
            raise UsageError(f"The PKCS #11 URI has {name} twice.")
        values[attribute] = _value(attribute, value)
    if not values:
        raise UsageError("The PKCS #11 URI names no token. An example: pkcs11:token=Office;object=web.")
    return TokenUri(**values)


def _value(attribute: str, written: str) -> str:
    octets = unquote_to_bytes(written)
    if attribute == "id":
        return octets.hex()
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"In the PKCS #11 URI, {attribute} is not UTF-8.") from None


_ATTRIBUTES = {field.name for field in fields(TokenUri)}
