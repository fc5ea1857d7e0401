"""Which tokens there are, by way of the modules of this machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from csr_tui import token
from csr_tui.core.text import decoded
from csr_tui.errors import FileError
from csr_tui.files import is_there, read_file

if TYPE_CHECKING:
    from csr_tui.paths import Paths


def open_tokens(paths: Paths, waiting: Callable[[], None] = lambda: None) -> token.Tokens:
    """The tokens of the modules that the settings name, or of those of p11-kit; TokenError without either."""
    chosen: tuple[token.Module, ...] = ()
    if is_there(paths.settings):
        try:
            chosen = token.chosen(decoded(read_file(paths.settings)))
        except ValueError as error:
            raise FileError(f"{paths.settings} cannot be understood: {error}.") from error
    return token.Tokens(chosen or token.of_p11_kit(), waiting=waiting)
