"""The keys of a screen, in its last line."""

from __future__ import annotations

from textual.widgets import Footer


class KeyBar(Footer):
    """Makes its keys anew whenever others can be pressed, and lets those from before go: Textual's keeps them all."""

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)

    async def recompose(self) -> None:
        await super().recompose()
        self.mutate_reactive(Footer.compact)  # drops what its removed keys watch it with
