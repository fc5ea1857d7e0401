"""The sentences that people read keep to the guide of our language: banned words stand in none of them."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import csr_tui

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(csr_tui.__file__).parent

FOLDERS = (".", "cli", "core", "export", "lifecycle", "storage", "tencent", "ui", "vault")
"""Those with sentences; `.` has the modules at the top of the package."""

BANNED = {
    "a program that speaks": r"\b(says?|said|saying|tells?|told)\b",
    "a noun clause at the start": r"(?:^|[.!?] )(What(?! is [\w ]+\?)|Whoever|So|Of)\b",
    "somebody": r"\b([Ww]hoever|[Ss]omebody|[Nn]obody|the person)\b",
    "politeness": r"\b([Pp]lease|[Ss]orry|[Uu]nfortunately)\b",
    "an exclamation": r"\w!(?:\s|$)",
    "other spellings": r"\b(organisation(al)?|finaliz\w+)\b",
    "a noun clause": r"\bwhat (is listed|was tried|came with|your CA sent)\b",
    "previous": r"\b([Tt]ext|[Pp]age|[Ss]tep) before$",
    "the words of the trade": r"\b(does not make|blanks around|free space back|to itself for|loads nothing)\b",
    "ended": r"\b([Ii]t ended|has ended|had ended)\b",
}

NOT_FOR_PEOPLE = {"schema.py", "frozen.py", "guards.py", "pasted.py", "table_file.py"}
"""SQL of released migrations, patterns, and the headings of tables."""

ALLOWED = {
    "nobody (unprotected": "it is the answer to: who holds the password",
    '[{"what"': "a key of the JSON contract",
    '"said"': "a key of the JSON contract",
    "please ensure that your SecretId": "the words of Tencent Cloud's API, which the sandbox repeats",
    "Please check your signature": "the words of Tencent Cloud's API",
    "Please reduce the frequency": "the words of Tencent Cloud's API",
    "please check your signature": "the words of Tencent Cloud's API",
    "organisation organizationname": "spellings that are read",
    "organisationalunit ou unit": "spellings that are read",
}


def sentences(path: Path) -> Iterator[str]:
    """The texts of a module with more than one word, but for docstrings; `{}` in the place of a value."""
    tree = ast.parse(path.read_text())
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(node.value)
        if isinstance(node, ast.JoinedStr):
            skipped |= {part for part in node.values if isinstance(part, ast.Constant)}
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if " " in text.strip() and not re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA)\b", text):
            yield text


def complaints(text: str) -> list[str]:
    if any(allowed in text for allowed in ALLOWED):
        return []
    return [why for why, pattern in BANNED.items() if re.search(pattern, text)]


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_sentence_has_a_banned_construction(folder: str) -> None:
    bad = [
        f"{path.relative_to(PACKAGE)}: {why}: {text[:100]!r}"
        for path in sorted((PACKAGE / folder).glob("*.py" if folder == "." else "**/*.py"))
        if path.name not in NOT_FOR_PEOPLE
        for text in sentences(path)
        for why in complaints(text)
    ]

    assert not bad, "\n".join(bad)


@pytest.mark.parametrize(
    "text",
    [
        "What came of it is unknown.",
        "It is said so.",
        "Done! Next",
        "It ended on 2026-11-27.",
        "Please wait.",
        "The page before",
    ],
)
def test_a_banned_construction_is_found(text: str) -> None:
    assert complaints(text)
