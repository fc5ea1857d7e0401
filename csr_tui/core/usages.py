"""What a certificate is for: one row a usage, which the request and its comparison follow."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from csr_tui.core.name_kinds import NameKind

_KINDS = frozenset(NameKind)
_TRANSPORT = MappingProxyType({"RSA": ("keyEncipherment",)})


class MainName(Enum):
    """What the main name of a request is: a host, free text, or a mailbox; with its label."""

    HOST = "Domain"
    TEXT = "Name"
    MAILBOX = "Mailbox"


class Usage(NamedTuple):
    """One usage: what a request asks for, whatever its key and its names; `title` offers it in one line.

    `key_usage` are the key usages of every key, `more` those that keys of an algorithm have besides. `names` are the
    kinds of alternative names that make sense; without any, there is no such extension. `path_length` is that of a CA
    unless another is asked for, None for all others. The main name is one of the alternative names unless it is free
    text, such as `example`. `not_public` is the reason why no public CA signs it, with its
    `source`. `least_rsa` is the smallest size of an RSA key. Where it `decrypts`, keys of the algorithms in `more`
    can, and all others only sign. `loader` is what loads the exported files.
    The `usual` one is what CAs and Tencent Cloud assume where nothing is asked for.
    """

    name: str
    title: str
    label: str
    main: MainName
    extended_key_usage: tuple[str, ...]
    key_usage: tuple[str, ...] = ("digitalSignature",)
    more: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    names: frozenset[NameKind] = frozenset()
    path_length: int | None = None
    example: str = "Jane Doe"
    not_public: str = ""
    source: str = ""
    least_rsa: int = 0
    decrypts: bool = False
    loader: str = "your server"
    usual: bool = False

    @property
    def missing(self) -> str:
        """The error without a main name."""
        return f"Enter {_ASKED[self.main]}, such as {self.example}. It is required."

    @property
    def serves(self) -> bool:
        """Whether a TLS server has such a certificate, to which the rules of public TLS CAs apply."""
        return "serverAuth" in self.extended_key_usage

    def among_names(self, main: str) -> str:
        """The main name where it is one of the alternative names by itself; an empty text where it is free text."""
        return "" if self.main is MainName.TEXT else main

    def key_usage_of(self, algorithm: str) -> tuple[str, ...]:
        """The key usages that a request with a key of this algorithm asks for, in the order of RFC 5280."""
        return (*self.key_usage[:1], *self.more.get(algorithm, ()), *self.key_usage[1:])

    def canonical(self, text: str) -> str:
        """A main name as it is kept: a host as ASCII in lower case, any other as it was typed."""
        from csr_tui.core.names import ascii_domain

        return ascii_domain(text) if self.main is MainName.HOST else text


_ASKED = {MainName.HOST: "the domain", MainName.TEXT: "a name", MainName.MAILBOX: "the email address"}
_HOST = "www.example.com"
_NO_CLIENTS = "Public CAs no longer certify clients (clientAuth). For your own CA, choose that purpose."
_CHROME = "Chrome Root Program Policy 1.8"

USAGES: Mapping[str, Usage] = MappingProxyType(
    {
        row.name: row
        for row in (
            Usage(
                "server",
                "Server: a website, an API or a mail server",
                "servers",
                MainName.HOST,
                ("serverAuth",),
                more=_TRANSPORT,
                names=_KINDS,
                example=_HOST,
                usual=True,
            ),
            Usage(
                "client",
                "Client: a person or a device, for mTLS",
                "clients",
                MainName.TEXT,
                ("clientAuth",),
                names=_KINDS,
                loader="your client",
                not_public=_NO_CLIENTS,
                source=_CHROME,
            ),
            Usage(
                "both",
                "Both: peers such as the members of a cluster",
                "servers and clients",
                MainName.HOST,
                ("serverAuth", "clientAuth"),
                more=_TRANSPORT,
                names=_KINDS,
                example=_HOST,
                not_public=_NO_CLIENTS,
                source=_CHROME,
            ),
            Usage(
                "email",
                "Email: signed and encrypted mail (S/MIME)",
                "email",
                MainName.MAILBOX,
                ("emailProtection",),
                more={**_TRANSPORT, "ECC": ("keyAgreement",)},
                names=frozenset({NameKind.EMAIL}),
                example="jane@example.com",
                decrypts=True,
                loader="your mail program",
            ),
            Usage(
                "code",
                "Program code: signed programs and packages",
                "code signing",
                MainName.TEXT,
                ("codeSigning",),
                not_public="Public CAs require a code signing key in certified hardware: use a token, or your own CA.",
                source="CS BR 6.2.7.4",
                example="Example Ltd",
                least_rsa=3072,
                loader="your signing tool",
            ),
            Usage(
                "ca",
                "Authority: a CA that signs below your own CA",
                "a subordinate CA",
                MainName.TEXT,
                (),
                key_usage=("digitalSignature", "keyCertSign", "cRLSign"),
                path_length=0,
                example="Example Issuing CA",
                loader="your CA",
                not_public="No public CA signs a subordinate CA from a request: choose your own CA.",
            ),
        )
    }
)
"""The usages by their names, the usual one first."""

SERVER = "server"
