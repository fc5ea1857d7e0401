"""How the desk starts: the terminal is ask_background for its colour while Python imports the screens."""

from __future__ import annotations

from csr_tui.core.secret import Environ
from csr_tui.errors import CsrTuiError
from csr_tui.paths import Paths
from csr_tui.ui.terminal_color import ask_background


def run(paths: Paths, environ: Environ) -> int:
    """Open the desk on the person's own store; the exit status. Raises StorageError where it cannot be opened."""
    with ask_background(environ) as question:
        from textual.app import App

        from csr_tui.storage import RecordStore
        from csr_tui.ui.app import CsrTui
        from csr_tui.vault import Vault

        if not hasattr(App, "_fatal_error"):
            raise CsrTuiError(
                "This version of Textual prints local variables, secrets too, when it crashes. Install Textual 8.2."
            )
        with RecordStore(paths.store) as store:
            app = CsrTui(
                store,
                Vault(),
                exports=paths.exports,
                profiles=paths.profiles,
                state_file=paths.desk,
                environ=environ,
                terminal=question.heard(),
            )
            app.run()
            return app.return_code or 0
