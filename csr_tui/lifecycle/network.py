"""How the network is reached, as the environment names it: for every service alike."""

from __future__ import annotations

from pathlib import Path

from csr_tui.core.secret import Environ, variable
from csr_tui.errors import FileError
from csr_tui.files import read_file


def proxy(environ: Environ) -> str | None:
    """The proxy that was chosen for csr-tui; the usual variables are for other programs."""
    return variable(environ, "CSR_TUI_PROXY") or None


def ca_file(environ: Environ) -> str | None:
    """The CA certificates to trust in place of the usual ones; FileError where they cannot be read."""
    path = variable(environ, "CSR_TUI_CA_FILE")
    if not path:
        return None
    try:
        read_file(Path(path), why=", too large for CA certificates")
    except FileError as error:
        raise FileError(f"CSR_TUI_CA_FILE: {error} Set it to a PEM file of CA certificates, or unset it.") from error
    return path
