"""The Chinese README has the commands, keys, pictures and links of the English one."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
ENGLISH = (ROOT / "README.md").read_text("utf-8").partition("\n## Guides\n")[0]
CHINESE = (ROOT / "README.zh-CN.md").read_text("utf-8").partition("\n## 术语表\n")[0]


def commands(page: str) -> list[str]:
    """What its blocks have to type, without the comments."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    return [re.sub(r" +#.*", "", line) for block in blocks for line in block.splitlines()]


def rows(page: str) -> list[str]:
    return [line for line in page.splitlines() if line.startswith("| ")]


def keys(row: str) -> list[str]:
    """The keys that the first cell of a row names."""
    words = re.findall(r"[\w+?!]+", row.split("|")[1], re.ASCII)
    return [word for word in words if word not in ("to", "or", "in", "a", "window")]


def code(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def test_the_commands_are_the_same() -> None:
    assert len(commands(ENGLISH)) > 10
    assert commands(CHINESE) == commands(ENGLISH)


def test_the_tables_have_the_same_keys_commands_and_options() -> None:
    english, chinese = ([row for row in rows(page) if keys(row) or code(row)] for page in (ENGLISH, CHINESE))
    of_keys = [row for row in english if re.match(r"\| (?:Ctrl|F\d|Enter|\d)", row)]

    assert len(of_keys) == 11
    assert [keys(row) for row in chinese if keys(row)] == [keys(row) for row in of_keys]
    assert [code(row) for row in chinese] == [code(row) for row in english if row in of_keys or code(row)]


def test_the_text_has_the_same_pictures_links_commands_and_options() -> None:
    targets = [
        set(re.findall(r"\]\(([^)]+)\)", page)) - {"README.md", "README.zh-CN.md"} for page in (ENGLISH, CHINESE)
    ]

    assert targets[0] == targets[1]
    assert sorted(set(code(CHINESE))) == sorted(set(code(ENGLISH)))
