"""The rules of the subject's fields; each takes a text and the purpose, and an empty text is merely missing."""

from __future__ import annotations

from csr_tui.core import countries, names
from csr_tui.core.findings import Finding
from csr_tui.core.record import Purpose
from csr_tui.core.rules import text as texts
from csr_tui.core.rules.names import public_dns
from csr_tui.core.text import tidy

LONGEST = {"organization": 64, "department": 64, "province": 128, "city": 128, "email": 255}
"""X.520's and RFC 5280's upper bounds, in characters."""


def domain(text: str, purpose: Purpose) -> Finding | None:
    """The CN, which is always one of the names too: a DNS name in A-label form."""
    text = tidy(text)
    if not text:
        return None
    if names.is_address(text):
        return Finding.error(
            "domain",
            "An IP address cannot be the domain: type a host name here, and the address among the other names.",
            source="BR 7.1.4.3",
        )
    try:
        return public_dns("domain", names.dns(text), purpose)
    except names.BadName as error:
        return Finding.error("domain", str(error), source=error.source, fix=error.fix or names.only_host(text))


def organization(text: str, purpose: Purpose) -> Finding | None:  # noqa: ARG001  # one signature for all
    """O: the legal name."""
    return texts.problem("organization", tidy(text), LONGEST["organization"], what="an organization")


def department(text: str, purpose: Purpose) -> Finding | None:
    """OU: public CAs must leave it out since 2022-09."""
    text = tidy(text)
    if found := texts.problem("department", text, LONGEST["department"], what="a department"):
        return found
    if text and purpose is Purpose.PUBLIC:
        return Finding.warning(
            "department",
            "Public CAs leave the department (OU) out since 2022. Tencent Cloud wants one in the request all the same.",
            source="BR 7.1.2.7",
        )
    return None


def email(text: str, purpose: Purpose) -> Finding | None:
    """emailAddress: one @, ASCII; public DV certificates drop it."""
    text = tidy(text)
    if not text:
        return None
    if found := texts.problem("email", text, LONGEST["email"], what="an email address"):
        return found
    local, at, domain_part = text.partition("@")
    if not at or not local or not domain_part or "@" in domain_part or " " in text:
        return Finding.error("email", "An email address has one @, as in pki@example.com.", source="RFC 5280 4.1.2.6")
    if not text.isascii():
        return Finding.error("email", "An email address in a subject has ASCII characters only.", source="RFC 5280 A.1")
    if purpose is Purpose.PUBLIC:
        return Finding.warning("email", "Public certificates do not keep the email address.", source="BR 7.1.2.7")
    return None


def province(text: str, purpose: Purpose) -> Finding | None:  # noqa: ARG001  # one signature for all
    """ST, written out."""
    return texts.problem("province", tidy(text), LONGEST["province"], what="a province")


def city(text: str, purpose: Purpose) -> Finding | None:  # noqa: ARG001  # one signature for all
    """L."""
    return texts.problem("city", tidy(text), LONGEST["city"], what="a city")


def country(text: str, purpose: Purpose) -> Finding | None:  # noqa: ARG001  # one signature for all
    """ISO 3166-1 alpha-2, as X.520 countryName wants it."""
    text = tidy(text)
    if not text or text in countries.codes():
        return None
    if found := texts.problem("country", text, countries.LONGEST, what="a country's name"):
        return found
    code = countries.code_for_name(text)
    hint = f" Did you mean {code} ({countries.name(code)})?" if code else ""
    return Finding.error(
        "country", f"Use a two-letter country code, such as CN or DE.{hint}", source="BR 7.1.4.2, ISO 3166-1", fix=code
    )
