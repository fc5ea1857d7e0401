"""Processes that serve a test, and end with it however it ends."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator


@contextmanager
def ended(process: subprocess.Popen[Any]) -> Iterator[None]:
    """Kill it, if it still runs when the block is left, and close its pipes."""
    with process:
        try:
            yield
        finally:
            process.kill()
