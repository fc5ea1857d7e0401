"""A text that never shows itself."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import NoReturn, TypeAlias


class Secret:
    """Holds a password; only `reveal` gives it back, at the last call that needs it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        mine, theirs = (secret.reveal().encode("utf-8", "surrogatepass") for secret in (self, other))
        return hmac.compare_digest(mine, theirs)

    __hash__ = None  # type: ignore[assignment]  # a secret is no key of a dict and no member of a set

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is never pickled.")


Environ: TypeAlias = Mapping[str, str | Secret]
"""Variables of the environment; those that no other program may get are secrets."""


def variable(environ: Environ, name: str) -> str:
    """A variable without blanks around it; "" where it is not set."""
    value = environ.get(name, "")
    return (value.reveal() if isinstance(value, Secret) else value).strip()
