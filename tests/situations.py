"""The ways in which a keyring is not there or does not answer, each brought about for real."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from secret_service import SecretService

PLAINTEXT = Path(__file__).with_name("plaintext_keyring.py")


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


SITUATIONS: dict[str, Callable[[SecretService], AbstractContextManager[object]]] = {
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
    "no bus": "OS keyring is reachable",
    "dead address": "OS keyring is reachable",
    "black hole": "OS keyring is reachable",
    "bus frozen": "OS keyring is reachable",
    "bus killed": "OS keyring is reachable",
    "daemon frozen": "respond",
    "daemon killed": "locked",
    "locked": "locked",
    "prompt never answered": "respond",
    "prompt dismissed": "locked",
    "plaintext alone": "not known to encrypt secrets",
    "null backend": "switched off",
    "backend named nothing": "cannot be loaded",
}
"""Name -> what a person who wants to keep a password reads."""

SILENT = ("daemon frozen", "prompt never answered")
"""Those in which a call does not come back."""


def patience(situation: str = "") -> tuple[float, float]:
    """Seconds for a look at the keyring, and for its answer: few where none can come, many where one has to."""
    return (0.7, 1) if situation in SILENT else (10, 15)


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
