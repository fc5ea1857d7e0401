"""What the program does before it does anything."""

import subprocess
import sys

import pytest

HEAVY = (
    "textual",
    "rich",
    "cryptography",
    "keyring",
    "sqlite3",
    "publicsuffixlist",
    "zxcvbn",
    "idna",
    "tencentcloud",
    "tomlkit",
)


def imported_by(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in result.stderr.split()}


def test_the_version_imports_nothing_heavy() -> None:
    loaded = imported_by("import sys; sys.argv[1:] = ['--version']\nfrom csr_tui.__main__ import main\nmain()")

    assert not loaded & {*HEAVY, "argparse", "typing", "re"}


def test_help_imports_nothing_heavy() -> None:
    loaded = imported_by("from csr_tui.cli.main import main; assert main(['--help']) == 0")

    assert not loaded & set(HEAVY)


def test_a_list_needs_no_screen_no_keyring_and_no_cryptography() -> None:
    loaded = imported_by("from csr_tui.cli.main import main; assert main(['list']) == 0")

    assert not loaded & {"textual", "rich", "cryptography", "keyring", "zxcvbn"}


PAINTED = """
import asyncio, sys, tempfile
from pathlib import Path
from csr_tui.cli.main import main
from csr_tui.core.fields import Subject
from csr_tui.core.record import Record
from csr_tui.storage import RecordStore
from csr_tui.ui.app import CsrTui
from csr_tui.vault import Vault

async def paint(folder):
    with RecordStore(folder / "data" / "records.db") as store:
        store.add(Record("painted000", subject=Subject("www.example.com", country="China")))
        app = CsrTui(store, Vault(), exports=folder)
        app._warm_up = lambda: None
        async with app.run_test() as pilot:
            await pilot.pause()
            assert "www.example.com" in app.screen.records.draw_line(0, 80).text
            print("\\n".join(sys.modules), file=sys.stderr)

with tempfile.TemporaryDirectory() as folder:
    asyncio.run(paint(Path(folder)))
"""


def test_nothing_that_the_first_paint_can_do_without_is_imported_before_it() -> None:
    result = subprocess.run([sys.executable, "-c", PAINTED], capture_output=True, text=True, check=True)
    loaded = set(result.stderr.split())

    assert "csr_tui.ui.screens.desk" in loaded
    later = {"cryptography", "keyring", "publicsuffixlist", "zxcvbn", "tencentcloud", "idna"}
    assert not {name.partition(".")[0] for name in loaded} & (later | {"argparse", "requests", "urllib3"})
    ours = (
        "core.rules",
        *(f"core.keys.{part}" for part in ("encryption", "external", "identity", "signature", "strength")),
        "core.csr",
        "core.countries",
        "tencent",
        "export",
        "ui.flows",
        "ui.screens.wizard",
    )
    assert not [name for name in loaded if name.startswith(tuple(f"csr_tui.{part}" for part in ours))]
    assert "textual.widgets._text_area" not in loaded


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_without_a_terminal_the_desk_names_the_command_to_use_instead(words: tuple[str, ...]) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "csr_tui", *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )

    assert result.returncode == 2
    assert "\x1b" not in result.stdout
    if not words:
        assert "csr-tui new --domain" in result.stderr
