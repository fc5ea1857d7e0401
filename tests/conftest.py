"""A home of its own for every test, and the programs that some of them need.

No test reaches the real home, the real keyring or the real credentials of the person running it.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PACKAGES = {
    "dbus-daemon": "dbus",
    "gnome-keyring-daemon": "gnome-keyring",
    "secret-tool": "libsecret-tools",
    "certtool": "gnutls-bin",
    "keytool": "default-jre-headless",
    "dbus-send": "dbus-bin",
    "ps": "procps",
    "unshare": "util-linux",
    "setpriv": "util-linux",
    "nginx": "nginx-light",
    "cfssl": "golang-cfssl",
    "setsid": "util-linux",
    "softhsm2-util": "softhsm2",
    "pkcs11-tool": "opensc",
    "p11tool": "gnutls-bin",
    "pebble-challtestsrv": "pebble",
    "ip": "iproute2",
}
"""Program -> the Debian package that holds it, where it is called otherwise."""


# Thousands of programs are started here: without bytecode each of them would compile its source again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.pop("PYTHONUNBUFFERED", None)  # which hides what is left in a buffer at the end of a program

# No test depends on how fast this machine is now, and one fixture serves all examples of a test.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("untimed")

for _signum in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    # As in the background of a shell, or under nohup: what is ignored here, each program that a test starts ignores,
    # too, while a handler goes back to the default there.
    if signal.getsignal(_signum) is signal.SIG_IGN:
        signal.signal(_signum, lambda *_: None)


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in list(os.environ):
        if variable.startswith(("XDG_", "TENCENTCLOUD_", "CSR_TUI_E", "CSR_TUI_H", "TEXTUAL")):
            monkeypatch.delenv(variable)
    for variable in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("ACCESSIBLE", "NO_COLOR", "COLORTERM", "COLORFGBG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CSR_TUI_HOME", str(tmp_path / "csr-tui"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


@pytest.fixture(autouse=True)
def _collector() -> Iterator[None]:
    """Commands turn the collector off for the rest of their short life, which is not the end of this process."""
    yield
    gc.enable()


@pytest.fixture
def ordinary() -> tuple[str, ...]:
    """What to put before a command so that it runs as an ordinary user, for whom modes count: root ignores them."""
    if os.getuid() != 0:
        return ()
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")


@pytest.fixture
def require() -> Callable[..., None]:
    """Skip, with the reason, unless these programs are here; where CSR_TUI_REQUIRE_SYSTEM=1, fail instead."""

    def check(*programs: str) -> None:
        missing = [program for program in programs if shutil.which(program) is None]
        packages = " ".join(sorted({PACKAGES.get(program, program) for program in missing}))
        if missing:
            reason = f"{', '.join(missing)} not found: apt-get install {packages}"
        elif "unshare" in programs and subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
            reason = "no namespaces of one's own are allowed here"
        else:
            return
        if os.environ.get("CSR_TUI_REQUIRE_SYSTEM") == "1":
            pytest.fail(reason)
        pytest.skip(reason)

    return check
