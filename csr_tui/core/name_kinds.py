"""The kinds of alternative names."""

from __future__ import annotations

from enum import StrEnum


class NameKind(StrEnum):
    """The kinds of GeneralName (RFC 5280, 4.2.1.6) that a request here can ask for."""

    DNS = "dns"
    IP = "ip"
    EMAIL = "email"
    URI = "uri"


KINDS = {
    NameKind.DNS: "a host name",
    NameKind.IP: "an address",
    NameKind.EMAIL: "an email address",
    NameKind.URI: "a URI",
}

TAGS = {NameKind.DNS: "DNS", NameKind.IP: "IP", NameKind.EMAIL: "email", NameKind.URI: "URI"}
"""Kind of name -> what OpenSSL calls it."""

WRITTEN = {**KINDS, NameKind.DNS: "a DNS name"}
"""Kind of name -> what a request or certificate has it as."""
