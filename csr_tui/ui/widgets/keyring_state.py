"""Which keyring there is, in the first line of the desk; a click explains it."""

from __future__ import annotations

from collections.abc import Callable

from textual import work
from textual.widgets import Static

from csr_tui.core.text import escaped
from csr_tui.ui.actions import Action, ActionRequested
from csr_tui.ui.background import run_blocking
from csr_tui.ui.words import keyring_name
from csr_tui.vault import VaultStatus


class KeyringState(Static):
    """Empty until it is asked to look: that may take as long as a keyring's time limit."""

    def __init__(self, look: Callable[[], VaultStatus], *, id: str) -> None:
        super().__init__(id=id, markup=False)
        self._look = look

    @work(group="keyring", exclusive=True, description="looking for the keyring")
    async def look(self) -> None:
        status = await run_blocking(self._look)
        self.set_class(not status.usable, "-shut")
        self.update(escaped(keyring_name(status)))

    def on_click(self) -> None:
        self.post_message(ActionRequested(Action.KEYRING))
