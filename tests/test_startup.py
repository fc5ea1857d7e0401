"""What the program does before it does anything."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pty_session import Session

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


STORED = """
import sys
from pathlib import Path
from csr_tui.core.fields import Subject
from csr_tui.core.record import Record
from csr_tui.storage import RecordStore

with RecordStore(Path(sys.argv[1]) / "data" / "records.db") as store:
    store.add(Record("painted000", subject=Subject("www.example.com", country="China")))
"""
PAINTED = """
import asyncio, sys
from pathlib import Path
from csr_tui.cli.main import main
from csr_tui.storage import RecordStore
from csr_tui.ui.app import CsrTui
from csr_tui.vault import Vault

async def paint(folder):
    with RecordStore(folder / "data" / "records.db") as store:
        app = CsrTui(store, Vault(), exports=folder)
        app._warm_up = lambda: None
        async with app.run_test() as pilot:
            await pilot.pause()
            assert "www.example.com" in app.screen.records.draw_line(0, 80).text
            print("\\n".join(sys.modules), file=sys.stderr)

asyncio.run(paint(Path(sys.argv[1])))
"""


def test_nothing_that_the_first_paint_can_do_without_is_imported_before_it(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", STORED, tmp_path], check=True)
    result = subprocess.run([sys.executable, "-c", PAINTED, tmp_path], capture_output=True, text=True, check=True)
    loaded = set(result.stderr.split())

    assert "csr_tui.ui.screens.desk" in loaded
    later = {"cryptography", "keyring", "publicsuffixlist", "zxcvbn", "tencentcloud", "idna"}
    assert not {name.partition(".")[0] for name in loaded} & (later | {"argparse", "requests", "urllib3"})
    ours = (
        "core.rules",
        *(f"core.keys.{part}" for part in ("encryption", "external", "identity", "signature", "strength")),
        "core.csr",
        "core.countries",
        "core.names",
        "core.pasted",
        "lifecycle",
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


SLOW_RULES = """
import sys, threading, time
from importlib.machinery import PathFinder
asleep = []

class Slow:
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is threading.main_thread():
            if asleep and name.startswith("csr_tui"):
                print("at the same time", name, flush=True, file=sys.__stderr__)
        elif name == "csr_tui.core.rules.record_check":
            spec = PathFinder.find_spec(name, path)
            self.run, spec.loader.exec_module = spec.loader.exec_module, self.sleep
            return spec

    def sleep(self, module):
        asleep.append(module)
        print("importing the rules", flush=True, file=sys.__stderr__)
        time.sleep(1)
        asleep.clear()
        self.run(module)

sys.meta_path.insert(0, Slow())
from csr_tui.__main__ import main
sys.argv[1:] = []
sys.exit(main())
"""
"""Importing the rules takes a second in the thread that does so once the desk is painted."""


def test_a_key_waits_for_the_imports_of_another_thread(tmp_path: Path) -> None:
    environment = {**os.environ, "CSR_TUI_HOME": str(tmp_path)}
    with Session([sys.executable, "-c", SLOW_RULES], environment) as session:
        session.see("importing the rules")
        session.press("n")
        session.see("What is the certificate for?")
        session.press("\x11")

        assert session.end() == 0
        assert "at the same time" not in session.text()


ASKED = """
import io, os
from pathlib import Path
from csr_tui.cli.context import Context, Prompter
from csr_tui.cli.main import main
from csr_tui.paths import Paths
from csr_tui.vault import Vault

folder = Path(os.environ["CSR_TUI_HOME"])
answers = iter(["new\\n", "\\n", "\\n", "www.example.com\\n", ".\\n", "list\\n", "quit\\n"])
person = Prompter(secret=lambda _: next(answers), line=lambda _: next(answers))
paths = Paths(data=folder, config=folder, exports=folder)
context = Context(paths, Vault(), io.BytesIO(), person, screen=True, environ={"ACCESSIBLE": "1"})
assert main([], context) == 0
"""


def test_the_line_mode_loads_no_screen_and_no_keyring_before_it_asks_for_one() -> None:
    loaded = imported_by(ASKED)

    assert not loaded & {"textual", "rich", "keyring", "cryptography", "zxcvbn"}
