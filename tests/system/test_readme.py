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
    home = Path(os.environ["HOME"])
    home.mkdir(exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if name != "CSR_TUI_HOME"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    done = subprocess.run(
        [
            *ordinary,
            "bash",
            "-eu",
            "-c",
            f"trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{commands('From CSR to https')}",
        ],
        env=environment,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("served over TLS\n")
    assert "proven: TLS handshake" in done.stdout
    assert "proven: nginx -t" in done.stdout
    for line in re.findall(r"^    (ssl_certificate.*;)$", done.stdout, re.MULTILINE):
        assert line in (home / "try-https" / "nginx.conf").read_text()
