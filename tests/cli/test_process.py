"""The program as a process of its own: what it imports, its streams, and signals."""

from __future__ import annotations

import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

import pytest
from pty_session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = (sys.executable, "-m", "csr_tui")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home and a runtime folder of its own, and no session bus: the real keyring is out of reach."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "VIRTUAL_ENV", "PYTHONPATH")}
    return {
        **kept,
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/nowhere",
        "CSR_TUI_HOME": str(tmp_path / "home"),
    }


class Program(Protocol):
    def __call__(
        self, *words: str, env: dict[str, str] | None = None, stdout: IO[str] | int = subprocess.PIPE, umask: int = -1
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def program(environment: dict[str, str]) -> Program:
    def call(
        *words: str, env: dict[str, str] | None = None, stdout: IO[str] | int = subprocess.PIPE, umask: int = -1
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, *words],
            env=environment if env is None else env,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            umask=umask,
        )

    return call


def imported(environment: dict[str, str], *words: str) -> set[str]:
    """The modules that a command imports."""
    command = [sys.executable, "-X", "importtime", "-m", "csr_tui", *words]
    said = subprocess.run(command, env=environment, text=True, capture_output=True, stdin=subprocess.DEVNULL)
    return {line.rpartition("|")[2].strip() for line in said.stderr.splitlines() if line.startswith("import time:")}


def test_the_version_imports_nothing_heavy(environment: dict[str, str]) -> None:
    modules = imported(environment, "--version")

    assert "csr_tui" in modules
    assert not modules & {"textual", "rich", "cryptography", "keyring", "argparse", "sqlite3", "dataclasses"}


@pytest.mark.parametrize("words", [("list",), ("--help",), ("new", "--help"), ()])
def test_light_commands_import_nothing_heavy(words: tuple[str, ...], environment: dict[str, str]) -> None:
    modules = imported(environment, *words)

    assert not modules & {"textual", "rich", "cryptography", "keyring", "publicsuffixlist", "zxcvbn"}


def test_the_version_is_one_line(program: Program) -> None:
    result = program("--version")

    assert (result.returncode, result.stdout, result.stderr) == (0, "csr-tui 0.1.0\n", "")


def test_without_a_terminal_it_names_the_command_to_use(program: Program) -> None:
    result = program()

    assert (result.returncode, result.stdout) == (2, "")
    assert "csr-tui new --domain" in result.stderr


def test_a_whole_request_from_a_shell(program: Program, tmp_path: Path) -> None:
    made = program("new", "--domain", "www.example.com", "--algorithm", "ECC").stdout.strip()
    keyless = program("generate", made, "--json")
    done = program("generate", made, "--no-password", "--protect", "unprotected")
    exported = program("export", made, "--to", str(tmp_path / "out"))

    assert (keyless.returncode, json.loads(keyless.stdout)["error"]["kind"]) == (5, "keyring")
    assert (done.returncode, exported.returncode) == (0, 0), done.stderr + exported.stderr
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_the_store_is_private_whatever_the_umask(program: Program, tmp_path: Path) -> None:
    program("new", umask=0)

    folder = tmp_path / "home" / "data"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_a_reader_who_goes_away_is_no_error(program: Program) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    result = program("--help", stdout=writing)

    os.close(writing)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
@pytest.mark.parametrize("words", [("--help",), ("list", "--json"), ("show", "zzz", "--json"), ("new", "--help")])
def test_a_full_disk_under_standard_output_is_a_sentence(words: tuple[str, ...], program: Program) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        result = program(*words, stdout=full)

    assert result.returncode == (4 if words[0] == "show" else 8)
    assert "Traceback" not in result.stderr
    assert "Exception ignored" not in result.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_a_full_disk_under_standard_error_leaves_the_status_as_it_is(environment: dict[str, str]) -> None:
    command = f"{sys.executable} -m csr_tui show zzz 2>/dev/full"

    assert subprocess.run(["sh", "-c", command], env=environment, check=False).returncode == 4


def test_closed_streams_are_no_crash(environment: dict[str, str]) -> None:
    command = f"{sys.executable} -m csr_tui new --json <&- >&- 2>&-"

    assert subprocess.run(["sh", "-c", command], env=environment, check=False).returncode == 0


def test_names_in_unicode_leave_through_an_ascii_terminal(program: Program, environment: dict[str, str]) -> None:
    made = program("new", "--domain", "bücher.de").stdout.strip()

    result = program("show", made, env={**environment, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})

    assert (result.returncode, result.stderr) == (0, "")
    assert "b\\xfccher.de" in result.stdout


def test_bytes_that_are_no_utf_8_in_an_argument_are_refused(environment: dict[str, str]) -> None:
    command: list[str | bytes] = [*PROGRAM, "new", "--organization", b"a\xffb", "--json"]

    result = subprocess.run(command, env={**environment, "PYTHONUTF8": "1"}, capture_output=True, check=False)

    assert (result.returncode, json.loads(result.stdout)["error"]["field"]) == (3, "organization")


WAITS = """
import io, os, signal, sys, time
from csr_tui.cli.main import main
from csr_tui.cli.context import Context, Prompter, from_process
from dataclasses import replace

def asked(prompt):
    print("asked", flush=True)
    for _ in range(600):  # no read: a signal just before it would wait for what nobody types
        time.sleep(0.1)
    return ""

signal.signal(signal.SIGINT, signal.default_int_handler)
person = Prompter(asked, asked)
sys.exit(main(sys.argv[1:], replace(from_process(), person=person)))
"""


@pytest.mark.parametrize(
    ("signum", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)], ids=str
)
def test_a_signal_ends_it_quietly_and_undoes_what_was_under_way(
    signum: int, status: int, program: Program, environment: dict[str, str]
) -> None:
    made = program("new", "--domain", "www.example.com", "--algorithm", "ECC").stdout.strip()
    command = [sys.executable, "-c", WAITS, "generate", made, "--protect", "prompt"]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as waiting:
        assert waiting.stdout is not None
        assert waiting.stderr is not None
        assert waiting.stdout.readline() == "asked\n"

        waiting.send_signal(signum)

        assert waiting.wait(timeout=30) == status
        assert "Traceback" not in waiting.stderr.read()
    assert json.loads(program("show", made, "--json").stdout)["state"] == "draft"


def test_textual_is_not_told_to_write_down_what_is_typed(environment: dict[str, str]) -> None:
    script = (
        "import os, sys; sys.argv = ['csr-tui', 'list']; from csr_tui.__main__ import main; main(); "
        "print(sorted(name for name in os.environ if name.startswith('TEXTUAL')))"
    )
    told = {"TEXTUAL": "devtools", "TEXTUAL_LOG": "keys.log", "TEXTUAL_DEVTOOLS_PORT": "8081", "TEXTUAL_FPS": "30"}

    result = subprocess.run(
        [sys.executable, "-c", script], env={**environment, **told}, capture_output=True, text=True, check=True
    )

    assert result.stdout == "['TEXTUAL_FPS']\n"


def at_a_terminal(environment: dict[str, str], typed: Sequence[bytes], *words: str) -> tuple[int, str]:
    """Run the program at a terminal of its own, answering each question; its status and what the terminal showed."""
    person, program = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, *words], env=environment, stdin=program, stdout=program, stderr=program, start_new_session=True
    ) as running:
        os.close(program)
        shown = b""
        for answer in typed:
            asked = len(shown)
            while not shown[asked:].rstrip(b" ").endswith((b":", b"[y/N]")):
                shown += os.read(person, 1024)
            os.write(person, answer)
        while chunk := _rest(person):
            shown += chunk
        status = running.wait(timeout=60)
    os.close(person)
    return status, shown.decode()


def _rest(person: int) -> bytes:
    try:
        return os.read(person, 1024)
    except OSError:  # Linux says so when the other side has gone
        return b""


def test_passwords_typed_at_a_terminal_are_not_shown(program: Program, environment: dict[str, str]) -> None:
    made = program("new", "--domain", "www.example.com", "--algorithm", "ECC").stdout.strip()
    password = b"correct-horse-battery-staple-42\n"

    status, shown = at_a_terminal(environment, [password, password], "generate", made, "--protect", "prompt")

    assert status == 0
    assert "that you hold" in shown
    assert "staple" not in shown


def test_delete_asks_at_a_terminal(program: Program, environment: dict[str, str]) -> None:
    made = program("new", "--domain", "www.example.com").stdout.strip()

    no, _ = at_a_terminal(environment, [b"n\n"], "delete", made)
    yes, shown = at_a_terminal(environment, [b"y\n"], "delete", made)

    assert (no, yes) == (4, 0)
    assert "www.example.com" in shown


def test_no_library_warns_on_standard_error(program: Program, tmp_path: Path) -> None:
    """pyca warns of a serial that is not positive, and of a country of three letters, with lines of its own source."""
    from authority import Authority
    from core.test_odd_requests import COUNTRY, HOST, PRINTABLE, part, request
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    issued = Authority("Example CA").issue(key.public_key(), "www.example.com").public_bytes(serialization.Encoding.DER)
    begin = issued.index(b"\xa0\x03\x02\x01\x02\x02") + 5  # where the serial stands, behind the version
    negative = issued[: begin + 2] + b"\x81" + issued[begin + 3 :]
    (tmp_path / "odd.crt").write_bytes(negative)
    (tmp_path / "odd.csr").write_bytes(request(part(COUNTRY, PRINTABLE, b"CHN"), HOST))

    looked = program("inspect", str(tmp_path / "odd.crt"))
    asked = program("inspect", str(tmp_path / "odd.csr"))
    made = program("new", "--from", str(tmp_path / "odd.csr"))
    examined = program("doctor", str(tmp_path))

    assert "serial number is not positive" in looked.stdout
    assert "two-letter" in asked.stdout
    assert "two-letter country code" in made.stderr
    assert "Warning" not in looked.stderr + asked.stderr + made.stderr + examined.stderr


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"PYTHONIOENCODING": "gbk"}, "this terminal uses GBK"),
        ({"PYTHONIOENCODING": "iso-8859-1"}, "this terminal uses ISO"),
        ({"PYTHONIOENCODING": "ascii"}, "this terminal uses ASCII"),
    ],
)
def test_the_desk_is_not_drawn_where_it_would_be_torn(
    environment: dict[str, str], variables: dict[str, str], says: str
) -> None:
    with Session(PROGRAM, {**environment, **variables}) as session:
        status = session.end()

    assert status == 2
    assert says in session.text()
    assert b"\x1b" not in session.raw


@pytest.mark.parametrize("encoding", ["gbk", "iso-8859-1", "ascii"])
def test_commands_print_in_any_encoding(program: Program, environment: dict[str, str], encoding: str) -> None:
    variables = {**environment, "PYTHONIOENCODING": encoding}
    made = program("new", "--domain", "bücher.example.com", "--organization", "示例 💩", env=variables)
    for words in (("list",), ("show", made.stdout.strip()), ("--help",), ("doctor",), ("new", "--city", "a\u00a0b")):
        result = subprocess.run([*PROGRAM, *words], env=variables, capture_output=True, stdin=subprocess.DEVNULL)

        assert result.returncode in (0, 4)
        assert b"Traceback" not in result.stderr


def test_the_plain_locale_has_the_desk(environment: dict[str, str]) -> None:
    with Session(PROGRAM, {**environment, "LANG": "C"}) as session:
        session.see("Nothing here yet")


def _listed(environment: dict[str, str], at_once: str) -> tuple[str, str]:
    """`list --json` with another number of records that a second process shares; its sentences end with how often
    it forked.
    """
    script = (
        "import os, sys\nsys.argv = ['csr-tui', 'list', '--json']\n"
        "from csr_tui.__main__ import main\nfrom csr_tui.cli import document, output\n"
        "fork, forked = os.fork, []\nos.fork = lambda: forked.append(1) or fork()\n"
        f"{at_once}\nmain()\nsys.stderr.write(f'forks: {{len(forked)}}')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env=environment, text=True, capture_output=True, check=True)
    return done.stdout, done.stderr


def test_two_processes_write_the_list_that_one_does(program: Program, environment: dict[str, str]) -> None:
    for number in range(5):
        program("new", "--domain", f"h{number}.example.com")

    alone, one = _listed(environment, "")
    together, two = _listed(environment, "output.MANY, document.LINES = 1, 2")

    assert (one, two) == ("forks: 0", "forks: 1")
    assert together == alone
    assert len(json.loads(together)["records"]) == 5


def test_a_second_process_that_dies_leaves_its_half_to_the_first(program: Program, environment: dict[str, str]) -> None:
    for number in range(5):
        program("new", "--domain", f"h{number}.example.com")

    alone, _ = _listed(environment, "")
    dead, two = _listed(environment, "output.MANY = 1\nos.fork = lambda: forked.append(1) or fork() or os._exit(9)")

    assert two == "forks: 1"
    assert dead == alone


def test_damaged_records_are_counted_wherever_their_lines_are_made(
    program: Program, environment: dict[str, str]
) -> None:
    made = [program("new", "--domain", f"h{number}.example.com").stdout.strip() for number in range(6)]
    with closing(sqlite3.connect(Path(environment["CSR_TUI_HOME"]) / "data" / "records.db")) as store, store:
        store.executemany("UPDATE record SET created_at = 'then' WHERE id = ?", [(made[0],), (made[1],), (made[5],)])

    listed, said = _listed(environment, "output.MANY, document.LINES = 1, 2")

    assert said.startswith("The store is damaged: the unreadable fields of 3 records are not listed.")
    assert said.endswith("forks: 1")
    assert [one["id"] for one in json.loads(listed)["records"]] == made[::-1]
