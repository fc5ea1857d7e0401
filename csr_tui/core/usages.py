"""What a certificate is for: one row a usage, which the request and its comparison follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType

from csr_tui.core.names import NameKind

_HOSTS = frozenset({NameKind.DNS, NameKind.IP, NameKind.EMAIL, NameKind.URI})
_TRANSPORT = MappingProxyType({"RSA": ("keyEncipherment",)})


class MainName(Enum):
    """What the main name of a request is: a host, free text, or a mailbox."""

    HOST = auto()
    TEXT = auto()
    MAILBOX = auto()


@dataclass(frozen=True, slots=True)
class Usage:
    """One usage: what a request asks for, whatever its key and its names.

    `key_usage` are the key usages of every key, `more` those that keys of an algorithm have besides. `names` are the
    kinds of alternative names that make sense; without any, there is no such extension. `path_length` is that of a CA,
    None for all others. The main name is one of the alternative names unless it is free text.
    """

    name: str
    label: str
    main: MainName
    extended_key_usage: tuple[str, ...]
    key_usage: tuple[str, ...] = ("digitalSignature",)
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: frozenset[NameKind] = frozenset()
    path_length: int | None = None

    def key_usage_of(self, algorithm: str) -> tuple[str, ...]:
        """The key usages that a request with a key of this algorithm asks for, in the order of RFC 5280."""
        return (*self.key_usage[:1], *self.more.get(algorithm, ()), *self.key_usage[1:])

    @property
    def constraints(self) -> str:
        """The basic constraints that are asked for, as people read them; an empty text where there are none."""
        return "" if self.path_length is None else f"CA:TRUE, path length {self.path_length}"


USAGES: Mapping[str, Usage] = MappingProxyType(
    {
        row.name: row
        for row in (
            Usage("server", "server", MainName.HOST, ("serverAuth",), more=_TRANSPORT, names=_HOSTS),
            Usage("client", "client", MainName.TEXT, ("clientAuth",), names=_HOSTS),
            Usage(
                "both", "server and client", MainName.HOST, ("serverAuth", "clientAuth"), more=_TRANSPORT, names=_HOSTS
            ),
            Usage(
                "email",
                "email",
                MainName.MAILBOX,
                ("emailProtection",),
                more={**_TRANSPORT, "ECC": ("keyAgreement",)},
                names=frozenset({NameKind.EMAIL}),
            ),
            Usage("code", "code signing", MainName.TEXT, ("codeSigning",)),
            Usage(
                "ca",
                "subordinate CA",
                MainName.TEXT,
                (),
                key_usage=("digitalSignature", "keyCertSign", "cRLSign"),
                path_length=0,
            ),
        )
    }
)
"""The usages by their names, the usual one first."""

SERVER = "server"
