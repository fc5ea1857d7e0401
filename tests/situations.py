"""The ways in which a keyring is not there or does not answer, each brought about for real."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

START = 10.0
"""Seconds a daemon has to take its name on the bus, or a prompter to be ready."""

PASSWORD = "the keyring's own password"
PLAINTEXT = Path(__file__).with_name("plaintext_keyring.py")


@dataclass
class SecretService:
    """The environment in which it answers, and its processes, to be frozen or killed."""

    environment: dict[str, str]
    bus: subprocess.Popen[str]
    daemon: subprocess.Popen[bytes]

    def lock(self) -> None:
        """Lock the collection that is used by default."""
        subprocess.run(
            [
                *("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.secrets"),
                *("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock"),
                "array:objpath:/org/freedesktop/secrets/collection/login",
            ],
            env=self.environment,
            capture_output=True,
            check=True,
        )

    @contextmanager
    def prompter(self, mode: str) -> Iterator[subprocess.Popen[str]]:
        """Somebody at the password window, who will `never` do anything, `dismiss` it, or `answer` it."""
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("prompter.py")), mode],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self.environment,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{PASSWORD}\n")
        process.stdin.close()
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


@contextmanager
def secret_service(home: Path) -> Iterator[SecretService]:
    """gnome-keyring, unlocked, on a bus of its own, in a home of its own."""
    folders = {
        "HOME": home,
        "XDG_DATA_HOME": home / "data",
        "XDG_RUNTIME_DIR": home / "run",
        "XDG_CONFIG_HOME": home / "config",
    }
    for folder in folders.values():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHON_KEYRING_BACKEND", "DISPLAY")
    } | {name: str(folder) for name, folder in folders.items()}
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    assert bus.stdout is not None
    environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    assert daemon.stdin is not None
    daemon.stdin.write(PASSWORD.encode())
    daemon.stdin.close()
    try:
        _wait_for_name(environment)
        yield SecretService(environment, bus, daemon)
    finally:
        for process in (daemon, bus):
            process.kill()
            process.wait()
        bus.stdout.close()


def _wait_for_name(environment: dict[str, str]) -> None:
    command = [
        *("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/"),
        *("org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"),
    ]
    until = time.monotonic() + START
    while time.monotonic() < until:
        reply = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if "boolean true" in reply.stdout:
            return
    pytest.fail("gnome-keyring did not take its name on the bus")


@contextmanager
def no_bus(service: SecretService) -> Iterator[None]:
    with _variables(service, DBUS_SESSION_BUS_ADDRESS=None):
        yield


@contextmanager
def dead_address(service: SecretService) -> Iterator[None]:
    with _variables(service, DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent"):
        yield


@contextmanager
def black_hole(service: SecretService) -> Iterator[None]:
    """An address that takes every connection and says nothing."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/bus")
        listener.listen(64)
        with _variables(service, DBUS_SESSION_BUS_ADDRESS=f"unix:path={folder}/bus"):
            yield


@contextmanager
def bus_frozen(service: SecretService) -> Iterator[None]:
    with _stopped(service.bus.pid):
        yield


@contextmanager
def bus_killed(service: SecretService) -> Iterator[None]:
    service.bus.kill()
    service.bus.wait()
    yield


@contextmanager
def daemon_frozen(service: SecretService) -> Iterator[None]:
    with _stopped(service.daemon.pid):
        yield


@contextmanager
def daemon_killed(service: SecretService) -> Iterator[None]:
    """The bus starts another one at the next call, and that one is locked."""
    service.daemon.kill()
    service.daemon.wait()
    yield


@contextmanager
def locked(service: SecretService) -> Iterator[None]:
    """Locked, with no display on which it could ask."""
    service.lock()
    yield


@contextmanager
def never_answered(service: SecretService) -> Iterator[None]:
    service.lock()
    with service.prompter("never"):
        yield


@contextmanager
def dismissed(service: SecretService) -> Iterator[None]:
    service.lock()
    with service.prompter("dismiss"):
        yield


@contextmanager
def plaintext_alone(service: SecretService) -> Iterator[None]:
    """No bus, and keyrings.alt, which `keyring` then takes without a word."""
    with no_bus(service), plaintext_installed(service):
        yield


@contextmanager
def plaintext_installed(service: SecretService) -> Iterator[None]:
    """A stand-in for keyrings.alt on PYTHONPATH, or the real one where KEYRINGS_ALT names its folder.

    The real one is not in the lock: `make run` uses the same environment, where nothing should keep secrets in clear.
    """
    if real := os.environ.get("KEYRINGS_ALT"):
        with _variables(service, PYTHONPATH=real):
            yield
        return
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder, "keyrings", "alt")
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "file.py").write_text(PLAINTEXT.read_text())
        metadata = Path(folder, "keyrings.alt-5.0.2.dist-info")
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: keyrings.alt\nVersion: 5.0.2\n")
        (metadata / "entry_points.txt").write_text("[keyring.backends]\nfile = keyrings.alt.file\n")
        with _variables(service, PYTHONPATH=folder):
            yield


@contextmanager
def null_backend(service: SecretService) -> Iterator[None]:
    with _variables(service, PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring"):
        yield


@contextmanager
def named_nothing(service: SecretService) -> Iterator[None]:
    with _variables(service, PYTHON_KEYRING_BACKEND="no.such.Keyring"):
        yield


SITUATIONS: dict[str, Callable[[SecretService], object]] = {
    "no bus": no_bus,
    "dead address": dead_address,
    "black hole": black_hole,
    "bus frozen": bus_frozen,
    "bus killed": bus_killed,
    "daemon frozen": daemon_frozen,
    "daemon killed": daemon_killed,
    "locked": locked,
    "prompt never answered": never_answered,
    "prompt dismissed": dismissed,
    "plaintext alone": plaintext_alone,
    "null backend": null_backend,
    "backend named nothing": named_nothing,
}
"""Name -> what brings it about for as long as its block lasts."""

SAYS = {
    "no bus": "no OS keyring here",
    "dead address": "no OS keyring here",
    "black hole": "no OS keyring here",
    "bus frozen": "no OS keyring here",
    "bus killed": "no OS keyring here",
    "daemon frozen": "did not answer within",
    "daemon killed": "locked",
    "locked": "locked",
    "prompt never answered": "did not answer within",
    "prompt dismissed": "locked",
    "plaintext alone": "not one that is known to keep secrets encrypted",
    "null backend": "switched off",
    "backend named nothing": "cannot be loaded",
}
"""Name -> what a person who wants to keep a password reads."""

SILENT = ("daemon frozen", "prompt never answered")
"""Those in which a call does not come back."""


@contextmanager
def _variables(service: SecretService, **variables: str | None) -> Iterator[None]:
    before = dict(service.environment)
    for name, value in variables.items():
        service.environment.pop(name, None)
        if value is not None:
            service.environment[name] = value
    try:
        yield
    finally:
        service.environment.clear()
        service.environment.update(before)


@contextmanager
def _stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
