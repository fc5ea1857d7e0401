"""The keys of a screen, in its last line."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey


class KeyBar(Footer):
    """Makes its keys anew when others can be pressed, and lets those from before go: Textual's keeps them all.

    Help stays at the right edge; of the others those show that fit beside it whole, first those that lead.
    """

    DEFAULT_CSS = """
    KeyBar FooterKey.-help { dock: right; padding-left: 1; margin-right: 0; }
    """

    _first: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)
        self._keys: list[tuple[Binding, bool, str]] = []

    def lead(self, actions: Iterable[str], *, only: bool = False) -> None:
        """The keys of these come first, in this order; with `only`, other actions on records do not show."""
        if (first := (*actions, "ask" if only else "")) != self._first:
            self._first = first
            self._fit()

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
        self._fit()
        self.mutate_reactive(Footer.compact)  # drops what its removed keys watch it with

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        *first, without = self._first or ("",)
        ranks = {action: rank for rank, action in enumerate(first)}
        self.sort_children(key=lambda key: _rank(key, ranks))
        keys = list(self.query(FooterKey))
        room = self.app.size.width - sum(_width(key) for key in keys if key.has_class("-help"))
        for key in keys:
            if not key.has_class("-help"):
                wanted = key.action in ranks or not (without and key.action.startswith(without))
                room -= _width(key) if wanted else 0
                key.display = wanted and room >= -1  # the last one needs no gap after it


def _rank(key: Widget, ranks: dict[str, int]) -> int:
    return ranks.get(key.action, len(ranks)) if isinstance(key, FooterKey) else len(ranks)


def _width(key: FooterKey) -> int:
    """Cells of a key with its label and a gap."""
    return cell_len(f"{key.key_display} {key.description} ")
