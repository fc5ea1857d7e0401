"""PKCS #11 URIs: what is read comes back, and what is none is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_tui.core import token_uri
from csr_tui.core.token_uri import TokenUri
from csr_tui.errors import UsageError

TEXT = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(
    st.builds(
        TokenUri,
        token=st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
        serial=TEXT,
        object=TEXT,
        id=st.none() | st.binary(max_size=8).map(bytes.hex),
        manufacturer=TEXT,
        model=TEXT,
    )
)
def test_a_uri_is_read_as_it_was_written(uri: TokenUri) -> None:
    assert token_uri.parse(str(uri)) == uri


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


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        (" pkcs11:token=Office\n", TokenUri(token="Office")),
        ("PKCS11:serial=1;id=%01%ff;type=private", TokenUri(serial="1", id="01ff")),
        ("pkcs11:model=SoftHSM%20v2;object=a%3Bb;token=x", TokenUri("x", object="a;b", model="SoftHSM v2")),
        ("pkcs11:token=B%C3%BCro", TokenUri(token="Büro")),
    ],
)
def test_uris_of_other_programs_are_read(text: str, uri: TokenUri) -> None:
    assert token_uri.parse(text) == uri


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Enter a PKCS #11 URI"),
        ("token=Office", "Enter a PKCS #11 URI"),
        ("pkcs11:", "names no token"),
        ("pkcs11:token", "unsupported part: token"),
        ("pkcs11:slot-id=3", "unsupported part: slot-id=3"),
        ("pkcs11:token=a?module-path=/x.so", "unsupported part: module-path=/x.so"),
        ("pkcs11:token=a;token=b", "has token twice"),
        ("pkcs11:token=%ff", "not UTF-8"),
        ("pkcs11:token=a?pin-value=1234", "contains a PIN"),
        ("pkcs11:token=a?pin-source=/etc/pin", "contains a PIN"),
        ("pkcs11:token=" + "a" * 2000, "Enter a PKCS #11 URI"),
    ],
)
def test_what_is_no_uri_is_refused_and_a_pin_is_not_repeated(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as refused:
        token_uri.parse(text)
    assert "1234" not in str(refused.value)


def test_a_token_is_named_by_the_parts_that_are_known() -> None:
    assert TokenUri("Office", "1a").place == "token Office, serial 1a"
    assert TokenUri("Office").place == "token Office"
    assert TokenUri("", "1a").place == "token without a label, serial 1a"
    assert TokenUri(serial="1a").place == "token, serial 1a"
    assert TokenUri(object="web").place == "a token"
