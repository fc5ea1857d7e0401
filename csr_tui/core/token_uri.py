"""PKCS #11 URIs (RFC 7512): which token, and which key on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

_UNESCAPED = "-._~:[]@!$'()*+,="


@dataclass(frozen=True, slots=True)
class TokenUri:
    """A token by its label and serial, and a key on it by its label and its CKA_ID in hex; None where it has none."""

    token: str
    serial: str
    object: str | None = None
    id: str | None = None

    def __str__(self) -> str:
        texts = {"token": self.token, "serial": self.serial, "object": self.object}
        parts = [f"{name}={quote(text, safe=_UNESCAPED)}" for name, text in texts.items() if text is not None]
        if self.id is not None:
            parts.append("id=" + re.sub("..", r"%\g<0>", self.id))
        return f"pkcs11:{';'.join(parts)}"
