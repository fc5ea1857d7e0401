"""What the program does before it does anything."""

import subprocess
import sys

import pytest

HEAVY = ("textual", "rich", "cryptography", "keyring", "sqlite3", "publicsuffixlist", "zxcvbn", "idna", "tencentcloud")


def imported_by(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in result.stderr.split()}


def test_the_version_imports_nothing_heavy() -> None:
    loaded = imported_by("import sys; sys.argv[1:] = ['--version']\nfrom csr_tui.__main__ import main\nmain()")

    assert not loaded & set(HEAVY)
    assert "argparse" not in loaded


def test_help_imports_nothing_heavy() -> None:
    loaded = imported_by("from csr_tui.cli.main import main; assert main(['--help']) == 0")

    assert not loaded & set(HEAVY)


def test_a_list_needs_no_screen_no_keyring_and_no_cryptography() -> None:
    loaded = imported_by("from csr_tui.cli.main import main; assert main(['list']) == 0")

    assert not loaded & {"textual", "rich", "cryptography", "keyring", "zxcvbn"}


def test_the_desk_paints_before_anything_heavy_is_loaded() -> None:
    loaded = imported_by("import csr_tui.ui.app")

    assert not loaded & {"cryptography", "keyring", "publicsuffixlist", "zxcvbn", "tencentcloud", "textual_fspicker"}


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_without_a_terminal_the_desk_names_the_command_to_use_instead(words: tuple[str, ...]) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "csr_tui", *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )

    assert result.returncode == 2
    assert "\x1b" not in result.stdout
    if not words:
        assert "csr-tui new --domain" in result.stderr
