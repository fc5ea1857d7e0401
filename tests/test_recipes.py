"""The recipes in CONTRIBUTING.md for a subject field, for a kind of key: carried out on copies of the package."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
STORES = ROOT / "tests" / "storage" / "stores"
STREET = "1 Main Street"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the field of the recipe, and the store of the last released version."""
    tree = tmp_path_factory.mktemp("copy")
    text, row, migration = recipe("A new subject field", tree)
    edit(tree / "csr_tui/core/fields.py", 'country: str = ""\n', f'country: str = ""\n    {text}')
    insert(tree / "csr_tui/core/fields.py", "FIELDS", row)
    insert(tree / "csr_tui/storage/schema.py", "MIGRATIONS", migration)
    released = max(STORES.iterdir(), key=lambda path: int(path.stem.rpartition("-")[2]))
    (tree / "home" / "data").mkdir(mode=0o700, parents=True)
    connection = sqlite3.connect(tree / "home" / "data" / "records.db")
    connection.executescript(released.read_text(encoding="utf-8"))
    connection.close()
    return tree


@pytest.fixture(scope="module")
def with_ed448(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the kind of key of the recipe."""
    tree = tmp_path_factory.mktemp("copy")
    algorithm, row = recipe("A new kind of key", tree)
    edit(tree / "csr_tui/core/keys/kinds.py", "\nKINDS = (\n", f"\n{algorithm}\nKINDS = (\n")
    edit(
        tree / "csr_tui/core/keys/kinds.py",
        '\n)\n"""The first of an algo',
        f'\n    {row.strip()},\n)\n"""The first of an algo',
    )
    return tree


def recipe(title: str, tree: Path) -> list[str]:
    """The blocks of a recipe, and a copy of the package to carry it out on."""
    shutil.copytree(ROOT / "csr_tui", tree / "csr_tui", ignore=shutil.ignore_patterns("__pycache__"))
    section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition(f"### {title}\n")[2]
    blocks = re.findall(r"^ *```python\n(.*?)^ *```$", section.partition("\n##")[0], re.MULTILINE | re.DOTALL)
    return list(map(textwrap.dedent, blocks))


def insert(path: Path, table: str, row: str) -> None:
    """Put a row before its table, and its name at the end of that."""
    names = re.search(rf"^{table} = \((.*?),?\s*\)$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert names is not None
    edit(path, names[0], f"{row}\n{table} = ({names[1]}, {row.partition(' ')[0]})")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def csr_tui(copy: Path, *arguments: str) -> str:
    """What the copy answers on its standard output."""
    result = subprocess.run(
        [sys.executable, "-m", "csr_tui", *arguments],
        cwd=copy,
        env={**os.environ, "CSR_TUI_HOME": str(copy / "home")},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def document(copy: Path, *arguments: str) -> Any:
    return json.loads(csr_tui(copy, *arguments, "--json"))


def test_a_subject_field_is_added_by_its_recipe_alone(copy: Path) -> None:
    record = document(copy, "new", "--domain", "www.example.com", "--street", STREET)["id"]
    (copy / "request.toml").write_text(csr_tui(copy, "show", record, "--toml"), encoding="utf-8")
    (copy / "table.csv").write_text(f"Domain,Street Address\nwww2.example.com,{STREET}\n", encoding="utf-8")

    again = document(copy, "new", "--from", "request.toml", "--domain", "www3.example.com")
    document(copy, "apply", "table.csv")
    profile = document(copy, "profiles", "acme", "--from", record)
    found = document(copy, "list", "--search", STREET.upper())
    generated = document(copy, "generate", record, "--no-password", "--protect", "unprotected")

    assert again["street"] == profile["values"]["street"] == generated["street"] == STREET
    assert [one["street"] for one in found["records"]] == [STREET] * 3
    assert generated["differences"] == []
    assert f"street={STREET}" in openssl_subject(generated["csr"])
    assert STREET in csr_tui(copy, "show", record)


def test_the_records_from_before_have_the_field_empty(copy: Path) -> None:
    assert document(copy, "show", "draft00000")["street"] == ""


def test_the_field_is_frozen_with_the_request(copy: Path) -> None:
    csr_tui(copy, "list")
    connection = sqlite3.connect(copy / "home" / "data" / "records.db")

    with pytest.raises(sqlite3.IntegrityError, match="frozen"):
        connection.execute("UPDATE record SET street = 'x' WHERE id = 'issued0000'")
    connection.close()


def test_a_kind_of_key_is_added_by_its_recipe_alone(with_ed448: Path) -> None:
    record = document(with_ed448, "new", "--domain", "a.example", "--purpose", "private", "--algorithm", "ED448")["id"]

    generated = document(with_ed448, "generate", record, "--no-password", "--protect", "unprotected")
    document(with_ed448, "export", record, "--to", "out", "--key-clear")
    (with_ed448 / "again.csr").write_text(generated["csr"], encoding="utf-8")
    again = document(with_ed448, "new", "--from", "again.csr", "--purpose", "private")

    assert (generated["key_parameter"], generated["differences"]) == ("ed448", [])
    assert again["algorithm"] == "ED448"
    assert "Ed448" in csr_tui(with_ed448, "list")
    assert "ED448" in csr_tui(with_ed448, "new", "--help")
    assert "-newkey ed448 " in csr_tui(with_ed448, "show", record, "--openssl")
    assert "Public Key Algorithm: ED448" in openssl("req", "-noout", "-text", "-verify", data=generated["csr"])
    assert "ED448 Private-Key" in openssl("pkey", "-noout", "-text", "-in", with_ed448 / "out" / "a.example.key")


def openssl(*words: str | Path, data: str = "") -> str:
    return subprocess.run(["openssl", *words], input=data, capture_output=True, text=True, check=True).stdout


def openssl_subject(csr: str) -> str:
    return openssl("req", "-noout", "-subject", "-nameopt", "RFC2253", data=csr)
