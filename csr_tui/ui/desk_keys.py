"""The keys of the desk, and its page of help."""

from __future__ import annotations

from textual.binding import Binding

from csr_tui.ui.actions import KEYS, Action, bindings
from csr_tui.ui.next_steps import ALWAYS, USUAL
from csr_tui.ui.widgets.views import View

_SHOWN = (*dict.fromkeys(action for usual in USUAL.values() for action in usual), Action.RECONCILE, *ALWAYS)
_HIDDEN = tuple(action for action in KEYS if action not in _SHOWN)

HELP = (
    "The list of your requests and certificates. 1 to 6 choose a view: all, needs you, CSR ready, issued, "
    "drafts, trash. Enter opens the record under the cursor; its next step is shown with it. / searches domains, "
    "names, organizations, remarks and tags; F filters, O changes the order. D moves a record to the trash, U "
    "restores it. Space selects, Shift+arrows extend; delete, export and generate apply to the selection."
)
BINDINGS = (
    Binding("n,ctrl+n", "new", "New", id="desk.new", tooltip="Start a new request"),
    *bindings("desk", _SHOWN, _HIDDEN),
    Binding("u", "restore", "Restore", id="desk.untrash", tooltip="Restore this record from the trash"),
    *(
        Binding(str(at), f"view('{view.name}')", view.value, show=False, id=f"desk.view_{at}", tooltip=view.about)
        for at, view in enumerate(View, 1)
    ),
    Binding("slash,ctrl+f", "search", "Search", key_display="/", id="desk.search", tooltip="Search as you type"),
    Binding("f", "filter", "Filter", show=False, id="desk.filter", tooltip="Filter and order the list"),
    Binding("o", "order", "Order", show=False, id="desk.order", tooltip="Sort by the next column"),
    Binding("O", "reverse", "Reverse", show=False, id="desk.reverse", tooltip="Reverse the order"),
    Binding("escape", "clear", "Clear", show=False, id="desk.clear", tooltip="Clear selection, search and filter"),
    Binding("f5,ctrl+r", "reload", "Reload", show=False, id="desk.reload", tooltip="Reload the list"),
)
