"""The rules of the subject's fields; an empty text is merely missing."""

from __future__ import annotations

from csr_tui.core import countries, names
from csr_tui.core.fields import SubjectField, Syntax
from csr_tui.core.findings import Finding
from csr_tui.core.host_names import InvalidName
from csr_tui.core.record import Purpose
from csr_tui.core.rules import characters
from csr_tui.core.rules.alternative_names import public_dns
from csr_tui.core.text import trim


def check(field: SubjectField, text: str, purpose: Purpose) -> Finding | None:
    """What is first to be said of a field's text: that it is wrong, or that public CAs leave it out."""
    text = trim(text)
    if not text:
        return None
    found = _mistake(field, text, purpose)
    if found is None and field.warning and purpose is Purpose.PUBLIC:
        return Finding.warning("field-dropped", field.name, field.warning, source=field.source)
    return found


def _mistake(field: SubjectField, text: str, purpose: Purpose) -> Finding | None:
    match field.syntax:
        case Syntax.HOST:
            return _host(field.name, text, purpose)
        case Syntax.TEXT:
            return characters.problem(field.name, text, field.longest)
        case Syntax.MAILBOX:
            return characters.problem(field.name, text, field.longest) or mailbox(field.name, text)
        case Syntax.COUNTRY:
            return _country(field.name, text)


def _host(field: str, text: str, purpose: Purpose) -> Finding | None:
    """The CN, which is always one of the names too: a DNS name in A-label form."""
    if names.is_address(text):
        return Finding.error(
            "domain-is-address",
            field,
            "An IP address cannot be the domain: enter a host name here, and the address under Names.",
            source="BR 7.1.4.3",
        )
    try:
        return public_dns(field, names.dns(text), purpose)
    except InvalidName as error:
        message, fix = str(error), error.fix
        if fix is None and (fix := names.only_host(text)) is not None:
            message = f"Enter only the host name: {fix}."
        return Finding.error("name-malformed", field, message, source=error.source, fix=fix)


def mailbox(field: str, text: str) -> Finding | None:
    """One @, ASCII."""
    local, _, domain = text.partition("@")
    if not local or not domain or "@" in domain or " " in text:
        return Finding.error(
            "email-malformed", field, "An email address has one @, as in pki@example.com.", source="RFC 5280 4.1.2.6"
        )
    if not text.isascii():
        return Finding.error(
            "email-not-ascii", field, "An email address in a subject has ASCII characters only.", source="RFC 5280 A.1"
        )
    return None


def _country(field: str, text: str) -> Finding | None:
    """ISO 3166-1 alpha-2, as X.520 countryName requires."""
    if text in countries.codes():
        return None
    if found := characters.problem(field, text, countries.LONGEST):
        return found
    meant = countries.nearest(text)
    code = countries.code_for_name(text) or (meant.code if meant else None)
    hint = f" Did you mean {code} ({countries.name(code)})?" if code else ""
    return Finding.error(
        "country-unknown",
        field,
        f"Use a two-letter country code, such as CN or DE.{hint}",
        source="BR 7.1.4.2, ISO 3166-1",
        fix=code,
    )
