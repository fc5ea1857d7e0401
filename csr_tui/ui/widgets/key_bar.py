"""The keys of a screen, in its last line."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey


class KeyBar(Footer):
    """Makes its keys anew whenever others can be pressed, and lets those from before go: Textual's keeps them all.

    Help stays at the right edge, whatever does not fit beside it.
    """

    DEFAULT_CSS = """
    KeyBar FooterKey.-help { dock: right; padding-left: 1; margin-right: 0; }
    """

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)

    def compose(self) -> ComposeResult:
        for key in super().compose():
            if isinstance(key, FooterKey) and key.action == "help":
                key.add_class("-help")
            yield key

    async def recompose(self) -> None:
        await super().recompose()
        self.mutate_reactive(Footer.compact)  # drops what its removed keys watch it with
