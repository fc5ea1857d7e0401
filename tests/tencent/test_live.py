"""The smoke test that people run against the real service, here against the sandbox, so that it works when they do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csr_tui.tencent.sandbox import Sandbox

SCRIPT = Path(__file__).parents[1] / "live.py"


def live(**environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT], capture_output=True, text=True, check=False, env=os.environ | environ
    )


def test_it_makes_reads_changes_and_deletes_one_draft(sandbox: Sandbox) -> None:
    result = live(
        CSR_TUI_ENDPOINT=sandbox.endpoint,
        TENCENTCLOUD_SECRET_ID=sandbox.secret_id,
        TENCENTCLOUD_SECRET_KEY=sandbox.secret_key,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("as expected") == 5


def test_without_an_api_key_it_says_so_and_calls_nobody() -> None:
    result = live(CSR_TUI_ENDPOINT="http://127.0.0.1:9")

    assert result.returncode == 1
    assert "API key" in result.stderr
    assert "Traceback" not in result.stderr
