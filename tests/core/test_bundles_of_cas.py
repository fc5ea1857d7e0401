"""A file with the certificates of many CAs: each is named, and none costs more than the bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authority import NOW, Authority, pem
from cryptography.hazmat.primitives.asymmetric import rsa

from csr_tui.core import inspect, orphans

if TYPE_CHECKING:
    import pytest


def test_a_bundle_of_roots_names_the_ca_and_gives_no_advice_that_only_its_owner_can_follow() -> None:
    ended = Authority("Old Root", start=-900, days=800)
    weak = Authority("Odd Root", key=rsa.generate_private_key(3, 2048))
    items = inspect.read(pem(ended.certificate, weak.certificate, Authority("Good Root").certificate), now=NOW)

    assert [one.message for one in orphans.findings([orphans.File("roots.pem", items)], ())] == [
        "roots.pem: Old Root: It expired on 2026-08-16 UTC: clients reject it.",
        "roots.pem: Odd Root: The key's public exponent is not 65537.",
    ]


def test_hundreds_of_namesakes_cost_no_more_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = []
    monkeypatch.setattr("csr_tui.core.inspect.matching.MOST_SIGNATURES", 50)
    monkeypatch.setattr("csr_tui.core.certificate.signed_with", lambda *given: checks.append(given))
    root = Authority("Root")
    namesakes = [Authority("Example CA", root) for _ in range(12)]
    leaves = [namesakes[0].issue(namesakes[1].key.public_key(), "www.example.com") for _ in range(20)]

    inspect.read(pem(*leaves, *(one.certificate for one in namesakes)), now=NOW)

    assert 0 < len(checks) <= 50
