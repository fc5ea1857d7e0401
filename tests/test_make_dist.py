"""What goes into the files of a release; `make dist-check` tries the files themselves."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from make_dist import PREAMBLE, VERSION, needed

LOCK = (Path(__file__).parents[1] / "requirements.lock").read_text("utf-8")


def test_the_wheelhouse_has_what_csr_tui_and_tokens_need_in_locked_versions() -> None:
    names = needed("csr-tui", "token")

    assert {"cryptography", "cffi", "textual", "rich", "python-pkcs11"} <= names
    assert names <= set(re.findall(r"^([a-z0-9-]+)==", LOCK, re.MULTILINE))
    assert not {"csr-tui", "pytest", "ruff"} & names


def test_another_python_is_refused_in_one_sentence() -> None:
    program = PREAMBLE.replace("sys.version_info[:2]", "(3, 99)")

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (
        1,
        f"This file is for Python {VERSION}. Start it as: python{VERSION} FILE\n",
    )
