"""A person who answers the questions of the line mode, and the answers of a whole request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from csr_tui.core.usages import USAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.conftest import Result, Run, Typist

PASSWORD = "correct-horse-battery-staple-42"
KEEP = ""


def typed(*answers: str) -> Typist:
    """Somebody who types these lines."""
    from cli.conftest import Typist

    return Typist([f"{answer}\n" for answer in answers])


def asked(run: Run, *answers: str, words: Sequence[str] = ()) -> tuple[Result, Typist]:
    person = typed(*answers)
    return run("new", "--ask", *words, person=person), person


def record(run: Run, result: Result) -> Any:
    return run("show", result.out.strip(), "--json").json


SERVER = {
    "usage": "1",
    "purpose": "2",
    "domain": "db1.internal.example",
    "organization": "Example Ltd",
    "department": "IT",
    "email": "pki@example.com",
    "province": "Guangdong",
    "city": "Shenzhen",
    "country": "CN",
    "sans": "db2.internal.example, 10.0.0.5",
    "sans-more": KEEP,
    "remark": "ticket 4711",
    "tags": "team=web, env=lab",
    "extra": "OU=Ops",
    "extra-more": KEEP,
    "key_parameter": "ECC P-256",
    "password_choice": "1",
    "key_file": KEEP,
}
"""Answers to every question of a request for a server, in their order."""

USAGE = {
    "server": {},
    "client": {"usage": "2", "domain": "Jane Doe", "extra": "UID=jane"},
    "both": {"usage": "3"},
    "email": {"usage": "email", "domain": "jane@example.com", "sans": KEEP, "extra": "SN=Doe"},
    "code": {"usage": "5", "domain": "Example Release", "extra": "serialNumber=A-4711"},
    "ca": {"usage": "6", "domain": "Example Sub CA", "extra": "pathlen=1"},
}
"""Usage -> the answers that are others than those of a server."""


def answers_for(usage: str) -> dict[str, str]:
    answers = {**SERVER, **USAGE[usage]}
    if not USAGES[usage].names:
        del answers["sans"]
    return {field: text for field, text in answers.items() if not field.endswith("-more") or answers.get(field[:-5])}
