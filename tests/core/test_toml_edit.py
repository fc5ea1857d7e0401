"""Changing a TOML file of the person's own: the values are changed, and nothing else."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from csr_tui.core import toml, toml_edit

OURS = """\
# Profiles of the whole team.

default = "acme"

# The firm.
[acme]  # since 2019
organization = "Acme GmbH"  # the legal name
# country = "AT"
country = "DE"
sans = [
    "a.example.com",  # static
    "b.example.com",
]

# Ours.
[home]
city = "Bonn"
"""


def test_a_value_is_changed_in_its_place_and_its_comment_stays() -> None:
    text = toml_edit.with_values(OURS, "acme", {"organization": "Acme # AG"})

    assert text == OURS.replace('"Acme GmbH"', '"Acme # AG"')


def test_a_new_value_comes_after_the_last_of_its_table() -> None:
    text = toml_edit.with_values(OURS, "acme", {"city": "Köln"})

    assert text == OURS.replace('    "b.example.com",\n]\n', '    "b.example.com",\n]\ncity = "Köln"\n')


def test_a_value_is_removed_and_the_comments_around_it_stay() -> None:
    assert toml_edit.with_values(OURS, "acme", {"country": None}) == OURS.replace('country = "DE"\n', "")


def test_a_list_of_many_lines_is_replaced_whole() -> None:
    text = toml_edit.with_values(OURS, "acme", {"sans": ("c.example.com",)})

    assert 'sans = ["c.example.com"]\n\n# Ours.' in text
    assert "static" not in text


def test_a_new_table_comes_at_the_end() -> None:
    text = toml_edit.with_values(OURS.rstrip("\n"), "a b", {"country": "AT"})

    assert text == f'{OURS}\n["a b"]\ncountry = "AT"\n'


def test_the_first_table_of_all_begins_the_file() -> None:
    assert toml_edit.with_values("", "acme", {"country": "DE"}) == '[acme]\ncountry = "DE"\n'


def test_a_table_goes_and_the_comments_above_the_next_one_stay() -> None:
    text = toml_edit.without(OURS, "acme")

    assert (
        text == '# Profiles of the whole team.\n\ndefault = "acme"\n\n# The firm.\n\n# Ours.\n[home]\ncity = "Bonn"\n'
    )


def test_what_stands_before_the_first_table_is_changed_too() -> None:
    assert toml_edit.with_default(OURS, "default", "home") == OURS.replace('"acme"', '"home"')
    assert toml_edit.with_default(OURS, "default", None) == OURS.replace('default = "acme"\n', "")
    assert toml_edit.with_default("# x\n[a]\n", "default", "a") == 'default = "a"\n# x\n[a]\n'


def test_a_heading_within_a_text_is_none() -> None:
    text = '[acme]\nremark = """\n[home]\n"""\n[home]\ncity = "Bonn"\n'

    assert toml_edit.without(text, "home") == '[acme]\nremark = """\n[home]\n"""\n'


def test_a_table_in_the_table_is_one_value_of_it() -> None:
    text = '[acme]\ncity = "Bonn"\n[acme.tags]\nteam = "web"\n[home]\n'

    assert toml_edit.with_values(text, "acme", {"tags": {"team": "data"}, "country": "DE"}) == (
        '[acme]\ncity = "Bonn"\ntags = { team = "data" }\ncountry = "DE"\n[home]\n'
    )
    assert toml_edit.without(text, "acme") == "[home]\n"


@pytest.mark.parametrize(
    "text",
    [
        'acme = { country = "DE" }\n',
        'acme.country = "DE"\n',
        '[acme.tags]\nteam = "web"\n',
        '[acme]\ncity = "Bonn"\n[home]\n[acme.tags]\nteam = "web"\n',
        'acme = "DE"\n',
    ],
)
def test_what_is_written_in_another_way_is_not_touched(text: str) -> None:
    with pytest.raises(ValueError, match="cannot edit this notation"):
        toml_edit.with_values(text, "acme", {"city": "Köln"})


KEYS = st.sampled_from(["a", "b", "c d", "é"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.one_of(TEXTS, st.integers(-9, 9), st.booleans(), st.lists(TEXTS, max_size=3), st.dictionaries(KEYS, TEXTS))
FILLING = st.sampled_from(["", "\n", "# a comment\n", "\n# another = 1\n", "  # [a]\n"])


@st.composite
def files(draw: st.DrawFn) -> str:
    """A file as people write it: tables, values, comments above, behind and between."""
    lines = [draw(FILLING)]
    for table in (None, *draw(st.lists(KEYS, unique=True))):
        lines.append("" if table is None else f"[{toml.name(table)}]{draw(st.sampled_from(['', ' # [x]']))}\n")
        for key in draw(st.lists(KEYS.map(lambda key: f"k{key}"), unique=True)):
            tail = draw(st.sampled_from(["", "  # with # a comment"]))
            lines.append(toml.assignment(key, draw(VALUES)).rstrip("\n") + f"{tail}\n")
            lines.append(draw(FILLING))
    return "".join(lines)


def comments(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip().startswith("#")]


@given(files(), KEYS, st.dictionaries(KEYS.map(lambda key: f"k{key}"), st.one_of(st.none(), VALUES)))
def test_nothing_but_what_is_meant_changes(text: str, table: str, changes: dict[str, object]) -> None:
    before = tomllib.loads(text)

    after = toml_edit.with_values(text, table, changes)

    expected = before.setdefault(table, {})
    for key, value in changes.items():
        expected.pop(key, None)
        if value is not None:
            expected[key] = value
    assert tomllib.loads(after) == before
    assert comments(text) == [line for line in comments(after) if line in comments(text)]


@given(files(), st.one_of(st.none(), TEXTS))
def test_the_default_changes_alone(text: str, value: str | None) -> None:
    before = tomllib.loads(text)

    after = toml_edit.with_default(text, "default", value)

    assert tomllib.loads(after) == before | ({} if value is None else {"default": value})
    assert comments(after) == comments(text)


@given(files(), KEYS)
def test_a_removed_table_takes_no_comment_of_another_with_it(text: str, table: str) -> None:
    before = tomllib.loads(text)
    assume(table in before)

    after = tomllib.loads(toml_edit.without(text, table))

    del before[table]
    assert after == before


def test_a_file_of_many_tables_is_changed_without_reading_it_once_for_each() -> None:
    text = "".join(f'[p{number}]\ncity = """\n[p{number}]\n"""\n' for number in range(2000))

    changed = toml_edit.with_values(text, "p1999", {"city": "Bonn"})

    assert changed.endswith('[p1999]\ncity = "Bonn"\n')
