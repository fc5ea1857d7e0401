"""The command `csr-tui`: its version and its help at once, everything else by way of the command line."""

from __future__ import annotations

import gc
import os
import sys

from csr_tui import __version__

RECORDERS = (
    "TEXTUAL",
    "TEXTUAL_DEBUG",
    "TEXTUAL_LOG",
    "TEXTUAL_DEVTOOLS_HOST",
    "TEXTUAL_DEVTOOLS_PORT",
    "TEXTUAL_SCREENSHOT",
    "SSLKEYLOGFILE",
)
"""Variables that make Textual write down keys, fields and screens, and OpenSSL the keys of every connection."""

SECRETS = ("TENCENTCLOUD_", "CSR_TUI_SANDBOX_SECRET_", "CSR_TUI_PROXY")
"""How the variables begin that no program gets which is started from here; a proxy's address may have a password."""


def main() -> int:
    """Run the command line; the exit status."""
    if _answered(sys.argv[1:]):
        return 0
    for name in RECORDERS:
        os.environ.pop(name, None)
    no_core_dumps()

    import warnings

    warnings.simplefilter("ignore")  # libraries warn of odd certificates with paths and lines of their own source

    from csr_tui.cli.main import main
    from csr_tui.core.secret import Secret

    secrets = {name: Secret(os.environ.pop(name)) for name in tuple(os.environ) if name.startswith(SECRETS)}
    status = main(sys.argv[1:], secrets=secrets)
    gc.freeze()  # to look through what goes with the process takes 5 ms after a command, and 38 ms after the desk
    return status


def _answered(argv: list[str]) -> bool:
    """Whether it was the version or the help, and could be written; whatever is in the way is `run`'s affair."""
    match argv:
        case ["--version"]:
            answer = f"csr-tui {__version__}\n"
        case ["--help" | "-h"]:
            from csr_tui.cli.commands import text

            answer = text()
        case _:
            return False
    rest = answer.encode()
    try:
        while rest:  # past the buffer, in which a text that cannot be written would be left
            rest = rest[os.write(sys.stdout.fileno(), rest) :]
    except (OSError, AttributeError):  # a full disk, a reader who went away, no standard output at all
        return False
    return True


def no_core_dumps() -> None:
    """A crash of the interpreter leaves no file with this program's memory, keys and passwords too.

    Where core files go through a pipe (`kernel.core_pattern`), a limit of 0 is ignored, and one of 1 stops them.
    """
    try:
        import resource
    except ImportError:  # Windows, which has no core files
        return
    limit = 0 if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0 else 1
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))


if __name__ == "__main__":
    sys.exit(main())
