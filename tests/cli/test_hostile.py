"""What nobody types by accident: unseen characters, markup, and far too much text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from csr_tui.core.fields import Subject
from csr_tui.core.record import Record, Tag
from csr_tui.storage import RecordStore

if TYPE_CHECKING:
    from cli.conftest import Run

    from csr_tui.paths import Paths

FLAGS = (
    "--domain",
    "--organization",
    "--department",
    "--email",
    "--province",
    "--city",
    "--country",
    "--san",
    "--algorithm",
    "--key-parameter",
    "--remark",
    "--tag",
    "--purpose",
    "--profile",
    "--from",
)
UNSEEN = {
    "NUL": "a\0b",
    "ESC": "a\x1b[31mb",
    "bidi": "a\u202eb",
    "C1": "a\x9b31mb",
    "newline": "a\nb",
    "surrogate": "a\udcffb",
    "DEL": "a\x7fb",
}


def harmless(text: str) -> bool:
    return not any(char in text for char in "\0\x1b\u202e\x9b\udcff\x7f")


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN)
@pytest.mark.parametrize("flag", FLAGS)
def test_what_cannot_be_seen_is_refused_in_every_field_and_never_printed_raw(flag: str, text: str, run: Run) -> None:
    value = f"key={text}" if flag == "--tag" else text

    plain, json = run("new", flag, value), run("new", flag, value, "--json")

    if text == "a\nb" and flag == "--san":
        assert plain.status == 3  # two names, neither of which a public CA signs
    assert plain.status in (2, 3, 4)
    assert json.status == plain.status
    assert list(json.json) == ["error"]
    assert harmless(plain.out + plain.err + json.out + json.err)
    assert run("list", "--json").json["total"] == 0


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN)
@pytest.mark.parametrize(
    "words",
    [
        ("show",),
        ("edit", "--city", "Bonn"),
        ("generate",),
        ("copy",),
        ("password", "--show"),
        ("protect", "--protect", "prompt"),
        ("export", "--to", "x"),
        ("delete", "--yes"),
        ("restore",),
        ("purge", "--yes"),
    ],
    ids=lambda words: words[0],
)
def test_an_id_that_cannot_be_seen_is_not_found(words: tuple[str, ...], text: str, run: Run) -> None:
    result = run(words[0], text, *words[1:], "--json")

    assert (result.status, result.json["error"]["kind"]) == (4, "not_found")
    assert harmless(result.out + result.err)


@pytest.mark.parametrize("text", ["[bold red]x[/]", "[link=http://x]y[/link]", "%s %d {0}", "$(reboot)", "<b>&amp;"])
def test_markup_is_text(text: str, run: Run) -> None:
    made = run("new", "--domain", "www.example.com", "--organization", text, "--remark", text, "--tag", f"k={text}")

    page = run("show", made.out.strip()).out

    assert page.count(text) == 3


def test_what_is_in_the_store_all_the_same_is_shown_and_not_obeyed(run: Run, paths: Paths) -> None:
    hostile = "a\x1b]0;title\x07\u202eb"
    with RecordStore(paths.store) as store:
        subject = Subject(domain=hostile, organization=hostile)
        made = store.add(Record("0000000001", subject=subject, names=(hostile,), tags=(Tag(hostile, hostile),))).id

    for words in (
        ("show", made),
        ("show", made, "--json"),
        ("show", made, "--toml"),
        ("show", made, "--openssl"),
        ("list",),
    ):
        result = run(*words)
        assert result.status == 0, result.err
        assert harmless(result.out + result.err)
    assert run("generate", made).status == 3


@pytest.mark.parametrize("flag", FLAGS)
def test_ten_megabytes_in_a_field_are_refused_in_a_few_words(flag: str, run: Run) -> None:
    huge = "x" * 10_000_000
    value = f"k={huge}" if flag == "--tag" else huge

    result = run("new", flag, value)

    assert result.status in (2, 3, 4)
    assert len(result.out) + len(result.err) < 5_000


def test_a_megabyte_of_names_are_refused_in_a_few_words(run: Run) -> None:
    result = run("new", "--san", "a_b, " * 200_000)

    assert result.status == 3
    assert len(result.err) < 5_000


@pytest.mark.parametrize("words", [("show",), ("list", "--search"), ("list", "--state"), ("list", "--limit"), ()])
def test_ten_megabytes_elsewhere_are_told_in_a_few_words(words: tuple[str, ...], run: Run) -> None:
    result = run(*words, "x" * 10_000_000)

    assert result.status in (0, 2, 4)
    assert len(result.err) < 2_000
