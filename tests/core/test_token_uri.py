"""PKCS #11 URIs: what is read comes back, and what is none is refused."""

from __future__ import annotations

from dataclasses import replace

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
        manufacturer=TEXT,
        serial=TEXT,
        model=TEXT,
        object=TEXT,
        id=st.none() | st.binary(max_size=8).map(bytes.hex),
        module_path=TEXT,
    )
)
def test_a_uri_is_read_as_it_was_written(uri: TokenUri) -> None:
    assert token_uri.parse(str(uri)) == uri


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("pkcs11:token=Office", TokenUri(token="Office")),
        ("PKCS11:serial=1;id=%01%ff;type=private", TokenUri(serial="1", id="01ff")),
        (
            "pkcs11:object=a%3Bb;token=x?module-path=/x.so",
            TokenUri("x", object="a;b", module_path="/x.so"),
        ),
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
        ("pkcs11:token=a;token=b", "has token twice"),
        ("pkcs11:token=%ff", "not UTF-8"),
        ("pkcs11:token=a?pin-value=1234", "A PIN does not belong"),
        ("pkcs11:token=a?pin-source=/etc/pin", "A PIN does not belong"),
        ("pkcs11:token=" + "a" * 2000, "Enter a PKCS #11 URI"),
    ],
)
def test_what_is_no_uri_is_refused_and_a_pin_is_not_repeated(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as refused:
        token_uri.parse(text)

    assert "1234" not in str(refused.value)


def test_a_uri_fits_a_key_whose_attributes_are_its_own() -> None:
    key = TokenUri(token="Office", serial="1", object="web", id="01")

    assert TokenUri(token="Office").fits(key)
    assert TokenUri(object="web", module_path="/x.so").fits(key)
    assert not TokenUri(token="Office", id="02").fits(key)
    assert key.names_key
    assert not key.of_token.names_key
    assert key.of_token == replace(key, object=None, id=None)
