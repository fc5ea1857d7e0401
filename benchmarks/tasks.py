"""Seven tasks from the first key to the result, at 120 ms a key, on the real program; against the typing alone."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from keyring.backend import KeyringBackend
from measuring import environment_of, row, started

PACE = 0.12
ROUNDS = 3
DESK = [sys.executable, __file__, "desk"]
ENTER, CONFIRM, GENERATE, ALL = "\r", "\x13", "\x07", "\x01"
MADE = "Key and CSR generated"
PASSWORD = "correct horse battery"  # noqa: S105  # typed by nobody else


class Keyring(KeyringBackend):
    """A keyring of one file, that answers at once."""

    priority = 5
    path = Path(os.environ.get("CSR_TUI_HOME", "."), "keyring.json")

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring's

    def _entries(self) -> dict[str, str]:
        entries: dict[str, str] = json.loads(self.path.read_text("utf-8")) if self.path.exists() else {}
        return entries

    def get_password(self, service: str, username: str) -> str | None:
        return self._entries().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self.path.write_text(json.dumps({**self._entries(), f"{service} {username}": password}), "utf-8")

    def delete_password(self, service: str, username: str) -> None:
        self.path.write_text(json.dumps({**self._entries(), f"{service} {username}": ""}), "utf-8")


@dataclass(frozen=True)
class Task:
    """What is there before, the keys, and what shows once it is done."""

    name: str
    prepare: Callable[["Home"], None]
    keys: tuple[str, ...]
    first: str
    done: str
    keyring: bool = True


@dataclass(frozen=True)
class Home:
    """A folder with a store, and the command line on it."""

    folder: Path

    def environment(self, *, keyring: bool = True) -> dict[str, str]:
        environment = environment_of(self.folder)
        if keyring:
            environment |= {"PYTHON_KEYRING_BACKEND": "tasks.Keyring", "PYTHONPATH": os.pathsep.join(self._path())}
        return environment

    @staticmethod
    def _path() -> list[str]:
        return [str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]

    def run(self, *command: str) -> str:
        where = self.environment()
        return subprocess.run(command, env=where, cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def desk(self, *words: str) -> str:
        return self.run(*DESK, *words).strip()

    def table(self, domains: list[tuple[str, str]], *words: str) -> None:
        lines = "".join(f"{domain},Example Ltd,CN,ECC,{tag}\n" for domain, tag in domains)
        (self.folder / "hosts.csv").write_text(f"Domain,Organization,Country,EncryptAlgo,Tags\n{lines}", "utf-8")
        self.desk("apply", "hosts.csv", *words)


def nothing(_: Home) -> None:
    """An empty desk."""


def many(home: Home) -> None:
    home.table([(f"pay{number:02}.prod.example.com", "team=pay") for number in range(100)])
    home.table([(f"h{number:04}.example.com", "team=web") for number in range(1900)])


def hundred(home: Home) -> None:
    home.table([(f"pay{number:02}.prod.example.com", "team=pay") for number in range(100)], "--generate")


def generated(home: Home) -> None:
    """A CSR, and the certificate that a CA sent for it in www.pem."""
    home.table([("www.example.com", "team=web")], "--generate")
    identity = json.loads(home.desk("list", "--json"))["records"][0]["id"]
    csr = home.desk("show", identity, "--csr")
    (home.folder / "www.csr").write_text(csr, "ascii")
    ca = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "ca.key", "-out", "ca.pem")
    home.run("openssl", "req", "-x509", *ca, "-subj", "/CN=Trial Root", "-days", "900")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-copy_extensions", "copyall", "-days", "90")
    home.run("openssl", "x509", "-req", "-in", "www.csr", *signing, "-out", "www.pem")
    with (home.folder / "www.pem").open("a") as file:
        file.write((home.folder / "ca.pem").read_text("ascii"))


def issued(home: Home) -> None:
    generated(home)
    home.desk("attach", "www.pem")


TASKS = (
    Task("first CSR, keyring there", nothing, ("n", *"shop.example.com", GENERATE), "Nothing here yet", MADE),
    Task(
        "first CSR, no keyring",
        nothing,
        ("n", *"shop.example.com", GENERATE, ENTER, *PASSWORD, ENTER, *PASSWORD, ENTER),
        "Nothing here yet",
        MADE,
        keyring=False,
    ),
    Task("open one of 2,000", many, ("/", *"pay07.prod", ENTER, ENTER), "h1899", "What is the certificate for?"),
    Task("renew", issued, ("x", ENTER, GENERATE), "www.example.com", MADE),
    Task("attach by path", generated, ("a", *"www.pem", ENTER), "www.example.com", "Certificate attached"),
    Task("export", issued, ("e", CONFIRM), "www.example.com", "Exported"),
    Task(
        "export of 100", hundred, ("/", *"team=pay", ENTER, ALL, "e", CONFIRM), "prod.example.com", "300 files are in"
    ),
)


def took(task: Task, home: Home) -> float:
    """Seconds from the first key until the result shows."""
    os.chdir(home.folder)
    with started(DESK, home.environment(keyring=task.keyring)) as terminal:
        terminal.wait_for(task.first.encode())
        terminal.quiet(1.0)
        begin = time.perf_counter()
        for number, key in enumerate(task.keys):
            terminal.read_until(begin + number * PACE)
            terminal.press(key.encode())
        terminal.wait_for(task.done.encode())
        return time.perf_counter() - begin


def desk(*words: str) -> int:
    """The program, where this keyring is one that it trusts."""
    from csr_tui.__main__ import main as run
    from csr_tui.vault import backends

    backends.TRUSTED["tasks"] = "the keyring"
    sys.argv[1:] = words
    return run()


def main() -> None:
    for task in TASKS:
        seconds = []
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                home = Home(Path(folder))
                task.prepare(home)
                seconds.append(took(task, home))
        typing = len(task.keys) * PACE
        against = f"typing them for {typing:.1f} s, 120 ms a key"
        row(f"time of a task: {task.name}, {len(task.keys)} keys", against, statistics.median(seconds) / typing, "")


if __name__ == "__main__":
    if sys.argv[1:2] == ["desk"]:
        sys.exit(desk(*sys.argv[2:]))
    main()
