"""A real Secret Service: gnome-keyring on a private bus, in a private home."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import secretstorage
from jeepney import DBusAddress, message_bus, new_method_call
from jeepney.io.blocking import Proxy, open_dbus_connection
from processes import ended
from secretstorage.exceptions import ItemNotFoundException

if TYPE_CHECKING:
    from collections.abc import Iterator

START = 10.0
"""Seconds the daemon has to take its name on the bus."""

LOGIN = "/org/freedesktop/secrets/collection/login"
SERVICE = DBusAddress("/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service")
PASSWORD = "the keyring's own password"


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
                f"array:objpath:{LOGIN}",
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
        with ended(process):
            process.stdin.write(f"{PASSWORD}\n")
            process.stdin.close()
            assert process.stdout.readline() == "ready\n"
            yield process


@contextmanager
def running(home: Path, *, address: str | None = None) -> Iterator[SecretService]:
    """It answers, at the bus address that is given, until the context is left; RuntimeError where it does not start."""
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
        ["dbus-daemon", "--session", "--nofork", "--print-address=1", *([f"--address={address}"] if address else [])],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    assert bus.stdout is not None
    with ended(bus):
        environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        daemon = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        assert daemon.stdin is not None
        with ended(daemon):
            daemon.stdin.write(PASSWORD.encode())
            daemon.stdin.close()
            _wait_for_name(environment["DBUS_SESSION_BUS_ADDRESS"], daemon)
            _have_a_collection(environment["DBUS_SESSION_BUS_ADDRESS"])
            yield SecretService(environment, bus, daemon)


def _wait_for_name(address: str, daemon: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START
    with closing(open_dbus_connection(address)) as bus:
        while time.monotonic() < until and daemon.poll() is None:
            if Proxy(message_bus, bus).NameHasOwner("org.freedesktop.secrets") == (1,):
                return
            time.sleep(0.005)
    raise RuntimeError("gnome-keyring did not take its name on the bus")


def _have_a_collection(address: str) -> None:
    """A person's keyring has one from their first login on; two programs that make it at once lose one of two.

    The daemon may take its name before it has made, or unlocked, the collection that is the default one.
    """
    until = time.monotonic() + START
    with closing(open_dbus_connection(address)) as bus:
        while time.monotonic() < until:
            with suppress(ItemNotFoundException):
                if not secretstorage.Collection(bus, LOGIN).is_locked():
                    bus.send_and_get_reply(new_method_call(SERVICE, "SetAlias", "so", ("default", LOGIN)))
                    if not secretstorage.get_collection_by_alias(bus, "default").is_locked():
                        return
            time.sleep(0.005)
    raise RuntimeError("gnome-keyring did not unlock its collection")
