"""The manual page: made from the texts of the help, and read by mandoc."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from make_manual import manual

from csr_tui.cli.completion import shapes

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = manual(datetime(2026, 11, 27, tzinfo=UTC))


def test_it_names_every_command_and_option() -> None:
    parts = PAGE.replace("\\-", "-").split("\n.SS ")[1:]
    sections = {name.strip('"'): text for name, _, text in (part.partition("\n") for part in parts)}

    for shape in shapes():
        section = re.split(r"[\s,]+", sections[f"csr-tui {shape.name}"])
        assert {flag for option in shape.options for flag in option.flags} <= set(section), shape.name


def test_mandoc_finds_nothing_to_warn_of(require: Callable[..., None]) -> None:
    require("mandoc")

    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning"], input=PAGE, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "")
