"""What the README tells a newcomer to type is typed here, word for word."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.system

README = Path(__file__).parents[2] / "README.md"


def commands(heading: str) -> str:
    """Every shell block under a heading, one after the other."""
    section = README.read_text("utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return "".join(re.findall(r"^```sh\n(.*?)^```", section, re.DOTALL | re.MULTILINE))


def test_a_newcomer_comes_from_the_csr_to_a_page_over_https(
    tmp_path: Path, ordinary: tuple[str, ...], require: Callable[..., None]
) -> None:
    require("bash", "openssl", "nginx", "curl", *(("setpriv",) if ordinary else ()))

    printed = typed(commands("From CSR to https"), tmp_path, ordinary)

    assert printed.endswith("served over TLS\n")
    assert "proven: TLS handshake" in printed
    assert "proven: nginx -t" in printed
    for line in re.findall(r"^    (ssl_certificate.*;)$", printed, re.MULTILINE):
        assert line in (Path(os.environ["HOME"]) / "try-https" / "nginx.conf").read_text()


PEER = {
    "--usage server": "--usage both",
    "--cert jane/Jane-Doe.private-bundle.pem": "--cert tls/localhost.fullchain.pem --key tls/localhost.key",
    "18444": "18445",
}
"""The same section for a peer, whose one certificate serves as both, on a port of its own: tests run side by side."""


@pytest.mark.parametrize(("changes", "who"), [({}, "Jane Doe"), (PEER, "localhost")], ids=["client", "both"])
def test_a_newcomer_authenticates_to_nginx_with_a_client_certificate(
    changes: dict[str, str], who: str, tmp_path: Path, ordinary: tuple[str, ...], require: Callable[..., None]
) -> None:
    require("bash", "openssl", "nginx", "curl", *(("setpriv",) if ordinary else ()))
    text = commands("A client certificate for mTLS")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)

    printed = typed(text, tmp_path, ordinary)

    assert "400 No required SSL certificate was sent" in printed
    assert "as a client, by a server that trusts Trial Root" in printed
    assert printed.endswith(f"Hello, CN={who}\n")


def typed(text: str, folder: Path, ordinary: tuple[str, ...]) -> str:
    """What a shell prints for these commands, none of which fails."""
    Path(os.environ["HOME"]).mkdir(exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if name != "CSR_TUI_HOME"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    done = subprocess.run(
        [*ordinary, "bash", "-eu", "-c", f"trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{text}"],
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
