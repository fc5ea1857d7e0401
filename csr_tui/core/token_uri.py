"""PKCS #11 URIs (RFC 7512): which token, and which key on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

from csr_tui.core.text import escaped
from csr_tui.errors import UsageError

SCHEME = "pkcs11:"
LONGEST = 2000
_UNESCAPED = "-._~:[]@!()*+,="
"""Those of RFC 7512, without what a server's configuration or a shell would take for its own."""

_PAIR, _ESCAPE = re.compile(".."), r"%\g<0>"
_PIN = {"pin-value", "pin-source"}
_IGNORED = {"type"}
"""It says that a key is private, which every key here is."""


@dataclass(frozen=True, slots=True)
class TokenUri:
    """The attributes of a URI, each None where it leaves it open; `id` is the CKA_ID of the key, in hex."""

    token: str | None = None
    serial: str | None = None
    object: str | None = None
    id: str | None = None
    manufacturer: str | None = None
    model: str | None = None

    @property
    def names_key(self) -> bool:
        """Whether it is of one key, not of a whole token."""
        return self.object is not None or self.id is not None

    @property
    def of_token(self) -> TokenUri:
        """The same without its key."""
        return replace(self, object=None, id=None)

    @property
    def place(self) -> str:
        """The token in words, such as `token Office, serial 1a2b`; fit for a terminal."""
        label = "" if self.token is None else f"token {escaped(self.token)}" if self.token else "token without a label"
        serial = f"serial {escaped(self.serial)}" if self.serial else ""
        return ", ".join(filter(None, (label or ("token" if serial else ""), serial))) or "a token"

    @property
    def title(self) -> str:
        """The same at the beginning of a sentence."""
        return self.place[:1].upper() + self.place[1:]

    def fits(self, other: TokenUri) -> bool:
        """Whether every attribute that this one has is that of the other."""
        values = ((getattr(self, field.name), getattr(other, field.name)) for field in fields(self))
        return all(wanted is None or wanted == there for wanted, there in values)

    def __str__(self) -> str:
        texts = {field.name: getattr(self, field.name) for field in fields(self)}
        parts = [
            f"{name}={_PAIR.sub(_ESCAPE, text) if name == 'id' else quote(text, safe=_UNESCAPED)}"
            for name, text in texts.items()
            if text is not None
        ]
        return f"{SCHEME}{';'.join(parts)}"


@lru_cache(maxsize=64)
def parse(text: str) -> TokenUri:
    """What a URI says; UsageError where it is none, or says what is not understood here, or holds a PIN."""
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
            raise UsageError("The URI contains a PIN, which others can read there. Leave it out: you are asked for it.")
        if name not in _ATTRIBUTES or not equals:
            raise UsageError(f"The PKCS #11 URI has an unsupported part: {escaped(pair[:60])}.")
        if name in values:
            raise UsageError(f"The PKCS #11 URI has {name} twice.")
        values[name] = _value(name, value)
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
