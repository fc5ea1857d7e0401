"""The command `csr-tui`: its version at once, everything else by way of the command line."""

from __future__ import annotations

import os
import sys

from csr_tui import __version__

RECORDERS = ("TEXTUAL", "TEXTUAL_DEBUG", "TEXTUAL_LOG", "TEXTUAL_DEVTOOLS_HOST", "TEXTUAL_DEVTOOLS_PORT")
"""Variables that make Textual write down every key and every field's value, passwords too."""


def main() -> int:
    """Run the command line; the exit status."""
    if sys.argv[1:] == ["--version"]:
        print(f"csr-tui {__version__}")
        return 0
    for name in RECORDERS:
        os.environ.pop(name, None)
    no_core_dumps()

    from csr_tui.cli.main import main as run

    return run(sys.argv[1:])


def no_core_dumps() -> None:
    """A crash of the interpreter leaves no file with this program's memory, keys and passwords too."""
    try:
        import resource
    except ImportError:  # Windows, which has no core files
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main())
