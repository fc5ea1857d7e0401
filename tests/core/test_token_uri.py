"""PKCS #11 URIs as they are printed; p11tool reads them in tests/cli/test_token.py."""

from __future__ import annotations

import pytest

from csr_tui.core.token_uri import TokenUri


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        (TokenUri("Office", "1"), "pkcs11:token=Office;serial=1"),
        (TokenUri("Büro 1", "a"), "pkcs11:token=B%C3%BCro%201;serial=a"),
        (TokenUri("a;b?c&d", "%"), "pkcs11:token=a%3Bb%3Fc%26d;serial=%25"),
        (TokenUri("x", "1", "web/key", "01ff"), "pkcs11:token=x;serial=1;object=web%2Fkey;id=%01%ff"),
        (TokenUri("x", "", "\x1b[31m\n"), "pkcs11:token=x;serial=;object=%1B[31m%0A"),
    ],
)
def test_what_separates_attributes_is_escaped(uri: TokenUri, text: str) -> None:
    assert str(uri) == text
