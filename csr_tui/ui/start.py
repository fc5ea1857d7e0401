"""How the desk starts: the terminal is ask_background for its colour while Python imports the screens."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from csr_tui.core.secret import Environ
from csr_tui.errors import CsrTuiError
from csr_tui.paths import Paths
from csr_tui.ui.terminal_color import ask_background

if TYPE_CHECKING:
    from csr_tui.token import Tokens


def run(paths: Paths, environ: Environ) -> int:
    """Open the desk on the person's own store; the exit status. Raises StorageError where it cannot be opened."""
    os.environ.pop("GPG_TTY", None)  # else GnuPG, which pass calls, asks for its passphrase on top of the desk
    with ask_background(environ) as question:
        from textual.app import App

        from csr_tui.storage import RecordStore
        from csr_tui.ui.app import CsrTui
        from csr_tui.vault import Vault

        if not hasattr(App, "_fatal_error"):
            raise CsrTuiError(
                "This version of Textual prints local variables, secrets too, when it crashes. Install Textual 8.2."
            )

        @cache  # a module that hangs is not called again
        def tokens() -> Tokens:
            from csr_tui.lifecycle.tokens import open_tokens

            return open_tokens(paths)

        with RecordStore(paths.store) as store:
            app = CsrTui(
                store,
                Vault(),
                exports=paths.exports,
                profiles=paths.profiles,
                state_file=paths.desk,
                environ=environ,
                tokens=tokens,
                terminal=question.heard(),
            )
            app.run()
            return app.return_code or 0
