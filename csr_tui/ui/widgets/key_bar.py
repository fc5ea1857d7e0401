"""The keys of a screen, in its last line."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Footer
from textual.widgets._footer import FooterKey


class KeyBar(Footer):
    """Makes its keys anew when others can be pressed, and lets those from before go: Textual's keeps them all.

    Help stays at the right edge; of the others those show that fit beside it whole.
    """

    DEFAULT_CSS = """
    KeyBar FooterKey.-help { dock: right; padding-left: 1; margin-right: 0; }
    """

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)
        self._keys: list[tuple[Binding, bool, str]] = []

    def compose(self) -> ComposeResult:
        for key in super().compose():
            if isinstance(key, FooterKey) and key.action == "help":
                key.add_class("-help")
            yield key

    async def recompose(self) -> None:
        if not self.is_attached:
            return
        keys = [one[1:] for one in self.screen.active_bindings.values() if one.binding.show]
        if keys == self._keys:
            return
        self._keys = keys
        await super().recompose()
        self.call_after_refresh(self._fit)
        self.mutate_reactive(Footer.compact)  # drops what its removed keys watch it with

    def on_resize(self) -> None:
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        keys = list(self.query(FooterKey))
        room = self.size.width - sum(key.outer_size.width for key in keys if key.has_class("-help"))
        for key in keys:
            key.visible = key.has_class("-help") or key.virtual_region.right <= room
