"""Passwords on standard input, as every system writes a file with one."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_tui.cli import prompts
from csr_tui.errors import PasswordError

TYPED = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff"), min_size=1, max_size=30)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_password_is_read_from_a_file_of_any_system(encoding: str, end: str) -> None:
    stdin = io.BytesIO(f"Trial-12345{end}".encode(encoding))

    assert prompts.from_stdin(stdin).reveal() == "Trial-12345"


@given(
    st.lists(TYPED, min_size=1, max_size=3), st.sampled_from(["utf-8-sig", "utf-16"]), st.sampled_from(["\n", "\r\n"])
)
def test_several_passwords_are_read_a_line_each(typed: list[str], encoding: str, end: str) -> None:
    ascii_only = [f"p{text.encode('ascii', 'ignore').decode()}" for text in typed[1:]]
    wanted = [f"p{typed[0]}", *ascii_only]
    stdin = io.BytesIO("".join(f"{text}{end}" for text in wanted).encode(encoding))

    assert [prompts.from_stdin(stdin).reveal() for _ in wanted] == wanted
    with pytest.raises(PasswordError):
        prompts.from_stdin(stdin)


@pytest.mark.parametrize("data", [b"\xff\n", b"a\0b\n", b"\xff\xfe", b"a\0\n\n", b"\0\n"])
def test_bytes_that_are_no_text_end_in_a_password_or_a_sentence(data: bytes) -> None:
    stdin = io.BytesIO(data)
    try:
        prompts.from_stdin(stdin)
    except PasswordError:
        return
