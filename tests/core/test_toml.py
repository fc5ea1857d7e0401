"""TOML is read within bounds, and known by its content."""

from __future__ import annotations

import re
import time
import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_tui.core import toml

if TYPE_CHECKING:
    from collections.abc import Callable

NO_END = {
    "digits": ("key_parameter = " + "9" * 5000, "30 digits"),
    "hexadecimal": ("key_parameter = 0x" + "f" * 100_000, "30 digits"),
    "underscores": ("key_parameter = " + "1_" * 5000 + "1", "30 digits"),
    "in a list": ("a = [\n1,\n" + "9" * 31 + "]", r"30 digits \(at line 3\)"),
    "dotted key": ("a." * 20_000 + "b = 1", "10 dots"),
    "quoted dotted key": ('"a".' * 20_000 + "b = 1", "10 dots"),
    "heading": ("[" + "a." * 200_000 + "b]\nx = 1", "10 dots"),
    "inline": ("a = { " + "b." * 20_000 + "c = 1 }", "10 dots"),
    "lists": ("a = " + "[" * 100_000 + "]" * 100_000, "nested too deep"),
    "tables": ("a = " + "{b=" * 5000 + "1" + "}" * 5000, "nested too deep"),
    "size": ('a = "' + "x" * toml.LARGEST + '"', "larger than 1 MiB"),
    "open text": ('a = """' + "." * 1000, "at "),
}


@pytest.mark.parametrize(("text", "says"), NO_END.values(), ids=NO_END)
def test_what_would_take_memory_and_time_without_end_is_refused_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        toml.read(text)


@pytest.mark.parametrize(
    "text",
    [
        'a = "1.2.3.4.5.6.7.8.9.10.11.12.13" # ' + "." * 50 + "9" * 50,
        "a = '''\n" + "." * 50 + "\n" + "[" * 50 + '"\n' + "9" * 50 + "'''",
        'a = """\\"""' + "." * 50 + '\n9999""""',
        "a = [" + ", ".join(["[1.5, 2.5]"] * 4) + "]\r\nb = { c.d = 1979-05-27T07:32:00.999999-07:00 }",
        'a = "' + "[" * 50 + '\\"' + "." * 50 + '"',
    ],
    ids=["text and comment", "literal of many lines", "text of many lines", "lists", "brackets"],
)
def test_dots_digits_and_brackets_in_texts_and_comments_are_only_text(text: str) -> None:
    assert toml.read(text) == tomllib.loads(text)


def read_by(read: Callable[[str], dict[str, object]], text: str) -> dict[str, object] | None:
    try:
        return read(text)
    except ValueError:
        return None


@given(st.text(alphabet="ab=.\"'\\\n[]{},#19 \r", max_size=60))
def test_what_is_read_is_what_the_standard_library_reads(text: str) -> None:
    if text.count(".") <= toml.MOST_DOTS and text.count("[") + text.count("{") <= toml.DEEPEST:
        text = re.sub("[19]{25,}", "1", text)

        assert read_by(toml.read, text) == read_by(tomllib.loads, text)


@pytest.mark.parametrize(
    "text",
    [
        'domain = "a"',
        "\n# a comment\n\n[[request]]\ndomain = 'a'",
        "[web]\ncity = 'L'",
        '"domain"="a"',
        'remark = "-----BEGIN CERTIFICATE-----"',
        "domain = www.example.com",
    ],
)
def test_toml_is_known_by_its_first_statement(text: str) -> None:
    assert toml.is_likely(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Domain,Organization\na.example.com,E",
        "sep=;\nDomain;Organization",
        "SEP=,",
        '"sep=;"',
        "Domain\nwww.example.com",
        "Domain,Tags\na.example.com,team=web",
        "MIIBVjCB/QIBADAbMRkwFwYDVQQDDBB3d3cuZXhhbXBsZS5jb20wWTATBgcqhkjO=",
        "MIIBVjCB/QIBADAbMRkwFwYDVQQDDBB3d3cuZXhhbXBsZS5jb20wWTATBgcqhkj==\n",
        "subject=CN = www.example.com\n\n-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n",
        "no statement at all",
    ],
)
def test_tables_base64_and_pem_are_no_toml(text: str) -> None:
    assert not toml.is_likely(text)


def test_blank_lines_without_end_are_looked_at_once() -> None:
    began = time.process_time()

    assert toml.is_likely(" \n" * 40_000 + "a = 1")

    assert time.process_time() - began < 2
