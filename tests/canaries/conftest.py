"""A home, a real Secret Service and a sandbox of Tencent Cloud for the program whose secrets are listened for."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from canaries.listening import CLOUD, files
from faults.keyrings import Service
from pty_session import Session
from secret_service import running

from csr_tui.core.custody import Custody
from csr_tui.core.record import KeySpec, Record, new_id
from csr_tui.storage import RecordStore
from csr_tui.tencent.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from secret_service import SecretService

SECRET_ID = "AKIDcanary0123456789"
PROGRAM = Path(__file__).with_name("program.py")


@dataclass
class World:
    """Where the program runs: everything that it can write is below `folder`, but what it gives to the keyring."""

    folder: Path
    environment: dict[str, str]
    sandbox: Sandbox
    guard: str = ""
    crash: str = ""
    said: dict[str, bytes] = field(default_factory=dict)
    line: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        return self.folder / "everything.log"

    def command(self, *words: str) -> list[str]:
        return [sys.executable, str(PROGRAM), self.guard, self.crash, str(self.log), *words]

    def run(
        self, *words: str, stdin: str = "", status: int = 0, listen: bool = True, variables: Mapping[str, str] = {}
    ) -> str:
        """One command; what it wrote is listened to, and returned where it went to standard output."""
        result = subprocess.run(
            self.command(*words),
            input=stdin.encode(),
            capture_output=True,
            env={**self.environment, **variables},
            timeout=120,
            check=False,
        )
        number = len(self.said) // 2
        if listen:
            self.said |= {f"stdout {number}": result.stdout, f"stderr {number}": result.stderr}
        assert result.returncode == status, result.stdout + result.stderr
        return result.stdout.decode()

    def at_terminal(self, *words: str, **variables: str) -> Session:
        return Session(self.command(*words), self.environment | variables)

    def draft(self, *, custody: Custody = Custody.RANDOM_KEYRING) -> Record:
        """A record that can be generated, put straight into the store."""
        from lifecycle.tencent.cloud import SUBJECT

        with RecordStore(self.folder / "csr-tui" / "data" / "records.db") as store:
            return store.add(Record(new_id(), subject=SUBJECT, key=KeySpec("ECC", "prime256v1"), custody=custody))

    def places(self, *besides: Path) -> dict[str, bytes]:
        """Everything that was said and written, but for files that are below `besides`."""
        found = files(self.folder)
        return self.said | {
            name: data for name, data in found.items() if not any(Path(name).is_relative_to(one) for one in besides)
        }

    def deliver(self, action: str, answer: Callable[[], bytes]) -> bytes:
        bend = self.line.get(action)
        return answer() if bend is None else bend(answer())


@pytest.fixture(scope="package")
def service() -> Iterator[SecretService]:
    """One daemon for all."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as service:
        yield service


@pytest.fixture
def kept(service: SecretService, monkeypatch: pytest.MonkeyPatch) -> Callable[[], set[str]]:
    """The names of the passwords that the keyring holds for the program."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", service.environment["DBUS_SESSION_BUS_ADDRESS"])
    return Service("csr-tui").names


@pytest.fixture
def world(require: Callable[..., None], request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    require("dbus-daemon", "gnome-keyring-daemon", "dbus-send", "setsid")
    service: SecretService = request.getfixturevalue("service")
    folder = tmp_path / "all"
    for name in ("home", "tmp", "run"):
        (folder / name).mkdir(parents=True, mode=0o700)
    kept = {name: os.environ[name] for name in ("PATH", "VIRTUAL_ENV", "PYTHONPATH") if name in os.environ}
    environment = kept | {
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "CSR_TUI_HOME": str(folder / "csr-tui"),
        "DBUS_SESSION_BUS_ADDRESS": service.environment["DBUS_SESSION_BUS_ADDRESS"],
        "TEXTUAL_ANIMATIONS": "none",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    made: list[World] = []
    deliver = lambda action, answer: made[0].deliver(action, answer)  # noqa: E731  # the world needs the sandbox first
    with Sandbox(secret_id=SECRET_ID, secret_key=CLOUD, deliver=deliver) as sandbox:
        made.append(World(folder, environment | {"CSR_TUI_ENDPOINT": sandbox.endpoint}, sandbox))
        yield made[0]
